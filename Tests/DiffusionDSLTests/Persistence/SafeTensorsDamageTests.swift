import Foundation
import Testing

@testable import DiffusionDSL

extension SafeTensorsTests {
  @Test func absentAndForeignFilesAreNamed() throws {
    try withFolder { folder in
      let absent = folder.appendingPathComponent("absent.safetensors")
      #expect(throws: ModelFileError.notReadable(file: absent.path, reason: "No such file or directory")) {
        try SafeTensorsFile(reading: absent)
      }
      #expect(throws: ModelFileError.notReadable(file: folder.path, reason: "it is not a regular file")) {
        try SafeTensorsFile(reading: folder)
      }
      let pipe = folder.appendingPathComponent("pipe")
      try #require(pipe.withSystemPath { mkfifo($0, 0o600) } == 0)
      #expect(throws: ModelFileError.notReadable(file: pipe.path, reason: "it is not a regular file")) {
        try SafeTensorsFile(reading: pipe)
      }
      let remote = try #require(URL(string: "https://example.org/model.safetensors"))
      #expect(throws: ModelFileError.self) { try SafeTensorsFile(reading: remote) }
      #expect(throws: ModelFileError.self) { try SafeTensorsFile().write(to: remote) }
    }
    for foreign in ["a,b,c\n1,2,3\n4,5,6\n", "\u{89}PNG\r\n\u{1A}\n....", "\u{8}\0\0\0\0\0\0\0[1,2,3] "] {
      let error = failure(reading: Array(foreign.utf8))
      guard case .notSafeTensors = error else {
        Issue.record("\(foreign.debugDescription) gave \(String(describing: error))")
        continue
      }
    }
  }

  @Test func damagedHeadersAreNamed() {
    let ok = #""dtype":"F32","shape":[1],"data_offsets":[0,4]"#
    let cases: [(header: String, data: Int, problem: String)] = [
      ("{\"a\":{\(ok)},\"a\":{\(ok)}}", 4, "the name \"a\" comes twice"),
      ("{\"é\":{\(ok)},\"e\u{301}\":{\(ok)}}", 4, "comes twice"),
      ("{\"a\":{\(ok),\"dtype\":\"F32\"}}", 4, "the name \"dtype\" comes twice"),
      (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, "the name \"a\" comes twice"),
      (#"{"__metadata__":{"a":1}}"#, 0, "byte 29: \" belongs there"),
      (#"{"__metadata__":null}"#, 0, "{ belongs there"),
      ("{\"a\":{\(ok),\"extra\":\"F32\"}}", 4, "unknown entry \"extra\""),
      (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "lacks one of"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#, 4, "not a beginning and an end, [0, 4, 8]"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "not a beginning and an end"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.0]}}"#, 4, "] belongs there"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4e0]}}"#, 4, "] belongs there"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,"4"]}}"#, 4, "an integer of 0 or more"),
      (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "an integer of 0 or more"),
      (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4, "an integer of 0 or more"),
      (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#, 4, "too large"),
      (#"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}"#, 4, "too large"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "does not fit its data_offsets"),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}"#, 4, "does not fit"),
      (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#, 0, "does not fit"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "leaves a hole"),
      ("{\"a\":{\(ok)},\"b\":{\(ok)}}", 8, "overlaps"),
      ("{\"a\":{\(ok)}}", 5, "1 bytes at the end belong to no tensor"),
      ("{}x", 0, "something follows"),
      ("{\"a\":{\(ok)},}", 4, "\" belongs there"),
      ("{\"a\"", 0, ": belongs there"),
      ("{\"a", 0, "does not end"),
      ("{\"a\\", 0, "does not end"),
      ("{\"\n\":{}}", 0, "control character"),
      (#"{"\x":{}}"#, 0, "backslash"),
      (#"{"\u12g4":{}}"#, 0, "hexadecimal"),
      (#"{"\ud83d":{}}"#, 0, "surrogate"),
      (#"{"\ud83d\u0041":{}}"#, 0, "surrogate"),
      (#"{"\udc08":{}}"#, 0, "surrogate"),
      (String(repeating: "{\"a\":", count: 100_000), 0, "unknown entry \"a\""),
    ]
    for (header, data, problem) in cases {
      let error = failure(reading: file(header: header, dataBytes: data))
      guard case .corruptedHeader(_, let found) = error, found.contains(problem) else {
        Issue.record("\(header.prefix(200)) gave \(String(describing: error)), not \(problem)")
        continue
      }
    }
    let notText = failure(reading: file(header: Array("{\"".utf8) + [0xFF] + Array("\":{}}".utf8), dataBytes: 0))
    #expect(notText?.description.contains("not UTF-8") == true)
  }

  @Test func unknownElementTypesAreNamed() {
    for type in ["BF16", "F16", "BOOL", "f32", "F32 ", ""] {
      let header = "{\"a\":{\"dtype\":\"\(type)\",\"shape\":[2],\"data_offsets\":[0,4]}}"
      guard
        case .unsupportedElementType(_, "a", type, ["F32", "F64", "I64", "U64"]) =
          failure(reading: file(header: header, dataBytes: 4))
      else {
        Issue.record("\(type)")
        continue
      }
    }
  }

  @Test func headersMayBeWrittenInOtherWays() throws {
    // The tensors listed backwards, an empty one between them, white space, escapes, no padding.
    let header =
      "{ \"b\" : { \"shape\":[ 1 ],\n\"data_offsets\":[8, 12 ],\"dtype\":\"F32\" },\t"
      + #""\u0061\ud83d\ude00\/\n":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"#
      + #""none":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}"# + "\r\n "
    try withFolder { folder in
      let url = folder.appendingPathComponent("other.safetensors")
      let data: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0x40]
      try Data(file(header: header, dataBytes: 0) + data).write(to: url)
      let read = try SafeTensorsFile(reading: url)
      #expect(read.tensors.map(\.name) == ["b", "a😀/\n", "none"])
      #expect(read.tensors.map(\.tensor.values) == [.float32([2]), .float64([1]), .float32([])])
    }
  }

  /// No memory is set aside for what the header only claims.
  @Test func claimsOfSizeAreComparedWithTheFile() {
    let bytes = 16 << 30
    let header = #"{"a":{"dtype":"F64","shape":[\#(bytes / 8)],"data_offsets":[0,\#(bytes)]}}"#
    let start = 8 + header.utf8.count
    guard case .truncated(_, start + bytes, start + 8) = failure(reading: file(header: header, dataBytes: 8)) else {
      Issue.record("16 GB")
      return
    }
    let most = Int.max / 8 * 8
    let largest = #"{"a":{"dtype":"F64","shape":[\#(most / 8)],"data_offsets":[0,\#(most)]}}"#
    guard case .truncated(_, .max, _) = failure(reading: file(header: largest, dataBytes: 8)) else {
      Issue.record("all")
      return
    }
    for length in [0, 1, 100_000_001, 1 << 40, .max, UInt64(1) << 63, .max] {
      let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}      ".utf8)
      guard case .notSafeTensors = failure(reading: bytes) else {
        Issue.record("\(length)")
        continue
      }
    }
    let long: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0] + Array("{}".utf8)
    guard case .truncated(_, 16_777_224, 10) = failure(reading: long) else {
      Issue.record("16 MB of header")
      return
    }
  }

  @Test func everyTruncationIsNamed() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try example().write(to: url)
      let bytes = try Array(Data(contentsOf: url))
      for length in 0..<bytes.count {
        let error = failure(reading: Array(bytes[..<length]))
        guard case .truncated(_, let expected, length) = error, length < expected, expected <= bytes.count else {
          Issue.record("\(length) bytes gave \(String(describing: error))")
          continue
        }
      }
    }
  }

  /// Whatever the bytes, reading ends in a file whose parts fit together or in a `ModelFileError`.
  @Test func alteredFilesNeverCrash() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try example().write(to: url)
      let bytes = try Array(Data(contentsOf: url))
      let headerEnd = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
      let handle = try FileHandle(forWritingTo: url)
      defer { try? handle.close() }
      var random = SmallGenerator(state: 20_240_607)
      var read = 0
      for round in 0..<20_000 {
        var altered = bytes
        // Every second round one byte; nine of ten in the header, where a byte means most.
        for _ in 0..<(round % 2 == 0 ? 1 : Int.random(in: 2...16, using: &random)) {
          let end = Int.random(in: 0..<10, using: &random) == 0 ? altered.count : headerEnd
          let place = Int.random(in: 0..<end, using: &random)
          switch Int.random(in: 0..<5, using: &random) {
          case 0: altered[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          case 1: altered[place] = "{}[]\",:0123456789\\u- ".utf8.randomElement(using: &random) ?? 0
          case 2 where round % 2 == 1: altered.remove(at: place)
          case 3 where round % 2 == 1: altered.insert(altered[place], at: place)
          default: altered[place] = .random(in: 0...255, using: &random)
          }
        }
        // One file throughout, as making them anew takes most of the time.
        try handle.seek(toOffset: 0)
        try handle.write(contentsOf: Data(altered))
        try handle.truncate(atOffset: UInt64(altered.count))
        do {
          let file = try SafeTensorsFile(reading: url)
          read += 1
          let fits = file.tensors.allSatisfy { $0.tensor.shape.reduce(1, *) == $0.tensor.values.count }
          #expect(fits)
        } catch let error as ModelFileError {
          #expect(!error.description.isEmpty)
        }
      }
      // Both ends are met: altered values, names and metadata read, everything else does not.
      #expect(1_000..<19_000 ~= read, "\(read)")
    }
  }

  private func file(header: String, dataBytes: Int) -> [UInt8] {
    file(header: Array(header.utf8), dataBytes: dataBytes)
  }

  private func file(header: [UInt8], dataBytes: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
      + [UInt8](repeating: 0, count: dataBytes)
  }

  /// The error that reading these bytes from a file throws, if any.
  private func failure(reading bytes: [UInt8]) -> ModelFileError? {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    do {
      try Data(bytes).write(to: url)
      _ = try SafeTensorsFile(reading: url)
    } catch let error as ModelFileError {
      return error
    } catch {
      Issue.record(error)
    }
    return nil
  }
}

/// SplitMix64, for the choice of alterations.
private struct SmallGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
