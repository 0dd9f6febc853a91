/// The mean of numbers, with its standard error, and their standard deviation.
public struct Moments: Sendable {
  /// How many numbers there are.
  public let count: Int
  /// Their mean.
  public let mean: Double
  /// Of maximum likelihood: the root of the mean squared difference from the mean.
  public let deviation: Double

  /// - Parameter numbers: NaN, for a missing cell, counts for none.
  public init(of numbers: some Sequence<Double>) {
    let observed = numbers.filter { !$0.isNaN }
    let mean = observed.reduce(0, +) / Double(observed.count)
    count = observed.count
    self.mean = mean
    deviation = (observed.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(observed.count)).squareRoot()
  }

  /// That of the mean, from the unbiased variance; NaN for one number.
  public var standardError: Double { deviation / Double(count - 1).squareRoot() }
}
