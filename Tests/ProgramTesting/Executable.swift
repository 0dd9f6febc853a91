import Foundation

/// A built program beside the test program, or any other that can be run.
public struct Executable {
  /// What a program left behind.
  public struct Outcome {
    public var status: Int32
    public var output: String
    /// What the program said on standard error, without its lines of progress: whether there are any of these depends
    /// on how fast the machine is.
    public var errors: String
    public var errorLines: [Substring] { errors.split(whereSeparator: \.isNewline) }

    init(status: Int32, output: String, standardError: String) {
      self.status = status
      self.output = output
      errors = Outcome.withoutProgress(standardError)
    }

    /// Programs end a line of progress in " ..." and no other (`Console.progressEnding`).
    private static func withoutProgress(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasSuffix(" ...") }
        .joined(separator: "\n")
    }
  }

  /// There is no such program beside the tests.
  public struct NotBuilt: Error {
    let name: String
  }

  public let url: URL

  /// A program anywhere.
  public init(url: URL) {
    self.url = url
  }

  /// A program beside the tests.
  ///
  /// - Throws: `NotBuilt`.
  public init(_ name: String) throws {
    var folders = [URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()]
    folders += ([Bundle.main] + Bundle.allBundles).map { $0.bundleURL }
    folders += folders.map { $0.deletingLastPathComponent() }
    let found = folders.map { $0.appendingPathComponent(name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath }
    guard let found else { throw NotBuilt(name: name) }
    url = found
  }

  /// A program that runs.
  public struct Run {
    public let process: Process
    fileprivate let files: [URL]

    /// Waits until some word stands on standard output, or the program has ended.
    public func waitForOutput() throws {
      while process.isRunning, try Data(contentsOf: files[0]).isEmpty { usleep(1_000) }
    }

    /// Waits for the end.
    public func outcome() throws -> Outcome {
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
        standardError: try String(contentsOf: files[1], encoding: .utf8))
    }
  }

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - folder: where it works, and where its output is kept.
  ///   - environment: what is set beside the tests' own.
  public func start(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws -> Run {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
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

  /// Runs the program to its end.
  public func run(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(arguments, in: folder, environment: environment).outcome()
  }

  /// Runs a line of shell in which `$0` is the program; the status is the program's, whatever reads its output.
  public func shell(_ line: String, in folder: URL) throws -> Outcome {
    let shell = Executable(url: URL(fileURLWithPath: "/bin/sh"))
    return try shell.run(["-c", line, url.path], in: folder)
  }
}

/// Gives a folder that is there as long as the body runs.
public func withFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}
