import Foundation

/// How the letters of a text are stored.
public enum TextEncoding: String, CaseIterable, Sendable {
  /// One to four bytes each.
  case utf8
  /// Two or four bytes each, the order of the bytes by the mark before them, else the less significant one first.
  case utf16
  /// One byte each, as Western programs of Windows have it (Windows-1252), which contains ISO 8859-1.
  case latin1
}

/// A text as UTF-8, chunk by chunk, whatever it is stored as: gzip is told by its first bytes and unpacked, UTF-8 and
/// UTF-16 are told by a byte order mark.
///
/// Memory holds one chunk, whatever comes out of it.
struct TextDecoding {
  /// What the text goes to.
  typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private let name: String
  private var transcoding: Transcoding
  /// The first bytes, as long as they do not tell yet whether the file is compressed.
  private var head: [UInt8]? = []
  /// Nil where the file is not compressed.
  private var unpacking: GunzipStream?

  /// - Parameters:
  ///   - name: what errors call the file.
  ///   - encoding: nil: by a byte order mark, else UTF-8.
  init(name: String, encoding: TextEncoding?) {
    self.name = name
    transcoding = Transcoding(encoding)
  }

  /// Decodes some more bytes.
  ///
  /// - Throws: `CSVError.damagedGzip`, and what `sink` throws.
  mutating func take(_ bytes: UnsafeRawBufferPointer, _ sink: Sink) throws {
    guard var head else { return try unpacked(bytes, sink) }
    head.append(contentsOf: bytes)
    guard head.count >= 2 else {
      self.head = head
      return
    }
    try begin(head, sink)
  }

  /// Decodes what was kept back.
  ///
  /// - Throws: `CSVError.damagedGzip` for a file that ends too early, and what `sink` throws.
  mutating func finish(_ sink: Sink) throws {
    if let head { try begin(head, sink) }
    if let unpacking, !unpacking.isComplete {
      throw CSVError.damagedGzip(file: name, reason: "its compressed content is cut short")
    }
    try transcoding.finish(sink)
  }

  private mutating func begin(_ head: [UInt8], _ sink: Sink) throws {
    self.head = nil
    if head.starts(with: [0x1F, 0x8B]) { unpacking = GunzipStream() }
    try head.withUnsafeBytes { try unpacked($0, sink) }
  }

  private mutating func unpacked(_ bytes: UnsafeRawBufferPointer, _ sink: Sink) throws {
    guard let unpacking else { return try transcoding.take(bytes, sink) }
    do {
      try unpacking.take(bytes) { try transcoding.take($0, sink) }
    } catch let fault as GunzipStream.Fault {
      throw CSVError.damagedGzip(file: name, reason: fault.reason)
    }
  }
}

/// Bytes of an encoding as UTF-8.
private struct Transcoding {
  private enum Way {
    case asItIs
    case latin1
    case utf16(isBigEndian: Bool)
  }

  private let encoding: TextEncoding?
  /// Nil as long as the first bytes do not tell.
  private var way: Way?
  /// Bytes that wait for others.
  private var kept: [UInt8] = []
  private static let marks: [(mark: [UInt8], way: Way)] = [
    ([0xEF, 0xBB, 0xBF], .asItIs), ([0xFF, 0xFE], .utf16(isBigEndian: false)),
    ([0xFE, 0xFF], .utf16(isBigEndian: true)),
  ]

  /// Each byte of Windows-1252 as UTF-8. The five that it leaves undefined are control characters in ISO 8859-1.
  private static let latin1: [[UInt8]] = (0...255).map { byte in
    let data = Data([UInt8(byte)])
    let text = String(data: data, encoding: .windowsCP1252) ?? String(data: data, encoding: .isoLatin1)
    return Array((text ?? "").utf8)
  }

  init(_ encoding: TextEncoding?) { self.encoding = encoding }

  mutating func take(_ bytes: UnsafeRawBufferPointer, _ sink: TextDecoding.Sink) throws {
    guard way == nil else { return try pass(bytes, sink) }
    kept.append(contentsOf: bytes)
    if kept.count >= 3 { try begin(sink) }
  }

  mutating func finish(_ sink: TextDecoding.Sink) throws {
    if way == nil { try begin(sink) }
    // Half a letter: a byte that is no UTF-8, so that the reader names the place.
    if !kept.isEmpty { try [UInt8(0xFF)].withUnsafeBytes(sink) }
  }

  private mutating func begin(_ sink: TextDecoding.Sink) throws {
    var (head, found) = (kept, Way.asItIs)
    kept = []
    if let marked = Transcoding.marks.first(where: { head.starts(with: $0.mark) }) {
      found = marked.way
      head.removeFirst(marked.mark.count)
    } else {
      switch encoding {
      case .utf8, nil: break
      case .latin1: found = .latin1
      case .utf16: found = .utf16(isBigEndian: false)
      }
    }
    way = found
    try head.withUnsafeBytes { try pass($0, sink) }
  }

  private mutating func pass(_ bytes: UnsafeRawBufferPointer, _ sink: TextDecoding.Sink) throws {
    switch way {
    case .asItIs, nil: try sink(bytes)
    case .latin1:
      var text: [UInt8] = []
      text.reserveCapacity(bytes.count)
      for byte in bytes { text += Transcoding.latin1[Int(byte)] }
      try text.withUnsafeBytes(sink)
    case .utf16(let isBigEndian):
      kept.append(contentsOf: bytes)
      var units: [UInt16] = []
      units.reserveCapacity(kept.count / 2)
      for place in Swift.stride(from: 0, to: kept.count - 1, by: 2) {
        let (first, second) = (UInt16(kept[place]), UInt16(kept[place + 1]))
        units.append(isBigEndian ? first << 8 | second : second << 8 | first)
      }
      // The first half of a letter of four bytes waits for the second.
      if let last = units.last, UTF16.isLeadSurrogate(last) { units.removeLast() }
      kept.removeFirst(2 * units.count)
      try send(String(decoding: units, as: UTF16.self), sink)
    }
  }

  private func send(_ text: String, _ sink: TextDecoding.Sink) throws {
    var text = text
    try text.withUTF8 { try sink(UnsafeRawBufferPointer($0)) }
  }
}
