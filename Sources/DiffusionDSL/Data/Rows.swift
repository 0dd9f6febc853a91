/// Rows of numbers in the data's units, one behind the other.
public struct Rows: RandomAccessCollection, Hashable, Sendable {
  /// All numbers, row by row: `count * dimensions` of them.
  public let flat: [Double]
  /// Numbers of a row.
  public let dimensions: Int

  /// The first row.
  public let startIndex = 0
  /// Behind the last row: how many rows there are.
  public var endIndex: Int { dimensions == 0 ? 0 : flat.count / dimensions }

  init(flat: [Double], dimensions: Int) {
    self.flat = flat
    self.dimensions = dimensions
  }

  /// One row, `dimensions` numbers; empty where there is none.
  public subscript(row: Int) -> [Double] {
    guard row >= 0, row < endIndex else { return [] }
    return Array(flat[row * dimensions..<(row + 1) * dimensions])
  }

  /// The numbers of one column, row by row, `count` of them; empty where there is none.
  public func column(_ index: Int) -> [Double] {
    guard index >= 0, index < dimensions else { return [] }
    return stride(from: index, to: flat.count, by: dimensions).map { flat[$0] }
  }
}
