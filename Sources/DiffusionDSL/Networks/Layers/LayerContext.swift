import Expressions

/// The parameters and the mistakes of a network whose layers are being turned into formulas.
final class NetworkAssembly {
  let registry: ParameterRegistry
  var faults: [DefinitionFault] = []

  init(registry: ParameterRegistry) { self.registry = registry }
}

/// A layer's place in its network: what it registers parameters with, applies layers inside it by, and tells faults.
public struct LayerContext {
  private let assembly: NetworkAssembly
  /// Names the layer's parameters: `network.1` for the first layer.
  private let path: String
  private let location: SourceLocation?
  private let depth: Int
  /// Whether the layer's input is x_t itself, where parameters may begin at rows of the data
  /// (`ParameterStart.dataRows`).
  public let isState: Bool

  /// The place around a network's layers.
  init(_ assembly: NetworkAssembly, path: String, isState: Bool) {
    self.init(assembly, path: path, location: nil, depth: 0, isState: isState)
  }

  private init(_ assembly: NetworkAssembly, path: String, location: SourceLocation?, depth: Int, isState: Bool) {
    self.assembly = assembly
    self.path = path
    self.location = location
    self.depth = depth
    self.isState = isState
  }

  /// What messages call the layer: `Dense (network.1)`.
  func label(_ layer: any NetworkLayer) -> String { "\(layer.name) (\(path))" }

  /// A parameter of the layer.
  ///
  /// - Parameters:
  ///   - name: what it is called behind the layer's place: `weight` for `network.1.weight`; unique in the layer.
  ///   - shape: of its numbers, which are learned.
  ///   - start: where training starts.
  public func parameter(_ name: String, shape: Shape, _ start: ParameterStart) -> Formula {
    assembly.registry.parameter("\(path).\(name)", shape: shape, start)
  }

  /// Tells a mistake in the layer, which is reported with its line.
  ///
  /// - Parameters:
  ///   - message: one sentence with the offending value and the remedy.
  ///   - standIn: what to go on with, so that mistakes behind it are found too.
  /// - Returns: the formula to go on with.
  public func fault(_ message: String, _ standIn: Formula) -> Formula {
    assembly.faults.append(DefinitionFault(message, at: location))
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
      let message =
        "layers nest more than \(SizeLimit.nesting) deep here; put them one behind the other instead of inside each other"
      assembly.faults.append(DefinitionFault(message, at: first.location))
      return input
    }
    let around = branch.map { "\(path).\($0)" } ?? path
    var value = input
    for (index, layer) in layers.enumerated() {
      let place = LayerContext(
        assembly, path: "\(around).\(index + 1)", location: layer.location, depth: depth + 1,
        isState: isState && index == 0)
      value = layer.value.layer.output(of: value, in: place).labelled(place.label(layer.value.layer))
    }
    return value
  }
}

extension Formula {
  /// An image's numbers as one vector, channel by channel; a vector as it is.
  var flattened: Formula { shape.axes.count > 1 ? reshaped(to: [shape.count]) : self }
}
