import DiffusionDSL
import Foundation
import Synchronization

/// Where a program's words go: results to standard output, everything else to standard error.
///
/// With `json` set, `print` is silent, so that standard output holds the one JSON object and nothing else.
public final class Console: Sendable {
  private struct State {
    var lineIsOpen = false
    var lastUpdate: ContinuousClock.Instant?
    /// The system's number of the first error on standard output, after which nothing more is written there; or 0.
    var outputError: Int32 = 0
  }

  /// Whether standard output is to hold one JSON object and nothing else.
  public let json: Bool
  private let program: String
  private let standardErrorIsTerminal: Bool
  /// The least time between two reports of progress.
  private let pause: Duration
  private let writeError: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// A console.
  ///
  /// - Parameters:
  ///   - program: The program's name, which begins its warnings.
  ///   - json: Whether standard output is to hold one JSON object and nothing else.
  public init(program: String, json: Bool) {
    self.program = program
    self.json = json
    standardErrorIsTerminal = isatty(STDERR_FILENO) == 1
    pause = standardErrorIsTerminal ? .milliseconds(100) : .seconds(5)
    // Where words about the work cannot be written there is nobody to tell, and the work is worth finishing.
    writeError = { _ = StandardStreams.write(Data($0.utf8), to: STDERR_FILENO) }
  }

  /// A console whose standard error is a function, in place of a file.
  ///
  /// - Parameter pause: the least time between two reports of progress.
  init(program: String, pause: Duration, writeError: @escaping @Sendable (String) -> Void) {
    self.program = program
    json = false
    standardErrorIsTerminal = false
    self.pause = pause
    self.writeError = writeError
  }

  /// Human-readable results: standard output unless `json` is set. What cannot be written shows in `checkOutput()`.
  public func print(_ text: String) {
    guard !json else { return }
    state.withLock { state in
      closeLine(&state)
      writeOutput(Data((text + "\n").utf8), &state)
    }
  }

  /// Something the user should know although the work goes on: one line on standard error.
  public func warn(_ sentence: String) {
    state.withLock { state in
      closeLine(&state)
      writeError("\(program): \(sentence)\n")
    }
  }

  /// A result beside those on standard output: one line on standard error.
  public func note(_ text: String) {
    state.withLock { state in
      closeLine(&state)
      writeError(text + "\n")
    }
  }

  /// Results in bytes on standard output, whatever `json` says. What cannot be written shows in `checkOutput()`.
  public func write(_ data: Data) {
    state.withLock { state in
      closeLine(&state)
      writeOutput(data, &state)
    }
  }

  /// What a line of progress ends in where standard error is no terminal. No other line ends so, so whoever reads a file
  /// of these words can tell those that depend on how long the work took.
  public static let progressEnding = " ..."

  /// Progress on standard error: one line rewritten in place on a terminal (at most ten times a second), else a line
  /// that ends in `progressEnding` every five seconds. Calls in between are dropped, so a caller can report every step.
  public func progress(_ text: @autoclosure () -> String) {
    state.withLock { state in
      let now = ContinuousClock.now
      guard let last = state.lastUpdate else {
        // The first report waits for one pause on a file, so that short runs say nothing there.
        state.lastUpdate = now
        if standardErrorIsTerminal { rewriteLine(text(), &state) }
        return
      }
      guard now - last >= pause else { return }
      state.lastUpdate = now
      if standardErrorIsTerminal {
        rewriteLine(text(), &state)
      } else {
        writeError(text() + Console.progressEnding + "\n")
      }
    }
  }

  /// Takes the line of progress away, as before a result.
  public func endProgress() {
    state.withLock { closeLine(&$0) }
  }

  /// Makes sure that standard output took everything; a reader that went away has what it wanted.
  ///
  /// - Throws: `ResultsNotWritten`.
  func checkOutput() throws {
    let error = state.withLock { $0.outputError }
    if error != 0, error != EPIPE { throw ResultsNotWritten(reason: systemReason(error)) }
  }

  /// One JSON object on standard output.
  func printJSON(_ report: some Encodable) throws { write(try Console.json(report)) }

  /// One JSON object on one line.
  ///
  /// - Throws: `EncodingError`.
  public static func json(_ report: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try encoder.encode(report) + Data("\n".utf8)
  }

  private func rewriteLine(_ text: String, _ state: inout State) {
    // A wrapped line could not be rewritten.
    writeError("\r\u{1B}[2K" + text.prefix(terminalWidth - 1))
    state.lineIsOpen = true
  }

  private func closeLine(_ state: inout State) {
    guard state.lineIsOpen else { return }
    writeError("\r\u{1B}[2K")
    state.lineIsOpen = false
  }

  private var terminalWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
    return Int(size.ws_col)
  }

  private func writeOutput(_ data: Data, _ state: inout State) {
    guard state.outputError == 0 else { return }
    state.outputError = StandardStreams.write(data, to: STDOUT_FILENO)
  }
}
