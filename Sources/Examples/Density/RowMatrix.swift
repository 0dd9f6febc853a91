/// Rows of numbers, one after the other.
struct RowMatrix: Equatable, Sendable {
  var values: [Double]
  let dimensions: Int

  var count: Int { values.count / dimensions }

  init(values: [Double], dimensions: Int) {
    self.values = values
    self.dimensions = max(1, dimensions)
  }

  subscript(row: Int) -> ArraySlice<Double> {
    values[row * dimensions..<(row + 1) * dimensions]
  }

  /// The rows at the given places, in that order.
  func picked(_ places: some Sequence<Int>) -> RowMatrix {
    var picked = RowMatrix(values: [], dimensions: dimensions)
    for place in places { picked.values.append(contentsOf: self[place]) }
    return picked
  }

  func column(_ column: Int) -> [Double] {
    stride(from: column, to: values.count, by: dimensions).map { values[$0] }
  }
}
