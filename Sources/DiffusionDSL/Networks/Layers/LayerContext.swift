import Formulas

/// A layer's place in its network: with it the layer registers its parameters, applies the layers inside it, and
/// reports faults.
public struct LayerContext {
  private let assembly: NetworkAssembly
  /// What messages call the layer: `Dense`.
  private let name: String
  /// Names the layer's parameters: `network.1` for the first layer.
  private let path: String
  private let location: SourceLocation?
  private let depth: Int
  /// Whether the layer's input is x_t itself, where parameters may begin at rows of the data
  /// (`ParameterStart.dataRows`).
  public let isState: Bool

  /// The schedule's tables, for what depends on the step.
  var tables: GaussianTables { assembly.tables }

  /// The place around a network's layers.
  init(_ assembly: NetworkAssembly, isState: Bool) {
    self.init(assembly, name: "ReverseNetwork", path: "network", location: nil, depth: 0, isState: isState)
  }

  private init(
    _ assembly: NetworkAssembly, name: String, path: String, location: SourceLocation?, depth: Int, isState: Bool
  ) {
    self.assembly = assembly
    self.name = name
    self.path = path
    self.location = location
    self.depth = depth
    self.isState = isState
  }

  /// What messages call the layer: `Dense (network.1)`.
  var label: String { "\(name) (\(path))" }

  /// The height and width of x_t in pixels, where the model's rows are images.
  public var imageSize: (height: Int, width: Int)? {
    let axes = assembly.state.axes
    return axes.count == 3 ? (axes[1], axes[2]) : nil
  }

  /// A parameter of the layer.
  ///
  /// A shape with an extent below 1, a name that is taken, and a start that does not fit the shape are faults of the
  /// layer.
  ///
  /// - Parameters:
  ///   - name: what it is called behind the layer's place: `weight` for `network.1.weight`; unique in the layer.
  ///   - shape: of its numbers, which are learned; each extent is 1 or more.
  ///   - start: where training starts.
  public func parameter(_ name: String, shape: Shape, _ start: ParameterStart) -> Formula {
    let place = "\(path).\(name)"
    if let mistake = start.fault(shape, features: assembly.features) {
      let sound = Shape(shape.axes.map { max(1, $0) })
      return fault("\(self.name)'s parameter '\(name)' \(mistake)", Formula(0).broadcast(to: sound, stage: .shared))
    }
    if assembly.knows(place) {
      return fault(
        "\(self.name) has two parameters called '\(name)'; give each a name of its own",
        Formula(0).broadcast(to: shape, stage: .shared))
    }
    return assembly.parameter(place, shape: shape, start)
  }

  /// Reports a mistake in the layer, with the layer's line.
  ///
  /// - Parameters:
  ///   - message: one sentence with the offending value and the remedy.
  ///   - standIn: what to go on with, so that mistakes behind it are found too.
  /// - Returns: the formula to go on with.
  public func fault(_ message: String, _ standIn: Formula) -> Formula {
    assembly.tell(message, at: location)
    return standIn
  }

  /// The number of units of a layer, checked.
  ///
  /// - Returns: what is wrong with it; nil where nothing is.
  public func fault(units: Int, of layer: String) -> String? {
    if units < 1 { return "\(layer) has \(units) units; give 1 or more" }
    return units > SizeLimit.extent ? "\(layer) has \(units) units; give \(SizeLimit.extent) or fewer" : nil
  }

  /// The output of layers inside this one, one behind the other.
  ///
  /// - Parameters:
  ///   - layers: from the first on.
  ///   - input: what the first of them gets.
  ///   - branch: the place of these layers among several such lists, counted from 1; nil where there is one.
  public func output(of layers: [Placed<AnyLayer>], for input: Formula, branch: Int? = nil) -> Formula {
    if depth >= SizeLimit.nesting, let first = layers.first {
      assembly.tell(
        "layers nest more than \(SizeLimit.nesting) deep here; put them one behind the other instead of inside each "
          + "other", at: first.location)
      return input
    }
    let around = branch.map { "\(path).\($0)" } ?? path
    var value = input
    for (index, layer) in layers.enumerated() {
      let place = LayerContext(
        assembly, name: layer.value.layer.name, path: "\(around).\(index + 1)", location: layer.location,
        depth: depth + 1, isState: isState && index == 0)
      if let message = layer.value.faultOfName { assembly.tell(message, at: layer.location) }
      let told = assembly.faults.count
      let given = value
      let output = assembly.summarising(place.path, place.name, depth: depth, input: given) {
        layer.value.layer.output(of: given, in: place)
      }
      // Mistakes before the layer and inside it have been reported there already.
      let isFirst = assembly.faults.count == told && value.fault == nil
      value = (isFirst ? place.checked(output, value) : output).labelled(place.label)
    }
    return value
  }

  /// The layer's output; reports what is wrong with it, and goes on with the input where the output has an extent below
  /// 1.
  private func checked(_ output: Formula, _ input: Formula) -> Formula {
    if let message = output.fault?.message { return fault("\(name): \(message)", output) }
    if output.shape.axes.contains(where: { $0 < 1 }) {
      return fault("\(name) gives the shape \(output.shape); make each extent 1 or more", input)
    }
    for (stranger, formula) in assembly.strangers(in: output) {
      assembly.tell(
        "\(name) uses '\(stranger)' of shape \(formula.shape), which it is not given; use no formulas but its input and "
          + "its parameters", at: location)
    }
    return output
  }
}

extension ParameterStart {
  /// What is wrong with the start, or with the shape itself, for a parameter of a shape; nil where nothing is.
  ///
  /// - Parameter features: numbers of x_t.
  fileprivate func fault(_ shape: Shape, features: Int) -> String? {
    if shape.axes.contains(where: { $0 < 1 }) { return "has the shape \(shape); make each extent 1 or more" }
    let numbers: [Double]
    switch self {
    case .constant(let value): numbers = [value]
    case .normal(let deviation):
      if deviation < 0 { return "starts at draws of standard deviation \(deviation); give 0 or more" }
      numbers = [deviation]
    case .values(let values):
      if values.count != shape.count {
        return "of shape \(shape) starts at \(values.count) numbers; give \(shape.count)"
      }
      numbers = values
    case .dataRows:
      if shape.axes.count != 2 || shape.axes[1] != features {
        return "of shape \(shape) starts at rows of data; make its shape [n x \(features)]"
      }
      numbers = []
    }
    // Training's numbers are of type Float.
    return numbers.first { !Float($0).isFinite }.map { "starts at \($0); give finite numbers" }
  }
}

extension Formula {
  /// An image's numbers as one vector, channel by channel; a vector as it is.
  var flattened: Formula { shape.axes.count == 1 ? self : reshaped(to: [shape.count]) }
}
