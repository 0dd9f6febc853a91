import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

/// Bytes of a file or of standard input.
struct Input: Sendable {
  /// Its name in messages.
  let name: String
  let data: Data
  /// How it is written, if it is CSV.
  var format = CSVFormat()

  /// - Parameter path: a file; `-` is standard input.
  /// - Throws: `CSVError.unreadable`; `.otherKind` for a folder, or a file that its bytes tell to be no table.
  init(_ path: String, _ options: TableOptions) throws {
    try self.init(Input.bytes(path), name: Input.name(path), options)
  }

  /// Bytes that are read already.
  ///
  /// - Throws: `CSVError.otherKind` for bytes that tell to be no table.
  init(_ data: Data, name: String, _ options: TableOptions) throws {
    (self.name, self.data) = (name, data)
    if NPYArray.isNPY(data) {
      try options.checkUnused(for: "'\(name)' is NPY")
      return
    }
    format = options.format
    // What is compressed shows when it is read, and texts of two bytes a letter are told to be such.
    if Input.isGzip(data) || format.encoding == .utf16 { return }
    if let kind = FileKind(of: data) {
      throw CSVError.otherKind(file: name, kind: kind.description, remedy: kind.remedy)
    }
    if Input.isBinary(data) {
      throw CSVError.otherKind(
        file: name, kind: "binary data of no kind that is known", remedy: "write its numbers as CSV or NPY")
    }
  }

  /// What messages call a file.
  static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

  /// The bytes of a file, whatever it is.
  ///
  /// - Throws: `CSVError.unreadable`; `.otherKind` for a folder.
  static func bytes(_ path: String) throws -> Data {
    let name = name(path)
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CSVError.unreadable(file: name, reason: systemReason(errno))
    }
    defer { if path != "-" { close(descriptor) } }
    var data = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = Foundation.read(descriptor, &chunk, chunk.count)
      if got == 0 { break }
      if got > 0 {
        data.append(contentsOf: chunk[..<got])
      } else if errno == EISDIR {
        throw CSVError.otherKind(file: name, kind: "a folder", remedy: "give a file")
      } else if errno != EINTR {
        throw CSVError.unreadable(file: name, reason: systemReason(errno))
      }
      try Task.checkCancellation()
    }
    return data
  }

  static func isGzip(_ data: Data) -> Bool { data.starts(with: [0x1F, 0x8B]) }

  /// Whether bytes are no text: neither UTF-8 nor marked as UTF-16, with zeros, which texts of one byte a letter lack.
  static func isBinary(_ data: Data) -> Bool {
    if data.starts(with: [0xFF, 0xFE]) || data.starts(with: [0xFE, 0xFF]) { return false }
    return data.contains(0) && String(data: data, encoding: .utf8) == nil
  }

  /// The same rows as CSV, where they are an array: with columns x0, x1 and so on.
  ///
  /// - Throws: `NPYError`, `SchemaError` for an array of other than one or two axes or without numbers,
  ///   `DataError.notFinite` for an infinite number, which CSV would have as a missing cell.
  func asCSV() throws -> Input {
    guard NPYArray.isNPY(data) else { return self }
    let array = try NPYArray(data: data, name: name)
    guard (1...2).contains(array.shape.count) else {
      throw SchemaError(
        description: "'\(name)' has \(array.shape.count) axes: give an array of two, rows and columns.")
    }
    if array.values.isEmpty {
      throw SchemaError(description: "'\(name)' has no numbers, its shape is \(array.shape): give at least one row.")
    }
    let width = array.shape.count == 2 ? array.shape[1] : 1
    if let place = array.values.firstIndex(where: \.isInfinite) {
      let column = ColumnPlace(place % width, name: "x\(place % width)")
      throw DataError.notFinite(row: place / width, column: column, value: "\(array.values[place])")
    }
    let records = stride(from: 0, to: array.values.count, by: width).lazy.map { start in
      array.values[start..<start + width].map(CSVWriter.cell)
    }
    return Input(
      name: name, data: try CSVWriter.data(columns: (0..<width).map { "x\($0)" }, records: records))
  }

  private init(name: String, data: Data) {
    self.name = name
    self.data = data
  }

  /// Reads it as CSV.
  var reader: CSVReader { CSVReader(data: data, name: name, format: format) }

  /// The rows as a model takes them, from CSV by the columns' names or from NPY by their order.
  ///
  /// - Throws: `CSVError`, `NPYError`, `DataError`.
  func table(_ schema: Schema) throws -> Table {
    NPYArray.isNPY(data)
      ? try Table(NPYArray(data: data, name: name), schema: schema)
      : try Table(data: data, name: name, schema: schema, format: format)
  }
}
