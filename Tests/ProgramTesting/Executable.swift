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

  private init(url: URL) {
    self.url = url
  }

  init(_ name: String) throws {
    var folders = [URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()]
    folders += ([Bundle.main] + Bundle.allBundles).map { $0.bundleURL }
    folders += folders.map { $0.deletingLastPathComponent() }
    let found = folders.map { $0.appendingPathComponent(name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath }
    url = try #require(found, "\(name) is not built beside the tests")
  }

  /// A program that runs.
  struct Run {
    let process: Process
    fileprivate let files: [URL]

    /// Waits until some word stands on standard output, or the program has ended.
    func waitForOutput() throws {
      while process.isRunning, try Data(contentsOf: files[0]).isEmpty { usleep(1_000) }
    }

    /// Waits for the end.
    func outcome() throws -> Outcome {
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
        errors: try String(contentsOf: files[1], encoding: .utf8))
    }
  }

  func start(_ arguments: [String], in folder: URL) throws -> Run {
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
    return Run(process: process, files: files)
  }

  func run(_ arguments: [String], in folder: URL) throws -> Outcome {
    try start(arguments, in: folder).outcome()
  }

  /// Runs a line of shell in which `$0` is the program; the status is the program's, whatever reads its output.
  func shell(_ line: String, in folder: URL) throws -> Outcome {
    let shell = Executable(url: URL(fileURLWithPath: "/bin/sh"))
    return try shell.run(["-c", line, url.path], in: folder)
  }
}

func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}
