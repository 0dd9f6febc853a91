import Foundation
import ProgramTesting
import Testing

/// Scripts against the library that was built for them: `Scripts/test` sets `DIFFUSION_LIBRARY`, for a build inside a
/// test run would wait for ever.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["DIFFUSION_LIBRARY"] != nil,
    "skipped: DIFFUSION_LIBRARY does not name the folder with the dynamic library; Scripts/test sets it"))
struct ScriptTests {
  private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Scripts").standardizedFileURL

  private func run(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:]
  ) throws -> Executable.Outcome {
    try Executable(url: Self.scripts.appendingPathComponent("diffusion-script"))
      .run(arguments, in: folder, environment: environment)
  }

  private func example(_ name: String) -> String { Self.scripts.appendingPathComponent("examples/\(name).swift").path }

  private static let plain = """
    #!/usr/bin/env diffusion-script
    import DiffusionDSL
    import DiffusionIO
    import Foundation
    print(CommandLine.arguments.dropFirst().joined(separator: "|"), readLine() ?? "")
    print(try Uniform(lower: 2, upper: 4).mean)
    exit(7)
    """

  @Test func argumentsStatusAndStandardInput() throws {
    try withFolder { folder in
      let script = folder.appendingPathComponent("a script.swift")
      try Data(Self.plain.utf8).write(to: script)
      let outcome = try run([script.path, "a b", "--help", "-x"], in: folder)
      #expect(outcome.status == 7 && outcome.output == "a b|--help|-x \n3.0\n")
      #expect(outcome.errors == "")
      // By its first line, through a symbolic link, from another folder, at the end of a pipe.
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
      let programs = folder.appendingPathComponent("bin")
      try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: programs.appendingPathComponent("diffusion-script"),
        withDestinationURL: Self.scripts.appendingPathComponent("diffusion-script"))
      let shell = Executable(url: URL(fileURLWithPath: "/bin/sh"))
      let linked = try shell.run(
        ["-c", "PATH=\"$PWD/bin:$PATH\"; cd /; echo word | \"$1/a script.swift\" x", "sh", folder.path], in: folder)
      #expect(linked.status == 7 && linked.output == "x word\n3.0\n", "\(linked.errors)")
    }
  }

  /// Formatting once joined the first line with the comment behind it, and no system runs that.
  @Test(arguments: ["anomalies", "impute-penguins", "swiss-roll-posterior"])
  func examplesRunByTheirFirstLine(_ name: String) throws {
    let text = try String(contentsOfFile: example(name), encoding: .utf8)
    #expect(text.hasPrefix("#!/usr/bin/env diffusion-script\n"))
    #expect(FileManager.default.isExecutableFile(atPath: example(name)))
  }

  @Test func failures() throws {
    try withFolder { folder in
      #expect(try run([], in: folder).status == 64)
      let missing = try run(["none.swift"], in: folder)
      #expect(missing.status == 1 && missing.errors.contains("there is no file 'none.swift'"))
      try Data("let x: Int = \"text\"\n".utf8).write(to: folder.appendingPathComponent("wrong.swift"))
      let wrong = try run(["wrong.swift"], in: folder)
      #expect(wrong.status != 0 && wrong.errors.contains("wrong.swift:1:"))
      let elsewhere = try run(["wrong.swift"], in: folder, environment: ["DIFFUSION_LIBRARY": "/nowhere"])
      #expect(elsewhere.status == 1 && elsewhere.errors.contains("DIFFUSION_LIBRARY names no folder"))
    }
  }

  /// One sentence and status 1, and what was printed into the pipe is there.
  @Test func anUncaughtErrorIsOneSentence() throws {
    let text = """
      import DiffusionDSL
      import Foundation
      print("printed before")
      let child = Process()
      child.executableURL = URL(fileURLWithPath: "/bin/sh")
      child.arguments = ["-c", "echo preloaded: $LD_PRELOAD"]
      if CommandLine.arguments.count > 1 { try child.run(); child.waitUntilExit() }
      _ = try TrainedDiffusion(contentsOf: URL(fileURLWithPath: "none.safetensors"))
      """
    try withFolder { folder in
      try Data(text.utf8).write(to: folder.appendingPathComponent("reads.swift"))
      let outcome = try run(["reads.swift"], in: folder)
      #expect(outcome.status == 1 && outcome.output == "printed before\n")
      #expect(outcome.errorLines.count == 1 && outcome.errors.hasPrefix("reads: cannot read"), "\(outcome.errors)")
      let parent = try run(["reads.swift", "x"], in: folder)
      #expect(parent.output.contains("preloaded:\n") && parent.status == 1, "\(parent.output)")
    }
  }

  /// What each example says it does, on small data; and what it says to bad data.
  @Test func aPosteriorOfTheSwissRoll() throws {
    try withFolder { folder in
      let roll = try Executable("swiss-roll").run(["--quick", "--output", "roll"], in: folder)
      #expect(roll.status == 0, "\(roll.errors)")
      let outcome = try run([example("swiss-roll-posterior"), "roll/swiss-roll.safetensors"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 17 && lines.last?.hasPrefix("log p(x0 = 0.3) = -") == true, "\(outcome.output)")
      let bad = try run([example("swiss-roll-posterior"), "none.safetensors"], in: folder)
      #expect(bad.status == 65 && bad.errors.hasPrefix("swiss-roll-posterior: cannot read"))
    }
  }

  /// Birds of three kinds, males larger; one cell missing in every twentieth row.
  private static let birds =
    "species,sex,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g\n"
    + (0..<120).map { row in
      let (kind, male) = (row % 3, row / 3 % 2)
      let noise = Double(row * row * 7 % 31) / 31
      let sex = row % 20 == 5 ? "NA" : male == 1 ? "male" : "female"
      let bill = row % 20 == 12 ? "" : "\(38 + 5 * Double(kind) + 2 * Double(male) + noise)"
      let species = ["Adelie", "Chinstrap", "Gentoo"][kind]
      return "\(species),\(sex),\(bill),\(18 - noise),\(190 + 10 * kind + 5 * male),\(3_500 + 500 * male + row)"
    }.joined(separator: "\n") + "\n"

  @Test func anImputationOfPenguins() throws {
    try withFolder { folder in
      try Data(Self.birds.utf8).write(to: folder.appendingPathComponent("birds.csv"))
      let outcome = try run([example("impute-penguins"), "birds.csv"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 12 && lines.count { $0.contains("male with probability") } == 6, "\(outcome.output)")
      #expect(lines.first?.hasPrefix("row 6: ") == true)
      #expect(try run([example("impute-penguins"), "none.csv"], in: folder).status == 65)
    }
  }

  @Test func anAnomaly() throws {
    try withFolder { folder in
      var rows = Self.birds.split(separator: "\n").map(String.init)
      rows[50] = "Adelie,male,80,10,150,9000"
      try Data(rows.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("birds.csv"))
      let outcome = try run([example("anomalies"), "birds.csv", "3"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 3 && lines.first?.hasPrefix("row 50: ") == true, "\(outcome.output)")
      #expect(try run([example("anomalies"), "birds.csv", "-1"], in: folder).status == 64)
    }
  }
}
