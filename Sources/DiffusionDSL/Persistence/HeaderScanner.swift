/// Reads the JSON of a header from left to right: objects, strings and arrays of natural numbers, which are all it may
/// have.
///
/// Foundation's parsers keep one of two members of the same name and take 1.0 for 1; in a header both are faults.
struct HeaderScanner {
  let path: String
  private let bytes: [UInt8]
  /// The place of the first byte in the file.
  private let firstByte: Int
  private var position = 0

  init(_ bytes: [UInt8], firstByte: Int, path: String) {
    self.bytes = bytes
    self.firstByte = firstByte
    self.path = path
  }

  /// An error about the place that has been reached.
  func damaged(_ problem: String) -> ModelFileError {
    .corruptedHeader(file: path, problem: "byte \(firstByte + position): \(problem)")
  }

  /// Reads an object; `member` is called behind each name and has to read the value.
  mutating func object(
    _ member: (inout HeaderScanner, String) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    try expect("{")
    if take("}") { return }
    var names: Set<String> = []
    repeat {
      let name = try string()
      guard names.insert(name).inserted else { throw damaged("the name \(ModelFileError.quoted(name)) comes twice") }
      try expect(":")
      try member(&self, name)
    } while take(",")
    try expect("}")
  }

  /// Reads an array of numbers without sign, fraction or exponent.
  mutating func naturalNumbers() throws(ModelFileError) -> [Int] {
    try expect("[")
    if take("]") { return [] }
    var numbers: [Int] = []
    repeat { numbers.append(try naturalNumber()) } while take(",")
    try expect("]")
    return numbers
  }

  /// Makes sure that only white space is left.
  mutating func end() throws(ModelFileError) {
    skipWhiteSpace()
    guard position == bytes.count else { throw damaged("something follows the end of the header's JSON") }
  }

  private mutating func naturalNumber() throws(ModelFileError) -> Int {
    skipWhiteSpace()
    let start = position
    var number = 0
    while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
      let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw damaged("a number is too large") }
      number = sum
      position += 1
    }
    let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
    guard position > start, !hasLeadingZero else { throw damaged("an integer of 0 or more belongs there") }
    return number
  }

  mutating func string() throws(ModelFileError) -> String {
    try expect("\"")
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw damaged("a string is not UTF-8") }
        return text
      case UInt8(ascii: "\\"):
        content += String(try escapedCharacter()).utf8
      case 0..<0x20:
        throw damaged("a string holds an unescaped control character")
      default:
        content.append(byte)
      }
    }
    throw damaged("a string does not end")
  }

  /// Reads what follows a backslash.
  private mutating func escapedCharacter() throws(ModelFileError) -> Unicode.Scalar {
    guard let byte = next else { throw damaged("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try escapedScalar()
    default: throw damaged("a backslash is followed by none of \"\\/bfnrtu")
    }
  }

  /// Reads what follows \u: four hexadecimal digits, or twice four for a surrogate pair of UTF-16.
  private mutating func escapedScalar() throws(ModelFileError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(first), bytes[position...].starts(with: "\\u".utf8) else {
      throw damaged("half of a surrogate pair stands alone")
    }
    position += 2
    let second = try hexadecimal()
    guard UTF16.isTrailSurrogate(second),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    else { throw damaged("half of a surrogate pair stands alone") }
    return scalar
  }

  private mutating func hexadecimal() throws(ModelFileError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
        throw damaged("four hexadecimal digits belong there")
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipWhiteSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  /// Whether the next character is that one, which is then behind.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipWhiteSpace()
    guard next.map(Unicode.Scalar.init) == character else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(ModelFileError) {
    guard take(character) else { throw damaged("\(character) belongs there") }
  }
}
