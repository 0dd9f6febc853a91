import DiffusionDSL
import Foundation

/// The output directory cannot be made or written to.
public struct OutputError: Error, CustomStringConvertible, Equatable {
  /// The directory, as it was given.
  public var path: String
  /// The system's words for why.
  public var reason: String

  /// One sentence with the directory, the reason and the remedy.
  public var description: String {
    "cannot write to the output directory '\(path)' (\(reason)); name another one with --output."
  }
}

/// The directory that holds what an example writes. It is made when there is a file to write, so that work that ends
/// early leaves no empty directory.
public struct OutputDirectory: Sendable {
  /// Where it is, or will be.
  public let url: URL
  private let path: String

  /// Checks before the work, which would be lost otherwise, that the directory can be written to, or else made.
  ///
  /// - Throws: `OutputError`.
  public init(_ path: String) throws {
    self.path = path
    url = URL(fileURLWithPath: path, isDirectory: true)
    var nearest = url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: nearest.path), nearest.path != "/" {
      nearest.deleteLastPathComponent()
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: nearest.path, isDirectory: &isDirectory), isDirectory.boolValue else {
      let isItself = nearest.path == url.standardizedFileURL.path
      throw OutputError(
        path: path, reason: isItself ? "it is a file, not a directory" : "'\(nearest.path)' is not a directory")
    }
    guard access(nearest.path, W_OK | X_OK) == 0 else {
      throw OutputError(path: path, reason: systemReason(errno))
    }
  }

  /// A file to be written in the directory, which is made if it is missing.
  ///
  /// - Throws: `OutputError`.
  public func file(_ name: String) throws -> URL {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      // Foundation's description of the failure is long and vague; the system's is neither.
      let reason = mkdir(url.path, 0o777) == 0 ? error.localizedDescription : systemReason(errno)
      throw OutputError(path: path, reason: reason)
    }
    return url.appendingPathComponent(name, isDirectory: false)
  }
}
