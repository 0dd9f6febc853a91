/// The first record of a CSV file: the columns' names and where they stand.
struct CSVHeader {
  let file: String
  /// In the file's order; empty for a column without a name.
  let names: [String]
  private let positions: [String: Int]

  /// - Throws: `CSVError.missingHeader` for a record that is data, `.duplicateColumn`.
  init(_ record: borrowing CSVRecord, _ reader: CSVReader) throws(CSVError) {
    let file = reader.name
    let names = (0..<record.count).map { record.text($0) }
    let numbers = names.indices.filter { record.number($0) != nil }
    // A fraction is hardly a column's name, so a first line that is half numbers, with a fraction, is a row of data. Whole
    // numbers in quotes, such as years, are names.
    let hasFraction = numbers.contains { names[$0].contains(record.decimal.rawValue) }
    let areInQuotes = numbers.contains { record.quoted[$0] }
    let isData = hasFraction ? 2 * numbers.count >= names.count : numbers.count == names.count && !areInQuotes
    if isData, !reader.format.hasHeader {
      throw .missingHeader(file: file, firstCells: names)
    }
    var positions: [String: Int] = [:]
    for (position, name) in names.enumerated() where !name.isEmpty {
      if let first = positions[name] {
        throw .duplicateColumn(file: file, name: name, first: first + 1, second: position + 1)
      }
      positions[name] = position
    }
    (self.file, self.names, self.positions) = (file, names, positions)
  }

  /// Where a column stands, counted from 0.
  ///
  /// - Throws: `CSVError.unknownColumn`.
  func position(of name: String) throws(CSVError) -> Int {
    guard let position = positions[name] else {
      throw .unknownColumn(file: file, name: name, available: names.filter { !$0.isEmpty })
    }
    return position
  }
}
