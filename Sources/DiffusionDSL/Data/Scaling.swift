import Foundation

/// How data is brought to the kernel's scale: x_scaled = (x - mean) / scale, column by column.
public struct Scaling: Codable, Hashable, Sendable {
  /// One number a column, in the data's units.
  public let mean: [Double]
  /// One positive number a column, in the data's units.
  public let scale: [Double]

  /// No change.
  static func identity(_ dimensions: Int) -> Scaling {
    Scaling(mean: Array(repeating: 0, count: dimensions), scale: Array(repeating: 1, count: dimensions))
  }

  /// Mean 0 and standard deviation 1 for each column of the data.
  ///
  /// - Throws: `DataError.constantColumn`.
  static func standardising(_ data: Dataset) throws(DataError) -> Scaling {
    let (count, width) = (data.count, data.dimensions)
    var mean = Array(repeating: 0.0, count: width)
    var square = Array(repeating: 0.0, count: width)
    data.withNumbers { numbers in
      for row in 0..<count {
        for column in 0..<width { mean[column] += numbers[row * width + column] / Double(count) }
      }
      for row in 0..<count {
        for column in 0..<width {
          let centred = numbers[row * width + column] - mean[column]
          square[column] += centred * centred / Double(count)
        }
      }
    }
    let scale = square.map { $0.squareRoot() }
    for column in 0..<width where !(scale[column] > Swift.abs(mean[column]) * 1e-14) {
      throw .constantColumn(column: column, value: mean[column])
    }
    return Scaling(mean: mean, scale: scale)
  }

  /// sum log scale: what log p in scaled units exceeds log p in the data's units by, in nats.
  var logVolume: Double { scale.reduce(0) { $0 + log($1) } }

  /// 1 / scale.
  var inverse: [Double] { scale.map { 1 / $0 } }
}
