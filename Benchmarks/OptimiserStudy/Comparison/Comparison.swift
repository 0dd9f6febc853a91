import DiffusionDSL

/// All contenders on one problem, each at its best rate.
struct Comparison: Sendable {
  /// A contender's trials.
  struct Entry: Sendable {
    let contender: Contender
    /// By rates ascending.
    let trials: [Trial]
    /// The one with the best K at the end.
    let best: Trial
  }

  /// What one step takes beside the evaluation of its gradient, at minibatches of the same size.
  struct StepCost: Sendable {
    /// Seconds of a step of the sum of functions optimiser, in its last stretch.
    let step: Double
    /// Seconds of a step of SGD, which does hardly more than to evaluate the gradient.
    let gradient: Double
    /// The difference.
    var beside: Double { step - gradient }
  }

  let problem: Problem
  let entries: [Entry]
  let stepCost: StepCost?

  /// Trains everything.
  init(_ problem: Problem, _ search: RateSearch, in surroundings: Surroundings) async throws {
    self.problem = problem
    let marks = Comparison.marks(problem.passes)
    var entries: [Entry] = []
    for contender in Contender.all(on: problem) {
      func advance(_ trial: inout Trial, _ marks: [Int]) async throws {
        guard trial.failure == nil else { return }
        try await trial.advance(to: marks, of: problem, in: surroundings)
        surroundings.console.note("\(trial.label(in: problem)): \(Comparison.outcome(trial))")
      }
      if contender.method.hasRate {
        let (trials, best) = try await search.run(contender, marks: marks, advance: advance)
        let ended = trials.map(\.finished)
        entries.append(Entry(contender: contender, trials: ended, best: ended[best]))
      } else {
        var trial = Trial(contender, rate: nil)
        try await advance(&trial, marks)
        entries.append(Entry(contender: contender, trials: [trial.finished], best: trial.finished))
      }
    }
    self.entries = entries
    func secondsPerStep(_ method: Method) -> Double? {
      entries.first { $0.contender.method == method && !$0.contender.isSmallBatch }?.best.secondsPerStep
    }
    stepCost = secondsPerStep(.sumOfFunctions).flatMap { step in
      secondsPerStep(.sgd).map { StepCost(step: step, gradient: $0) }
    }
  }

  /// After how many passes models are scored: 1, 2, 5, 10, 20 and so on, and at the end.
  static func marks(_ passes: Int) -> [Int] {
    var marks: [Int] = []
    var decade = 1
    while decade < passes {
      marks += [1, 2, 5].map { $0 * decade }.filter { $0 < passes }
      decade *= 10
    }
    return marks + [passes]
  }

  private static func outcome(_ trial: Trial) -> String {
    if let failure = trial.failure { return "failed: \(failure)" }
    guard let point = trial.points.last else { return "nothing was done" }
    return "K = \(decimals(point.bits)) bits after \(counted(point.passes, "pass", "passes")), "
      + "\(decimals(point.seconds, 1)) s of training"
  }
}
