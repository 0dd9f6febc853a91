import DiffusionIO
import Foundation
import Testing

@Suite struct DensityExampleTests {
  private func run(_ text: String? = nil, _ arguments: [String] = [], _ body: (Executable.Outcome, URL) throws -> Void)
    throws
  {
    try withFolder { folder in
      var all = arguments
      if let text {
        try Data(text.utf8).write(to: folder.appendingPathComponent("data.csv"))
        all.append("data.csv")
      }
      try body(Executable("density").run(all, in: folder), folder)
    }
  }

  /// Ten rows that lie on no line and no grid.
  private func table(_ header: String, _ columns: Int, rows: Int = 10, ending: String = "\n") -> String {
    let lines = (1...rows).map { row in
      (1...columns).map { "\((Double(row * row * $0) * 0.6180339887).truncatingRemainder(dividingBy: 1) + 1)" }
        .joined(separator: ",")
    }
    return ([header] + lines).joined(separator: ending)
  }

  @Test func thePenguinsByDefault() throws {
    try run(nil, ["--json", "--quick"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(
        Set(object.keys) == [
          "bits_per_row", "standard_error", "gaussian_bits_per_row", "kde_bits_per_row", "rows", "dropped", "seconds",
        ])
      #expect(object["rows"] as? Int == 342 && object["dropped"] as? Int == 2)
      let samples = try NumericTable(contentsOf: folder.appendingPathComponent("output/density/samples.csv"))
      #expect(samples.columns == ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"])
      let masses = stride(from: 3, to: samples.rows.count, by: 4).map { samples.rows[$0] / 25 }
      #expect(masses.allSatisfy { $0 == $0.rounded() })
    }
  }

  @Test func wordsForPeople() throws {
    try run(nil, ["--quick", "--output", "here", "--columns", "body_mass_g,bill_length_mm"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("body_mass_g (25), bill_length_mm (0.1)"))
      #expect(outcome.output.contains("Gaussian, full covariance"))
      #expect(outcome.output.contains("line"))
      #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("here/samples.csv").path))
    }
  }

  @Test func tablesThatWork() throws {
    for (name, text, arguments) in [
      ("ten rows", table("a,b", 2), []),
      ("one column", table("a", 1), []),
      ("CRLF", table("a,b", 2, ending: "\r\n"), []),
      ("byte order mark", "\u{FEFF}" + table("a,b", 2), ["--columns", "a"]),
      ("quotes", table("\"a, the first\",\"b \"\"two\"\"\"", 2), []),
      ("odd names", table("`touch x`,it's {/Bold b}", 2), []),
    ] {
      try run(text, arguments + ["--json", "--quick"]) { outcome, _ in
        #expect(outcome.status == 0, "\(name): \(outcome.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        #expect(object is [String: Any])
      }
    }
  }

  @Test func tablesThatDoNot() throws {
    for (text, arguments, words) in [
      ("", [], "is empty"),
      (table("1,2", 2), [], "has no header"),
      (table("a,b", 2), ["--columns", "a,c"], "has no column 'c': its columns are 'a', 'b'"),
      (table("a,b", 2) + "\nx,1", ["--columns", "a"], "line 12 holds 'x'"),
      ("a,b\n1\n", [], "line 2 has 1 cell"),
      ("a,b\n1,\"2\n", [], "never closes"),
      (table("a,b", 2, rows: 3), [], "3 complete rows are too few"),
      ("a,b\nNA,1\n", ["--columns", "a"], "no numbers"),
      ("a\n" + String(repeating: "5\n", count: 20), [], "column 'a' is 5.0 in every row"),
      ("a;b\n1;2\n", [], "commas"),
    ] {
      try run(text, arguments) { outcome, folder in
        #expect(outcome.status == 65)
        #expect(outcome.output == "")
        #expect(outcome.errorLines.count == 1 && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("output").path))
      }
    }
  }

  @Test func wrongUse() throws {
    for arguments in [
      ["--folds", "1"], ["--folds", "x"], ["--nonsense"], ["--threads", "0"], ["--columns", "a,,b"], ["a", "b"],
    ] {
      try run(nil, arguments) { outcome, _ in
        #expect(outcome.status == 64 && outcome.output == "")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      }
    }
  }

  @Test func missingFilesAndDirectories() throws {
    try run(nil, ["nowhere.csv"]) { outcome, _ in
      #expect(outcome.status == 65 && outcome.errors.contains("nowhere.csv") && outcome.errorLines.count == 1)
    }
    try run(nil, ["--output", "/dev/null/x"]) { outcome, _ in
      #expect(outcome.status == 1 && outcome.errors.contains("/dev/null/x") && outcome.errorLines.count == 1)
    }
    try run(nil, ["--help"]) { outcome, _ in
      #expect(outcome.status == 0 && outcome.output.contains("USAGE"))
    }
  }

  @Test func theSameSeedGivesTheSameResults() throws {
    var samples: [Data] = []
    for seed in ["5", "5", "6"] {
      try run(table("a,b", 2, rows: 30), ["--seed", seed, "--quick"]) { _, folder in
        samples.append(try Data(contentsOf: folder.appendingPathComponent("output/density/samples.csv")))
      }
    }
    #expect(samples[0] == samples[1] && samples[0] != samples[2])
  }

  @Test func anInterruptionStopsTheWork() throws {
    try withFolder { folder in
      try Data(table("a,b,c", 3, rows: 6_000).utf8).write(to: folder.appendingPathComponent("data.csv"))
      let (process, outcome) = try Executable("density").start(["data.csv"], in: folder)
      // The output directory appears when the work begins; the work takes far longer than the rest of this test.
      let output = folder.appendingPathComponent("output/density").path
      while process.isRunning, !FileManager.default.fileExists(atPath: output) { usleep(1_000) }
      process.interrupt()
      let end = try outcome()
      #expect(end.status == 130, "\(end.errors)")
      #expect(end.errorLines.count == 1 && end.errors.contains("interrupted"))
      #expect(!FileManager.default.fileExists(atPath: output + "/samples.csv"))
    }
  }
}
