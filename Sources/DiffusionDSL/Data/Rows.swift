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

extension Rows: CustomStringConvertible {
  /// How many rows of how many columns, and the first rows, each on a line of its own.
  public var description: String {
    let head = prefix(5).map { row in
      "  " + row.prefix(10).map(\.sixDigits).joined(separator: " ")
        + (row.count > 10 ? " ..." : "")
    }
    return (["\(count.counted("row")) of \(dimensions.counted("column"))"] + head + (count > 5 ? ["  ..."] : []))
      .joined(separator: "\n")
  }
}
