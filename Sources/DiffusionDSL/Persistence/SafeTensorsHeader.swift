/// The header of a .safetensors file, checked against the size of the file.
struct SafeTensorsHeader {
  /// One tensor: where its bytes are, counted from the end of the header.
  struct Entry {
    var name: String
    var element: SafeTensorsFile.Element
    var shape: [Int]
    var begin: Int
    var end: Int

    var count: Int { (end - begin) / element.byteCount }
  }

  /// A longer header is refused, by the `safetensors` package as well.
  static let mostBytes = 100_000_000

  private static let metadataKey = "__metadata__"

  private(set) var metadata: [String: String] = [:]
  /// In the order in which the header lists them.
  private(set) var entries: [Entry] = []
  /// Where in the file the tensors' bytes begin.
  let dataStart: Int

  init(reading file: borrowing FileReader) throws(ModelFileError) {
    let path = file.path
    guard file.byteCount >= 8 else {
      throw .truncated(file: path, expectedBytes: 8, actualBytes: file.byteCount)
    }
    let prefix: [UInt64] = try file.values(at: 0, count: 1)
    guard let length = prefix.first.flatMap(Int.init(exactly:)), 2...Self.mostBytes ~= length else {
      throw .notSafeTensors(file: path, reason: "its first 8 bytes are not the length of a header")
    }
    if file.byteCount > 8 {
      let first: [UInt8] = try file.values(at: 8, count: 1)
      guard first == [UInt8(ascii: "{")] else {
        throw .notSafeTensors(file: path, reason: "no header follows its first 8 bytes")
      }
    }
    dataStart = 8 + length
    guard file.byteCount >= dataStart else {
      throw .truncated(file: path, expectedBytes: dataStart, actualBytes: file.byteCount)
    }
    let bytes: [UInt8] = try file.values(at: 8, count: length)
    try parse(bytes, path: path)
    try checkLayout(fileBytes: file.byteCount, path: path)
  }

  private mutating func parse(_ bytes: [UInt8], path: String) throws(ModelFileError) {
    var scanner = HeaderScanner(bytes, firstByte: 8, path: path)
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    try scanner.object { (scanner, name) throws(ModelFileError) in
      if name == Self.metadataKey {
        try scanner.object { (scanner, key) throws(ModelFileError) in metadata[key] = try scanner.string() }
      } else {
        entries.append(try Self.entry(named: name, from: &scanner))
      }
    }
    try scanner.end()
    self.metadata = metadata
    self.entries = entries
  }

  private static func entry(named name: String, from scanner: inout HeaderScanner) throws(ModelFileError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, key) throws(ModelFileError) in
      switch key {
      case "dtype": type = try scanner.string()
      case "shape": shape = try scanner.naturalNumbers()
      case "data_offsets": offsets = try scanner.naturalNumbers()
      default: throw scanner.damaged("\(quoted(name)) has the unknown entry \(quoted(key))")
      }
    }
    guard let type, let shape, let offsets else {
      throw scanner.damaged("\(quoted(name)) lacks one of dtype, shape and data_offsets")
    }
    guard let element = SafeTensorsFile.Element(rawValue: type) else {
      throw .unsupportedElementType(
        file: scanner.path, tensor: name, type: type, supported: SafeTensorsFile.Element.allCases.map(\.rawValue))
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw scanner.damaged("\(quoted(name)) has data_offsets that are not a beginning and an end, \(listed(offsets))")
    }
    guard byteCount(of: shape, element) == offsets[1] - offsets[0] else {
      throw scanner.damaged(
        "\(quoted(name)) of type \(type) and shape \(listed(shape)) does not fit its data_offsets, \(listed(offsets))")
    }
    return Entry(name: name, element: element, shape: shape, begin: offsets[0], end: offsets[1])
  }

  /// The size of a tensor, or nil if it overflows or an extent is negative.
  private static func byteCount(of shape: [Int], _ element: SafeTensorsFile.Element) -> Int? {
    var product = element.byteCount
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      product = next
    }
    return product
  }

  /// Checks that the tensors tile the data from its first byte to its last.
  private func checkLayout(fileBytes: Int, path: String) throws(ModelFileError) {
    var filled = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == filled else {
        let fault = entry.begin < filled ? "overlaps the tensor before it" : "leaves a hole before it"
        throw .corruptedHeader(file: path, problem: "\(Self.quoted(entry.name)) \(fault) in the data")
      }
      filled = entry.end
    }
    let dataBytes = fileBytes - dataStart
    if filled > dataBytes {
      let (expected, overflow) = filled.addingReportingOverflow(dataStart)
      throw .truncated(file: path, expectedBytes: overflow ? .max : expected, actualBytes: fileBytes)
    }
    guard filled == dataBytes else {
      throw .corruptedHeader(file: path, problem: "\(dataBytes - filled) bytes at the end belong to no tensor")
    }
  }

  /// The length and the header, for tensors whose values follow one another in the order given.
  static func encoded(
    metadata: [String: String], tensors: [(name: String, tensor: SafeTensorsFile.Tensor)], path: String
  ) throws(ModelFileError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(literal($0.key)):\(literal($0.value))" }
      members.append("\(literal(metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var begin = 0
    for (name, tensor) in tensors {
      let element = tensor.values.element
      guard name != metadataKey else {
        throw .notWritable(file: path, reason: "no tensor may have the name \(metadataKey)")
      }
      let byteCount = tensor.values.count * element.byteCount
      guard Self.byteCount(of: tensor.shape, element) == byteCount else {
        let reason = "\(quoted(name)) has shape \(listed(tensor.shape)) and \(tensor.values.count) values"
        throw .notWritable(file: path, reason: reason)
      }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(literal(name)):{\"dtype\":\"\(element.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(begin),\(begin + byteCount)]}")
      begin += byteCount
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    // Spaces up to a multiple of 8, so that the values after the header are aligned.
    json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    guard json.count <= mostBytes else {
      let reason = "its header would take \(json.count) bytes, and the format allows \(mostBytes)"
      throw .notWritable(file: path, reason: reason)
    }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// A string of JSON.
  private static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result += "\\"
        result.unicodeScalars.append(scalar)
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default:
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func quoted(_ name: String) -> String { ModelFileError.quoted(name) }
  private static func listed(_ numbers: [Int]) -> String { ModelFileError.listed(numbers) }
}
