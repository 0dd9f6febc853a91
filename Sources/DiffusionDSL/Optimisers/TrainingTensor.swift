/// The names of a training's stored tensors that are not the optimiser's.
enum TrainingTensor {
  /// The parameters as the optimiser left them; the model has their average where one is kept.
  static let parameters = "parameters"
  static let average = "average"
  /// The parameters with the best bound on held-out rows.
  static let best = "best"
  /// The latest draws of the data's missing cells, row by row.
  static let missingCells = "missing_cells"
  /// For each group of steps, the mean of their squared losses and how many losses it is of, [2][group].
  static let stepLosses = "step_losses"
  /// What the loss of each step is multiplied by, [T].
  static let stepWeights = "step_weights"
  static func clocks(_ index: Int) -> String { "slice_clocks.\(index)" }

  /// Whether a name is one of those above, or of an optimiser's tensors that have a number.
  static func isReserved(_ name: String) -> Bool {
    [parameters, average, best, missingCells, stepLosses, stepWeights].contains(name) || name.isEmpty
      || name.contains(".")
  }
}
