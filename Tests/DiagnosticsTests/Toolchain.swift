import Foundation

/// Where the compiler that built this test stands, and what it built.
enum Toolchain {
  /// The compiler: first the one that this process's runtime belongs to, since it can read this build's modules, then
  /// the one on the PATH.
  static let compiler: URL? = {
    let runtime = images.first { $0.lastPathComponent.hasPrefix("libswiftCore.") }
    return runtime.flatMap { nearest("bin/swiftc", above: $0) } ?? executable("swiftc")
  }()

  /// The folder of this build's modules and C targets, if the test stands beside them.
  static let build: URL? = images.lazy.compactMap { nearest("Modules/DiffusionDSL.swiftmodule", above: $0) }.first?
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What a program that imports DiffusionDSL is compiled with.
  static func arguments(build: URL) -> [String] {
    // A cache of its own: the build's would not be the same to a compiler that is called with other paths.
    var arguments = [
      "-swift-version", "6", "-I", build.appending(path: "Modules").path,
      "-module-cache-path", build.appending(path: "DiagnosticsModuleCache").path,
    ]
    // The modules of C targets; a build made for testing wants those of internal imports too.
    let sources = package.appending(path: "Sources")
    for folder in children(build) + children(sources) {
      let map = folder.appending(path: "module.modulemap").path
      if FileManager.default.fileExists(atPath: map) { arguments += ["-Xcc", "-fmodule-map-file=\(map)"] }
    }
    for flag in output("pkg-config", ["--cflags", "gsl"]).split(whereSeparator: \.isWhitespace) {
      arguments += ["-Xcc", String(flag)]
    }
    #if os(macOS)
      arguments += ["-sdk", output("xcrun", ["--show-sdk-path"]).trimmingCharacters(in: .whitespacesAndNewlines)]
    #endif
    return arguments
  }

  static let programs = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Programs")

  private static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A program's status, and its standard output and error together.
  static func run(_ program: URL, _ arguments: [String]) throws -> (status: Int32, text: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  static func children(_ folder: URL) -> [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { folder.appending(path: $0) }
  }

  /// What a tool prints; empty without the tool.
  private static func output(_ name: String, _ arguments: [String]) -> String {
    guard let tool = executable(name), let (status, text) = try? run(tool, arguments), status == 0 else { return "" }
    return text
  }

  private static func executable(_ name: String) -> URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(filePath: String($0)).appending(path: name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// The executable and the libraries that this process runs.
  private static let images: [URL] = {
    #if canImport(Darwin)
      let paths = (0..<_dyld_image_count()).compactMap { _dyld_get_image_name($0).map { String(cString: $0) } }
    #else
      // Each line ends with the path of the file that is mapped there.
      let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
      let paths = Set(
        maps.split(separator: "\n").compactMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
      )
      .sorted()
    #endif
    return paths.map { URL(filePath: $0).resolvingSymlinksInPath() }
  }()

  /// A path in the closest folder above a file that has it.
  private static func nearest(_ path: String, above file: URL) -> URL? {
    var folder = file.standardizedFileURL
    while folder.pathComponents.count > 1 {
      folder = folder.deletingLastPathComponent()
      let candidate = folder.appending(path: path)
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
    }
    return nil
  }
}
