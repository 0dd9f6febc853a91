import Formulas

/// The parameters and the mistakes of a network whose layers are being turned into formulas.
final class NetworkAssembly {
  let registry = ParameterRegistry()
  private(set) var faults: [DefinitionFault] = []
  /// What the layers gave and took, each before those inside it.
  private(set) var summaries: [LayerSummary] = []
  /// The shape of x_t.
  let state: Shape
  /// The schedule's tables, for what depends on t.
  let tables: GaussianTables
  /// Numbers of x_t.
  var features: Int { state.count }
  /// What layers may write formulas of, by name: what the network is given, and the parameters that are registered.
  private var known: [String: [Formula]] = [:]

  /// - Parameters:
  ///   - input: what the first layer gets.
  ///   - state: the shape of x_t.
  init(_ input: Formula, state: Shape, _ tables: GaussianTables) {
    self.state = state
    self.tables = tables
    // What a learned schedule is made of is known to layers by its tables.
    for (name, formula) in input.named + tables.logAlphaBar.named { known[name, default: []].append(formula) }
  }

  func tell(_ message: String, at location: SourceLocation?) {
    faults.append(DefinitionFault(message, at: location))
  }

  func parameter(_ name: String, shape: Shape, _ start: ParameterStart) -> Formula {
    let parameter = registry.parameter(name, shape: shape, start)
    known[name, default: []].append(parameter)
    return parameter
  }

  /// Notes what a layer gives and takes.
  ///
  /// - Parameter apply: applies the layer, and those inside it.
  func summarising(
    _ place: String, _ name: String, depth: Int, input: Formula, _ apply: () -> Formula
  ) -> Formula {
    let (position, known) = (summaries.count, registry.specifications.count)
    let output = apply()
    summaries.insert(
      LayerSummary(
        place: place, name: name, depth: depth, outputShape: output.shape.axes,
        parameterCount: registry.specifications[known...].reduce(0) { $0 + $1.shape.count },
        multiplyAdds: output.multiplyAdds(behind: [input])), at: position)
    return output
  }

  /// Whether the name is taken, by an input or a parameter.
  func knows(_ name: String) -> Bool { known[name] != nil }

  /// The symbols in a formula that the network does not define; each is listed only the first time that it occurs.
  func strangers(in formula: Formula) -> [(name: String, formula: Formula)] {
    formula.named.filter { name, formula in
      let isKnown = known[name, default: []].contains { $0.shape == formula.shape && $0.stage == formula.stage }
      if !isKnown { known[name, default: []].append(formula) }
      return !isKnown
    }
  }
}
