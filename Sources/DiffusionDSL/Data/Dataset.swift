import Formulas
import Foundation

/// Rows to train on or to score, in the data's units: numbers of its own, or a view over memory that someone else
/// keeps; with missing cells, where it was made from such, and with weights, where it was given them.
public struct Dataset: Sendable {
  /// How many rows.
  public let count: Int
  /// Numbers of a row.
  public let dimensions: Int
  /// How many cells are missing.
  public let missingCells: Int
  /// One weight a row, 0 or more, not scaled; nil: unweighted.
  public private(set) var weights: [Double]?
  private let storage: Storage

  private enum Storage: @unchecked Sendable {
    case doubles([Double])
    case floats([Float])
    /// Whole numbers, or levels of a quantised signal: byte b stands for the numbers from b to b + 1.
    case bytes([UInt8], areLevels: Bool)
    case view(UnsafeBufferPointer<Float>, owner: AnyObject?)
  }

  /// Rows of which cells may be missing (nil), all of one length.
  ///
  ///     Dataset([[39.1, nil], [nil, 17.4]])
  ///
  /// - Throws: `DataError` for no rows, ragged rows, or a number that is not finite.
  public init<Number: BinaryFloatingPoint>(_ rows: [[Number?]]) throws(DataError) {
    try self.init(rows) { $0.map { Double($0) } }
  }

  /// Rows as arrays, all of one length.
  ///
  /// - Throws: `DataError` for no rows, ragged rows, or a number that is not finite.
  public init<Number: BinaryFloatingPoint>(_ rows: [[Number]]) throws(DataError) {
    try self.init(rows) { Double($0) }
  }

  /// Rows of whole numbers as arrays, all of one length: bits, classes, counts.
  ///
  /// - Throws: `DataError` for no rows or ragged rows.
  public init<Number: BinaryInteger>(_ rows: [[Number]]) throws(DataError) {
    try self.init(rows) { Double($0) }
  }

  /// Rows of numbers that say themselves whether they are missing.
  ///
  /// - Throws: `DataError` for no rows, ragged rows, or a number that is not finite.
  init<Row: Collection>(numbers rows: [Row]) throws(DataError) where Row.Element: RowNumber {
    try self.init(rows, cell: \.cell)
  }

  /// Rows as collections, all of one length.
  ///
  /// - Parameter cell: the number for an element, nil for a missing one.
  private init<Row: Collection>(_ rows: [Row], cell: (Row.Element) -> Double?) throws(DataError) {
    let width = try Dataset.width(rows)
    var flat: [Double] = []
    // Memory only for what is known to be there: the rows are all as wide as the first.
    flat.reserveCapacity(rows.count * width)
    for (index, row) in rows.enumerated() {
      for (column, element) in row.enumerated() {
        let number = cell(element)
        // A NaN in memory is a missing cell; one that the caller wrote is a mistake.
        if let number, !number.isFinite {
          throw .notFinite(row: index, column: ColumnPlace(column), value: "\(number)")
        }
        flat.append(number ?? .nan)
      }
    }
    try self.init(missingAsNaN: flat, dimensions: width)
  }

  /// Rows one behind the other, NaN for a missing cell.
  ///
  /// - Parameters:
  ///   - numbers: all numbers, row by row; a multiple of `dimensions`.
  ///   - dimensions: numbers of a row, 1 or more.
  /// - Throws: `DataError` for no rows, a last row that is not whole, or an infinite number.
  public init(missingAsNaN numbers: [Double], dimensions: Int) throws(DataError) {
    try self.init(
      .doubles(numbers), count: Dataset.rows(numbers.count, dimensions), dimensions: dimensions, allowsMissing: true)
  }

  /// Rows without missing cells, one behind the other.
  ///
  /// - Parameters:
  ///   - numbers: all numbers, row by row; a multiple of `dimensions`.
  ///   - dimensions: numbers of a row, 1 or more.
  /// - Throws: `DataError` for no rows, a last row that is not whole, or a number that is not finite.
  public init(complete numbers: [Double], dimensions: Int) throws(DataError) {
    try self.init(.doubles(numbers), count: Dataset.rows(numbers.count, dimensions), dimensions: dimensions)
  }

  /// Rows without missing cells, one behind the other.
  ///
  /// - Parameters:
  ///   - numbers: all numbers, row by row; a multiple of `dimensions`.
  ///   - dimensions: numbers of a row, 1 or more.
  /// - Throws: `DataError` for no rows, a last row that is not whole, or a number that is not finite.
  public init(complete numbers: [Float], dimensions: Int) throws(DataError) {
    try self.init(.floats(numbers), count: Dataset.rows(numbers.count, dimensions), dimensions: dimensions)
  }

