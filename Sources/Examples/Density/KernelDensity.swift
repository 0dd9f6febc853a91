import Foundation

/// A kernel density estimate: Gaussian kernels on whitened data, one bandwidth for all.
struct KernelDensity: FittedDensity {
  /// The Gaussian whose coordinates make the data white.
  let whitening: GaussianDensity
  /// The whitened centres, one after the other.
  let centres: [Double]
  /// The kernels' standard deviation in whitened coordinates.
  let bandwidth: Double
  let notes: [String]

  private var dimensions: Int { whitening.dimensions }
  private var centreCount: Int { centres.count / dimensions }

  init(whitening: GaussianDensity, centres: [Double], bandwidth: Double, notes: [String] = []) {
    self.whitening = whitening
    self.centres = centres
    self.bandwidth = bandwidth
    self.notes = notes
  }

  func log2Density(of rows: RowMatrix) throws -> [Double] {
    let constant =
      log(Double(centreCount)) + Double(dimensions) * log(bandwidth * (2 * .pi).squareRoot())
      + whitening.logDeterminantOfFactor
    var exponents = [Double](repeating: 0, count: centreCount)
    return try (0..<rows.count).map { row in
      if row.isMultiple(of: 64) { try Task.checkCancellation() }
      let white = whitening.whitened(rows[row])
      for centre in 0..<centreCount {
        exponents[centre] = squaredDistance(white, 0, centres, centre, dimensions)
      }
      return (logSumExp(exponents, bandwidth: bandwidth, leavingOut: nil) - constant) / log(2)
    }
  }

  func sample(_ count: Int, seed: UInt64) -> RowMatrix {
    var generator = generator(seed: seed, purpose: 11)
    var rows = RowMatrix(values: [], dimensions: dimensions)
    for _ in 0..<count {
      let centre = Int.random(in: 0..<centreCount, using: &generator)
      rows.values += whitening.unwhitened(
        (0..<dimensions).map { centres[centre * dimensions + $0] + bandwidth * generator.normal() })
    }
    return rows
  }
}

/// Chooses the bandwidth by the likelihood of each training row under the others' kernels.
struct KernelMethod: DensityMethod {
  let name = "kernel density estimate"
  /// The most kernels: of more training rows a random choice has one each.
  var mostCentres = 4_000
  /// The most centres that the bandwidth is chosen on; of more, it is chosen on some and scaled to the number of all.
  var mostForBandwidth = 1_500

  func fit(
    _ training: RowMatrix, columns: [String], options: FitOptions, progress: @escaping @Sendable (String) -> Void
  ) async throws -> any FittedDensity {
    let whitening = try GaussianDensity(training, columns: columns)
    let mostCentres = options.quick ? min(500, mostCentres) : mostCentres
    var places = Array(0..<training.count)
    var notes: [String] = []
    if training.count > mostCentres {
      var generator = generator(seed: options.seed, purpose: 12)
      places.shuffle(using: &generator)
      places = Array(places.prefix(mostCentres))
      notes.append("the kernel density estimate's kernels stand on \(mostCentres) random training rows of each fold.")
    }
    let chosen = training.picked(places)
    let bandwidth = try KernelMethod.bandwidth(
      of: chosen, whitening: whitening, mostRows: options.quick ? 300 : mostForBandwidth)
    return KernelDensity(
      whitening: whitening, centres: (0..<chosen.count).flatMap { whitening.whitened(chosen[$0]) },
      bandwidth: bandwidth, notes: notes)
  }

  /// The best bandwidth for kernels on all rows, in whitened coordinates.
  ///
  /// - Parameter mostRows: It is chosen on at most this many of the first rows, and scaled to the number of all.
  static func bandwidth(of rows: RowMatrix, whitening: GaussianDensity, mostRows: Int) throws -> Double {
    let count = min(rows.count, mostRows)
    let chosen = try bandwidth(
      centres: (0..<count).flatMap { whitening.whitened(rows[$0]) }, dimensions: rows.dimensions)
    // The best bandwidth shrinks with the number of kernels as n^(-1 / (d + 4)).
    return chosen * pow(Double(count) / Double(rows.count), 1 / Double(rows.dimensions + 4))
  }

  /// The bandwidth with the highest leave-one-out likelihood: a coarse search about Silverman's rule, then
  /// golden-section search.
  static func bandwidth(centres: [Double], dimensions: Int) throws -> Double {
    let count = centres.count / dimensions
    guard count > 1 else { return 1 }
    var distances = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      if row.isMultiple(of: 64) { try Task.checkCancellation() }
      for other in 0..<row {
        let distance = squaredDistance(centres, row, centres, other, dimensions)
        distances[row * count + other] = distance
        distances[other * count + row] = distance
      }
    }
    func likelihood(_ logBandwidth: Double) throws -> Double {
      let bandwidth = exp(logBandwidth)
      var sum = 0.0
      for row in 0..<count {
        if row.isMultiple(of: 64) { try Task.checkCancellation() }
        sum += logSumExp(distances[row * count..<(row + 1) * count], bandwidth: bandwidth, leavingOut: row)
      }
      return sum - Double(count * dimensions) * logBandwidth
    }

    let silverman = pow(4 / (Double(dimensions + 2) * Double(count)), 1 / Double(dimensions + 4))
    let spacing = log(80.0) / 12
    let coarse = (0...12).map { log(silverman / 20) + spacing * Double($0) }
    let values = try coarse.map(likelihood)
    let best = coarse[values.indices.max { values[$0] < values[$1] } ?? 0]
    var low: Double = best - spacing
    var high: Double = best + spacing
    let golden = (5.0.squareRoot() - 1) / 2
    var (a, b) = (high - golden * (high - low), low + golden * (high - low))
    var (atA, atB) = (try likelihood(a), try likelihood(b))
    while high - low > 1e-3 {
      if atA > atB {
        (high, b, atB) = (b, a, atA)
        a = high - golden * (high - low)
        atA = try likelihood(a)
      } else {
        (low, a, atA) = (a, b, atB)
        b = low + golden * (high - low)
        atB = try likelihood(b)
      }
    }
    return exp((low + high) / 2)
  }
}

private func squaredDistance(
  _ one: [Double], _ row: Int, _ other: [Double], _ otherRow: Int, _ dimensions: Int
) -> Double {
  var sum = 0.0
  for i in 0..<dimensions {
    let difference = one[row * dimensions + i] - other[otherRow * dimensions + i]
    sum += difference * difference
  }
  return sum
}

/// The logarithm of the sum of exp(-distance / 2 h^2), scaled by the nearest so that nothing underflows.
private func logSumExp(
  _ distances: some RandomAccessCollection<Double>, bandwidth: Double, leavingOut left: Int?
) -> Double {
  let scale = -0.5 / (bandwidth * bandwidth)
  var nearest = Double.infinity
  for (index, distance) in distances.enumerated() where index != left { nearest = min(nearest, distance) }
  var sum = 0.0
  for (index, distance) in distances.enumerated() where index != left {
    let exponent = scale * (distance - nearest)
    // Less than the sum's last bit.
    if exponent > -40 { sum += exp(exponent) }
  }
  return log(sum) + scale * nearest
}
