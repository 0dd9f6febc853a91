import Foundation
import Synchronization

/// Where words go: results to standard output, everything else to standard error.
final class Console: Sendable {
  private static let pause = Duration.seconds(10)
  private let lastProgress = Mutex(ContinuousClock.now)

  /// Results.
  ///
  /// - Throws: `ResultsNotWritten`.
  func write(_ results: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: results)
    } catch {
      throw ResultsNotWritten(description: "cannot write the results to standard output: \(error.localizedDescription)")
    }
  }

  /// One line about the work. Where it cannot be written there is nobody to tell, and the work is worth finishing.
  func note(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// How far the work is: a line that ends in dots, at most every ten seconds.
  func progress(_ text: @autoclosure () -> String) {
    let isDue = lastProgress.withLock { last in
      let now = ContinuousClock.now
      guard now - last >= Console.pause else { return false }
      last = now
      return true
    }
    if isDue { note(text() + " ...") }
  }
}

/// Standard output did not take the results.
struct ResultsNotWritten: Error, CustomStringConvertible {
  let description: String
}

/// A number of things in words: `1 pass`, `2 passes`.
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(grouped(count)) \(count == 1 ? one : many)" }

/// A whole number with a comma before each three digits.
func grouped(_ count: Int) -> String {
  var text = ""
  for (place, digit) in "\(count)".reversed().enumerated() {
    if place > 0, place.isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return String(text.reversed())
}

/// A number for people; a word for one that is not finite.
func decimals(_ value: Double, _ count: Int = 3) -> String {
  value.isFinite ? String(format: "%.\(count)f", value) : value < 0 ? "-infinite" : "-"
}
