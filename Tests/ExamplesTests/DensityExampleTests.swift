import DiffusionIO
import ExampleSupport
import Foundation
import Testing

@testable import density

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

  /// What the example is for, in full.
  @Test func thePenguinsAreNotGaussian() throws {
    try run(nil, ["--json"]) { outcome, _ in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let diffusion = try #require(object["bits_per_row"] as? Double)
      let gaussian = try #require(object["gaussian_bits_per_row"] as? Double)
      let error = try #require(object["standard_error"] as? Double)
      #expect(diffusion - gaussian > 2 * error && error < 0.2)
    }
  }

  /// A row that was put far from the others leads the list, with its line.
  @Test func theLeastLikelyRowIsNamedByItsLine() throws {
    var lines = table("a,b", 2, rows: 60).split(separator: "\n")
    lines[36] = "40,-30"
    try run(lines.joined(separator: "\n"), ["--quick"]) { outcome, _ in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let list = outcome.output.components(separatedBy: "Least likely rows").last ?? ""
      let first = list.split(whereSeparator: \.isNewline).dropFirst(3).first ?? ""
      #expect(first.split(separator: " ").first == "37", "\(list)")
    }
  }

  /// A row so far from the others that its density is no number is named; nothing that is no number is printed.
  @Test(arguments: ["1e9", "1e60"]) func aRowBeyondAllOthersIsNamedByItsLine(_ cell: String) throws {
    var lines = table("a,b", 2, rows: 60).split(separator: "\n")
    lines[36] = "\(cell),1.5"
    try run(lines.joined(separator: "\n"), ["--quick", "--json"]) { outcome, _ in
      #expect(outcome.status == 65 && outcome.output == "", "\(outcome.output)")
      let sentence = outcome.errorLines.last ?? ""
      #expect(sentence.hasPrefix("density: line 37 lies so far from the other rows"), "\(outcome.errors)")
    }
  }

  @Test func linesBeyondAllOthersAreCounted() {
    let one = DensityError.tooFarOut(lines: [4]).description
    #expect(one.hasPrefix("line 4 lies so far"))
    let many = DensityError.tooFarOut(lines: Array(3...10)).description
    #expect(many.hasPrefix("lines 3, 4, 5, 6, 7 and 3 more lie so far"))
  }

  @Test func thePenguinsByDefault() throws {
    try run(nil, ["--json", "--quick"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(
        Set(object.keys) == [
          "bits_per_row", "bits_standard_error", "gaussian_bits_per_row", "gaussian_standard_error",
          "kde_bits_per_row", "kde_standard_error", "standard_error", "rows", "scored_rows", "dropped", "columns",
          "left_out", "quick", "seed", "seconds",
        ])
      #expect(object["columns"] as? [String] == Penguins.measurements && object["quick"] as? Bool == true)
      #expect((object["left_out"] as? [Any])?.isEmpty == true && object["scored_rows"] as? Int == 342)
      let error = try #require(object["standard_error"] as? Double)
      let own = try #require(object["gaussian_standard_error"] as? Double)
      #expect(own > 0 && error > 0 && own != error)
      let help = try Executable("density").run(["--help"], in: folder).output
      for key in object.keys { #expect(help.contains(key), "\(key) is not explained") }
      #expect(object["rows"] as? Int == 342 && object["dropped"] as? Int == 2)
      let samples = try NumericTable(contentsOf: folder.appendingPathComponent("output/density/samples.csv"))
      #expect(samples.columns == ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"])
      let masses = stride(from: 3, to: samples.rows.count, by: 4).map { samples.rows[$0] / 25 }
      #expect(masses.allSatisfy { $0 == $0.rounded() })
    }
  }

  static let sharedData = ProcessInfo.processInfo.environment["DIFFUSION_DATA"]

  @Test(.enabled(if: sharedData != nil, "skipped: DIFFUSION_DATA does not name the folder with tabular/penguins.csv"))
  func theBuiltInPenguinsAreThePublishedOnes() throws {
    let file = URL(fileURLWithPath: Self.sharedData ?? "").appendingPathComponent("tabular/penguins.csv")
    let published = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline)
    #expect(published == Penguins.csv.split(whereSeparator: \.isNewline))
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
      // The rest is about reading, so each is fitted to two folds only.
      ("one column", table("a", 1), ["--folds", "2"]),
      ("CRLF", table("a,b", 2, ending: "\r\n"), ["--folds", "2"]),
      ("byte order mark", "\u{FEFF}" + table("a,b", 2), ["--columns", "a", "--folds", "2"]),
      ("quotes", table("\"a, the first\",\"b \"\"two\"\"\"", 2), ["--folds", "2"]),
      ("odd names", table("`touch x`,it's {/Bold b}", 2), ["--folds", "2"]),
      ("a comma in a chosen name", table("\"first, col\",b", 2), ["--columns", "\"first, col\",b", "--folds", "2"]),
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
      (table("a", 1, rows: 1), [], "1 complete row is too few for 1 column and 5 folds"),
      ("a\n" + (1...20).map { "\($0 * $0)e-300\n" }.joined(), [], "'a' has values that differ by too little"),
      ("a\n" + (1...20).map { "\($0 * $0)e300\n" }.joined(), [], "'a' has values too large to be scored"),
      (table("a", 1).replacingOccurrences(of: "1.", with: "x"), [], "(a: line 2 holds 'x"),
      ("a,b\nNA,1\n", ["--columns", "a"], "no numbers"),
      ("a\n" + String(repeating: "5\n", count: 20), [], "column 'a' is 5.0 in every row"),
      ("a;b\n1;2\n", [], "1 complete row is too few for 2 columns and 5 folds"),
      ("a:b\n1:2\n", [], "has no numeric column"),
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
      ["--columns", "\"a,b"], ["--threads", "100000"], ["--folds", "-3"], ["--seed", "-1"],
    ] {
      try run(nil, arguments) { outcome, _ in
        #expect(outcome.status == 64 && outcome.output == "")
        #expect(outcome.errorLines.count == 1 && !outcome.errors.contains("Missing"), "\(outcome.errors)")
      }
    }
  }

  @Test func columnsLeftOutAreNamed() throws {
    let rows = (1...12).map { "\($0 * $0 % 7).5,\($0),Adelie,1,2,3\n" }
    let text =
      "x,y,species,p,q,r\n"
      + rows.joined().replacingOccurrences(of: ",8,", with: ",inf,")
      .replacingOccurrences(of: ",1,2,3", with: ",,b,c")
    try run(text + "3.25,13,n/a,,b,c\n", ["--quick", "--folds", "2", "--json"]) { outcome, _ in
      #expect(outcome.status == 0)
      #expect(
        outcome.errorLines.filter { $0.hasPrefix("density: ") } == [
          "density: left out y: line 9 holds 'inf'.", "density: left out species: line 2 holds 'Adelie'.",
          "density: left out p: it has only missing cells.", "density: left out q: line 2 holds 'b'.",
          "density: left out 1 more column.",
        ])
      let object = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let left = try #require(object["left_out"] as? [[String: String]])
      #expect(left.map { $0["column"] } == ["y", "species", "p", "q", "r"])
      #expect(left.first?["reason"] == "line 9 holds 'inf'")
    }
  }

  @Test func aSimplerMethodThatScoresBetterIsSaidTo() throws {
    try run(table("a,b", 2, rows: 12), ["--quick"]) { outcome, _ in
      #expect(outcome.output.contains("describes these rows better than the diffusion model"), "\(outcome.output)")
    }
  }

  @Test func samplesOfAGridStayOnWhatWasObserved() throws {
    let rows = (1...60).map { "\($0 * $0 * 7 % 11 % 2),\(Double($0 * $0 % 17) + Double($0) / 97)\n" }
    try run("flag,x\n" + rows.joined(), ["--quick", "--folds", "2"]) { outcome, folder in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let samples = try NumericTable(contentsOf: folder.appendingPathComponent("output/density/samples.csv"))
      let flags = Set(stride(from: 0, to: samples.rows.count, by: 2).map { samples.rows[$0] })
      #expect(flags == [0, 1])
    }
  }

  @Test func longNamesAndNumbersFarFromZeroStayLegible() throws {
    let names = (1...9).map { "a_rather_long_name_of_column_\($0)" }.joined(separator: ",")
    let rows = (1...40).map { row in
      (1...9).map {
        "\(1e9 + (Double(row * row) * (Double($0) + 0.5).squareRoot()).truncatingRemainder(dividingBy: 1))"
      }
      .joined(separator: ",") + "\n"
    }
    try run(names + "\n" + rows.joined(), ["--quick", "--folds", "2"]) { outcome, _ in
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      let heading = try #require(lines.firstIndex { $0.hasPrefix("Least likely") })
      #expect(lines[heading].contains("of 9 columns"))
      #expect(lines[heading...].allSatisfy { $0.count <= 100 })
      let values = lines[(heading + 3)...(heading + 7)].compactMap { $0.split(separator: " ").last }
      #expect(Set(values).count == 5, "\(values)")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
  func resultsThatCannotBeWrittenAreAFailure() throws {
    for option in ["--json", ""] {
      try withFolder { folder in
        let outcome = try Executable("density").shell("\"$0\" --quick --folds 2 \(option) > /dev/full", in: folder)
        #expect(outcome.status == 1 && outcome.errors.contains("standard output"), "\(outcome.errors)")
        #expect(outcome.errorLines.count { $0.hasPrefix("density: ") } == 1)
        let model = folder.appendingPathComponent("output/density/model.safetensors")
        #expect(FileManager.default.fileExists(atPath: model.path))
      }
    }
  }

  @Test func aReaderThatGoesAwayLosesNoFile() throws {
    try withFolder { folder in
      let line = "{ \"$0\" --quick --folds 2; echo $? > status; } | head -n 1"
      let outcome = try Executable("density").shell(line, in: folder)
      #expect(outcome.errors == "" && outcome.output.contains("penguins"))
      let status = try String(contentsOf: folder.appendingPathComponent("status"), encoding: .utf8)
      #expect(status == "0\n")
      let model = folder.appendingPathComponent("output/density/model.safetensors")
      #expect(FileManager.default.fileExists(atPath: model.path))
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
      try run(table("a", 1, rows: 30), ["--seed", seed, "--quick", "--folds", "2"]) { _, folder in
        samples.append(try Data(contentsOf: folder.appendingPathComponent("output/density/samples.csv")))
      }
    }
    #expect(samples[0] == samples[1] && samples[0] != samples[2])
  }

  @Test func anInterruptionStopsTheWork() throws {
    try withFolder { folder in
      try Data(table("a,b,c", 3, rows: 6_000).utf8).write(to: folder.appendingPathComponent("data.csv"))
      let run = try Executable("density").start(["data.csv"], in: folder)
      // The first words come when the work begins; the work takes far longer than the rest of this test.
      try run.waitForOutput()
      run.process.interrupt()
      let end = try run.outcome()
      #expect(end.status == 130, "\(end.errors)")
      #expect(end.errorLines.count == 1 && end.errors.contains("interrupted"))
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("output").path))
    }
  }
}
