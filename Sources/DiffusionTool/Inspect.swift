import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

struct Inspect: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a model is: its definition, its fields with their scaling, its layers, and its parameters.",
    discussion: """
      --json prints one object. fields: each with name, kind, labels and, for numbers, the mean and scale that the data \
      were brought to 0 and 1 by; steps: T; betas: of each step; parameters: name and shape of each; parameter_count: \
      how many numbers they have; layers: place, name, depth, output_shape, parameters and multiply_adds of each layer of \
      the network and of its readout, those inside it included; multiply_adds: of one row and step in all; trained_steps: updates in training; definition: as it is in the file.
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
    if let image = trained.definition.image {
      console.print("\(pictures(image, trained))\n")
    } else {
      console.print("\(fields(trained))\n")
    }
    let betas = trained.betas
    let training = trained.trainingSteps.map { ", trained for \(counted($0, "step"))" } ?? ""
    console.print(
      "T = \(trained.steps), beta_1 = \(digits(betas.first)), beta_T = \(digits(betas.last)); "
        + "\(counted(trained.parameterCount, "parameter"))\(training)")
    if let layers = layers(trained) { console.print("\n\(layers)") }
    guard !trained.parameterShapes.isEmpty else { return }
    var table = TextTable(["parameter", "shape"], alignments: [.left, .left])
    for (name, shape) in trained.parameterShapes {
      table.add(name, shape.map(String.init).joined(separator: " x "))
    }
    console.print("\n\(table)")
  }

  /// The layers with their totals; nil where there is no network. Multiply-adds are of one row and step.
  private static func layers(_ trained: TrainedDiffusion) -> TextTable? {
    let layers = trained.layers
    if layers.isEmpty { return nil }
    var table = TextTable(
      ["layer", "place", "output", "parameters", "multiply-adds"], alignments: [.left, .left, .left, .right, .right])
    for layer in layers {
      table.add(
        String(repeating: "  ", count: layer.depth) + layer.name, layer.place, "\(layer.outputShape)",
        "\(layer.parameterCount)", "\(layer.multiplyAdds)")
    }
    let outer = layers.filter { $0.depth == 0 }
    table.add(
      "in all", "", "", "\(outer.reduce(0) { $0 + $1.parameterCount })",
      "\(outer.reduce(0) { $0 + $1.multiplyAdds })")
    return table
  }

  /// What pictures are, in place of a line for each of their numbers.
  private static func pictures(_ shape: ImageShape, _ trained: TrainedDiffusion) -> String {
    let values = PictureValues(of: trained)
    let scaling =
      values == .bits
      ? ""
      : "; mean \(digits(trained.scaling.mean.first)), scale \(digits(trained.scaling.scale.first)) of the first pixel"
    return "pictures of \(shape.inWords), \(values.description)\(scaling)"
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

  struct Layer: Encodable {
    var place: String
    var name: String
    var depth: Int
    var outputShape: [Int]
    var parameters: Int
    var multiplyAdds: Int

    private enum CodingKeys: String, CodingKey {
      case place, name, depth, parameters
      case outputShape = "output_shape"
      case multiplyAdds = "multiply_adds"
    }
  }

  var fields: [FieldEntry]
  var layers: [Layer]
  var multiplyAdds: Int
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
    let summaries = trained.layers
    layers = summaries.map {
      Layer(
        place: $0.place, name: $0.name, depth: $0.depth, outputShape: $0.outputShape, parameters: $0.parameterCount,
        multiplyAdds: $0.multiplyAdds)
    }
    multiplyAdds = summaries.reduce(0) { $1.depth == 0 ? $0 + $1.multiplyAdds : $0 }
    steps = trained.steps
    betas = trained.betas
    parameters = trained.parameterShapes.map { Parameter(name: $0.name, shape: $0.shape) }
    parameterCount = trained.parameterCount
    trainedSteps = trained.trainingSteps
    definition = trained.definition
  }

  private enum CodingKeys: String, CodingKey {
    case fields, layers, steps, betas, parameters, definition
    case multiplyAdds = "multiply_adds"
    case parameterCount = "parameter_count"
    case trainedSteps = "trained_steps"
  }
}
