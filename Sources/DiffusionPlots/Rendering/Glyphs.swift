import Foundation

/// Which characters the fonts of this machine can show.
///
/// gnuplot's PNG terminal draws a character that no font has as shapes that cover the whole figure.
package enum Glyphs {
  /// Whether a figure's PNG shows all of the text; where it does not, question marks stand for what is missing.
  package static func canShow(_ text: String) -> Bool {
    missing(in: text).isEmpty
  }

  /// The text with a question mark for every character that no font has.
  static func shown(_ text: String) -> String {
    let missing = missing(in: text)
    guard !missing.isEmpty else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { missing.contains($0) ? "?" : $0 }))
  }

  private static func missing(in text: String) -> Set<Unicode.Scalar> {
    Set(text.unicodeScalars).filter { !isUsual($0) && !isInSomeFont($0) }
  }

  /// Latin letters and the signs that figures are labelled with: whatever font there is has them.
  private static func isUsual(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x0250 || ["\u{2026}", "\u{2212}", "\u{00D7}"].contains(scalar)
  }

  private static func isInSomeFont(_ scalar: Unicode.Scalar) -> Bool {
    if let fontconfig, let fonts = try? list(scalar, fontconfig) { return !fonts.isEmpty }
    // Greek, Cyrillic, punctuation and mathematical signs are in the usual fonts.
    return scalar.value < 0x0530 || (0x2010...0x22FF).contains(scalar.value)
  }

  /// fontconfig's own program, which asks the library that gnuplot's terminal asks.
  private static let fontconfig: URL? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = folders.map { "\($0)/fc-list" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    return found.map { URL(fileURLWithPath: $0) }
  }()

  private static func list(_ scalar: Unicode.Scalar, _ program: URL) throws -> Data {
    let process = Process()
    process.executableURL = program
    process.arguments = [":charset=\(String(scalar.value, radix: 16))", "file"]
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let fonts = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return fonts
  }
}
