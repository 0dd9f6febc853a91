/// A tensor of an optimiser's state, as files store it: a moment, a history, a count.
///
///     ["first_moment": StateTensor(moment), "history": StateTensor(flat, shape: [10, count])]
public struct StateTensor: Hashable, Sendable {
  /// The numbers, of one of the types that files have.
  public enum Numbers: Hashable, Sendable {
    /// In single precision.
    case floats([Float])
    /// In double precision.
    case doubles([Double])
    /// Whole numbers.
    case integers([Int64])
  }

  /// The extents, the slowest index first.
  public let shape: [Int]
  /// The numbers in row-major order (the last index runs fastest), as many as the product of the extents.
  public let numbers: Numbers

  /// Numbers with one index.
  public init(_ values: [Float]) { (shape, numbers) = ([values.count], .floats(values)) }
  /// Numbers with one index.
  public init(_ values: [Double]) { (shape, numbers) = ([values.count], .doubles(values)) }
  /// Numbers with one index.
  public init(_ values: [Int64]) { (shape, numbers) = ([values.count], .integers(values)) }

  /// Numbers of a shape; nil where their count is not the product of its extents.
  public init?(_ numbers: Numbers, shape: [Int]) {
    let count =
      switch numbers {
      case .floats(let values): values.count
      case .doubles(let values): values.count
      case .integers(let values): values.count
      }
    var product = 1
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      product = next
    }
    guard product == count else { return nil }
    (self.shape, self.numbers) = (shape, numbers)
  }

  /// The numbers, if they are in single precision.
  public var floats: [Float]? { if case .floats(let values) = numbers { values } else { nil } }
  /// The numbers, if they are in double precision.
  public var doubles: [Double]? { if case .doubles(let values) = numbers { values } else { nil } }
  /// The numbers, if they are whole.
  public var integers: [Int64]? { if case .integers(let values) = numbers { values } else { nil } }

  /// Whether every number is finite.
  var isFinite: Bool {
    switch numbers {
    case .floats(let values): values.allSatisfy(\.isFinite)
    case .doubles(let values): values.allSatisfy(\.isFinite)
    case .integers: true
    }
  }
}
