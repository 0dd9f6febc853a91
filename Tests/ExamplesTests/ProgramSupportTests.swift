import DiffusionDSL
import DiffusionIO
import Foundation
import Synchronization
import Testing

@testable import ExampleSupport
@testable import ProgramSupport

@Suite struct FailureTests {
  private enum Bare: Error {
    case fault(value: Int)
  }

  private struct Described: Error, CustomStringConvertible {
    let description = "the first line\n  and the second."
  }

  private struct Localized: LocalizedError {
    var errorDescription: String? { "localized words." }
  }

  @Test func statuses() {
    #expect(Failure(CSVError.empty(file: "f")).status == 65)
    #expect(Failure(Described()) == Failure(status: 1, sentence: "the first line and the second."))
    #expect(Failure(Localized()) == Failure(status: 1, sentence: "localized words."))
    #expect(Failure(CancellationError()).status == 130)
    #expect(
      Failure(Cancelled("training", done: 3, of: 40, "steps"))
        == Failure(status: 130, sentence: "interrupted: training was cancelled after 3 of 40 steps."))
    #expect(Failure(CocoaError(.fileNoSuchFile)).status == 1)
  }

  @Test func noErrorIsPrintedAsSource() {
    let failure = Failure(Bare.fault(value: 3))
    #expect(failure.status == 1)
    #expect(failure.sentence.contains("Bare") && !failure.sentence.contains("fault("))
  }
}

@Suite struct ConsoleTests {
  private final class Text: Sendable {
    let value = Mutex("")
  }

  /// What the tests of programs rely on to tell progress from words.
  @Test func onlyLinesOfProgressEndInDots() {
    let text = Text()
    let console = Console(program: "p", pause: .zero) { words in text.value.withLock { $0 += words } }
    console.progress("the first is dropped, so that short runs say nothing")
    console.progress("reading")
    console.warn("a sentence.")
    console.note("log p -1.5")
    console.progress("step 2 of 3")
    #expect(text.value.withLock { $0 } == "reading ...\np: a sentence.\nlog p -1.5\nstep 2 of 3 ...\n")
  }
}

@Suite struct TextTableTests {
  @Test func columnsAreAligned() {
    var table = TextTable(["name", "bits", "unit"], alignments: [.left, .right, .left])
    table.add("K", "-1.5", "b")
    table.add("null", "-12.25")
    table.add(["é", "0", "nats", "beyond"])
    #expect(
      table.description == """
        name    bits  unit
        ----  ------  ----
        K       -1.5  b
        null  -12.25
        é          0  nats
        """)
  }
}

@Suite struct OutputDirectoryTests {
  @Test func directoriesAreMadeAndRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let nested = folder.appendingPathComponent("a/b").path
    let output = try OutputDirectory(nested)
    #expect(!FileManager.default.fileExists(atPath: folder.path))
    #expect(try output.file("x.csv").path == nested + "/x.csv")
    #expect(FileManager.default.fileExists(atPath: nested))
    _ = try OutputDirectory(nested)
    let file = folder.appendingPathComponent("file")
    try Data().write(to: file)
    #expect(throws: OutputError(path: file.path, reason: "it is a file, not a directory")) {
      try OutputDirectory(file.path)
    }
    #expect(throws: OutputError(path: file.path + "/x", reason: "'\(file.path)' is not a directory")) {
      try OutputDirectory(file.path + "/x")
    }
  }
}
