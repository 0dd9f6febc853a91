import Expressions
import Foundation

/// Turns the layers of a network into formulas, and finds the mistakes that their types could not show.
struct NetworkFormulas {
  let registry: ParameterRegistry
  private(set) var faults: [DefinitionFault] = []

  init(registry: ParameterRegistry) {
    self.registry = registry
  }

  /// The layers' output for an input.
  ///
  /// - Parameters:
  ///   - path: names the parameters: "network.1.weight".
  ///   - isState: whether the input is x_t itself, where radial bases can start at rows of the data.
  mutating func apply(
    _ layers: [Placed<Layer>], to input: Formula, path: String, isState: Bool, depth: Int = 1
  ) -> Formula {
    if depth > SizeLimit.nesting, let layer = layers.first {
      return fault(
        "layers nest more than \(SizeLimit.nesting) deep here; put them one behind the other instead of inside each other",
        layer, input)
    }
    var value = input
    for (index, layer) in layers.enumerated() {
      let name = "\(path).\(index + 1)"
      value = apply(layer, to: value, path: name, isState: isState && index == 0, depth: depth)
        .labelled("\(layer.value.name) (\(name))")
    }
    return value
  }

  private mutating func apply(
    _ layer: Placed<Layer>, to input: Formula, path: String, isState: Bool, depth: Int
  ) -> Formula {
    let inputs = input.shape.count
    switch layer.value {
    case .dense(let units, let activation):
      if let fault = NetworkFormulas.fault(units: units, "Dense") { return self.fault(fault, layer, input) }
      let scale = activation.gain / Double(max(1, inputs)).squareRoot()
      let weight = registry.parameter("\(path).weight", shape: [units, inputs], .normal(standardDeviation: scale))
      let bias = registry.parameter("\(path).bias", shape: [units], .constant(0))
      return activation(affine(weight, input, bias: bias).labelled("\(layer.value.name) (\(path))"))

    case .radialBasis(let units):
      if let fault = NetworkFormulas.fault(units: units, "RadialBasis") { return self.fault(fault, layer, input) }
      let centres = registry.parameter(
        "\(path).centres", shape: [units, inputs], isState ? .dataRows : .normal(standardDeviation: 1))
      // Neighbouring centres overlap at first: of data of unit variance; and of hidden units, whose squared distance
      // from a centre grows with their number.
      let start = isState ? 1.5 : -Foundation.log(Double(max(1, inputs)))
      let scales = registry.parameter("\(path).logScales", shape: [units], .constant(start))
      return softmax(squaredDistance(input, centres: centres) * -exp(scales))

    case .parallel(let branches):
      guard !branches.isEmpty else { return fault("Parallel is empty; give it a layer or more", layer, input) }
      return concatenate(
        branches.enumerated().map { index, branch in
          apply([branch], to: input, path: "\(path).\(index + 1)", isState: isState, depth: depth + 1)
        })

    case .chain(let layers):
      return apply(layers, to: input, path: path, isState: isState, depth: depth + 1)

    case .residual(let layers):
      let inside = apply(layers, to: input, path: path, isState: isState, depth: depth + 1)
      guard inside.shape == input.shape else {
        return fault(
          "Residual adds its input, \(inputs) wide, to what its layers give, \(inside.shape.count) wide; "
            + "make the last layer inside \(inputs) wide", layer, input)
      }
      return input + inside
    }
  }

  private static func fault(units: Int, _ name: String) -> String? {
    if units < 1 { return "\(name) has \(units) units; give 1 or more" }
    return units > SizeLimit.extent ? "\(name) has \(units) units; give \(SizeLimit.extent) or fewer" : nil
  }

  private mutating func fault(_ message: String, _ layer: Placed<Layer>, _ stand: Formula) -> Formula {
    faults.append(DefinitionFault(message, at: layer.location))
    return stand
  }

  /// What the readout's parameters are called.
  private static let (readoutWeight, readoutBias) = ("readout.weight", "readout.bias")

  /// Whether a parameter is one of the readout's.
  static func isReadout(_ name: String) -> Bool { name == readoutWeight || name == readoutBias }

  /// The readout z of so many numbers.
  mutating func read(
    _ readout: Placed<Readout>, of hidden: Formula, outputs: Int, steps: Int
  ) -> Formula {
    let inputs = hidden.shape.count
    switch readout.value.kind {
    case .perStep:
      let weight = registry.parameter(Self.readoutWeight, shape: [steps, outputs, inputs], .constant(0))
      let bias = registry.parameter(Self.readoutBias, shape: [steps, outputs], .constant(0))
      return affine(weight.atStep(offset: -1), hidden, bias: bias.atStep(offset: -1))
    case .bumps(let count):
      let isCountable = saturatingProduct([count, steps]) <= SizeLimit.table
      guard count >= 1, isCountable else {
        let remedy = count < 1 ? "has no bumps; give 1 or more" : "has too many bumps for \(steps) steps; give fewer"
        faults.append(DefinitionFault("Readout(.bumps(\(count))) \(remedy)", at: readout.location))
        return Formula(0).broadcast(to: [outputs], stage: .constant)
      }
      let weight = registry.parameter(Self.readoutWeight, shape: [count, outputs, inputs], .constant(0))
      let bias = registry.parameter(Self.readoutBias, shape: [count, outputs], .constant(0))
      let mix = NetworkFormulas.bumps(count, steps: steps).atStep(offset: -1)
      return affine(weightedSum(mix, weight), hidden, bias: weightedSum(mix, bias))
    case .shared:
      let weight = registry.parameter(Self.readoutWeight, shape: [outputs, inputs], .constant(0))
      let bias = registry.parameter(Self.readoutBias, shape: [outputs], .constant(0))
      return affine(weight, hidden, bias: bias)
    }
  }

  /// g_j(t), eq. 63, shape [T, count].
  static func bumps(_ count: Int, steps: Int) -> Formula {
    Formula(bumpWeights(count, steps: steps), shape: [steps, count])
  }

  /// g_j(t), eq. 63: Gaussian bumps whose centres spread over (0, T), normalised over j; those of t = 1 first.
  static func bumpWeights(_ count: Int, steps: Int) -> [Double] {
    let spacing = count > 1 ? Double(steps) / Double(count - 1) : Double(steps)
    var table: [Double] = []
    for t in 1...max(1, steps) {
      let weights = (0..<count).map { j in
        let distance = Double(t) - (count > 1 ? Double(j) * spacing : Double(steps) / 2)
        return Foundation.exp(-distance * distance / (2 * spacing * spacing))
      }
      let total = weights.reduce(0, +)
      table += weights.map { $0 / total }
    }
    return table
  }

  /// t and its log signal-to-noise ratio as sinusoids, shape [18]: how a shared readout knows the step.
  static func stepFeatures(_ tables: GaussianTables) -> Formula {
    let steps = tables.steps
    let time = Formula((1...max(1, steps)).map { Double($0) / Double(steps) })
    let ratio = tables.logSignalToNoise
    var columns = [time * 2 - 1, ratio / 8]
    for octave in 0..<4 {
      let pace = Double.pi * Double(1 << octave)
      columns += [sin(time * pace), cos(time * pace)]
      let turn = Double.pi / 16 * Double(1 << octave)
      columns += [sin(ratio * turn), cos(ratio * turn)]
    }
    return concatenate(columns.map { tables.now($0) })
  }
}
