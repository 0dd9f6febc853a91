import Foundation

/// How data is brought to the kernel's scale: x_scaled = (x - mean) / scale, column by column.
public struct Scaling: Codable, Hashable, Sendable {
  /// One number a column, in the data's units.
  public let mean: [Double]
  /// One positive number a column, in the data's units.
  public let scale: [Double]

  init(mean: [Double], scale: [Double]) {
    self.mean = mean
    self.scale = scale
  }

  /// A stored scaling.
  ///
  /// - Throws: `DecodingError` for numbers that do not make a scaling.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    mean = try container.decode([Double].self, forKey: .mean)
    scale = try container.decode([Double].self, forKey: .scale)
    if let fault = fault(dimensions: mean.count) {
      throw DecodingError.dataCorruptedError(forKey: .scale, in: container, debugDescription: fault)
    }
  }

  /// What is wrong with it for rows of so many numbers; nil where nothing is.
  private func fault(dimensions: Int) -> String? {
    guard mean.count == dimensions, scale.count == dimensions else {
      return "the scaling has \(mean.count) means and \(scale.count) scales where a row has \(dimensions) numbers: "
        + "give one of each a column"
    }
    for column in 0..<dimensions {
      guard mean[column].isFinite else {
        return "the scaling's mean of column \(column) is \(mean[column]): give a finite number"
      }
      // Rows are multiplied by its inverse.
      guard scale[column] > 0, scale[column].isNormal, (1 / scale[column]).isNormal else {
        return "the scaling's scale of column \(column) is \(scale[column]): give a positive number with an inverse"
      }
    }
    return nil
  }

  /// What is wrong with it for a kernel; nil where nothing is.
  func fault(for kernel: KernelDefinition) -> String? {
    if let fault = fault(dimensions: kernel.dimensions) { return fault }
    guard kernel.isDiscrete, self != .identity(kernel.dimensions) else { return nil }
    return "the scaling changes rows of \(kernel), which stay as they are: leave it out"
  }

  /// No change.
  static func identity(_ dimensions: Int) -> Scaling {
    Scaling(mean: Array(repeating: 0, count: dimensions), scale: Array(repeating: 1, count: dimensions))
  }

  /// Mean 0 and standard deviation 1 for each column of the data.
  ///
  /// Deviations are taken from the column's first number and in units of the largest, so that neither a mean a million
  /// million times the spread nor numbers near the ends of Double's range cost digits.
  ///
  /// - Throws: `DataError.tooFewRows`, `DataError.constantColumn`, `DataError.outOfRange`.
  static func standardising(_ data: Dataset) throws(DataError) -> Scaling {
    let (count, width) = (data.count, data.dimensions)
    if count < 2 { throw .tooFewRows(count) }
    var origin = data[0]
    var largest = Array(repeating: 0.0, count: width)
    var farthest = Array(repeating: 0, count: width)
    var sum = Array(repeating: 0.0, count: width)
    var square = Array(repeating: 0.0, count: width)
    data.withNumbers { numbers in
      for row in 0..<count {
        for column in 0..<width {
          let deviation = Swift.abs(numbers[row * width + column] - origin[column])
          if deviation > largest[column] { (largest[column], farthest[column]) = (deviation, row) }
        }
      }
      for row in 0..<count {
        for column in 0..<width { sum[column] += (numbers[row * width + column] - origin[column]) / largest[column] }
      }
      for column in 0..<width { origin[column] += sum[column] / Double(count) * largest[column] }
      for row in 0..<count {
        for column in 0..<width {
          let centred = (numbers[row * width + column] - origin[column]) / largest[column]
          square[column] += centred * centred
        }
      }
    }
    let scale = (0..<width).map { (square[$0] / Double(count)).squareRoot() * largest[$0] }
    for column in 0..<width {
      if largest[column] == 0 { throw .constantColumn(column: column, value: data[0][column]) }
      guard scale[column].isNormal, (1 / scale[column]).isNormal else {
        throw .outOfRange(row: farthest[column], column: column, value: data[farthest[column]][column])
      }
    }
    return Scaling(mean: origin, scale: scale)
  }

  /// A row in scaled units.
  func applied(to row: [Double]) -> [Double] { row.indices.map { (row[$0] - mean[$0]) / scale[$0] } }

  /// sum log scale: what log p in scaled units exceeds log p in the data's units by, in nats.
  var logVolume: Double { scale.reduce(0) { $0 + log($1) } }
}
