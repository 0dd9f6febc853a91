import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramTesting
import Testing

@Suite struct TrainCommandTests {
  /// Rows of a label, a number and a code that comes again and again, with a missing cell now and then.
  private static let text =
    "kind,size,code,name\n"
    + (0..<90).map { row in
      let kind = ["a", "b", "c"][row % 3]
      let size = row % 17 == 3 ? "" : "\(Double(row % 3) * 2 + Double(row * row % 23) / 10)"
      return "\(kind),\(size),\(row * 7 % 4),name \(row)"
    }.joined(separator: "\n") + "\n"

  private func withTable(_ body: (Tool, URL) throws -> Void) throws {
    try withFolder { folder in
      try Data(Self.text.utf8).write(to: folder.appendingPathComponent("t.csv"))
      try body(Tool(folder: folder), folder)
    }
  }

  private func model(_ name: String, in folder: URL) throws -> TrainedDiffusion {
    try TrainedDiffusion(contentsOf: folder.appendingPathComponent(name))
  }

  @Test func guessesAndShowsKinds() throws {
    try withTable { run, folder in
      let outcome = try run("train", "t.csv", "--quick")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.output.contains(
          "  kind: category: a, b, c\n  size: continuous, 6 missing\n  code: category: 0, 1, 2, 3\n"))
      #expect(outcome.errors.contains("left out name: its texts all differ."))
      #expect(outcome.output.contains("wrote model.safetensors"))
      let trained = try model("model.safetensors", in: folder)
      #expect(trained.definition.schema.names == ["kind", "size", "code"] && trained.trainingSteps == 300)
    }
  }

  /// The same table in another dialect is the same model.
  @Test func dialectsAreFound() throws {
    try withTable { run, folder in
      let cells = Self.text.split(separator: "\n").map {
        $0.replacingOccurrences(of: ".", with: ";").replacingOccurrences(of: ",", with: "|")
          .replacingOccurrences(of: ";", with: ",").replacingOccurrences(of: "|", with: ";")
      }
      let dialect = "# exported\n" + cells.joined(separator: "\r\n") + "\r\n"
      try Data([0xFF, 0xFE] + [UInt8](#require(dialect.data(using: .utf16LittleEndian))))
        .write(to: folder.appendingPathComponent("d.csv"))
      let found = try run("train", "d.csv", "--steps", "60", "-o", "d.safetensors")
      #expect(found.status == 0, "\(found.errors)")
      #expect(found.output.hasPrefix("90 rows of (cells parted by semicolons, decimal commas)\n"), "\(found.output)")
      #expect(try run("train", "t.csv", "--steps", "60", "-o", "t.safetensors").status == 0)
      func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
      #expect(try bytes("d.safetensors") == bytes("t.safetensors"))
    }
  }

  @Test func missingCellsAreSpeltAsIsSaid() throws {
    try withFolder { folder in
      let run = Tool(folder: folder)
      let rows = (0..<60).map { row in
        "\(row % 9 == 0 ? "-999" : "\(20 + row).5"),\(row % 7 == 0 ? "." : "\(row).25"),\(row % 2)\n"
      }
      try Data(("age,size,kind\n" + rows.joined()).utf8).write(to: folder.appendingPathComponent("t.csv"))
      let silent = try run("train", "t.csv", "--quick")
      #expect(silent.status == 0 && silent.output.contains("  size: continuous, 9 missing\n"), "\(silent.output)")
      #expect(silent.errors.contains("size: '.' is taken for a missing cell, 9 times;"))
      #expect(silent.errors.contains("age: -999 comes 7 times and lies far from all else"))
      let told = try run("train", "t.csv", "--quick", "--missing", "age=-999")
      #expect(told.status == 0 && told.output.contains("  age: continuous, 7 missing\n"), "\(told.output)")
      #expect(!told.errors.contains("far from all else"))
    }
  }

  @Test func kindsAreOverridden() throws {
    try withTable { run, folder in
      let outcome = try run(
        "train", "t.csv", "--quick", "--schema", "code=continuous", "--schema", "kind=category:c,b,a,z", "--schema",
        "size=none", "--schema", "name=category", "--output", "n.safetensors")
      // Chosen columns are not said to be left out.
      #expect(outcome.status == 0 && !outcome.errors.contains("left out"), "\(outcome.errors)")
      let columns = try model("n.safetensors", in: folder).definition.schema.columns
      #expect(columns.map(\.name) == ["kind", "code", "name"])
      #expect(columns[0].kind == .category(["c", "b", "a", "z"]) && columns[1].kind == .continuous)
      #expect(columns[2].labels?.count == 90)
    }
  }

  @Test func reportsAndRepeats() throws {
    try withTable { run, folder in
      let first = try run("train", "t.csv", "--steps", "60", "--seed", "5", "--json", "-o", "1.safetensors")
      #expect(first.status == 0, "\(first.errors)")
      let object = try first.object()
      #expect(
        Set(object.keys) == [
          "fields", "left_out", "rows", "held_out_rows", "bits", "bits_standard_error", "null_bits", "steps", "model",
          "seconds",
        ])
      #expect(
        object["rows"] as? Double == 90 && object["held_out_rows"] as? Double == 9 && object["steps"] as? Double == 60)
      let piped = try run.shell("$0 train - --steps 60 --seed 5 --threads 1 --output 2.safetensors <t.csv")
      #expect(piped.status == 0, "\(piped.errors)")
      func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
      #expect(try bytes("1.safetensors") == bytes("2.safetensors"))
      let other = try run("train", "t.csv", "--steps", "60", "--seed", "6", "-o", "3.safetensors")
      #expect(try other.status == 0 && bytes("1.safetensors") != bytes("3.safetensors"))
      let help = try run("train", "--help").output
      for key in object.keys { #expect(help.contains(key), "\(key) is not explained") }
    }
  }

  @Test func arraysAreTablesToo() throws {
    try withFolder { folder in
      let run = Tool(folder: folder)
      var values: [Double] = []
      for row in 0..<200 {
        values.append(Double(row * row % 97) / 10)
        values.append(row % 9 == 4 ? Double.nan : Double(row % 2))
      }
      try NPYArray(values: values, shape: [200, 2]).write(to: folder.appendingPathComponent("t.npy"))
      let outcome = try run("train", "t.npy", "--quick")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("  x0: continuous\n  x1: binary: 0, 1, 22 missing\n"), "\(outcome.output)")
      // The same numbers in half precision are the same rows.
      let halves = values.map { ($0 * 8).rounded() / 8 }
      let file = folder.appendingPathComponent("t.npy")
      try NPYArray(values: halves, shape: [200, 2]).write(to: file)
      let doubles = try run("train", "t.npy", "--quick")
      try NPYArray(values: halves, shape: [200, 2]).write(to: file, as: .float16)
      #expect(try run("train", "t.npy", "--quick").output == doubles.output && doubles.status == 0)
      try NPYArray(values: values, shape: [100, 2, 2]).write(to: folder.appendingPathComponent("t.npy"))
      let odd = try run("train", "t.npy", "--quick")
      #expect(
        odd.status == 65 && odd.errorLines.count == 1 && odd.errors.contains("is no set of pictures"), "\(odd.errors)")
      // CSV has no infinite numbers, so one would be taken for a missing cell.
      values[9] = -.infinity
      try NPYArray(values: values, shape: [200, 2]).write(to: file)
      let infinite = try run("train", "t.npy", "--quick")
      #expect(infinite.status == 65 && infinite.errors.contains("row 4, field 'x1' is -inf"), "\(infinite.errors)")
      try NPYArray(values: [], shape: [0, 2]).write(to: file)
      let empty = try run("train", "t.npy", "--quick")
      #expect(empty.status == 65 && empty.errors.contains("'t.npy' has no numbers, its shape is [0, 2]"))
    }
  }

  /// Rows that were trained on are not said to be kept apart, and one row has no standard error.
  @Test func fewRows() throws {
    try withFolder { folder in
      let run = Tool(folder: folder)
      let rows = ["a,b", "1.5,2", "2.5,1", "0.5,4", "1.25,3", "2.25,0.5"]
      for count in [2, 3, 5] {
        let text = rows.prefix(count + 1).joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: folder.appendingPathComponent("t.csv"))
        let outcome = try run("train", "t.csv", "--quick")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("kept apart,") == (count > 3), "\(outcome.output)")
        #expect(!outcome.output.contains("+- -"), "\(outcome.output)")
        let object = try run("train", "t.csv", "--quick", "--json").object()
        #expect(object["held_out_rows"] as? Double == (count > 3 ? 1 : 0))
        #expect((object["bits_standard_error"] is Double) == (count < 4), "\(object)")
      }
    }
  }

  /// What it is for: the model tells more than pi alone.
  @Test func learns() throws {
    try withTable { run, _ in
      let object = try run("train", "t.csv", "--steps", "1500", "--json").object()
      let bits = try #require(object["bits"] as? Double)
      let null = try #require(object["null_bits"] as? Double)
      #expect(bits > null + 1)
    }
  }
}
