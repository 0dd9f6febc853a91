import Foundation

/// The bytes of a file, or what a part of it was unpacked to, with what messages call them.
struct FileBytes: Sendable {
  let file: String
  /// What the bytes are of the file, such as `unpacked` or `entry 'x.npy'`; nil: all of it, as it is.
  var part: String?
  let bytes: [UInt8]

  /// - Throws: `ImageFileError.unreadable`.
  init(contentsOf url: URL) throws(ImageFileError) {
    do {
      self.init(file: url.path, bytes: [UInt8](try Data(contentsOf: url)))
    } catch {
      throw .unreadable(file: url.path, reason: systemReason(error))
    }
  }

  init(file: String, part: String? = nil, bytes: [UInt8]) {
    (self.file, self.part, self.bytes) = (file, part, bytes)
  }

  /// A whole number of some bytes, the most significant first; nil where the file ends before.
  ///
  /// - Parameter size: 1 to 4.
  func bigEndian(at offset: Int, size: Int = 4) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    return bytes[offset..<offset + size].reduce(0) { $0 << 8 | Int($1) }
  }

  /// A whole number of some bytes, the least significant first; nil where the file ends before.
  ///
  /// - Parameter size: 1 to 4.
  func littleEndian(at offset: Int, size: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - size else { return nil }
    return bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Whether the bytes at a place are those.
  func has(_ text: some Collection<UInt8>, at offset: Int = 0) -> Bool {
    offset >= 0 && offset <= bytes.count - text.count && bytes[offset..<offset + text.count].elementsEqual(text)
  }

  func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    text.withUTF8Buffer { has($0, at: offset) }
  }

  /// What is wrong at a byte.
  func damage(at offset: Int, _ problem: String) -> ImageFileError {
    .damaged(FilePlace(file: file, part: part, offset: offset), problem: problem)
  }
}

/// A byte of a file, counted from 0.
public struct FilePlace: Hashable, Sendable, CustomStringConvertible {
  /// The file's name.
  public let file: String
  /// What of the file bytes are counted in, such as `unpacked` or `entry 'x.npy'`; nil: all of it, as it is.
  public let part: String?
  /// Counted from 0.
  public let offset: Int

  /// A place; see the properties of the same names.
  public init(file: String, part: String? = nil, offset: Int) {
    (self.file, self.part, self.offset) = (file, part, offset)
  }

  /// `'a.png' at byte 41`, or `'a.npz', entry 'x.npy', at byte 41`.
  public var description: String { "'\(file)'\(part.map { ", \(OneLine.shown($0))," } ?? "") at byte \(offset)" }
}
