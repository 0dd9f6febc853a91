import Foundation

/// The header of an NPY file: magic, version, and a Python dictionary of exactly three entries.
struct NPYHeader: Equatable {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// No array that NumPy writes has more axes.
  private static let mostAxes = 64

  var descr: String
  var fortranOrder: Bool
  var shape: [Int]
  /// Where the array's elements begin.
  var end = 0

  init(descr: String, fortranOrder: Bool, shape: [Int]) {
    (self.descr, self.fortranOrder, self.shape) = (descr, fortranOrder, shape)
  }

  /// - Throws: `NPYError`: `.notNPY`, `.unsupportedVersion`, `.truncated`, `.damagedHeader`, `.unsupportedType` for
  ///   elements that are structures.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(NPYError) {
    guard bytes.prefix(6).elementsEqual(NPYHeader.magic) else { throw .notNPY(file: file) }
    guard bytes.count >= 8 else { throw .truncated(file: file, expectedBytes: 10, actualBytes: bytes.count) }
    let (major, minor) = (Int(bytes[6]), Int(bytes[7]))
    guard (1...3).contains(major), minor == 0 else {
      throw .unsupportedVersion(file: file, major: major, minor: minor)
    }
    let lengthBytes = major == 1 ? 2 : 4
    let start = 8 + lengthBytes
    guard bytes.count >= start else { throw .truncated(file: file, expectedBytes: start, actualBytes: bytes.count) }
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    guard bytes.count - start >= length else {
      throw .truncated(file: file, expectedBytes: start + length, actualBytes: bytes.count)
    }
    let text = bytes[start..<start + length]
    guard let text = String(validating: text, as: UTF8.self) else {
      throw .damagedHeader(file: file, problem: "it is no text")
    }
    var scanner = Scanner(text: Array(text.unicodeScalars))
    do {
      self = try scanner.header()
    } catch {
      switch error {
      case .structure(let description): throw .unsupportedType(file: file, type: description)
      case .problem(let problem): throw .damagedHeader(file: file, problem: problem)
      }
    }
    end = start + length
  }

  /// Header bytes as NumPy writes them: version 1.0 where the length has room there, and padded so that elements begin
  /// at a multiple of 64.
  var bytes: Data {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text =
      "{'descr': '\(descr)', 'fortran_order': \(fortranOrder ? "True" : "False"), 'shape': (\(extents)), }"
    let isLong = text.utf8.count + 64 + 10 > Int(UInt16.max)
    let start = isLong ? 12 : 10
    text += String(repeating: " ", count: 63 - (start + text.utf8.count) % 64) + "\n"
    var data = Data(NPYHeader.magic + [isLong ? 2 : 1, 0])
    for byte in 0..<(isLong ? 4 : 2) { data.append(UInt8(truncatingIfNeeded: text.utf8.count >> (8 * byte))) }
    return data + Data(text.utf8)
  }
}

extension NPYHeader {
  private enum Fault: Error {
    case problem(String)
    /// Elements that are structures, as far as they were read.
    case structure(String)
  }

  /// Reads the literal that NumPy writes; anything else that Python would take is refused.
  private struct Scanner {
    let text: [Unicode.Scalar]
    var place = 0

    mutating func header() throws(Fault) -> NPYHeader {
      var descr: String?
      var fortranOrder: Bool?
      var shape: [Int]?
      try expect("{")
      while !accept("}") {
        let key = try string()
        try expect(":")
        switch key {
        case "descr" where descr == nil: descr = try type()
        case "fortran_order" where fortranOrder == nil: fortranOrder = try truth()
        case "shape" where shape == nil: shape = try tuple()
        case "descr", "fortran_order", "shape": throw .problem("'\(key)' stands there twice")
        default: throw .problem("it has an entry '\(key)'")
        }
        if !accept(",") {
          try expect("}")
          break
        }
      }
      skipBlanks()
      guard place == text.count else { throw .problem("there is more behind the dictionary") }
      guard let descr, let fortranOrder, let shape else {
        throw .problem("one of 'descr', 'fortran_order' and 'shape' is lacking")
      }
      return NPYHeader(descr: descr, fortranOrder: fortranOrder, shape: shape)
    }

    private mutating func type() throws(Fault) -> String {
      skipBlanks()
      if place < text.count, text[place] == "[" {
        throw .structure(String(String.UnicodeScalarView(text[place...].prefix(40))))
      }
      return try string()
    }

    private mutating func string() throws(Fault) -> String {
      skipBlanks()
      guard place < text.count, text[place] == "'" || text[place] == "\"" else {
        throw .problem("a text in quotes is lacking at character \(place)")
      }
      let quote = text[place]
      guard let end = text[(place + 1)...].firstIndex(of: quote) else { throw .problem("a quote never closes") }
      defer { place = end + 1 }
      return String(String.UnicodeScalarView(text[place + 1..<end]))
    }

    private mutating func truth() throws(Fault) -> Bool {
      skipBlanks()
      for (word, value) in [("True", true), ("False", false)] where text[place...].starts(with: word.unicodeScalars) {
        place += word.unicodeScalars.count
        return value
      }
      throw .problem("'fortran_order' is neither True nor False")
    }

    private mutating func tuple() throws(Fault) -> [Int] {
      try expect("(")
      var extents: [Int] = []
      while !accept(")") {
        skipBlanks()
        let digits = text[place...].prefix { ("0"..."9").contains($0) }
        guard let extent = Int(String(String.UnicodeScalarView(digits))), extents.count < NPYHeader.mostAxes else {
          throw .problem("'shape' is no list of extents")
        }
        place += digits.count
        extents.append(extent)
        if !accept(",") {
          // One extent in parentheses is a number to Python.
          guard extents.count > 1 else { throw .problem("'shape' is no tuple") }
          try expect(")")
          break
        }
      }
      return extents
    }

    private mutating func skipBlanks() {
      while place < text.count, text[place].properties.isWhitespace { place += 1 }
    }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
      skipBlanks()
      guard place < text.count, text[place] == scalar else { return false }
      place += 1
      return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(Fault) {
      if !accept(scalar) { throw .problem("'\(scalar)' is lacking at character \(place)") }
    }
  }
}
