/// The chunks of a PNG file, checked one by one before libpng sees them, so that what is wrong has its byte.
struct PNGChunks {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  let width: Int
  let height: Int
  /// 1, 2, 4, 8 or 16.
  let bits: Int
  let colour: Colour
  /// Whether a chunk tRNS tells which colours are transparent.
  let hasTransparency: Bool

  /// What pixels are made of.
  enum Colour: Int {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    /// Numbers of a pixel in the file.
    var channels: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    /// The bits that a number may have.
    var depths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .grayAlpha, .rgb, .rgba: [8, 16]
      }
    }
  }

  /// - Throws: `ImageFileError.damaged` for a file that ends too early, a wrong checksum, a header that is not
  ///   possible, or one that promises more pixels than the compressed bytes can hold.
  init(_ file: FileBytes) throws(ImageFileError) {
    guard file.has(PNGChunks.signature) else {
      let wrong = zip(file.bytes, PNGChunks.signature).enumerated().first { $1.0 != $1.1 }?.offset
      throw file.damage(at: wrong ?? file.bytes.count, "the signature of a PNG file is changed or cut short")
    }
    var place = PNGChunks.signature.count
    var (header, packed, transparency) = (Header?.none, 0, false)
    var name = ""
    while name != "IEND" {
      let length: Int
      (name, length) = try PNGChunks.chunk(file, place)
      if header == nil {
        guard name == "IHDR" else { throw file.damage(at: place, "the chunk IHDR is lacking") }
        header = try Header(file, at: place + 8, length: length)
      } else if name == "IHDR" {
        throw file.damage(at: place, "there is a second chunk IHDR")
      }
      if name == "IDAT" { packed += length }
      // One behind the pixels is not heeded, and the format has none there.
      if name == "tRNS", packed == 0 { transparency = true }
      place += 12 + length
    }
    guard let header else { throw file.damage(at: place, "the chunk IHDR is lacking") }
    if place < file.bytes.count { throw file.damage(at: place, "more stands behind the chunk IEND") }
    (width, height, bits, colour) = (header.width, header.height, header.bits, header.colour)
    hasTransparency = transparency && (colour == .gray || colour == .rgb || colour == .palette)
    // A row has a byte for its filter. Extents are below 2^31, and a pixel has at most 64 bits.
    let (bits, overflow) = (width * height).multipliedReportingOverflow(by: colour.channels * header.bits)
    guard !overflow, (bits / 8 + height) / Gzip.mostRatio <= packed else {
      throw file.damage(
        at: 16, "\(width) x \(height) pixels are promised, and the \(packed) bytes of its chunks IDAT cannot hold them")
    }
  }

  private static func chunk(_ file: FileBytes, _ place: Int) throws(ImageFileError) -> (name: String, length: Int) {
    guard let length = file.bigEndian(at: place), file.bytes.count >= place + 8 else {
      throw file.damage(at: file.bytes.count, "it ends there, and the chunk IEND is lacking")
    }
    let letters = file.bytes[place + 4..<place + 8]
    guard letters.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }) else {
      throw file.damage(at: place + 4, "the name of a chunk is not four letters")
    }
    let name = String(decoding: letters, as: UTF8.self)
    guard length <= Int(Int32.max), let stored = file.bigEndian(at: place + 8 + length) else {
      throw file.damage(at: place, "the chunk \(name) is to have \(length) bytes, and the file ends before")
    }
    guard CRC32.of(file.bytes[place + 4..<place + 8 + length]) == stored else {
      throw file.damage(at: place + 8 + length, "the checksum of the chunk \(name) is wrong")
    }
    return (name, length)
  }

  private struct Header {
    let width: Int
    let height: Int
    let bits: Int
    let colour: Colour

    init(_ file: FileBytes, at place: Int, length: Int) throws(ImageFileError) {
      guard length == 13, let width = file.bigEndian(at: place), let height = file.bigEndian(at: place + 4) else {
        throw file.damage(at: place - 8, "the chunk IHDR has \(length) bytes and not 13")
      }
      for (offset, extent) in [(0, width), (4, height)] where !(1...Int(Int32.max)).contains(extent) {
        throw file.damage(at: place + offset, "an extent is \(extent)")
      }
      let (bits, kind) = (Int(file.bytes[place + 8]), Int(file.bytes[place + 9]))
      guard let colour = Colour(rawValue: kind), colour.depths.contains(bits) else {
        throw file.damage(at: place + 8, "pixels of kind \(kind) with \(bits) bits are not possible")
      }
      guard file.bytes[place + 10] == 0, file.bytes[place + 11] == 0, file.bytes[place + 12] <= 1 else {
        throw file.damage(at: place + 10, "its compression, filter or interlacing is not known")
      }
      (self.width, self.height, self.bits, self.colour) = (width, height, bits, colour)
    }
  }
}
