import DiffusionDSL

/// The header of a PGM or PPM file: P2, P3, P5 or P6, width, height and the largest value, with comments between.
struct NetpbmHeader {
  let channels: Int
  let isText: Bool
  let width: Int
  let height: Int
  let maximum: Int
  /// Where the pixels begin.
  let start: Int

  /// Whether a file begins as one of Netpbm's does: `P` and a digit, a blank, and a number or comment.
  static func begins(_ file: FileBytes, _ digit: Unicode.Scalar) -> Bool {
    let head = file.bytes.prefix(64)
    guard head.count >= 3, head[0] == UInt8(ascii: "P"), head[1] == UInt8(ascii: digit), isBlank(head[2]) else {
      return false
    }
    let next = head[3...].first { !isBlank($0) }
    return next == nil || next == UInt8(ascii: "#") || next.map(isDigit) == true
  }

  /// Whether a file is a PGM or PPM picture, and no table of one column that is named P5.
  static func isClearly(_ file: FileBytes) -> Bool {
    ["2", "3", "5", "6"].contains { begins(file, $0) } && isNoColumn(file)
  }

  /// Whether a file is a bitmap of Netpbm's.
  static func isBitmap(_ file: FileBytes) -> Bool { ["1", "4"].contains { begins(file, $0) } && isNoColumn(file) }

  /// Whether the bytes are no text, or the line behind the mark has two numbers without a comma, or a comment.
  private static func isNoColumn(_ file: FileBytes) -> Bool {
    hasPairOfNumbers(file) || file.bytes.prefix(4_096).contains { $0 < 0x09 || $0 >= 0xF8 }
  }

  /// Whether two numbers, or a comment, stand on the line behind the mark.
  private static func hasPairOfNumbers(_ file: FileBytes) -> Bool {
    let line = file.bytes.prefix(256).dropFirst(2).drop(while: isBlank).prefix { $0 != 0x0A && $0 != 0x0D }
    if line.first == UInt8(ascii: "#") { return true }
    let words = line.split(whereSeparator: isBlank)
    return words.count >= 2 && words.allSatisfy { $0.allSatisfy(isDigit) }
  }

