/// Everything that training needs to go on as if it had not stopped.
struct TrainingState: Sendable {
  var optimiser: Optimiser
  var seed: UInt64
  var batchSize: Int
  var tileRows: Int
  var averaging: Double?
  var clipping: Double?
  /// Steps done.
  var step: Int
  /// Steps that were to be done.
  var steps: Int
  /// The parameters as the optimiser left them; the model has their average where one is kept.
  var parameters: [Float]
  var firstMoment: [Float]
  var secondMoment: [Float]
  /// Updates of each slice of each per-step parameter.
  var sliceUpdates: [[Int]]
  /// The latest draws of the data's missing cells, row by row.
  var missingCells: [Double] = []
  /// The average of the parameters, and its clock (see `ParameterOptimiser`).
  var average: [Float]
  var averageClock: Double
  var sliceClocks: [[Double]]
  /// The running average of the loss, in nats, and its weight.
  var runningLoss: Double
  var runningWeight: Double
  var selection = Selection()

  /// What evaluations on held-out rows have chosen so far.
  struct Selection: Sendable {
    /// The best bound and the parameters that have it.
    var best: (bits: Double, parameters: [Float])?
    /// Evaluations since then.
    var evaluationsWithoutGain = 0
  }
}
