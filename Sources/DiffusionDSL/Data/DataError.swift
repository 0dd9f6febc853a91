import Foundation

/// A column in a message: by its place, counted from 0, and by its name where it is a field.
public struct ColumnPlace: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Counted from 0.
  public let index: Int
  /// The field's name.
  public let name: String?

  /// - Parameters:
  ///   - index: counted from 0.
  ///   - name: the field's; nil for a column without one.
  public init(_ index: Int, name: String? = nil) {
    self.index = index
    self.name = name
  }
  /// A column without a name, counted from 0.
  public init(integerLiteral value: Int) { self.init(value) }

  /// `column 3`, or `field 'bill'`.
  public var description: String { name.map { "field '\($0)'" } ?? "column \(index)" }
}

/// What is wrong with data, with the place in it. Rows and columns are counted from 0.
public enum DataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are no rows, or rows of no numbers.
  case empty
  /// Rows of no numbers.
  case noColumns
  /// A number that is NaN or infinite.
  case notFinite(row: Int, column: ColumnPlace, value: String)
  /// A row whose length differs from the first's.
  case ragged(row: Int, expected: Int, found: Int)
  /// Flat numbers that are no whole number of rows.
  case notWholeRows(numbers: Int, dimensions: Int)
  /// Too few rows to be standardised.
  case tooFewRows(Int)
  /// Fewer complete rows than a reverse function is to keep.
  case tooFewCompleteRows(needed: Int, found: Int)
  /// A column with one value only, which cannot be standardised.
  case constantColumn(column: ColumnPlace, value: Double)
  /// A column of which every cell is missing.
  case missingColumn(ColumnPlace)
  /// A field that rows or a table do not have.
  case absentField(name: String, row: Int?)
  /// A table that has none of a model's fields.
  case noCommonField(needed: [String], found: [String])
  /// A field that a row is given and its schema does not have.
  case unknownField(row: Int, name: String, fields: [String])
  /// A field that a row or a schema names twice.
  case repeatedField(name: String, row: Int?)
  /// A label that a field does not have.
  case unknownLabel(row: Int, column: ColumnPlace, label: String, labels: [String])
  /// A cell of another kind than its field's.
  case wrongCell(row: Int, column: ColumnPlace, cell: String)
  /// A cell that a property of a structure cannot hold; nil for a missing one.
  case wrongType(row: Int, column: ColumnPlace, cell: String?, type: String)
  /// Missing cells where complete rows are needed.
  case missingCell(row: Int, column: ColumnPlace, what: String)
  /// As many weights as rows are needed.
  case wrongWeights(expected: Int, found: Int)
  /// A weight that is negative or not finite, or weights that are all 0.
  case invalidWeight(row: Int, value: String)
  /// A number too large, or a column spread too little, for a standard deviation that can be divided by.
  case outOfRange(row: Int, column: ColumnPlace, value: Double)
  /// A row whose score is not a number, with the number of it that is farthest from those that the model was trained on:
  /// in the data's units and in scaled ones.
  case unscorable(row: Int, column: ColumnPlace, value: Double, scaled: Double)
  /// Rows of a width that the model does not have.
  case wrongDimensions(expected: Int, found: Int)
  /// A number that is neither 0 nor 1 where the kernel has a bit.
  case notABit(row: Int, column: ColumnPlace, value: Double)
  /// A number that is no class of the kernel.
  case notAClass(row: Int, column: ColumnPlace, value: Double, classes: Int)
  /// More rows than can be numbered or held.
  case tooManyRows(Int)
  /// Numbers that are no whole number of pictures; `size` is channels x height x width.
  case notWholeImages(numbers: Int, size: String)
  /// A number of a picture that lies outside of the range that it is said to lie in.
  case outsideRange(image: Int, column: ColumnPlace, value: String, range: String)
  /// A range that is not finite, or whose ends are the same.
  case impossibleRange(String)
  /// Pictures that are not kept in bytes, where levels are wanted.
  case notLevels(String)
  /// Pictures that cannot stand side by side; each is channels x height x width, and its range.
  case unlikeImages(String, String)
  /// Channels that pictures do not have.
  case wrongChannels(String, channels: Int)
  /// As many labels as pictures are needed.
  case wrongLabels(expected: Int, found: Int)
  /// A label of a picture below 0.
  case invalidLabel(image: Int, label: Int)
  /// More trajectories together than can be held.
  case tooManyChains(rows: Int, trajectories: Int)
  /// A request for a number of things that makes no sense.
  case invalidCount(what: String, value: Int)
  /// A request for more things than can be numbered or held.
  case tooMany(what: String, value: Int, limit: Int)
  /// A law to draw pictures of that makes no sense, with what is wrong.
  case impossibleLaw(String)

  /// One sentence with the place, the value and the remedy.
  public var description: String {
    switch self {
    case .empty: "the data has no rows: give at least one"
    case .noColumns: "the rows have no numbers: give at least one column"
    case .notFinite(let row, let column, let value):
      "row \(row), \(column) is \(value): give a finite number, nil for a missing cell, or leave the row out"
    case .ragged(let row, let expected, let found):
      "row \(row) has \(found) numbers where row 0 has \(expected): give every row as many"
    case .notWholeRows(let numbers, let dimensions):
      "\(numbers) numbers are no whole number of rows of \(dimensions): give dimensions >= 1 that divide them"
    case .tooFewRows(let rows):
      "\(rows) row is too few for a standard deviation: give 2 or more, or, to train, scaling: .none"
    case .tooFewCompleteRows(let needed, let found):
      "\(found) rows have no missing cell where the model is to keep \(needed): give more, or let it keep fewer"
    case .constantColumn(let column, let value):
      "\(column) is \(value) in every row, so its density is infinite: leave it out, or train with scaling: .none"
    case .missingColumn(let column):
      "\(column) is missing in every row, so nothing can be learned of it: leave it out of the kernel"
    case .absentField(let name, let row):
      "\(DataError.having(row)) no field '\(name)', which is needed: add it, with a missing value where it is not "
        + "known"
    case .noCommonField(let needed, let found):
      "the data has the fields \(found.listed(most: 20)), and the model \(needed.listed(most: 20)): make the model of "
        + "the data's fields, ProductKernel { Continuous(\"\(found.first ?? "")\") ... }, or give it rows of numbers, "
        + "[[Double]]"
    case .unknownField(let row, let name, let fields):
      "row \(row) is given a field '\(name)', which is none of its fields (\(fields.listed(most: 20))): correct the "
        + "name"
    case .repeatedField(let name, let row):
      "\(DataError.having(row)) two fields named '\(name)': give one another name, or leave it out"
    case .unknownLabel(let row, let column, let label, let labels):
      "row \(row), \(column) is '\(label)', which is none of its labels (\(labels.listed(most: 20))): correct it"
    case .wrongCell(let row, let column, let cell):
      "row \(row), \(column) is \(cell), which is no value of that field: give a finite number to a continuous field, a "
        + "label to a binary or categorical one"
    case .wrongType(let row, let column, let cell, let type):
      "row \(row), \(column) is \(cell ?? "missing"), which is no \(type): declare the property with a type that has such "
        + "values, an optional one where cells may be missing"
    case .missingCell(let row, let column, let what):
      "row \(row), \(column) is missing, and \(what) needs complete rows: leave the row out"
    case .wrongWeights(let expected, let found):
      "there are \(found) weights for \(expected) rows: give one a row"
    case .invalidWeight(let row, let value):
      "the weight of row \(row) is \(value): give finite weights of 0 or more, some of them above 0"
    case .outOfRange(let row, let column, let value):
      "row \(row), \(column) is \(value), and the column's standard deviation lies outside what can be divided by: "
        + "give the column in a unit that brings its numbers nearer to 1"
    case .unscorable(let row, let column, let value, let scaled):
      "row \(row), \(column) is \(value), which is \(scaled.sixDigits) in scaled units, too far from what the model was "
        + "trained on for a score: correct it, or leave the row out"
    case .wrongDimensions(let expected, let found):
      "the rows have \(found) numbers where the model has \(expected) dimensions: make them equal"
    case .notABit(let row, let column, let value):
      "row \(row), \(column) is \(value) where the kernel has a bit: give 0 or 1"
    case .notAClass(let row, let column, let value, let classes):
      "row \(row), \(column) is \(value) where the kernel has \(classes) classes: give a whole number from 0 to "
        + "\(classes - 1)"
    case .tooManyRows(let rows): "\(rows) rows are more than the 2147483647 that can be numbered: give fewer"
    case .notWholeImages(let numbers, let size):
      "\(numbers) numbers are no whole number of images of \(size): give extents that divide them"
    case .outsideRange(let image, let column, let value, let range):
      "image \(image), \(column) is \(value), outside of \(range): give the range that the numbers lie in"
    case .notLevels(let images):
      "\(images) are no levels of 8 bits: give pictures in bytes, or their numbers as they are"
    case .impossibleRange(let range): "numbers cannot lie in \(range): give a finite range whose ends differ"
    case .unlikeImages(let one, let other):
      "images of \(one) and of \(other) cannot stand together: give images of one size and range"
    case .wrongChannels(let part, let channels):
      "channels \(part) cannot be taken from images that have \(channels): give some of 0..<\(channels)"
    case .wrongLabels(let expected, let found):
      "there are \(found) labels for \(expected) images: give one an image"
    case .invalidLabel(let image, let label): "the label of image \(image) is \(label): give 0 or more"
    case .tooManyChains(let rows, let trajectories):
      "\(rows) rows with \(trajectories) trajectories each are more than can be held: give fewer, or score the rows in "
        + "several calls"
    case .invalidCount(let what, let value): "\(what) is \(value): give 1 or more"
    case .tooMany(let what, let value, let limit): "\(what) is \(value): give at most \(limit)"
    case .impossibleLaw(let fault): fault
    }
  }

  private static func having(_ row: Int?) -> String { row.map { "row \($0) has" } ?? "the data has" }
}

extension DataError {
  /// The same about another row, where it is about one.
  func at(row: Int) -> DataError {
    switch self {
    case .notFinite(_, let column, let value): .notFinite(row: row, column: column, value: value)
    case .unknownField(_, let name, let fields): .unknownField(row: row, name: name, fields: fields)
    case .repeatedField(let name, .some): .repeatedField(name: name, row: row)
    case .unknownLabel(_, let column, let label, let labels):
      .unknownLabel(row: row, column: column, label: label, labels: labels)
    case .wrongCell(_, let column, let cell): .wrongCell(row: row, column: column, cell: cell)
    default: self
    }
  }

  /// Whether a number of things can be asked for.
  ///
  /// - Throws: `DataError.invalidCount`, `.tooMany`.
  static func check(_ what: String, _ value: Int, limit: Int) throws(DataError) {
    if value < 1 { throw .invalidCount(what: what, value: value) }
    if value > limit { throw .tooMany(what: what, value: value, limit: limit) }
  }
}

extension DataError: LocalizedError {
  /// The description, for whoever asks for `localizedDescription`.
  public var errorDescription: String? { description }
}
