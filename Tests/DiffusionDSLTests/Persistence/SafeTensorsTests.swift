import Foundation
import Testing

@testable import DiffusionDSL

@Suite struct SafeTensorsTests {
  @Test func contentsComeBackBitForBit() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      let file = example()
      try file.write(to: url)
      let read = try SafeTensorsFile(reading: url)
      #expect(read.metadata == file.metadata)
      #expect(read.tensors.map(\.name) == ["wide", "signed", "unsigned \"🐈\"\n\\", "none", "narrow", "grid", "scalar"])
      for (name, tensor) in file.tensors {
        #expect(read[name].map(bits) == bits(tensor))
      }
      #expect(try read.values("grid", shape: [2, 3, 4], as: Float.self).last == 5.75)
      #expect(try read.values("scalar", shape: []) == [Float(1.5)])

      let again = folder.appendingPathComponent("again.safetensors")
      try read.write(to: again)
      #expect(try Data(contentsOf: again) == Data(contentsOf: url))
      #expect(try names(in: folder) == ["again.safetensors", "model.safetensors"])
    }
  }

  @Test func bytesAreThoseOfTheFormat() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("bytes.safetensors")
      var file = SafeTensorsFile(metadata: ["b": "\u{1}", "a": "/"])
      file["x"] = .init([Float(1), -2])
      file["n"] = .init([Int64(258)], shape: [])
      try file.write(to: url)
      let json =
        #"{"__metadata__":{"a":"/","b":"\u0001"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
        + #""x":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#
      let padded = json + String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
      let values: [UInt8] = [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
      let length: [UInt8] = [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0]
      #expect(try Data(contentsOf: url) == Data(length + Array(padded.utf8) + values))
    }
  }

  @Test func nothingAtAllCanBeStored() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("empty.safetensors")
      try SafeTensorsFile().write(to: url)
      #expect(try Data(contentsOf: url) == Data([8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8)))
      let read = try SafeTensorsFile(reading: url)
      #expect(read.tensors.isEmpty && read.metadata.isEmpty)
    }
  }

  @Test func tensorsKeepTheirOrder() {
    var file = SafeTensorsFile()
    for name in ["a", "b", "c"] { file[name] = .init([Float(1)]) }
    file["b"] = .init([Double(2)])
    #expect(file.tensors.map(\.name) == ["a", "b", "c"])
    file["a"] = nil
    file["missing"] = nil
    file["a"] = .init([Int64(3)])
    #expect(file.tensors.map(\.name) == ["b", "c", "a"])
    #expect(file["b"]?.values == .float64([2]) && file["c"]?.values == .float32([1]) && file["d"] == nil)
  }

  @Test func bytesAreReorderedBothWays() {
    #expect(Float(1).byteSwapped.bitPattern == 0x0000_803F)
    #expect(Double(1).byteSwapped.bitPattern == 0x0000_0000_0000_F03F)
    #expect(Float(3.7).byteSwapped.byteSwapped == 3.7)
  }

  @Test func valuesThatDoNotFitTheModelAreNamed() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("model.safetensors")
      try example().write(to: url)
      let file = try SafeTensorsFile(reading: url)
      #expect(throws: ModelFileError.missingTensor(file: url.path, name: "bias")) {
        try file.values("bias", shape: [1], as: Float.self)
      }
      #expect(throws: ModelFileError.wrongShape(file: url.path, tensor: "grid", expected: [24], actual: [2, 3, 4])) {
        try file.values("grid", shape: [24], as: Float.self)
      }
      #expect(
        throws: ModelFileError.unsupportedElementType(
          file: url.path, tensor: "grid", type: "F32", supported: ["F64"])
      ) {
        try file.values("grid", shape: [2, 3, 4], as: Double.self)
      }
    }
  }

  @Test func messagesNameFileFaultAndRemedy() {
    let messages: [(ModelFileError, [String])] = [
      (.notReadable(file: "m", reason: "No such file or directory"), ["No such file", "check the name"]),
      (.notSafeTensors(file: "m", reason: "no header"), ["no header", "give one"]),
      (.truncated(file: "m", expectedBytes: 120, actualBytes: 7), ["120", "7", "copy it again"]),
      (.corruptedHeader(file: "m", problem: "byte 9: oh"), ["byte 9: oh", "copy it again"]),
      (.unsupportedElementType(file: "m", tensor: "w", type: "BF16", supported: ["F32"]), ["BF16", "it to F32"]),
      (.missingTensor(file: "m", name: "w\n1"), [#""w\n1""#, "same definition"]),
      (.wrongShape(file: "m", tensor: "w", expected: [2, 3], actual: [6]), ["[2, 3]", "[6]", "same definition"]),
      (.newerFormat(file: "m", found: 3, supported: 2), ["3", "2", "update"]),
      (.invalidDefinition(file: "m", message: "no kernel"), ["no kernel", "save the model again"]),
      (.notWritable(file: "m", reason: "No space left on device"), ["No space", "has space"]),
    ]
    for (error, parts) in messages {
      let text = String(describing: error)
      #expect(text.contains("'m'") && text.hasSuffix(".") && !text.contains("\n"))
      for part in parts { #expect(text.contains(part)) }
    }
    let long = ModelFileError.wrongShape(
      file: "m", tensor: String(repeating: "w", count: 9999), expected: [1], actual: Array(repeating: 1, count: 9999))
    #expect(long.description.count < 400)
  }
}

/// Calls `body` with a new folder that is removed behind it.
func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

func names(in folder: URL) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

extension SafeTensorsTests {
  /// What References/check_safetensors.py expects.
  func example() -> SafeTensorsFile {
    var file = SafeTensorsFile(metadata: [
      "definition": #"{"a":"b\n"}"#,
      "controls": String(String.UnicodeScalarView((0..<32).map { Unicode.Scalar(UInt8($0)) })),
      "naïve 🐈": "日本",
      "": "",
    ])
    file["narrow"] = .init([0.5, -0.0, .infinity, Float(bitPattern: 0x7FC0_0000), .leastNonzeroMagnitude])
    file["wide"] = .init([0.1, -.leastNonzeroMagnitude], shape: [2, 1])
    file["grid"] = .init((0..<24).map { Float($0) * 0.25 }, shape: [2, 3, 4])
    file["signed"] = .init([Int64.min, .max])
    file["scalar"] = .init([Float(1.5)], shape: [])
    file["unsigned \"🐈\"\n\\"] = .init([UInt64.max], shape: [1, 1])
    file["none"] = .init([Double](), shape: [0, 3])
    return file
  }

  /// Shape, type and bit patterns, which tell NaN from NaN and 0 from -0.
  func bits(_ tensor: SafeTensorsFile.Tensor) -> String {
    let patterns: [UInt64] =
      switch tensor.values {
      case .float32(let values): values.map { UInt64($0.bitPattern) }
      case .float64(let values): values.map(\.bitPattern)
      case .int64(let values): values.map(UInt64.init(bitPattern:))
      case .uint64(let values): values
      }
    return "\(tensor.values.element) \(tensor.shape) \(patterns)"
  }
}