  /// - Throws: `ImageFileError.damaged`.
  init(_ file: FileBytes) throws(ImageFileError) {
    let kind = file.bytes[1]
    channels = kind == UInt8(ascii: "3") || kind == UInt8(ascii: "6") ? 3 : 1
    isText = kind == UInt8(ascii: "2") || kind == UInt8(ascii: "3")
    var numbers = NetpbmNumbers(file: file, place: 2)
    width = try numbers.next("the width", 1...Int(Int32.max))
    height = try numbers.next("the height", 1...Int(Int32.max))
    maximum = try numbers.next("the largest value", 1...65_535)
    guard numbers.place < file.bytes.count, NetpbmHeader.isBlank(file.bytes[numbers.place]) else {
      throw file.damage(at: numbers.place, "a blank is lacking behind the largest value")
    }
    start = numbers.place + 1
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Numbers in digits, between blanks and comments.
struct NetpbmNumbers {
  let file: FileBytes
  var place: Int

  /// - Throws: `ImageFileError.damaged` for no number, or one outside of the range.
  mutating func next(_ what: String, _ range: ClosedRange<Int>) throws(ImageFileError) -> Int {
    skipBlanks()
    let start = place
    var number = 0
    while place < file.bytes.count, NetpbmHeader.isDigit(file.bytes[place]) {
      // Larger than any range already: more digits change nothing.
      number = min(number * 10 + Int(file.bytes[place] - UInt8(ascii: "0")), 1 << 40)
      place += 1
    }
    guard place > start else { throw file.damage(at: start, "\(what) is lacking") }
    guard range.contains(number) else {
      let shown = number >= 1 << 40 ? "too large" : "\(number)"
      throw file.damage(at: start, "\(what) is \(shown), not in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }

  mutating func skipBlanks() {
    while place < file.bytes.count {
      if file.bytes[place] == UInt8(ascii: "#") {
        while place < file.bytes.count, file.bytes[place] != 0x0A, file.bytes[place] != 0x0D { place += 1 }
      } else if NetpbmHeader.isBlank(file.bytes[place]) {
        place += 1
      } else {
        return
      }
    }
  }
}

/// PGM and PPM pictures, as text (P2, P3) or as bytes (P5, P6).
enum NetpbmFormat: ImageFormat {
  static func matches(_ file: FileBytes) -> Bool { ["2", "3", "5", "6"].contains { NetpbmHeader.begins(file, $0) } }

  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    let header = try NetpbmHeader(file)
    // Extents are at most 2^31, and channels 3.
    let (pixels, overflow) = (header.width * header.height).multipliedReportingOverflow(by: header.channels)
    // A number as text takes a digit and, but for the last, a blank; as bytes one or two.
    let size = header.isText || header.maximum < 256 ? 1 : 2
    let (least, isTooLarge) = pixels.multipliedReportingOverflow(by: header.isText ? 2 : size)
    let found = file.bytes.count - header.start
    guard !overflow, !isTooLarge, found >= least - (header.isText ? 1 : 0) else {
      throw file.damage(
        at: file.bytes.count,
        "it ends there, and its header promises \(header.width) x \(header.height) pixels of \(header.channels)")
    }
    let (numbers, end) =
      header.isText ? try text(file, header, pixels) : try binary(file, header, pixels, size)
    if let behind = file.bytes[end...].firstIndex(where: { !NetpbmHeader.isBlank($0) }) {
      throw file.damage(at: behind, "more stands behind the pixels")
    }
    do throws(DataError) {
      return DecodedImages(try images(numbers, header))
    } catch {
      throw .notImages(file: file.file, part: file.part, problem: error)
    }
  }

  private static func text(
    _ file: FileBytes, _ header: NetpbmHeader, _ pixels: Int
  ) throws(ImageFileError) -> ([UInt16], Int) {
    var numbers = NetpbmNumbers(file: file, place: header.start)
    var values: [UInt16] = []
    values.reserveCapacity(pixels)
    for index in 0..<pixels {
      values.append(UInt16(try numbers.next("number \(index) of the pixels", 0...header.maximum)))
    }
    numbers.skipBlanks()
    return (values, numbers.place)
  }

  private static func binary(
    _ file: FileBytes, _ header: NetpbmHeader, _ pixels: Int, _ size: Int
  ) throws(ImageFileError) -> ([UInt16], Int) {
    var values: [UInt16] = []
    values.reserveCapacity(pixels)
    for index in 0..<pixels {
      let place = header.start + index * size
      let value = size == 1 ? UInt16(file.bytes[place]) : UInt16(file.bytes[place]) << 8 | UInt16(file.bytes[place + 1])
      guard value <= header.maximum else {
        throw file.damage(at: place, "a pixel is \(value), and the header says that \(header.maximum) is the largest")
      }
      values.append(value)
    }
    return (values, header.start + pixels * size)
  }

  /// Colours lie side by side in the file and in planes in a set of images.
  private static func images(_ numbers: [UInt16], _ header: NetpbmHeader) throws(DataError) -> ImageSet {
    let planes = Planes.separated(numbers, channels: header.channels)
    let (channels, height, width) = (header.channels, header.height, header.width)
    return header.maximum < 256
      ? try ImageSet(
        bytes: planes.map { UInt8(truncatingIfNeeded: $0) }, channels: channels, height: height, width: width,
        maximum: header.maximum)
      : try ImageSet(words: planes, channels: channels, height: height, width: width, maximum: header.maximum)
  }
}

/// Colours side by side, pixel by pixel, and in planes, one behind the other.
enum Planes {
  /// From side by side to planes.
  static func separated<Number>(_ numbers: [Number], channels: Int) -> [Number] {
    guard channels > 1 else { return numbers }
    return (0..<channels).flatMap { channel in
      stride(from: channel, to: numbers.count, by: channels).map { numbers[$0] }
    }
  }

  /// From planes to side by side.
  static func joined<Number>(_ numbers: [Number], channels: Int) -> [Number] {
    guard channels > 1 else { return numbers }
    let plane = numbers.count / channels
    var joined: [Number] = []
    joined.reserveCapacity(numbers.count)
    for pixel in 0..<plane {
      for channel in 0..<channels { joined.append(numbers[channel * plane + pixel]) }
    }
    return joined
  }
}
