import DiffusionIO
import Foundation

/// A program in Python beside an example's sources, by which other methods are measured where there is a Python with the
/// packages that it needs.
public struct PythonProgram: Sendable {
  private let file: URL

  /// - Parameters:
  ///   - name: the program's file.
  ///   - sourceFile: a source file in whose folder it is.
  public init(_ name: String, beside sourceFile: String) {
    file = URL(fileURLWithPath: sourceFile).deletingLastPathComponent()
      .appendingPathComponent(name, isDirectory: false)
  }

  /// What the program writes to standard output; nil where there is no Python, or the program fails.
  public func output(of arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", file.path] + arguments
    let answer = Pipe()
    process.standardOutput = answer
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    let data = answer.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}

extension OutputDirectory {
  /// Writes an array that a program in Python reads, and gives its path.
  ///
  /// - Throws: `OutputError`, `NPYError`.
  public func write(_ values: [Double], shape: [Int], as name: String) throws -> String {
    let file = try file(name)
    try NPYArray(values: values, shape: shape).write(to: file)
    return file.path
  }
}
