import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

struct Inspect: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a model is: its definition, its fields with their scaling, and its parameters.",
    discussion: """
      --json prints one object. fields: each with name, kind, labels and, for numbers, the mean and scale that the data \
      were brought to 0 and 1 by; steps: T; betas: of each step; parameters: name and shape of each; parameter_count: \
      how many numbers they have; trained_steps: updates in training; definition: as it is in the file.
      """)

  @OptionGroup var model: ModelArgument

  @Flag(help: "Print one JSON object.")
  var json = false

  func run(on console: Console) async throws {
    let trained = try model.read()
    if json { console.write(try Console.json(Inspection(trained))) } else { Inspect.show(trained, on: console) }
  }

  private static func show(_ trained: TrainedDiffusion, on console: Console) {
    console.print("\(trained.definition)\n")
    console.print("\(fields(trained))\n")
    let betas = trained.betas
    let training = trained.trainingSteps.map { ", trained for \(counted($0, "step"))" } ?? ""
    console.print(
      "T = \(trained.steps), beta_1 = \(digits(betas.first)), beta_T = \(digits(betas.last)); "
        + "\(counted(trained.parameterCount, "parameter"))\(training)")
    guard !trained.parameterShapes.isEmpty else { return }
    var table = TextTable(["parameter", "shape"], alignments: [.left, .left])
    for (name, shape) in trained.parameterShapes {
      table.add(name, shape.map(String.init).joined(separator: " x "))
    }
    console.print("\n\(table)")
  }

  /// A table of the fields.
  static func fields(_ trained: TrainedDiffusion) -> TextTable {
    var table = TextTable(["field", "kind", "labels, or mean and scale"], alignments: [.left, .left, .left])
    for (index, column) in trained.definition.schema.columns.enumerated() {
      let scaling = "\(digits(trained.scaling.mean[index])), \(digits(trained.scaling.scale[index]))"
      table.add(column.name, column.kindName, column.labels?.joined(separator: ", ") ?? scaling)
    }
    return table
  }

  private static func digits(_ number: Double?) -> String { number.map { String(format: "%.6g", $0) } ?? "-" }
}

extension Column {
  /// What messages and `--schema` call the kind.
  var kindName: String {
    switch kind {
    case .continuous: "continuous"
    case .binary: "binary"
    case .category: "category"
    }
  }
}

/// What `inspect --json` prints.
private struct Inspection: Encodable {
  struct FieldEntry: Encodable {
    var name: String
    var kind: String
    var labels: [String]?
    var mean: Double?
    var scale: Double?
  }

  struct Parameter: Encodable {
    var name: String
    var shape: [Int]
  }

  var fields: [FieldEntry]
  var steps: Int
  var betas: [Double]
  var parameters: [Parameter]
  var parameterCount: Int
  var trainedSteps: Int?
  var definition: Diffusion

  init(_ trained: TrainedDiffusion) {
    fields = trained.definition.schema.columns.enumerated().map { index, column in
      let isNumber = column.labels == nil
      return FieldEntry(
        name: column.name, kind: column.kindName, labels: column.labels,
        mean: isNumber ? trained.scaling.mean[index] : nil, scale: isNumber ? trained.scaling.scale[index] : nil)
    }
    steps = trained.steps
    betas = trained.betas
    parameters = trained.parameterShapes.map { Parameter(name: $0.name, shape: $0.shape) }
    parameterCount = trained.parameterCount
    trainedSteps = trained.trainingSteps
    definition = trained.definition
  }

  private enum CodingKeys: String, CodingKey {
    case fields, steps, betas, parameters, definition
    case parameterCount = "parameter_count"
    case trainedSteps = "trained_steps"
  }
}
