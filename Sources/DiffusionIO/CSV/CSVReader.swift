import Foundation

/// Reads CSV record by record by RFC 4180: quotes that may hold delimiters, line breaks and doubled quotes; lines end with
/// LF, CRLF or CR. What stands between cells, decimal commas and how letters are stored are found or given (`CSVFormat`);
/// what gzip compressed is unpacked on the way. Memory holds some chunks and one record.
///
/// Beyond the standard, lines before the header that begin with `#`, a first line `sep=;`, and lines without any character
/// in a table of several columns are skipped, and a delimiter at the end of a line may be one too many.
public struct CSVReader: Sendable {
  /// The name that errors give.
  public let name: String
  /// How the file is written.
  public var format: CSVFormat
  private let source: Source

  private enum Source: Sendable {
    case file(URL)
    case bytes(Data)
  }

  /// What is looked at to find the format, in bytes: this, or more where lines are longer.
  private static let sample = 1 << 18
  private static let longest = 1 << 24
  private static let chunk = 1 << 20

  /// Reads a file, chunk by chunk.
  public init(contentsOf url: URL, format: CSVFormat = CSVFormat()) {
    name = url.path
    self.format = format
    source = .file(url)
  }

  /// Reads bytes in memory; `name` is what errors call them.
  public init(data: Data, name: String, format: CSVFormat = CSVFormat()) {
    self.name = name
    self.format = format
    source = .bytes(data)
  }

  /// The format with all that is found.
  ///
  /// - Throws: as `forEachRecord`.
  public func found() throws -> CSVFormat {
    struct Enough: Error {}
    var format = format
    do {
      try forEachRecord(whenFound: { format = $0 }, { _ in throw Enough() })
    } catch is Enough {}
    return format
  }

  /// Calls `body` with each record in turn, the header first. The record's buffers are reused: keep what you read out
  /// of it, not the record.
  ///
  /// - Throws: `CSVError.unreadable`, `.otherKind`, `.damagedGzip`, `.invalidUTF8`, `.zeroByte`, `.raggedRow`, `.unterminatedQuote`,
  ///   `.strayQuote`, what `body` throws, and `CancellationError` if the task is cancelled.
  public func forEachRecord(_ body: (borrowing CSVRecord) throws -> Void) throws {
    try forEachRecord(whenFound: { _ in }, body)
  }

  private func forEachRecord(
    whenFound: (CSVFormat) -> Void, _ body: (borrowing CSVRecord) throws -> Void
  ) throws {
    var decoding = TextDecoding(name: name, encoding: format.encoding)
    var head: [UInt8] = []
    var parser: RecordParser?
    func begin(isWhole: Bool) throws {
      try checkKind(head)
      let sniffer = CSVSniffer(head, isWhole: isWhole, format)
      whenFound(sniffer.format)
      var begun = RecordParser(name: name, format: sniffer.format, line: sniffer.line)
      try head[sniffer.start...].withUnsafeBytes { try begun.consume($0, body) }
      (parser, head) = (begun, [])
    }
    func take(_ bytes: UnsafeRawBufferPointer) throws {
      if parser != nil {
        try parser?.consume(bytes, body)
      } else {
        head.append(contentsOf: bytes)
        if head.count >= CSVReader.sample, CSVReader.hasLines(head) { try begin(isWhole: false) }
      }
    }
    try forEachChunk { try decoding.take($0, take) }
    try decoding.finish(take)
    if parser == nil { try begin(isWhole: true) }
    try parser?.finish(body)
  }

  /// Whether a sample has some lines, or is so long that it is to have none.
  private static func hasLines(_ sample: [UInt8]) -> Bool {
    var breaks = 0
    for byte in sample where byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      breaks += 1
      if breaks == 10 { return true }
    }
    return sample.count >= longest
  }

  /// - Throws: `CSVError.otherKind` for the beginning of a file that is no table of text.
  private func checkKind(_ head: [UInt8]) throws {
    let head = FileBytes(file: name, bytes: head)
    if let kind = FileKind(head) {
      throw CSVError.otherKind(file: name, kind: kind.description, remedy: kind.remedy)
    }
    if head.has([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) {
      throw CSVError.otherKind(file: name, kind: "an array, NPY", remedy: "unpack it, if it is compressed")
    }
    if let kind = TextKind(head) {
      throw CSVError.otherKind(file: name, kind: kind.description, remedy: kind.remedy)
    }
  }

  private func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch source {
    case .bytes(let data):
      var rest = data
      while !rest.isEmpty {
        try rest.prefix(CSVReader.chunk).withUnsafeBytes(body)
        rest = rest.dropFirst(CSVReader.chunk)
      }
    case .file(let url):
      let handle = try opened(url)
      defer { try? handle.close() }
      while true {
        let chunk: Data?
        do {
          chunk = try handle.read(upToCount: CSVReader.chunk)
        } catch {
          throw CSVError.unreadable(file: name, reason: systemReason(error))
        }
        guard let chunk, !chunk.isEmpty else { break }
        try Task.checkCancellation()
        try chunk.withUnsafeBytes(body)
      }
    }
  }

  private func opened(_ url: URL) throws -> FileHandle {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), isDirectory.boolValue {
      throw CSVError.unreadable(file: name, reason: "it is a directory")
    }
    do {
      return try FileHandle(forReadingFrom: url)
    } catch {
      throw CSVError.unreadable(file: name, reason: systemReason(error))
    }
  }
}
