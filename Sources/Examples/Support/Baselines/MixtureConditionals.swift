import Distributions

/// Draws the last columns of rows given the first, from a mixture.
struct MixtureConditionals: Sendable {
  private let given: MixtureDensities
  private let whole: MixtureDensities
  private let columns: Int
  private let targets: Int
  /// [component][scale].
  private let scales: [[Double]]

  /// - Parameter targets: how many columns are drawn, less than there are.
  /// - Throws: `UnfittableRows` where a covariance is singular.
  init(_ mixture: ScaleMixture, targets: Int) throws {
    columns = mixture.columns
    self.targets = targets
    given = try MixtureDensities(mixture, columns: columns - targets)
    whole = try MixtureDensities(mixture, columns: columns)
    scales = mixture.parts.map(\.scales)
  }

  /// A draw, one number a target.
  func draw(given numbers: [Double], _ stream: inout RandomStream) -> [Double] {
    // A component and a scale by their share in the known columns.
    let shares = given.shares(of: numbers)
    var left = Double(stream.nextUniform()) * shares.reduce(0, +)
    var part = 0
    while part < shares.count - 1, left >= shares[part] {
      left -= shares[part]
      part += 1
    }
    let (component, level) = (part / scales[0].count, part % scales[0].count)
    var row = numbers
    for column in columns - targets..<columns {
      // A whitened column is normal, of the scale's variance, and so tells the last number that is in it.
      let weights = whole.whiteningRow(column, of: component)
      var sum = scales[component][level].squareRoot() * Double(stream.nextNormal())
      for (weight, number) in zip(weights, row) { sum -= weight * number }
      row.append(sum / (weights.last ?? 1))
    }
    return Array(row.suffix(targets))
  }
}
