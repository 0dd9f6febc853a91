import DiffusionDSL
import Foundation
import Testing

@testable import DiffusionIO

@Suite struct NPYTests {
  /// Files that NumPy wrote; References/generate_npy.py makes them.
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("References/npy")

  private struct Expected: Decodable {
    var shape: [Int]
    var values: [Double?]
  }

  private static func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent("\(name).npy"))
  }

  @Test func readsWhatNumPyWrites() throws {
    let json = try Data(contentsOf: Self.folder.appendingPathComponent("npy.json"))
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let expected = try decoder.decode([String: Expected].self, from: json)
    #expect(expected.count == 33)
    for (name, content) in expected {
      let array = try NPYArray(contentsOf: Self.folder.appendingPathComponent("\(name).npy"))
      #expect(array.shape == content.shape, "\(name)")
      #expect(array.values.map { $0.isNaN ? nil : $0 } == content.values, "\(name)")
    }
  }

  /// Byte for byte, so that nobody can tell who wrote a file.
  @Test func writesWhatNumPyWrites() throws {
    for (name, element) in [
      ("f4", NPYElement.float32), ("f8", .float64), ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64),
      ("u1", .uint8), ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("bool", .bool), ("scalar", .float64),
      ("empty", .float64), ("column", .float64), ("cube", .float64), ("half", .float16),
    ] {
      let bytes = try Self.bytes(name)
      #expect(try NPYArray(data: bytes, name: name).data(as: element) == bytes, "\(name)")
    }
  }

  static let refused: [(name: String, error: NPYError)] = [
    ("complex", .unsupportedType(file: "f", type: "<c16")),
    ("long", .unsupportedType(file: "f", type: "<f16")),
    ("text", .unsupportedType(file: "f", type: "<U2")),
    ("structure", .unsupportedType(file: "f", type: "[('a', '<i4'), ('b', '<f8')], 'fortran_o")),
    ("large", .inexact(file: "f", index: 1, value: "9007199254740993")),
  ]

  @Test(arguments: refused) func refusesOtherArrays(_ name: String, _ error: NPYError) throws {
    #expect(throws: error) { try NPYArray(data: Self.bytes("refused_\(name)"), name: "f") }
    #expect(!error.description.contains("\n") && error.description.hasSuffix("."))
  }

  private func npy(_ header: String, version: UInt8 = 1, _ elements: [UInt8] = []) -> Data {
    let length = [UInt8(header.utf8.count % 256), UInt8(header.utf8.count / 256)] + (version == 1 ? [] : [0, 0])
    return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + elements)
  }

  @Test func refusesDamage() throws {
    let whole = try Self.bytes("f8")
    // Every file that ends too early.
    for count in 0..<whole.count {
      #expect(throws: NPYError.self, "\(count)") { try NPYArray(data: whole.prefix(count), name: "f") }
    }
    #expect(throws: NPYError.truncated(file: "f", expectedBytes: 176, actualBytes: 175)) {
      try NPYArray(data: whole.dropLast(), name: "f")
    }
    #expect(throws: NPYError.trailingBytes(file: "f", count: 1)) { try NPYArray(data: whole + [0], name: "f") }
    #expect(throws: NPYError.notNPY(file: "f")) { try NPYArray(data: Data("a,b\n1,2\n".utf8), name: "f") }
    #expect(throws: NPYError.unsupportedVersion(file: "f", major: 4, minor: 0)) {
      try NPYArray(data: npy("{}", version: 4), name: "f")
    }
    for header in [
      "", "{", "{}", "{'descr': '<f8'}", "{'descr': '<f8', 'fortran_order': False, 'shape': (1)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "{'descr': '<f8', 'fortran_order': 0, 'shape': ()}",
      "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (), 'more': 1}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': ()} x", "{'descr: 1",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (\(String(repeating: "1, ", count: 65)))}",
    ] {
      let error = #expect(throws: NPYError.self, "\(header)") { try NPYArray(data: npy(header), name: "f") }
      if case .damagedHeader = error {} else { Issue.record("\(header): \(String(describing: error))") }
    }
    #expect(throws: NPYError.truncated(file: "f", expectedBytes: 8_000_000_083, actualBytes: 83)) {
      try NPYArray(data: npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000), }     "), name: "f")
    }
    #expect(throws: NPYError.unreadable(file: "/nowhere/f.npy", reason: "no such file")) {
      try NPYArray(contentsOf: URL(fileURLWithPath: "/nowhere/f.npy"))
    }
  }

  /// Each of the 65536 halves is a Double that rounds to it; halfway between two the even one is taken.
  @Test func halvesAreExactAndRoundedToEven() {
    var last = -Double.infinity
    for bits in UInt16(0)...0x7C00 {
      let half = HalfFloat(bits: bits)
      #expect(HalfFloat(half.value) == half && HalfFloat(-half.value).bits == bits | 0x8000)
      #expect(half.value > last)
      if bits > 0, bits < 0x7C00 {
        #expect(HalfFloat((half.value + last) / 2).bits == (bits % 2 == 0 ? bits : bits - 1))
      }
      last = half.value
    }
    #expect(HalfFloat(65_519.9).bits == 0x7BFF && HalfFloat(65_520).bits == 0x7C00)
    #expect(HalfFloat(.nan).value.isNaN && HalfFloat(bits: 0x7C01).value.isNaN)
    #expect(HalfFloat(bits: 0x3555).value == 0.333251953125)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).npy")
    defer { try? FileManager.default.removeItem(at: url) }
    let array = try NPYArray(values: [0.1, -0.0, .infinity, .leastNonzeroMagnitude, 3, 7], shape: [3, 2])
    try array.write(to: url)
    #expect(try NPYArray(contentsOf: url) == array)
    #expect(throws: NPYError.notRepresentable(index: 0, value: 0.1, type: "|u1")) { try array.data(as: .uint8) }
    #expect(throws: NPYError.shapeMismatch(values: 1, shape: [2, 2])) { try NPYArray(values: [1], shape: [2, 2]) }
    #expect(throws: NPYError.shapeMismatch(values: 1, shape: [-1, -1])) { try NPYArray(values: [1], shape: [-1, -1]) }
    #expect(throws: NPYError.self) { try array.write(to: URL(fileURLWithPath: "/nowhere/f.npy")) }
  }

  @Test func tablesFromArrays() throws {
    let schema = Schema(Continuous("bill"), Binary("sex", "female", "male"))
    let table = try Table(NPYArray(values: [1.5, 1, .nan, 0], shape: [2, 2]), schema: schema)
    #expect(table.column(Continuous("bill")) == [1.5, nil] && table[0]["sex"] == "male")
    #expect(throws: DataError.wrongDimensions(expected: 2, found: 3)) {
      try Table(NPYArray(values: [1, 2, 3], shape: [1, 3]), schema: schema)
    }
    #expect(throws: DataError.wrongDimensions(expected: 2, found: 1)) {
      try Table(NPYArray(values: [1, 2], shape: [2]), schema: schema)
    }
    #expect(try Table(NPYArray(values: [1, 2], shape: [2]), schema: Schema(Continuous("bill"))).count == 2)
  }
}
