import Foundation
import Testing

/// A program that the compiler is to accept or refuse; it says itself what it expects.
struct Program: CustomTestStringConvertible, Sendable {
  let file: URL

  var testDescription: String { file.deletingPathExtension().lastPathComponent }

  static func all(in folder: String) -> [Program] {
    Toolchain.children(Toolchain.programs.appending(path: folder)).map(Program.init)
  }

  /// How many messages the program says it gets.
  func expectations() throws -> Int {
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.components(separatedBy: "// expected-").count - 1
  }

  /// What the compiler says beyond or short of what the program expects; empty where they agree.
  ///
  /// - Parameter scopes: how many partial solutions the type checker may try for an expression. A count, not a time: the
  ///   same on every machine.
  func disagreement(within scopes: Int? = nil) throws -> String {
    let compiler = try #require(Toolchain.compiler)
    let build = try #require(Toolchain.build, "the modules of this build do not stand beside the test")
    let (status, text) = try Toolchain.run(
      compiler,
      ["-frontend", "-typecheck", "-verify", "-verify-ignore-unrelated"] + Toolchain.arguments(build: build)
        + (scopes.map { ["-solver-scope-threshold=\($0)"] } ?? []) + [file.path])
    return status == 0 ? "" : text.isEmpty ? "the compiler ended with status \(status)" : text
  }
}

/// Definitions that must not compile get one message, which says what to do; those that must get none.
@Suite(
  .enabled(
    if: Toolchain.compiler != nil, "skipped: no swiftc beside the Swift runtime in use, and none on the PATH"))
struct DiagnosticsTests {
  @Test(arguments: Program.all(in: "Wrong"))
  func oneMessageForOneMistake(_ program: Program) throws {
    #expect(try program.expectations() == 1)
    let disagreement = try program.disagreement()
    #expect(disagreement.isEmpty, "\(disagreement)")
  }

  @Test(arguments: Program.all(in: "Right"))
  func noMessageForNoMistake(_ program: Program) throws {
    #expect(try program.expectations() == 0)
    // Definitions, also one of a dozen fields, take fewer than 100; the compiler itself gives up at a million.
    let disagreement = try program.disagreement(within: 1_000)
    #expect(disagreement.isEmpty, "\(disagreement)")
  }

  /// The test above would pass if the compiler took no notice of the limit.
  @Test func slowTypeCheckingIsNoticed() throws {
    let program = try #require(Program.all(in: "Right").first { $0.testDescription == "ProductOfTwelveFields" })
    #expect(try program.disagreement(within: 1).contains("in reasonable time"))
  }

  @Test func bothKindsOfProgramAreFound() {
    #expect(!Program.all(in: "Wrong").isEmpty)
    #expect(!Program.all(in: "Right").isEmpty)
  }

  /// The tests above would pass if the compiler accepted everything.
  @Test(arguments: [
    "let d = Diffusion {}",
    "let d = Diffusion {}  // expected-error {{something else}}",
    "let d = GaussianKernel(dimensions: 2)  // expected-error {{nothing is wrong here}}",
  ])
  func aWrongExpectationIsNoticed(_ line: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).swift")
    try "import DiffusionDSL\n\(line)\n".write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try Program(file: file).disagreement() != "")
  }
}
