/// A step of the reverse process that gave numbers which are not finite.
struct NonFiniteStep: Error {
  /// t.
  let step: Int
  /// The row that it gave them for, where one was given.
  var row: Int?

  func fault(of definition: Diffusion) -> DefinitionError {
    let remedy =
      switch definition.reverse {
      case .function: "give its variance or probabilities values that are possible for every x and t"
      case .network, .regression:
        "train it with a lower learning rate, or look for data far from those that it was trained on"
      }
    return DefinitionError([
      DefinitionFault(
        "the reverse step at t = \(step) gives numbers that are not finite\(row.map { " for row \($0)" } ?? ""): "
          + remedy,
        at: definition.reversePart.location)
    ])
  }
}
