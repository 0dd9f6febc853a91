/// Everything that training needs to go on as if it had not stopped: numbers, coded as JSON in a model's file, and
/// tensors by name, which the file has as they are.
struct TrainingState: Codable, Sendable {
  var storedOptimiser: StoredOptimiser
  var seed: UInt64
  var batchSize: Int
  var tileRows: Int
  var averaging: Double?
  var clipping: Double?
  /// Steps done.
  var step: Int
  /// Steps that were to be done.
  var steps: Int
  /// See `ParameterAverage`.
  var averageClock: Double
  /// The running average of the loss, in nats, and its weight.
  var runningLoss: Double
  var runningWeight: Double
  /// How many slices each per-step parameter has.
  var sliceCounts: [Int]
  /// The best bound on held-out rows, and evaluations since then; nil in older files and without held-out rows.
  var bestBits: Double?
  var evaluationsWithoutGain: Int?
  /// How steps are drawn; nil in older files: uniformly.
  var stepSampling: StepSampling?
  /// How many cells of the data are missing; nil for none.
  var missingCells: Int?
  var tensors: [String: StateTensor] = [:]

  enum CodingKeys: String, CodingKey {
    case storedOptimiser = "optimiser"
    case seed, batchSize, tileRows, averaging, clipping, step, steps, averageClock, runningLoss, runningWeight
    case sliceCounts, bestBits, evaluationsWithoutGain, missingCells, stepSampling
  }

  typealias Name = TrainingTensor

  /// The parameters as the optimiser left them.
  var parameters: [Float] { tensors[Name.parameters]?.floats ?? [] }

  /// The latest draws of the data's missing cells, row by row.
  var missingDraws: [Double] { tensors[Name.missingCells]?.doubles ?? [] }

  /// How much each step counts, as it was when training began.
  var stepWeights: StepWeights {
    StepWeights(given: tensors[Name.stepWeights]?.doubles)
  }

  /// What evaluations on held-out rows have chosen so far.
  struct Selection: Sendable {
    /// The best bound and the parameters that have it.
    var best: (bits: Double, parameters: [Float])?
    /// Evaluations since then.
    var evaluationsWithoutGain = 0
  }

  var selection: Selection {
    Selection(
      best: bestBits.map { ($0, tensors[Name.best]?.floats ?? []) },
      evaluationsWithoutGain: evaluationsWithoutGain ?? 0)
  }

  /// The tensors in the order in which files have them: those of the optimiser behind the parameters, and those that
  /// belong to one per-step parameter together at the end.
  var orderedTensors: [(name: String, tensor: StateTensor)] {
    func place(_ name: String) -> (Int, Int, Int, String) {
      let parts = name.split(separator: ".")
      if parts.count == 2, let number = Int(parts[1]) {
        return (1, number, parts[0] == "slice_clocks" ? 1 : 0, name)
      }
      let own = [Name.average, Name.missingCells, Name.stepLosses, Name.stepWeights, Name.best].firstIndex(of: name)
      return (0, name == Name.parameters ? -1 : own.map { $0 + 1 } ?? 0, 0, name)
    }
    return tensors.map { ($0.key, $0.value) }.sorted { place($0.0) < place($1.0) }
  }

  /// Whether training could have come to these numbers, and can go on from them.
  var isSound: Bool {
    (0...1 << 53).contains(step) && steps >= 0 && batchSize >= 1 && (16...4_096).contains(tileRows)
      && tileRows % 16 == 0 && averageClock.isFinite && averageClock <= 0 && runningLoss.isFinite
      && runningWeight.isFinite && runningWeight >= 0 && (0...step).contains(evaluationsWithoutGain ?? 0)
      && (tensors[Name.stepLosses]?.doubles ?? []).allSatisfy { $0 >= 0 }
      && (tensors[Name.stepWeights]?.doubles ?? []).allSatisfy { $0 > 0 } && bestBits?.isNaN != true
      && tensors.values.allSatisfy(\.isFinite)
      && sliceCounts.indices.allSatisfy { index in
        // No slice's average is ahead of the others'.
        (tensors[Name.clocks(index)]?.doubles ?? []).allSatisfy { (averageClock...0).contains($0) }
      }
  }
}
