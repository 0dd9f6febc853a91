/// What training may be told beside the optimiser.
///
/// Values out of range are reported together by `TrainingError.invalidOptions` when training begins.
public struct TrainingOptions: Sendable {
  /// How the data is scaled before training.
  public typealias DataScaling = DiffusionDSL.DataScaling

  /// When to stop before all steps are done.
  public struct EarlyStopping: Sendable {
    /// Evaluations in a row without a better bound after which training ends, 1 or more.
    public var patience: Int
    /// - Parameter patience: evaluations in a row without a better bound.
    public init(patience: Int = 5) { self.patience = patience }
  }

  /// Rows of a minibatch, from 1 to 2^28, drawn with replacement, or dealt in turn for an optimiser that asks for it.
  public var batchSize: Int
  /// How the data is scaled before training.
  public var scaling: DataScaling
  /// The decay of an exponential moving average of the parameters, which the trained model then has, from 0 to below 1;
  /// nil for none. At the start the average decays faster: (1 + k) / (10 + k) at step k, while that is less.
  public var averaging: Double?
  /// The largest Euclidean norm of a gradient; longer ones are shortened to it. Nil for no limit.
  public var clipping: Double?
  /// How the steps t of a minibatch are drawn.
  public var stepSampling: StepSampling
  /// How much the loss of each step counts.
  public var stepWeights: StepWeights
  /// Rows to evaluate the bound on while training, in the data's units; the model with the best bound on them is the
  /// result. Its bound on them is a little optimistic for that.
  public var heldOut: Dataset?
  /// Steps between two evaluations, 1 or more; the last step is evaluated too.
  public var evaluateEvery: Int
  /// Nil: train to the last step.
  public var earlyStopping: EarlyStopping?
  /// Nil: as many as there are processors. Results do not depend on it.
  public var threads: Int?
  /// Rows of a tile, which share a time step; a multiple of 16. Nil: chosen by the minibatch.
  var tileRows: Int?
  /// Rows of a tile: enough tiles that their steps t are spread over all, few enough that a tile is worth its overhead.
  var usedTileRows: Int { tileRows ?? min(64, max(16, (batchSize / 16 + 8) / 16 * 16)) }
  var precision: Precision = .single
  var vectorLevel: VectorLevel = .best

  /// Options; each is described at its property.
  public init(
    batchSize: Int = 1_024, scaling: DataScaling = .standardise, averaging: Double? = nil, clipping: Double? = nil,
    stepSampling: StepSampling = .uniform, stepWeights: StepWeights = .bound, heldOut: Dataset? = nil,
    evaluateEvery: Int = 1_000, earlyStopping: EarlyStopping? = nil, threads: Int? = nil
  ) {
    self.batchSize = batchSize
    self.scaling = scaling
    self.averaging = averaging
    self.clipping = clipping
    self.stepSampling = stepSampling
    self.stepWeights = stepWeights
    self.heldOut = heldOut
    self.evaluateEvery = evaluateEvery
    self.earlyStopping = earlyStopping
    self.threads = threads
  }

  var faults: [String] {
    var faults: [String] = []
    if batchSize < 1 { faults.append("batchSize is \(batchSize); give 1 or more") }
    if batchSize > 1 << 28 { faults.append("batchSize is \(batchSize); give at most \(1 << 28)") }
    if let averaging, !(averaging >= 0 && averaging < 1) {
      faults.append("averaging is \(averaging); give a decay from 0 to below 1, for instance 0.999")
    }
    if let clipping, !(clipping > 0) { faults.append("clipping is \(clipping); give a positive norm") }
    if evaluateEvery < 1 { faults.append("evaluateEvery is \(evaluateEvery); give 1 or more") }
    if let threads, threads < 1 { faults.append("threads is \(threads); give 1 or more") }
    if let threads, threads > 1_024 { faults.append("threads is \(threads); give at most 1024") }
    if let earlyStopping {
      if heldOut == nil { faults.append("early stopping needs heldOut rows to watch") }
      if earlyStopping.patience < 1 { faults.append("patience is \(earlyStopping.patience); give 1 or more") }
    }
    return faults
  }
}
