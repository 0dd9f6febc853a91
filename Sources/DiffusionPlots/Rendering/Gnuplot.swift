import DiffusionIO
import Foundation

/// The gnuplot program.
public struct Gnuplot: Equatable, Sendable {
  /// The program's file.
  public let executable: URL

  /// - Parameter executable: The program's file.
  public init(executable: URL) {
    self.executable = executable
  }

  /// The program named by the environment variable `GNUPLOT`, or else the first `gnuplot` on the `PATH`.
  public static var found: Gnuplot? {
    find(in: ProcessInfo.processInfo.environment)
  }

  static func find(in environment: [String: String]) -> Gnuplot? {
    if let named = environment["GNUPLOT"], !named.isEmpty {
      return FileManager.default.isExecutableFile(atPath: named)
        ? Gnuplot(executable: URL(fileURLWithPath: named)) : nil
    }
    for folder in (environment["PATH"] ?? "").split(separator: ":") {
      let candidate = "\(folder)/gnuplot"
      if FileManager.default.isExecutableFile(atPath: candidate) {
        return Gnuplot(executable: URL(fileURLWithPath: candidate))
      }
    }
    return nil
  }

  /// Runs scripts that each write `figure` in their working directory, and moves what they wrote to its place.
  ///
  /// - Throws: `PlotError.gnuplotFailed`, `PlotError.unwritable`.
  func draw(_ drawings: [(script: String, file: URL)]) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("figure-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw PlotError.unwritable(file: folder.path, reason: error.localizedDescription)
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    for (script, file) in drawings {
      // The script names a fixed file in its own folder, so that no path has to be quoted.
      try run(script, in: folder)
      let data: Data
      do {
        data = try Data(contentsOf: folder.appendingPathComponent("figure"))
      } catch {
        throw PlotError.gnuplotFailed(status: 0, message: "no figure was written")
      }
      do {
        try data.write(to: file, options: .atomic)
      } catch {
        throw PlotError.unwritable(file: file.path, reason: systemReason(error))
      }
    }
  }

  private func run(_ script: String, in folder: URL) throws {
    let scriptFile = folder.appendingPathComponent("script")
    let messages = folder.appendingPathComponent("messages")
    let process = Process()
    process.executableURL = executable
    // -d: the user's own settings file must not change figures.
    process.arguments = ["-d", scriptFile.path]
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    do {
      try Data(script.utf8).write(to: scriptFile)
      try Data().write(to: messages)
      let handle = try FileHandle(forWritingTo: messages)
      defer { try? handle.close() }
      process.standardError = handle
      try process.run()
    } catch {
      throw PlotError.gnuplotFailed(status: -1, message: systemReason(error))
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0, process.terminationReason == .exit else {
      let text = (try? String(contentsOf: messages, encoding: .utf8)) ?? ""
      // gnuplot quotes the line at fault, points at it, and says what is wrong last.
      let last = text.split(whereSeparator: \.isNewline).last { $0.contains(where: \.isLetter) } ?? "no message"
      throw PlotError.gnuplotFailed(status: process.terminationStatus, message: String(last))
    }
  }
}
