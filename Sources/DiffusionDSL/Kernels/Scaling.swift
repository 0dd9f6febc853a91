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

  /// Whether all columns have the same mean and the same scale.
  var isShared: Bool {
    mean.dropFirst().allSatisfy { $0 == mean[0] } && scale.dropFirst().allSatisfy { $0 == scale[0] }
  }

  /// What is wrong with it for rows of `dimensions` numbers; nil where nothing is.
  private func fault(dimensions: Int) -> String? {
    guard mean.count == dimensions, scale.count == dimensions else {
      return "the scaling has \(mean.count) means and \(scale.count) scales where a row has \(dimensions) numbers: "
        + "give one of each a column"
    }
    for column in 0..<dimensions {
      guard mean[column].isFinite else {
        return "the scaling's mean of column \(column) is \(mean[column]): give a finite number"
      }
      // Rows are multiplied by the scale's inverse, so the inverse has to be a normal number too.
      guard scale[column] > 0, scale[column].isNormal, (1 / scale[column]).isNormal else {
        return "the scaling's scale of column \(column) is \(scale[column]): give a positive number with an inverse"
      }
    }
    return nil
  }

  /// What is wrong with it for a kernel; nil where nothing is.
  func fault(for kernel: KernelDefinition) -> String? {
    if let fault = fault(dimensions: kernel.dimensions) { return fault }
    var column = 0
    for part in kernel.parts {
      let columns = column..<column + part.kernel.dimensions
      if !type(of: part.kernel).isContinuous, columns.contains(where: { mean[$0] != 0 || scale[$0] != 1 }) {
        return "the scaling changes rows of \(part.kernel), which stay as they are: leave it out"
      }
      column = columns.upperBound
    }
    return nil
  }

  /// No change.
  static func identity(_ dimensions: Int) -> Scaling {
    Scaling(mean: Array(repeating: 0, count: dimensions), scale: Array(repeating: 1, count: dimensions))
  }

  /// How a kernel's rows are scaled: continuous columns that were given no unit of their own to mean 0 and standard
  /// deviation 1, each by itself or all by the same, if that is wanted; bits and classes stay as they are.
  ///
  /// - Throws: `DataError.tooFewRows`, `DataError.constantColumn`, `DataError.outOfRange`.
  init(_ kernel: KernelDefinition, for data: Dataset, _ way: DataScaling) throws(DataError) {
    self.init(kernel)
    if way == .none { return }
    var (mean, scale) = (mean, scale)
    let weights = data.normalizedWeights
    var first = 0
    for part in kernel.parts {
      let columns = first..<first + part.kernel.dimensions
      first = columns.upperBound
      if !type(of: part.kernel).isContinuous || part.unit != nil { continue }
      if data.count < 2 { throw .tooFewRows(data.count) }
      let ranges = way == .whole ? [columns] : columns.map { $0..<$0 + 1 }
      for range in ranges {
        let place = ColumnPlace(range.lowerBound, name: part.column?.name)
        let unit = try Scaling.moments(of: data, range, place, weights)
        for column in range { (mean[column], scale[column]) = unit }
      }
    }
    self.init(mean: mean, scale: scale)
  }

  /// The units that a kernel's fields were given; for other columns no change.
  init(_ kernel: KernelDefinition) {
    let units = kernel.parts.flatMap { part in
      (0..<part.kernel.dimensions).map { _ in part.unit ?? Continuous.Unit(mean: 0, scale: 1) }
    }
    self.init(mean: units.map(\.mean), scale: units.map(\.scale))
  }

  /// The mean and standard deviation of all numbers of some columns, over the rows that have them. Of levels, the noise
  /// within them counts too.
  ///
  /// Deviations are taken from the column's first number and in units of the largest of them, so no digits are lost
  /// where the mean is 10^12 times the spread, or where numbers are near the ends of Double's range.
  private static func moments(
    of data: Dataset, _ columns: Range<Int>, _ place: ColumnPlace, _ weights: [Double]?
  ) throws(DataError) -> (mean: Double, scale: Double) {
    let width = data.dimensions
    var (origin, largest, farthest) = (Double.nan, 0.0, 0)
    var (sum, square, total) = (0.0, 0.0, 0.0)
    data.withNumbers { numbers in
      func forEach(_ body: (_ row: Int, _ number: Double, _ weight: Double) -> Void) {
        for row in 0..<data.count {
          let weight = weights?[row] ?? 1
          if weight == 0 { continue }
          for column in columns {
            let number = numbers[row * width + column]
            if !number.isNaN { body(row, number, weight) }
          }
        }
      }
      forEach { row, number, weight in
        if origin.isNaN { origin = number }
        if Swift.abs(number - origin) > largest { (largest, farthest) = (Swift.abs(number - origin), row) }
        total += weight
      }
      guard largest > 0 else { return }
      forEach { sum += $2 * (($1 - origin) / largest) }
      origin += sum / total * largest
      forEach { square += $2 * (($1 - origin) / largest) * (($1 - origin) / largest) }
    }
    if origin.isNaN { throw .missingColumn(place) }
    let withinLevels = data.areLevels ? 1.0 / 12 : 0
    if largest == 0, withinLevels == 0 { throw .constantColumn(column: place, value: origin) }
    let scale =
      withinLevels == 0
      ? (square / total).squareRoot() * largest : (square / total * largest * largest + withinLevels).squareRoot()
    guard scale.isNormal, (1 / scale).isNormal else {
      throw .outOfRange(row: farthest, column: place, value: data[farthest][place.index])
    }
    return (origin, scale)
  }

  /// A row in scaled units.
  func applied(to row: [Double]) -> [Double] { row.indices.map { (row[$0] - mean[$0]) / scale[$0] } }

  /// sum log scale: what log p of a complete row in scaled units exceeds log p in the data's units by, in nats.
  var logVolume: Double { scale.reduce(0) { $0 + log($1) } }
}

extension Scaling: CustomStringConvertible {
  /// The mean and scale of each column, each on a line of its own; of the first columns where there are many.
  public var description: String {
    let lines = zip(mean, scale).prefix(20).enumerated().map { column, units in
      "column \(column): (x - \(units.0.sixDigits)) / \(units.1.sixDigits)"
    }
    let rest = mean.count > 20 ? ["and \((mean.count - 20).counted("more column"))"] : []
    return (lines + rest).joined(separator: "\n")
  }
}
