import Foundation

/// An archive of arrays as `numpy.savez` and `savez_compressed` write it: a ZIP file of `.npy` entries, stored or
/// deflated. ZIP64, which larger archives need, is told and not read.
struct NPZArchive {
  /// An array's name and where its bytes lie.
  private struct Entry {
    let name: String
    let method: Int
    let checksum: Int
    let packed: Int
    let size: Int
    /// Of the entry's own header.
    let place: Int
  }

  private let file: FileBytes
  private let entries: [Entry]

  /// The names of the arrays, without `.npy`.
  var names: [String] { entries.map(\.name) }

  /// Whether a file is an archive whose first entry is an array.
  static func matches(_ file: FileBytes) -> Bool {
    guard file.has("PK\u{3}\u{4}"), let length = file.littleEndian(at: 26, size: 2) else { return false }
    return length > 4 && file.has(".npy", at: 30 + length - 4)
  }

  /// Whether an entry's name that begins so is among an archive's last bytes, where the names are.
  static func holds(_ prefix: String, _ file: FileBytes) -> Bool {
    let wanted = Array(prefix.utf8)
    // The names of the entries of a workbook take a few thousand bytes.
    let start = max(0, file.bytes.count - 65_536)
    return (start..<max(start, file.bytes.count - 46)).contains { place in
      file.bytes[place] == 0x50 && file.has("PK\u{1}\u{2}", at: place) && file.has(wanted, at: place + 46)
    }
  }

  /// - Throws: `ImageFileError.damaged`, `.unsupported` for ZIP64.
  init(_ file: FileBytes) throws(ImageFileError) {
    self.file = file
    let end = try NPZArchive.end(of: file)
    guard let count = file.littleEndian(at: end + 10, size: 2), let start = file.littleEndian(at: end + 16, size: 4),
      let size = file.littleEndian(at: end + 12, size: 4)
    else { throw file.damage(at: end, "the archive's last record is cut short") }
    if count == 0xFFFF || start == 0xFFFF_FFFF || size == 0xFFFF_FFFF { throw NPZArchive.zip64(file, end) }
    var (entries, place) = ([Entry](), start)
    for _ in 0..<count {
      let (entry, next) = try NPZArchive.entry(file, place)
      if let entry { entries.append(entry) }
      place = next
    }
    self.entries = entries
  }

  /// The bytes of an array.
  ///
  /// - Parameter name: with or without `.npy`; nil: the only one.
  /// - Throws: `ImageFileError`.
  func array(_ name: String?) throws(ImageFileError) -> FileBytes {
    let wanted = name.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
    let found = entries.filter { wanted == nil || $0.name == wanted }
    guard found.count == 1 || (wanted != nil && !found.isEmpty), let entry = found.last else {
      throw .noEntry(file: file.file, name: name, available: names)
    }
    let part = "entry '\(entry.name).npy'"
    guard file.has("PK\u{3}\u{4}", at: entry.place), let nameLength = file.littleEndian(at: entry.place + 26, size: 2),
      let extraLength = file.littleEndian(at: entry.place + 28, size: 2)
    else { throw file.damage(at: entry.place, "the header of \(part) is not there") }
    let start = entry.place + 30 + nameLength + extraLength
    guard start <= file.bytes.count, entry.packed <= file.bytes.count - start else {
      throw file.damage(
        at: min(start, file.bytes.count), "\(part) is to have \(entry.packed) bytes there, and the file ends before")
    }
    let bytes = try unpacked(entry, start, part)
    guard bytes.count == entry.size else {
      throw file.damage(at: start, "\(part) unpacks to \(bytes.count) bytes and is to have \(entry.size)")
    }
    guard CRC32.of(bytes[...]) == entry.checksum else {
      throw file.damage(at: start, "the checksum of \(part) is wrong")
    }
    return FileBytes(file: file.file, part: part, bytes: bytes)
  }

