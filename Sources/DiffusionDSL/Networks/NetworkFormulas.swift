import Expressions

// A network as a formula of x_t.

extension ReverseNetwork {
  /// The readout z of x_t, a vector.
  ///
  /// - Parameters:
  ///   - state: x_t, of the kernel's shape: [n], or [channels, height, width].
  ///   - outputs: numbers of z.
  ///   - faults: takes the mistakes that the layers' types could not show.
  func output(
    of state: Formula, outputs: Int, _ tables: GaussianTables, _ registry: ParameterRegistry,
    _ faults: inout [DefinitionFault]
  ) -> Formula {
    let assembly = NetworkAssembly(registry: registry)
    let needsStep = readout.value.kind.time.needsStepFeatures
    let context = LayerContext(assembly, path: "network", isState: !needsStep)
    let input = needsStep ? beside(state, ReverseNetwork.stepFeatures(tables)) : state
    let hidden = context.output(of: layers, for: input)
    faults += assembly.faults
    var readoutFaults: [String] = []
    let z = readout.value.output(
      of: hidden, outputs: outputs, steps: tables.steps, registry, &readoutFaults
    ).labelled("Readout")
    faults += readoutFaults.map { DefinitionFault($0, at: readout.location) }
    return z
  }

  /// The network's input where it gets features of t beside x_t: one vector, or, where a readout follows at once that
  /// reads an image pixel by pixel, an image with a channel for each feature.
  private func beside(_ state: Formula, _ features: Formula) -> Formula {
    guard state.shape.axes.count == 3, layers.isEmpty, !readout.value.readsAllOfImages else {
      return concatenate([state.flattened, features])
    }
    let plane = Shape([1] + state.shape.axes.dropFirst())
    return concatenate(
      [state] + (0..<features.shape.count).map { features[$0].broadcast(to: plane, stage: .row) })
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
