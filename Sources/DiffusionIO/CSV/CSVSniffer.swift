/// What a CSV file's beginning tells of how it is written, as a person would read it.
///
/// A delimiter is one by which the header and all lines have the same number of cells, two or more. Commas are decimal
/// marks where some column has numbers with one comma and none with a point, and not all of them could be separated
/// thousands.
struct CSVSniffer {
  /// The format with all that was found; what was given stays.
  let format: CSVFormat
  /// Where the header begins, behind a line that names the delimiter and comments.
  let start: Int
  /// The line that the header is on, from 1.
  let line: Int

  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  /// Records that are looked at.
  private static let most = 1_000

  /// - Parameters:
  ///   - sample: the file's beginning, as UTF-8.
  ///   - isWhole: whether there is no more of it.
  ///   - format: what was given.
  init(_ sample: [UInt8], isWhole: Bool, _ format: CSVFormat) {
    var format = format
    var (start, line) = (0, 1)
    if let (named, next) = CSVSniffer.namedDelimiter(sample) {
      if format.delimiter == nil { format.delimiter = named }
      (start, line) = (next, 2)
    }
    (start, line) = CSVSniffer.behindComments(sample, start, line, isWhole: isWhole, format)
    if format.delimiter == nil {
      format.delimiter = CSVSniffer.cells(of: sample, from: start, isWhole: isWhole, format)?.delimiter ?? .comma
    }
    if format.decimal == nil {
      format.decimal = CSVSniffer.hasDecimalCommas(sample, from: start, isWhole: isWhole, format) ? .comma : .point
    }
    (self.format, self.start, self.line) = (format, start, line)
  }

  /// Where the header is behind lines that begin with `#`, and blank ones among them.
  ///
  /// The last of these lines is the header itself where it has as many cells as all lines below and the first of these is
  /// one of data, which shows by a number; in a table without numbers, where it is the only such line.
  private static func behindComments(
    _ sample: [UInt8], _ start: Int, _ line: Int, isWhole: Bool, _ format: CSVFormat
  ) -> (start: Int, line: Int) {
    var (place, number, comments) = (start, line, 0)
    var last: (start: Int, line: Int)?
    while place < sample.count {
      let byte = sample[place]
      let isComment = byte == UInt8(ascii: "#")
      guard isComment || byte == newline || byte == carriageReturn else { break }
      if isComment {
        comments += 1
        last = (place, number)
      }
      (place, number) = (nextLine(sample, place), number + 1)
    }
    guard let last else { return (start, line) }
    let below = (place, number)
    guard place < sample.count else { return last }
    // With a delimiter by which the lines below agree, or as one cell.
    var trial = format
    trial.delimiter =
      format.delimiter ?? cells(of: sample, from: place, isWhole: isWhole, format)?.delimiter ?? .comma
    var (counts, numbers, firstNumbers) = (Set<Int>(), 0, 0)
    var records = 0
    let isReadable = forEachRecord(of: sample, from: last.start, isWhole: isWhole, trial) { record in
      counts.insert(record.count)
      if records > 0 {
        let here = (0..<record.count).count { isNumber(record.text($0)) }
        numbers += here
        if records == 1 { firstNumbers = here }
      }
      records += 1
    }
    guard isReadable, counts.count == 1 else { return below }
    return firstNumbers > 0 || (numbers == 0 && comments == 1) ? last : below
  }

  /// Whether a text is a number with either mark.
  private static func isNumber(_ text: String) -> Bool {
    let bytes = Array(text.utf8)[...]
    return NumberText.strict(bytes, .point) != nil || NumberText.strict(bytes, .comma) != nil
  }

  /// The delimiter of a first line such as `sep=;`, which spreadsheets write, and where the next line begins.
  private static func namedDelimiter(_ sample: [UInt8]) -> (CSVDelimiter, next: Int)? {
    let end = sample.firstIndex { $0 == newline || $0 == carriageReturn } ?? sample.count
    var text = String(decoding: sample[..<end], as: UTF8.self)
    if text.count > 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
    guard text.lowercased().hasPrefix("sep="), text.count == 5, let last = text.last,
      let delimiter = CSVDelimiter(last)
    else { return nil }
    return (delimiter, nextLine(sample, 0))
  }

  private static func nextLine(_ sample: [UInt8], _ start: Int) -> Int {
    guard let end = sample[start...].firstIndex(where: { $0 == newline || $0 == carriageReturn }) else {
      return sample.count
    }
    let isPair = sample[end] == carriageReturn && end + 1 < sample.count && sample[end + 1] == newline
    return end + (isPair ? 2 : 1)
  }

