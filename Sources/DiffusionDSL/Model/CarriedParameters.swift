extension TrainedDiffusion {
  /// This model's parameters in another model, by their names, with this model's scaling and without a state of training.
  ///
  /// - Parameters:
  ///   - other: a model all of whose parameters this one has, by their names, with as many numbers: one of the same
  ///     network, whose definition differs in its schedule or its readout's kind alone. No caller's input can make another.
  ///   - change: a parameter's numbers as the other model has them, [numbers]; nil for the same numbers.
  func carried(
    to other: DiffusionModel, changing change: (_ name: String, _ numbers: [Float]) -> [Float]? = { _, _ in nil }
  ) -> TrainedDiffusion {
    var values: [Float] = Array(repeating: 0, count: other.layout.count)
    for entry in other.layout.entries {
      guard let own = parameter(entry.name) else { preconditionFailure("no parameter '\(entry.name)' to carry") }
      let numbers = change(entry.name, own) ?? own
      precondition(numbers.count == entry.shape.count, "'\(entry.name)' has another number of numbers")
      values.replaceSubrange(entry.offset..<entry.offset + numbers.count, with: numbers)
    }
    return TrainedDiffusion(model: other, parameters: values, scaling: scaling, state: nil)
  }
}
