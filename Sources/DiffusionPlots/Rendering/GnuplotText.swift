import Foundation

/// Values and words in gnuplot's own notation.
enum GnuplotText {
  /// A string expression that prints `text` and nothing else.
  ///
  /// Single quotes keep backslashes, backquotes (which run commands) and at signs (which expand macros) as they are.
  /// Line breaks and single quotes are joined in from outside: no single-quoted string may hold the one, and gnuplot
  /// misreads the other where it comes first.
  static func quoted(_ text: String) -> String {
    joined(text, at: \.isNewline, with: "\"\\n\"") { line in
      joined(line, at: { $0 == "'" }, with: "\"'\"") { part in
        "'" + String(String.UnicodeScalarView(part.unicodeScalars.filter { !isControl($0) })) + "'"
      }
    }
  }

  private static func joined(
    _ text: String, at isBreak: (Character) -> Bool, with expression: String, _ quote: (String) -> String
  ) -> String {
    text.split(omittingEmptySubsequences: false, whereSeparator: isBreak)
      .map { quote(String($0)) }
      .joined(separator: ".\(expression).")
  }

  static func number(_ value: Double) -> String {
    value.isFinite ? "\(value)" : "NaN"
  }

  static func color(_ color: PlotColor) -> String {
    // gnuplot counts transparency, not opacity.
    let transparency = UInt32((255 * (1 - min(1, max(0, color.alpha)))).rounded())
    return String(format: "rgb '#%02X%06X'", transparency, color.rgb)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }
}