  private func unpacked(_ entry: Entry, _ start: Int, _ part: String) throws(ImageFileError) -> [UInt8] {
    switch entry.method {
    case 0: return Array(file.bytes[start..<start + entry.packed])
    case 8:
      guard entry.size / Gzip.mostRatio <= entry.packed else {
        throw file.damage(at: start, "\(part) is to unpack to \(entry.size) bytes, which \(entry.packed) cannot hold")
      }
      return try Inflation.run(file, start..<start + entry.packed, isGzip: false, most: entry.size).bytes
    default:
      throw .unsupported(
        FilePlace(file: file.file, offset: start), problem: "has \(part) compressed by method \(entry.method)",
        remedy: "write it with numpy.savez or numpy.savez_compressed")
    }
  }

  /// Where the record at the archive's end begins, behind which there is a comment at most.
  private static func end(of file: FileBytes) throws(ImageFileError) -> Int {
    let last = file.bytes.count - 22
    for place in stride(from: last, through: max(0, last - 65_535), by: -1) where file.has("PK\u{5}\u{6}", at: place) {
      return place
    }
    throw file.damage(at: file.bytes.count, "the archive's last record is lacking")
  }

  private static func entry(_ file: FileBytes, _ place: Int) throws(ImageFileError) -> (Entry?, next: Int) {
    guard file.has("PK\u{1}\u{2}", at: place), let method = file.littleEndian(at: place + 10, size: 2),
      let checksum = file.littleEndian(at: place + 16, size: 4),
      let packed = file.littleEndian(at: place + 20, size: 4),
      let size = file.littleEndian(at: place + 24, size: 4), let length = file.littleEndian(at: place + 28, size: 2),
      let extra = file.littleEndian(at: place + 30, size: 2), let comment = file.littleEndian(at: place + 32, size: 2),
      let start = file.littleEndian(at: place + 42, size: 4), place + 46 + length <= file.bytes.count
    else { throw file.damage(at: min(place, file.bytes.count), "an entry of the archive's directory is lacking") }
    if packed == 0xFFFF_FFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF { throw zip64(file, place) }
    let next = place + 46 + length + extra + comment
    let name = String(decoding: file.bytes[place + 46..<place + 46 + length], as: UTF8.self)
    guard name.hasSuffix(".npy") else { return (nil, next) }
    return (
      Entry(
        name: String(name.dropLast(4)), method: method, checksum: checksum, packed: packed, size: size, place: start),
      next
    )
  }

  private static func zip64(_ file: FileBytes, _ place: Int) -> ImageFileError {
    .unsupported(
      FilePlace(file: file.file, offset: place), problem: "is a ZIP64 archive, which is for more than 4 GB",
      remedy: "save each array by itself with numpy.save")
  }
}

/// An NPZ archive with an array of pictures.
enum NPZFormat: ImageFormat {
  static func matches(_ file: FileBytes) -> Bool { NPZArchive.matches(file) }

  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    let array = try NPZArchive(file).array(options.entry)
    return try NPYFormat.read(array, options)
  }
}

extension NPYArray {
  /// Reads an array of an NPZ archive, as `numpy.savez` writes it.
  ///
  ///     try NPYArray(contentsOf: url, entry: "train_images")
  ///
  /// - Parameter entry: the array's name, with or without `.npy`.
  /// - Throws: `ImageFileError` for what is no such archive or has no such entry, `NPYError` for its array.
  public init(contentsOf url: URL, entry: String) throws {
    let file = try FileBytes(contentsOf: url)
    guard NPZArchive.matches(file) else {
      if let kind = FileKind(file) { throw ImageFileError.otherKind(file: file.file, part: nil, kind: kind) }
      throw ImageFileError.unknownKind(file: file.file, part: nil)
    }
    let array = try NPZArchive(file).array(entry)
    try self.init(data: Data(array.bytes), name: "\(file.file), \(array.part ?? entry)")
  }
}