  /// Rows of whole numbers from 0 to 255, one behind the other, a byte for each.
  ///
  /// - Parameters:
  ///   - bytes: all numbers, row by row; a multiple of `dimensions`.
  ///   - dimensions: numbers of a row, 1 or more.
  /// - Throws: `DataError` for no rows, or a last row that is not whole.
  public init(bytes: [UInt8], dimensions: Int) throws(DataError) {
    self.init(
      unchecked: .bytes(bytes, areLevels: false), count: try Dataset.rows(bytes.count, dimensions),
      dimensions: dimensions)
  }

  /// Rows of a signal that was quantised to 256 levels, one behind the other, a byte for each number: byte b stands for
  /// the numbers from b to b + 1.
  ///
  /// Training and scores take b + u, with u uniform on [0, 1): drawn anew for each row of each minibatch, and for each
  /// row or trajectory of a score, from an address of its own (Uria, Murray, Larochelle 2013, section 5.1: otherwise
  /// densities on whole numbers have no bound). So K is at most the mean log probability of the bytes. Elsewhere, in
  /// means and deviations for instance, b stands for b + 1/2.
  ///
  /// - Parameters:
  ///   - levels: all numbers, row by row; a multiple of `dimensions`.
  ///   - dimensions: numbers of a row, 1 or more.
  /// - Throws: `DataError` for no rows, or a last row that is not whole.
  public init(levels: [UInt8], dimensions: Int) throws(DataError) {
    self.init(
      unchecked: .bytes(levels, areLevels: true), count: try Dataset.rows(levels.count, dimensions),
      dimensions: dimensions)
  }

  /// Whether the numbers are levels, to which uniform noise is added wherever they are used.
  public var areLevels: Bool {
    if case .bytes(_, areLevels: true) = storage { true } else { false }
  }

  /// Samples, to be trained on or scored again.
  ///
  /// - Throws: `DataError` for no rows, or a number that is not finite.
  public init(_ rows: Rows) throws(DataError) {
    try self.init(complete: rows.flat, dimensions: rows.dimensions)
  }

  /// A view over memory, which is neither copied nor changed.
  ///
  /// - Parameters:
  ///   - numbers: rows one behind the other, a multiple of `dimensions`; they stay valid and unchanged as long as
  ///     `owner` lives.
  ///   - dimensions: numbers of a row, 1 or more.
  ///   - owner: whoever keeps the memory, for instance a mapped file; nil where it lives to the program's end.
  /// - Throws: `DataError` for no rows, a last row that is not whole, or a number that is not finite.
  public init(
    viewing numbers: UnsafeBufferPointer<Float>, dimensions: Int, owner: AnyObject?
  ) throws(DataError) {
    try self.init(
      .view(numbers, owner: owner), count: Dataset.rows(numbers.count, dimensions), dimensions: dimensions)
  }

  private init(
    _ storage: Storage, count: Int, dimensions: Int, allowsMissing: Bool = false
  ) throws(DataError) {
    self.storage = storage
    self.count = count
    self.dimensions = dimensions
    var missing = 0
    var bad: (Int, Double)?
    Dataset.withNumbers(of: storage) { numbers in
      for index in 0..<count * dimensions where !numbers[index].isFinite {
        if allowsMissing, numbers[index].isNaN {
          missing += 1
        } else {
          bad = (index, numbers[index])
          return
        }
      }
    }
    if let (index, value) = bad {
      throw .notFinite(row: index / dimensions, column: ColumnPlace(index % dimensions), value: "\(value)")
    }
    missingCells = missing
  }

  private static func width(_ rows: [some Collection]) throws(DataError) -> Int {
    guard let width = rows.first?.count else { throw .empty }
    guard width > 0 else { throw .noColumns }
    for (index, row) in rows.enumerated() where row.count != width {
      throw .ragged(row: index, expected: width, found: row.count)
    }
    return width
  }

  private static func rows(_ numbers: Int, _ dimensions: Int) throws(DataError) -> Int {
    if numbers == 0 { throw .empty }
    guard dimensions >= 1, numbers % dimensions == 0 else {
      throw .notWholeRows(numbers: numbers, dimensions: dimensions)
    }
    guard numbers / dimensions <= Int(Int32.max) else { throw .tooManyRows(numbers / dimensions) }
    return numbers / dimensions
  }

