import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramTesting

/// A small model of birds, and the tool that is asked about it.
struct ToolModel {
  static let species = Category("species", of: ["Adelie", "Chin, strap", "Gentoo"])
  static let sex = Binary("sex", "female", "male")
  static let bill = Continuous("bill length")
  static let year = Category("year", of: ["2007", "2008", "2009"])

  let trained: TrainedDiffusion
  let table: Table

  init() async throws {
    table = try ToolModel.rows(300)
    let definition = Diffusion {
      ProductKernel {
        ToolModel.species
        ToolModel.sex
        ToolModel.bill
        ToolModel.year
      }
      ConstantErasure(steps: 8)
      ReverseNetwork {
        Dense(8, activation: .silu)
        Readout(.bumps(2))
      }
    }
    trained = try await definition.fit(to: table, using: .adam(rate: 1e-2), steps: 200, seed: 1)
  }

  private static func rows(_ count: Int) throws -> Table {
    var stream = RandomStream(seed: 1, purpose: "tool tests")
    let schema = Schema(species, sex, bill, year)
    return try Table(
      (0..<count).map { _ in
        let kind = Int.random(in: 0..<3, using: &stream)
        let isMale = Bool.random(using: &stream)
        var record = Record(schema)
        record[species] = species.labels[kind]
        record[sex] = isMale ? "male" : "female"
        record[bill] = [38, 48, 46][kind] + (isMale ? 2 : -2) + Double(stream.nextNormal())
        record[year] = year.labels[Int.random(in: 0..<3, using: &stream)]
        return record
      })
  }

  /// Gives a folder with the model as `m.safetensors` and some of its rows as `rows.csv`, one cell of which is missing.
  func withFolder(_ body: (_ run: Tool, URL) throws -> Void) throws {
    try ProgramTesting.withFolder { folder in
      try trained.save(to: folder.appendingPathComponent("m.safetensors"))
      try scored.write(csv: folder.appendingPathComponent("rows.csv"))
      try body(Tool(folder: folder), folder)
    }
  }

  /// What `rows.csv` has.
  var scored: Table {
    get throws {
      var cells = Array(table.cells[..<80])
      cells[4 * 3 + 2] = .nan
      cells[4 * 5 + 1] = .nan
      return try Table(cells: cells, schema: table.schema)
    }
  }
}

/// The tool in a folder.
struct Tool {
  let folder: URL

  func callAsFunction(_ arguments: String...) throws -> Executable.Outcome {
    try Executable("diffusion").run(arguments, in: folder)
  }

  /// A line of shell with the tool as `$0`.
  func shell(_ line: String) throws -> Executable.Outcome { try Executable("diffusion").shell(line, in: folder) }
}

extension Executable.Outcome {
  /// Standard output as a table.
  func table(_ schema: Schema) throws -> Table { try Table(data: Data(output.utf8), name: "output", schema: schema) }

  /// Standard output as columns of numbers.
  func numbers() throws -> NumericTable { try NumericTable(data: Data(output.utf8), name: "output") }

  /// Standard output as one JSON object.
  func object() throws -> [String: Any] {
    try JSONDecoder().decode(AnyJSON.self, from: Data(output.utf8)).value as? [String: Any] ?? [:]
  }
}

/// Any JSON, with numbers to the last digit, which `JSONSerialization` does not keep on every system.
private struct AnyJSON: Decodable {
  let value: Any

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      value = NSNull()
    } else if let object = try? container.decode([String: AnyJSON].self) {
      value = object.mapValues(\.value)
    } else if let list = try? container.decode([AnyJSON].self) {
      value = list.map(\.value)
    } else if let text = try? container.decode(String.self) {
      value = text
    } else if let truth = try? container.decode(Bool.self) {
      value = truth
    } else {
      value = try container.decode(Double.self)
    }
  }
}
