import Formulas

// A network as a formula of x_t.

extension ReverseNetwork {
  /// The readout z of x_t, a vector.
  ///
  /// - Parameters:
  ///   - state: x_t, of the kernel's shape: [n], or [channels, height, width].
  ///   - outputs: how many numbers z has.
  ///   - faults: takes the mistakes that the layers' types could not show.
  func output(
    of state: Formula, outputs: Int, _ tables: GaussianTables, _ registry: ParameterRegistry,
    _ faults: inout [DefinitionFault]
  ) -> Formula {
    let run = run(of: state, tables)
    registry.adopt(run.assembly.registry)
    faults += run.assembly.faults
    var readoutFaults: [String] = []
    let z = readout.value.output(
      of: run.hidden, state: state.shape, outputs: outputs, tables, registry, &readoutFaults
    ).labelled("Readout")
    faults += readoutFaults.map { DefinitionFault($0, at: readout.location) }
    return z
  }

  /// What the layers and the readout give and take, in the order of the definition.
  ///
  /// - Parameters:
  ///   - state: the shape of x_t.
  ///   - outputs: how many numbers the readout gives.
  func summaries(of state: Shape, outputs: Int, _ tables: GaussianTables) -> [LayerSummary] {
    let run = run(of: .input("x", shape: state), tables)
    var faults: [String] = []
    let registry = ParameterRegistry()
    let z = readout.value.output(of: run.hidden, state: state, outputs: outputs, tables, registry, &faults)
    let last = LayerSummary(
      place: "readout", name: "Readout", depth: 0, outputShape: z.shape.axes,
      parameterCount: registry.specifications.reduce(0) { $0 + $1.shape.count },
      multiplyAdds: z.multiplyAdds(behind: [run.hidden]))
    return run.assembly.summaries + [last]
  }

  /// Whether the layers leave an image of a shape, without features of t, an image.
  func leavesImage(of shape: Shape, _ tables: GaussianTables) -> Bool {
    run(on: .input("x", shape: shape), isState: true, state: shape, tables).hidden.shape.axes.count == 3
  }

  /// What the layers made of an input, with their parameters and mistakes.
  private struct Run {
    let assembly: NetworkAssembly
    let hidden: Formula
  }

  private func run(on input: Formula, isState: Bool, state: Shape, _ tables: GaussianTables) -> Run {
    let assembly = NetworkAssembly(input, state: state, tables)
    return Run(assembly: assembly, hidden: LayerContext(assembly, isState: isState).output(of: layers, for: input))
  }

  /// What the layers make of x_t and, where the readout needs them, features of t: see `Readout`.
  private func run(of state: Formula, _ tables: GaussianTables) -> Run {
    guard readout.value.kind.time.needsStepFeatures else {
      return run(on: state, isState: true, state: state.shape, tables)
    }
    let features = ReverseNetwork.stepFeatures(tables)
    func flat() -> Run {
      run(on: concatenate([state.flattened, features]), isState: false, state: state.shape, tables)
    }
    guard state.shape.axes.count == 3, !readout.value.readsAllOfImages else { return flat() }
    let plane = Shape([1] + state.shape.axes.dropFirst())
    let channels = (0..<features.shape.count).map { features[$0].broadcast(to: plane, stage: .row) }
    let image = run(on: concatenate([state] + channels), isState: false, state: state.shape, tables)
    let keepsPlaces = image.hidden.shape.hasPlaces(of: state.shape)
    let isSound = image.assembly.faults.isEmpty
    if isSound, keepsPlaces { return image }
    // Layers that give a vector get one, unless only an image suits them.
    let vector = flat()
    return vector.assembly.faults.isEmpty || !(isSound || keepsPlaces) ? vector : image
  }

  /// t and its log signal-to-noise ratio as sinusoids, shape [18]: how a shared readout knows the step.
  private static func stepFeatures(_ tables: GaussianTables) -> Formula {
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

extension Shape {
  /// Whether this and another are shapes of images of one height and width.
  func hasPlaces(of image: Shape) -> Bool {
    axes.count == 3 && image.axes.count == 3 && axes.dropFirst() == image.axes.dropFirst()
  }
}
