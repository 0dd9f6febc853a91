import Foundation

/// Numbers as files have them.
enum NumberText {
  /// Digits, a decimal mark, a sign and an exponent, and nothing else; nil if it is not a finite number.
  static func strict(_ bytes: ArraySlice<UInt8>, _ decimal: DecimalMark) -> Double? {
    // Double's own reader also takes hexadecimal, infinity and nan.
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"),
        UInt8(ascii: "E"), decimal.byte:
        continue
      default:
        return nil
      }
    }
    let text =
      decimal == .point
      ? String(decoding: bytes, as: UTF8.self)
      : String(decoding: bytes.lazy.map { $0 == decimal.byte ? DecimalMark.point.byte : $0 }, as: UTF8.self)
    guard let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// The same also with separated thousands, a percent or currency sign, a typographic minus, or in an accountant's
  /// parentheses; nil for what is no number even so.
  static func loose(_ text: String, _ decimal: DecimalMark) -> Double? {
    var rest = Substring(text)
    func trim() {
      rest = rest.drop { $0.isWhitespace }
      while let last = rest.last, last.isWhitespace { rest.removeLast() }
    }
    var (isNegative, hasMinus) = (false, false)
    trim()
    if rest.first == "(", rest.last == ")" {
      rest = rest.dropFirst().dropLast()
      isNegative = true
    }
    // Signs stand before or behind, in any order, each once.
    var (hasUnit, isMoving) = (false, true)
    while isMoving {
      trim()
      isMoving = false
      if let first = rest.first, "-\u{2212}\u{2013}+".contains(first), !hasMinus, !isNegative {
        (hasMinus, isMoving) = (true, true)
        isNegative = first != "+"
        rest.removeFirst()
      } else if let first = rest.first, isUnit(first), !hasUnit {
        (hasUnit, isMoving) = (true, true)
        rest.removeFirst()
      } else if let last = rest.last, isUnit(last), !hasUnit {
        (hasUnit, isMoving) = (true, true)
        rest.removeLast()
      }
    }
    guard let first = rest.first, first.isASCII, first.isNumber || first == decimal.rawValue,
      let plain = withoutSeparators(rest, decimal), let size = strict(Array(plain.utf8)[...], decimal)
    else { return nil }
    return isNegative ? -size : size
  }

  private static func isUnit(_ character: Character) -> Bool {
    character == "%" || character == "\u{2030}" || character.isCurrencySymbol
  }

  /// The digits of groups of three; the number as it is where none are separated; nil where groups have other sizes.
  private static func withoutSeparators(_ text: Substring, _ decimal: DecimalMark) -> String? {
    let separators: Set<Character> = [
      decimal == .point ? "," : ".", " ", "\u{A0}", "\u{2009}", "\u{202F}", "'", "\u{2019}", "_",
    ]
    let whole = text.prefix { $0.isNumber || separators.contains($0) }
    guard let separator = whole.first(where: { separators.contains($0) }) else { return String(text) }
    let groups = whole.split(separator: separator, omittingEmptySubsequences: false)
    // 0,123 is a fraction.
    guard (1...3).contains(groups[0].count), groups[0].first != "0", groups.dropFirst().allSatisfy({ $0.count == 3 }),
      groups.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } })
    else { return nil }
    return groups.joined() + text[whole.endIndex...]
  }
}
