import Foundation

/// Reads CSV record by record, strictly by RFC 4180: commas, quotes that may hold commas, line breaks and doubled
/// quotes; a byte order mark is skipped; lines end with LF, CRLF or CR. Memory holds one chunk and one record.
///
/// Beyond the standard, a line without any character is skipped in a table of several columns.
public struct CSVReader: Sendable {
  /// The name that errors give.
  public let name: String
  private let source: Source

  private enum Source: Sendable {
    case file(URL)
    case bytes(Data)
  }

  /// Reads a file, chunk by chunk.
  public init(contentsOf url: URL) {
    name = url.path
    source = .file(url)
  }

  /// Reads bytes in memory; `name` is what errors call them.
  public init(data: Data, name: String) {
    self.name = name
    source = .bytes(data)
  }

  /// Calls `body` with each record in turn, the header first. The record's buffers are reused: keep what you read out
  /// of it, not the record.
  ///
  /// - Throws: `CSVError.unreadable`, `.raggedRow`, `.unterminatedQuote`, `.strayQuote`, what `body`
  ///   throws, and `CancellationError` if the task is cancelled.
  public func forEachRecord(_ body: (borrowing CSVRecord) throws -> Void) throws {
    var parser = RecordParser(name: name)
    switch source {
    case .bytes(let data):
      try data.withUnsafeBytes { try parser.consume($0, body) }
    case .file(let url):
      let handle = try opened(url)
      defer { try? handle.close() }
      while true {
        let chunk: Data?
        do {
          chunk = try handle.read(upToCount: 1 << 20)
        } catch {
          throw CSVError.unreadable(file: name, reason: systemReason(error))
        }
        guard let chunk, !chunk.isEmpty else { break }
        try Task.checkCancellation()
        try chunk.withUnsafeBytes { try parser.consume($0, body) }
      }
    }
    try parser.finish(body)
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
