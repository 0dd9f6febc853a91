import Formulas

extension TrainedDiffusion {
  /// The same model with a readout of its own for each step, in place of one that bumps mix.
  ///
  /// A readout by bumps is, at step t, the affine layer W_t = sum over j of g_j(t) W_j, c_t = sum over j of g_j(t) c_j
  /// (Sohl-Dickstein et al. 2015, eqs. 62-63). These are the readouts of the model returned, so it has the same
  /// reverse steps up to rounding, and T / J times the readout's parameters, J being the number of bumps. It is where a
  /// model with independent readouts can begin when T is large: trained from 0, each of its readouts would have to
  /// learn from the few rows that meet its own step.
  ///
  /// The model has no state of training, whose moments would be those of other parameters; train it further with
  /// `fineTuning(on:using:steps:seed:options:)`.
  ///
  /// - Throws: `DefinitionError` for a readout that bumps do not mix, or too many parameters.
  public func withPerStepReadout() throws(DefinitionError) -> TrainedDiffusion {
    guard case .network(let network) = definition.reverse,
      let shares = network.readout.value.kind.time.shares(definition.schedule.whole)
    else {
      throw DefinitionError([
        DefinitionFault(
          "only a readout that bumps mix, at places that a schedule does not learn, is a readout for each step too: train a "
            + "model with Readout(.bumps(20)), say",
          at: definition.reversePart.location)
      ])
    }
    let reverse = Placed(
      ReverseDefinition.network(
        ReverseNetwork(
          network, Readout(.perStep, readsAllOfImages: network.readout.value.readsAllOfImages))),
      at: definition.reversePart.location)
    let unfolded = try DiffusionModel(
      Diffusion(kernel: definition.kernelPart, schedule: definition.schedulePart, reverse: reverse))
    let copies = shares.first?.count ?? 1
    return carried(to: unfolded) { name, numbers in
      guard [Readout.weightName, Readout.biasName].contains(name) else { return nil }
      let slice = numbers.count / copies
      return (0..<shares.count * slice).map { index in
        let (t, position) = (index / slice, index % slice)
        return Float((0..<copies).reduce(0.0) { $0 + shares[t][$1] * Double(numbers[$1 * slice + position]) })
      }
    }
  }
}
