/// A reverse process that gave numbers which are not finite.
struct NonFiniteStep: Error {
  /// t; nil where it was not looked for.
  let step: Int?
  /// The row that it gave them for, where one was given.
  var row: Int?

  func fault(of definition: Diffusion) -> DefinitionError {
    let remedy =
      switch definition.reverse {
      case .function: "give its variance or probabilities values that are possible for every x and t"
      case .network, .regression:
        "train it with a lower learning rate, or look for data far from those that it was trained on"
      }
    let place = step.map { "the reverse step at t = \($0) gives" } ?? "the reverse steps give"
    return DefinitionError([
      DefinitionFault(
        "\(place) numbers that are not finite\(row.map { " for row \($0)" } ?? ""): \(remedy)",
        at: definition.reversePart.location)
    ])
  }
}
