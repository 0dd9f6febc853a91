/// What a CSV file's beginning tells of how it is written, as a person would read it.
///
/// A delimiter is one by which the header and all lines have the same number of cells, two or more. Commas are decimal
/// marks where cells are numbers with one comma, none has a point, and not all of them could be separated thousands.
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
    // A line that begins with a sign of comments is one, unless it has as many cells as the next: then it is the header.
    while start < sample.count, sample[start] == UInt8(ascii: "#") {
      let next = CSVSniffer.nextLine(sample, start)
      let rest = CSVSniffer.cells(of: sample, from: start, isWhole: isWhole, format)
      if next >= sample.count || rest.map({ $0.count > 1 && $0.isRectangular }) == true { break }
      (start, line) = (next, line + 1)
    }
    if format.delimiter == nil {
      format.delimiter =
        CSVSniffer.cells(of: sample, from: start, isWhole: isWhole, format)?.delimiter ?? .comma
    }
    if format.decimal == nil {
      format.decimal = CSVSniffer.hasDecimalCommas(sample, from: start, isWhole: isWhole, format) ? .comma : .point
    }
    (self.format, self.start, self.line) = (format, start, line)
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
    let count: Int
    /// Whether all lines have as many.
    let isRectangular: Bool
  }

  /// By the delimiter that is given or seems to be meant; nil where no line is parted by any.
  private static func cells(of sample: [UInt8], from start: Int, isWhole: Bool, _ format: CSVFormat) -> Cells? {
    let candidates = format.delimiter.map { [$0] } ?? CSVDelimiter.found
    let found = candidates.compactMap { delimiter -> Cells? in
      var trial = format
      trial.delimiter = delimiter
      var header = 0
      let isRectangular = forEachRecord(of: sample, from: start, isWhole: isWhole, trial) { record in
        if header == 0 { header = record.count }
      }
      return header > 1 ? Cells(delimiter: delimiter, count: header, isRectangular: isRectangular) : nil
    }
    // Of several the one with most cells; the first of those that are alike.
    var best: Cells?
    for cells in found where cells.isRectangular && cells.count > best?.count ?? 0 { best = cells }
    return best ?? found.first
  }

  /// Whether commas are the only possible decimal marks.
  private static func hasDecimalCommas(
    _ sample: [UInt8], from start: Int, isWhole: Bool, _ format: CSVFormat
  ) -> Bool {
    var (commas, possibleThousands, points, isHeader) = (0, 0, 0, true)
    _ = forEachRecord(of: sample, from: start, isWhole: isWhole, format) { record in
      defer { isHeader = false }
      if isHeader { return }
      for cell in 0..<record.count {
        let text = record.text(cell)
        let bytes = Array(text.utf8)[...]
        if text.contains(".") {
          if NumberText.strict(bytes, .point) != nil { points += 1 }
        } else if text.contains(","), NumberText.strict(bytes, .comma) != nil {
          commas += 1
          // A fraction may have three digits too; whole groups of three are thousands as well.
          if NumberText.loose(text, .point) != nil { possibleThousands += 1 }
        }
      }
    }
    return points == 0 && commas > possibleThousands
  }

  /// Calls `body` with the sample's records; of one that is not whole the last is left out.
  ///
  /// - Returns: whether all of them could be read.
  private static func forEachRecord(
    of sample: [UInt8], from start: Int, isWhole: Bool, _ format: CSVFormat, _ body: (borrowing CSVRecord) -> Void
  ) -> Bool {
    struct Enough: Error {}
    var parser = RecordParser(name: "", format: format)
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
