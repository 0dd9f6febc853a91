/// The extent of a value for one row: of an image [channels, height, width]; the rows of a batch are an axis more.
///
/// A scalar has no axes. Numbers lie in row-major order: the last axis varies fastest.
///
/// ```swift
/// let matrix = Formula([1, 2, 3, 4, 5, 6]).reshaped(to: [2, 3])
/// let secondRow = matrix[1]  // 4, 5, 6
/// ```
public struct Shape: Hashable, Codable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents, outermost first.
  public let axes: [Int]

  /// A shape of the given extents, outermost first.
  public init(_ axes: [Int]) {
    self.axes = axes
  }

  /// A shape of the given extents, outermost first.
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }

  /// The shape of one number.
  public static let scalar = Shape([])

  /// How many numbers a value of this shape has; `Int.max` where they are too many to count.
  public var count: Int { saturatingProduct(axes) }

  /// "[2 x 3]", or "a scalar".
  public var description: String {
    axes.isEmpty ? "a scalar" : "[" + axes.map(String.init).joined(separator: " x ") + "]"
  }
}

/// How often a value must be computed anew.
///
/// An expression's stage is the highest of its operands'; the compiler of programs computes each value once at its
/// own stage: constants when the program is built, shared values once for all tiles, step values once for a tile.
public enum Stage: Int, Comparable, Codable, Sendable {
  /// Known when the program is built.
  case constant
  /// Depends on parameters alone.
  case shared
  /// Depends on the time step t, which the rows of a tile share.
  case step
  /// Differs from row to row.
  case row

  /// Whether a value of the left stage is computed less often.
  public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
}

/// The product of sizes that are 0 or more; `Int.max` where it is too large to count.
package func saturatingProduct(_ factors: [Int]) -> Int {
  var product = 1
  for factor in factors {
    let (next, overflows) = product.multipliedReportingOverflow(by: factor)
    if overflows { return factors.contains(0) ? 0 : Int.max }
    product = next
  }
  return product
}
