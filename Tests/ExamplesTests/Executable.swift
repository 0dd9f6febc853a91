import Foundation
import Testing

/// A built program beside the test program.
struct Executable {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    var errorLines: [Substring] { errors.split(whereSeparator: \.isNewline) }
  }

  let url: URL

  init(_ name: String) throws {
    var folders = [URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()]
    folders += ([Bundle.main] + Bundle.allBundles).map { $0.bundleURL }
    folders += folders.map { $0.deletingLastPathComponent() }
    let found = folders.map { $0.appendingPathComponent(name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath }
    url = try #require(found, "\(name) is not built beside the tests")
  }

  func start(_ arguments: [String], in folder: URL) throws -> (Process, () throws -> Outcome) {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Files, not pipes: a pipe that nobody reads fills up and stops the program.
    let files = ["out", "err"].map { folder.appendingPathComponent(".\($0)-\(UUID().uuidString)") }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return (
      process,
      {
        process.waitUntilExit()
        return Outcome(
          status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
          errors: try String(contentsOf: files[1], encoding: .utf8))
      }
    )
  }

  func run(_ arguments: [String], in folder: URL) throws -> Outcome {
    try start(arguments, in: folder).1()
  }
}

func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}
