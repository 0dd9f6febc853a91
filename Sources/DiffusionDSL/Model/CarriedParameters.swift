extension TrainedDiffusion {
  /// This model's parameters in another model, by their names, with this model's scaling and without a state of training.
  ///
  /// - Parameters:
  ///   - other: a model that has parameters of these names.
  ///   - change: a parameter's numbers as the other model has them, [numbers]; nil for the same numbers.
  func carried(
    to other: DiffusionModel, changing change: (_ name: String, _ numbers: [Float]) -> [Float]? = { _, _ in nil }
  ) -> TrainedDiffusion {
    var values: [Float] = Array(repeating: 0, count: other.layout.count)
    for entry in other.layout.entries {
      guard let own = parameter(entry.name) else { continue }
      let numbers = change(entry.name, own) ?? own
      guard numbers.count == entry.shape.count else { continue }
      values.replaceSubrange(entry.offset..<entry.offset + numbers.count, with: numbers)
    }
    return TrainedDiffusion(model: other, parameters: values, scaling: scaling, state: nil)
  }
}
