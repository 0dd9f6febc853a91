import Foundation

/// A program in Python beside an example's sources, by which other methods are measured where there is a Python with the
/// packages that it needs.
public struct PythonProgram: Sendable {
  private let file: URL

  /// - Parameter file: the program.
  public init(_ file: URL) { self.file = file }

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
