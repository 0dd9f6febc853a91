import Foundation
import Testing

@testable import DiffusionDSL

extension SafeTensorsTests {
  @Test func pythonsFileIsRead() throws {
    let file = try SafeTensorsFile(reading: References.folder.appendingPathComponent("python.safetensors"))
    #expect(
      file.metadata == ["definition": #"{"kernel":"gaussian","β":[0.1]}"#, "note": "line\nbreak \u{1} 🐈", "": ""])
    #expect(file.tensors.count == 7)
    #expect(try file.values("layer.0/weight", shape: [2, 3]) == [Float(-1), -0.75, -0.5, -0.25, 0, 0.25])
    #expect(
      try file.values("bits", shape: [2, 2, 2], as: Float.self).map(\.bitPattern)
        == [0, 0x8000_0000, 1, 0x7F7F_FFFF, 0x7F80_0000, 0x7FC0_0001, 0x3DCC_CCCD, 0xFF80_0000])
    let cat = "schrödinger 🐈 \"quoted\" \\ tab\t"
    #expect(try file.values(cat, shape: [3]) == [1.0 / 3, -.leastNonzeroMagnitude, 1e300])
    #expect(try file.values("integers", shape: [2, 1]) == [Int64.min, .max])
    #expect(try file.values("counter", shape: [3]) == [UInt64.max, 0, 1 << 53 + 1])
    #expect(try file.values("scalar", shape: []) == [2.5])
    #expect(try file.values("none", shape: [3, 0, 2], as: Float.self).isEmpty)
  }

  @Test(.enabled(if: pythonHasSafeTensors, "skipped: python3 here has no safetensors and numpy packages"))
  func pythonReadsAndWritesTheSame() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("swift.safetensors")
      let copy = folder.appendingPathComponent("copy.safetensors")
      let file = example()
      try file.write(to: url)
      let script = References.folder.appendingPathComponent("check_safetensors.py")
      let answer = try python([script.path, url.path, copy.path])
      #expect(answer.status == 0 && answer.output == "equal\n", "\(answer.output)")
      let read = try SafeTensorsFile(reading: copy)
      #expect(read.metadata == file.metadata)
      #expect(read.tensors.count == file.tensors.count)
      for (name, tensor) in file.tensors {
        #expect(read[name].map(bits) == bits(tensor))
      }
    }
  }
}

private let pythonHasSafeTensors = (try? python(["-c", "import numpy, safetensors.numpy"]).status) == 0

/// Runs python3; what it prints is its output and its errors together.
private func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3"] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
