import DiffusionDSL
import DiffusionIO

/// A definition as it would be written.
struct DefinitionText: CustomStringConvertible {
  private var lines: [String] = []

  init(_ definition: Diffusion) {
    add(0, "Diffusion {")
    for line in definition.kernel.sourceText.split(separator: "\n") { add(1, String(line)) }
    add(1, DefinitionText.text(definition.schedule))
    switch definition.reverse {
    case .network(let network): add(network)
    case .function(let function):
      add(1, "ReverseFunction(\(DefinitionText.text(function.lastStep))) { ... }")
    case .regression(let regression):
      add(
        1,
        "KernelRegression(rows: \(regression.rows.map(String.init) ?? "all"), bandwidth: \(regression.bandwidth), "
          + "replacement: \(regression.replacement), \(DefinitionText.text(regression.lastStep)))")
    }
    add(0, "}")
  }

  var description: String { lines.joined(separator: "\n") }

  private mutating func add(_ depth: Int, _ line: String) {
    lines.append(String(repeating: "  ", count: depth) + line)
  }

  private static func text(_ schedule: ScheduleDefinition) -> String {
    switch schedule {
    case .constantErasure(let steps): "ConstantErasure(steps: \(steps))"
    case .linear(let steps): "Linear(steps: \(steps))"
    case .cosine(let steps): "Cosine(steps: \(steps))"
    case .geometric(let steps, let first, let last):
      "Geometric(steps: \(steps), firstVariance: \(first), lastVariance: \(last))"
    case .fixed(let betas): "Fixed(...)  // \(betas.count) steps"
    case .learned(let steps, let first): "LearnedSchedule(steps: \(steps), firstVariance: \(first))"
    }
  }

  private static func text(_ lastStep: LastStep) -> String {
    switch lastStep {
    case .paper: "lastStep: .paper"
    case .learned(let floor): "lastStep: .learned(\(floor == 0 ? "" : "floor: \(floor)"))"
    }
  }

  private mutating func add(_ network: ReverseNetwork) {
    let variance = "\(network.variance)"
    add(
      1,
      "ReverseNetwork(mean: .\(network.mean.rawValue), variance: .\(variance), "
        + "probability: .\(network.probability.rawValue), \(DefinitionText.text(network.lastStep))) {")
    for layer in network.layers { add(2, layer.value) }
    let kind =
      switch network.readout.value.kind {
      case .perStep: ".perStep"
      case .bumps(let count): ".bumps(\(count))"
      case .shared: ".shared"
      }
    add(2, "Readout(\(kind))")
    add(1, "}")
  }

  private mutating func add(_ depth: Int, _ layer: Layer) {
    let (name, inside): (String, [Placed<Layer>])
    switch layer {
    case .dense(let units, let activation):
      return add(depth, "Dense(\(units)\(activation == .identity ? "" : ", activation: .\(activation.rawValue)"))")
    case .radialBasis(let units): return add(depth, "RadialBasis(units: \(units))")
    case .parallel(let layers): (name, inside) = ("Parallel", layers)
    case .chain(let layers): (name, inside) = ("Chain", layers)
    case .residual(let layers): (name, inside) = ("Residual", layers)
    }
    add(depth, "\(name) {")
    for layer in inside { add(depth + 1, layer.value) }
    add(depth, "}")
  }
}