  /// How many cells lines have.
  private struct Cells {
    let delimiter: CSVDelimiter
    /// Of the header.
    var count = 0
    /// Whether all lines have as many.
    var isRectangular = false
    /// How many cells below the header are numbers.
    var numbers = 0
    /// Whether a line below the header is parted too.
    var partsLines = false
  }

  /// By the delimiter that is given or seems to be meant; nil where no line is parted by any.
  private static func cells(of sample: [UInt8], from start: Int, isWhole: Bool, _ format: CSVFormat) -> Cells? {
    let candidates = format.delimiter.map { [$0] } ?? CSVDelimiter.found
    let found = candidates.compactMap { delimiter -> Cells? in
      var trial = format
      trial.delimiter = delimiter
      var cells = Cells(delimiter: delimiter)
      var isRagged = false
      let isReadable = forEachRecord(of: sample, from: start, isWhole: isWhole, trial) { record in
        if cells.count == 0 {
          cells.count = record.count
        } else {
          if record.count != cells.count { isRagged = true }
          cells.numbers += (0..<record.count).count { isNumber(record.text($0)) }
          if record.count > 1 { cells.partsLines = true }
        }
      }
      cells.isRectangular = isReadable && !isRagged
      return cells.count > 1 ? cells : nil
    }
    // Of several by which lines agree, the one with most cells, then with most numbers; the first of those that are alike.
    var best: Cells?
    for cells in found where cells.isRectangular {
      if (cells.count, cells.numbers) > (best?.count ?? 0, best?.numbers ?? 0) || best == nil { best = cells }
    }
    return best ?? found.first { $0.partsLines }
  }

  /// What the cells of a column show of decimal marks.
  private struct Marks {
    var cells = 0, points = 0, commas = 0
    /// Those that may separate thousands: a fraction may have three digits too.
    var possibleThousands = 0
    var hasLongFraction = false

    mutating func add(_ text: String) {
      if text.isEmpty { return }
      cells += 1
      let bytes = Array(text.utf8)[...]
      if text.contains(".") {
        if NumberText.strict(bytes, .point) != nil, NumberText.loose(text, .comma) == nil { points += 1 }
      } else if let comma = text.firstIndex(of: ","), NumberText.strict(bytes, .comma) != nil {
        commas += 1
        if NumberText.loose(text, .point) != nil { possibleThousands += 1 }
        if text[comma...].count > 2 { hasLongFraction = true }
      }
    }

    /// Whether commas are the only possible decimal marks. Where commas part cells too, cells with them may be lists: of
    /// numbers with more than one digit behind the comma most cells are to be fractions.
    func areDecimalCommas(_ delimiter: CSVDelimiter?) -> Bool {
      guard points == 0, commas > possibleThousands else { return false }
      return delimiter != .comma || (2 * commas > cells && hasLongFraction)
    }
  }

  /// Whether commas are the only possible decimal marks of a column.
  private static func hasDecimalCommas(
    _ sample: [UInt8], from start: Int, isWhole: Bool, _ format: CSVFormat
  ) -> Bool {
    var columns: [Marks] = []
    var isHeader = true
    _ = forEachRecord(of: sample, from: start, isWhole: isWhole, format) { record in
      if isHeader {
        (isHeader, columns) = (false, Array(repeating: Marks(), count: record.count))
      } else {
        for cell in columns.indices where cell < record.count { columns[cell].add(record.text(cell)) }
      }
    }
    return columns.contains { $0.areDecimalCommas(format.delimiter) }
  }

  /// Calls `body` with the sample's records; of one that is not whole the last is left out.
  ///
  /// - Returns: whether all of them could be read.
  private static func forEachRecord(
    of sample: [UInt8], from start: Int, isWhole: Bool, _ format: CSVFormat, _ body: (borrowing CSVRecord) -> Void
  ) -> Bool {
    struct Enough: Error {}
    var plain = format
    // Columns that are named may be found only with the right delimiter.
    plain.missing = MissingSpellings()
    var parser = RecordParser(name: "", format: plain, allowsRaggedRows: true)
    var count = 0
    func visit(_ record: borrowing CSVRecord) throws {
      if count == most { throw Enough() }
      count += 1
      body(record)
    }
    do {
      try sample[start...].withUnsafeBytes { try parser.consume($0, visit) }
      if isWhole { try parser.finish(visit) }
      return true
    } catch { return error is Enough }
  }
}
