import Foundation

extension Imputation: CustomStringConvertible {
  /// How many cells of which rows were drawn, how often, and what the particles of the worst row are worth.
  public var description: String {
    guard let least = effectiveSampleSizes.filter(\.isFinite).min() else {
      return "no missing cells in \(filled.count.counted("row"))"
    }
    return "\(cells.count.counted("missing cell")) in \(effectiveSampleSizes.count(where: \.isFinite)) of "
      + "\(filled.count.counted("row")), \(draws.count.counted("draw")) of each, effective sample sizes from "
      + String(format: "%.0f", least) + " on"
  }
}

extension Imputation.Cell: CustomStringConvertible {
  /// Its place, and the mean with the central 90% or the share of each label.
  public var description: String {
    let place = "row \(row), \(field): "
    guard let labels else {
      let interval = interval(0.9)
      return place
        + "\(mean.sixDigits), 90% in \(interval.lowerBound.sixDigits) ... \(interval.upperBound.sixDigits)"
    }
    return place + zip(labels, probabilities).map { "\($0) \(String(format: "%.2f", $1))" }.listed()
  }
}
