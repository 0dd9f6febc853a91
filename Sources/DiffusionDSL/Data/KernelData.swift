import Expressions

extension KernelDefinition {
  /// Whether rows are such as the kernel is for.
  ///
  /// - Throws: `DataError.wrongDimensions`, `.notABit`, `.notAClass`.
  func check(_ data: Dataset) throws(DataError) {
    guard data.dimensions == dimensions else {
      throw .wrongDimensions(expected: dimensions, found: data.dimensions)
    }
    switch self {
    case .gaussian: return
    case .binomial:
      if let (row, column, value) = data.first(where: { $0 != 0 && $0 != 1 }) {
        throw .notABit(row: row, column: column, value: value)
      }
    case .categorical(let kernel):
      let last = Double(kernel.classes - 1)
      if let (row, column, value) = data.first(where: { !($0 >= 0 && $0 <= last && $0 == $0.rounded()) }) {
        throw .notAClass(row: row, column: column, value: value, classes: kernel.classes)
      }
    }
  }
}

extension Dataset {
  /// The first number that has a property, with its place.
  fileprivate func first(where hasProperty: (Double) -> Bool) -> (row: Int, column: Int, value: Double)? {
    withNumbers { numbers in
      (0..<count * dimensions).first { hasProperty(numbers[$0]) }.map {
        (row: $0 / dimensions, column: $0 % dimensions, value: numbers[$0])
      }
    }
  }
}
