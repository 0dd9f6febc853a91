import Foundation

/// A number of things in words: `1 row`, `2 rows`.
public func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// A number for people, with `count` decimals; a word for one that is not finite.
public func decimals(_ value: Double, _ count: Int = 3) -> String {
  value.isFinite ? String(format: "%.\(count)f", value) : value > 0 ? "infinite" : value < 0 ? "-infinite" : "-"
}
