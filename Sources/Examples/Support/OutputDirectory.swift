import Foundation

/// The output directory cannot be made or written to.
public struct OutputError: Error, CustomStringConvertible, Equatable {
  public var path: String
  public var reason: String

  public var description: String {
    "cannot write to the output directory '\(path)' (\(reason)); name another one with --output."
  }
}

/// The directory that holds what an example writes.
public struct OutputDirectory: Sendable {
  public let url: URL

  /// Makes the directory if it is missing and checks that files can be made in it.
  ///
  /// - Throws: `OutputError`.
  public init(_ path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      // Foundation's description of the failure is long and vague; the system's is neither.
      let reason = mkdir(url.path, 0o777) == 0 ? error.localizedDescription : String(cString: strerror(errno))
      throw OutputError(path: path, reason: reason)
    }
    guard access(url.path, W_OK | X_OK) == 0 else {
      throw OutputError(path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// A file in the directory.
  public func file(_ name: String) -> URL {
    url.appendingPathComponent(name, isDirectory: false)
  }
}