  /// The rows' numbers, whichever way they are kept.
  struct Numbers {
    let pointer: UnsafeRawPointer
    let form: TableForm

    subscript(index: Int) -> Double {
      switch form {
      case .doubles: pointer.load(fromByteOffset: index * 8, as: Double.self)
      case .floats: Double(pointer.load(fromByteOffset: index * 4, as: Float.self))
      case .bytes: Double(pointer.load(fromByteOffset: index, as: UInt8.self))
      case .levels: Double(pointer.load(fromByteOffset: index, as: UInt8.self)) + 0.5
      }
    }
  }

  func withNumbers<Result>(_ body: (Numbers) -> Result) -> Result {
    Dataset.withNumbers(of: storage, body)
  }

  private static func withNumbers<Result>(of storage: Storage, _ body: (Numbers) -> Result) -> Result {
    switch storage {
    case .doubles(let values):
      values.withUnsafeBytes { body(Numbers(pointer: Dataset.base($0), form: .doubles)) }
    case .floats(let values):
      values.withUnsafeBytes { body(Numbers(pointer: Dataset.base($0), form: .floats)) }
    case .bytes(let values, let areLevels):
      values.withUnsafeBytes { body(Numbers(pointer: Dataset.base($0), form: areLevels ? .levels : .bytes)) }
    case .view(let values, let owner):
      withExtendedLifetime(owner) {
        body(Numbers(pointer: Dataset.base(UnsafeRawBufferPointer(values)), form: .floats))
      }
    }
  }

  // Datasets have rows, so their memory has an address; the fallback is never read.
  private static func base(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer {
    bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64).unsafelyUnwrapped
  }

  /// A row's numbers, NaN for a missing cell; empty where there is no such row.
  public subscript(row: Int) -> [Double] {
    guard row >= 0, row < count else { return [] }
    return withNumbers { numbers in (0..<dimensions).map { numbers[row * dimensions + $0] } }
  }

  /// Rows of numbers that are known to be finite, one behind the other.
  init(finite numbers: [Double], dimensions: Int) {
    self.init(unchecked: .doubles(numbers), count: numbers.count / max(1, dimensions), dimensions: dimensions)
  }
  init(finite numbers: [Float], dimensions: Int) {
    self.init(unchecked: .floats(numbers), count: numbers.count / max(1, dimensions), dimensions: dimensions)
  }

  /// Rows whose numbers are known to be finite or, for a missing cell, NaN, one behind the other.
  init(finiteOrMissing numbers: [Double], dimensions: Int) {
    self.init(
      unchecked: .doubles(numbers), count: numbers.count / max(1, dimensions), dimensions: dimensions,
      missing: numbers.count(where: \.isNaN))
  }

  private init(unchecked storage: Storage, count: Int, dimensions: Int, missing: Int = 0) {
    self.storage = storage
    self.count = count
    self.dimensions = dimensions
    missingCells = missing
  }

  func withWeights(_ weights: [Double]?) -> Dataset {
    var copy = self
    copy.weights = weights
    return copy
  }
}

extension Dataset {
  /// A renamed initialiser: `init(complete:dimensions:)`.
  @available(*, deprecated, renamed: "init(complete:dimensions:)")
  public init(flat: [Double], dimensions: Int) throws(DataError) {
    try self.init(complete: flat, dimensions: dimensions)
  }

  /// A renamed initialiser: `init(complete:dimensions:)`.
  @available(*, deprecated, renamed: "init(complete:dimensions:)")
  public init(flat: [Float], dimensions: Int) throws(DataError) {
    try self.init(complete: flat, dimensions: dimensions)
  }

  /// A renamed initialiser: `init(missingAsNaN:dimensions:)`.
  @available(*, deprecated, renamed: "init(missingAsNaN:dimensions:)")
  public init(cells: [Double], dimensions: Int) throws(DataError) {
    try self.init(missingAsNaN: cells, dimensions: dimensions)
  }
}

extension Dataset: CustomStringConvertible {
  /// How many rows of how many columns, missing cells, and weights: `3 rows of 2 columns, 1 cell missing, weighted`.
  public var description: String {
    [
      "\(count.counted("row")) of \(dimensions.counted("column"))",
      missingCells > 0 ? "\(missingCells.counted("cell")) missing" : nil,
      weights != nil ? "weighted" : nil,
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
