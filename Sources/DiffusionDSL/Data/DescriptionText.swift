import Foundation

// What the descriptions of data and results are put together from.

extension Int {
  /// A number of things: `1 row`, `2 rows`.
  func counted(_ noun: String) -> String { self == 1 ? "1 \(noun)" : "\(self) \(noun)s" }
}

extension Double {
  /// The number with three decimals, and its standard error, where there is one: `-1.452 +- 0.010`.
  func decimals(standardError: Double = .nan) -> String {
    String(format: "%.3f", self) + (standardError.isNaN ? "" : String(format: " +- %.3f", standardError))
  }

  /// The number with six digits at most: `0.25`, `1.23457e+09`.
  var sixDigits: String { String(format: "%.6g", self) }
}

extension Collection {
  /// The first elements as texts, and how many more there are: `7, 5, 3 and 4 more`.
  func listed(most: Int = 10) -> String {
    let head = prefix(most).map { "\($0)" }.joined(separator: ", ")
    return count > most ? "\(head) and \(count - most) more" : head
  }
}
