import DiffusionDSL
import DiffusionIO
import Foundation
import Testing

@Suite struct ImputeCommandTests {
  /// Columns in another order, some that the model does not know, numbers as they are written, missing cells spelt.
  private static let text = """
    nest,bill length,species,"note, long",sex,year
    1,39.10,Adelie,"a ""b"" c",NA,2007
    2,?,Gentoo,,male,2008
    3,4.7e1,"Chin, strap",NA,female,2009

    """

  private func folder(_ body: (ToolModel, Tool, Imputation) throws -> Void) async throws {
    let model = try await ToolModel()
    try model.withFolder { run, folder in
      try Data(Self.text.utf8).write(to: folder.appendingPathComponent("holes.csv"))
      let table = try Table(
        data: Data(Self.text.utf8), name: "t", schema: model.trained.definition.schema)
      try body(model, run, model.trained.impute(table, particles: 64, seed: 4))
    }
  }

  @Test func fillsInAndKeepsTheRest() async throws {
    try await folder { _, run, expected in
      let outcome = try run("impute", "m.safetensors", "holes.csv", "--seed", "4", "--particles", "64")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let sex = ToolModel.sex.labels[Int(expected.filled[0][1])]
      #expect(
        outcome.output == """
          nest,bill length,species,"note, long",sex,year
          1,39.10,Adelie,"a ""b"" c",\(sex),2007
          2,\(CSVWriter.cell(expected.filled[1][2])),Gentoo,,male,2008
          3,4.7e1,"Chin, strap",NA,female,2009

          """)
      let piped = try run.shell("$0 impute m.safetensors - --seed 4 --particles 64 <holes.csv")
      #expect(piped.output == outcome.output)
    }
  }

  /// What comes with semicolons and decimal commas goes with them.
  @Test func keepsTheDialect() async throws {
    try await folder { _, run, expected in
      let text = Self.text.replacingOccurrences(of: "\"note, long\"", with: "note")
        .replacingOccurrences(of: "\"Chin, strap\"", with: "\"Chin| strap\"").replacingOccurrences(of: ",", with: ";")
        .replacingOccurrences(of: "|", with: ",").replacingOccurrences(of: ".", with: ",")
      try Data(text.utf8).write(to: run.folder.appendingPathComponent("d.csv"))
      let outcome = try run("impute", "m.safetensors", "d.csv", "--seed", "4", "--particles", "64")
      let number = CSVWriter.cell(expected.filled[1][2], .comma)
      #expect(
        outcome.output == """
          nest;bill length;species;note;sex;year
          1;39,10;Adelie;"a ""b"" c";\(ToolModel.sex.labels[Int(expected.filled[0][1])]);2007
          2;\(number);Gentoo;;male;2008
          3;4,7e1;Chin, strap;NA;female;2009

          """, "\(outcome.errors)")
    }
  }

  /// A text in quotes that is spelt as missing stays a text, and a name that begins as a comment a name.
  @Test func writesWhatReadsBack() async throws {
    try await folder { _, run, _ in
      let text =
        "#nest,bill length,species,country,sex,year\n1,39,Adelie,\"NA\",male,2007\n2,46,Gentoo,NA,female,2008\n"
      try Data(text.utf8).write(to: run.folder.appendingPathComponent("q.csv"))
      let outcome = try run("impute", "m.safetensors", "q.csv")
      #expect(outcome.output == text.replacingOccurrences(of: "#nest", with: "\"#nest\""), "\(outcome.errors)")
    }
  }

  @Test func drawsInLongForm() async throws {
    try await folder { model, run, _ in
      let table = try Table(
        data: Data(Self.text.utf8), name: "t", schema: model.trained.definition.schema)
      let expected = try model.trained.impute(table, draws: 3, particles: 64, seed: 4)
      let outcome = try run(
        "impute", "m.safetensors", "holes.csv", "--seed", "4", "--particles", "64", "--draws", "3")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.count == 10 && lines[0] == "row,draw,nest,bill length,species,\"note, long\",sex,year")
      #expect(lines[3].hasPrefix("1,3,1,39.10,Adelie") && lines[4].hasPrefix("2,1,2,"))
      let drawn = try outcome.table(table.schema)
      for row in 0..<3 {
        for draw in 0..<3 {
          #expect(try drawn[row * 3 + draw] == model.trained.table(of: expected.draws[draw])[row])
        }
      }
    }
  }

  /// A field that the file has no column for is drawn whole.
  @Test func addsWhatIsLacking() async throws {
    try await folder { model, run, _ in
      let outcome = try run.shell("printf 'bill length,id\\n39.5,x\\n' | $0 impute m.safetensors -")
      #expect(outcome.output.hasPrefix("bill length,id,species,sex,year\n39.5,x,"), "\(outcome.output)")
      #expect(outcome.errorLines.count { $0.contains("has no column") } == 3)
      let table = try outcome.table(model.trained.definition.schema)
      #expect(table.count == 1 && !table.cells.contains { $0.isNaN })
    }
  }

  @Test func arrays() async throws {
    try await folder { model, run, _ in
      let cells = [0, 1, .nan, 2, 2, 0, 46, .nan]
      try NPYArray(values: cells, shape: [2, 4]).write(to: run.folder.appendingPathComponent("a.npy"))
      let expected = try model.trained.impute(Dataset(missingAsNaN: cells, dimensions: 4), seed: 1).filled
      let outcome = try run("impute", "m.safetensors", "a.npy", "-o", "b.npy")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let filled = try NPYArray(contentsOf: run.folder.appendingPathComponent("b.npy"))
      #expect(try filled == NPYArray(values: expected.flat, shape: [2, 4]))
    }
  }
}
