import Formulas

extension TrainedDiffusion {
  /// Starts a training whose parameters begin where this model's are.
  ///
  /// The optimiser begins anew, with moments, rates and counts of its own, where
  /// `resuming(on:totalSteps:options:)` goes on with those of before. So a model can be trained on other rows,
  /// with another optimiser, or after its definition was changed (`withPerStepReadout()`). Adam's first updates are as
  /// long as its rate whatever the gradient, so a rate well below that of the first training keeps what was learned.
  ///
  /// - Parameters:
  ///   - rows: in the data's units, as wide as the kernel: arrays, a `Dataset`, a `Table`.
  ///   - optimiser: how parameters follow their gradient.
  ///   - steps: updates of the parameters, 1 or more.
  ///   - seed: names every random number that training draws.
  ///   - options: as for a first training, but for `scaling`: the model keeps its own.
  /// - Throws: `DefinitionError` for a model without parameters, `DataError` for rows that do not fit,
  ///   `TrainingError.invalidOptions`.
  public func fineTuning(
    on rows: some RowSource, using optimiser: any Optimiser = .adam(rate: 1e-4), steps: Int, seed: UInt64,
    options: TrainingOptions = .init()
  ) throws -> Training {
    try model.checkTrainable()
    let data = try definition.dataset(of: rows)
    try definition.check(data, optimiser, steps, options)
    return Training(
      try Trainer(
        model: model, data: data, optimiser: optimiser, steps: steps, seed: seed, options: options, scaling: scaling,
        parameters: parameters))
  }

  /// Trains the model further; see `fineTuning(on:using:steps:seed:options:)`.
  ///
  /// - Throws: also `TrainingError.notFinite`, and `Cancelled` when the task is cancelled.
  public func fineTune(
    on rows: some RowSource, using optimiser: any Optimiser = .adam(rate: 1e-4), steps: Int, seed: UInt64,
    options: TrainingOptions = .init()
  ) async throws -> TrainedDiffusion {
    try await fineTuning(on: rows, using: optimiser, steps: steps, seed: seed, options: options).value
  }
}
