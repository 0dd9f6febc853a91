import Foundation

/// Where examples look for data that are not in the repository.
public enum ExampleData {
  /// A file or folder below `DIFFUSION_DATA`, or below `./data`.
  public static func url(_ path: String) -> URL {
    let data = ProcessInfo.processInfo.environment["DIFFUSION_DATA"] ?? "data"
    return URL(fileURLWithPath: data, isDirectory: true).appendingPathComponent(path)
  }
}

/// Data of an example that are not there, or are something else: one sentence with the remedy.
public struct UnusableData: BadData {
  /// The sentence.
  public let description: String

  /// - Parameter sentence: what is wrong, and what to do.
  public init(sentence: String) { description = sentence }
}
