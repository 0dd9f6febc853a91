import DiffusionDSL
import Foundation

/// One training of a contender on a problem, scored on its way.
///
/// It is done in stretches, each of which goes on where the last one ended as if it had not, and the model is scored
/// between them: so a trial that turns out well can go on later, and no time of scoring is taken for time of training.
struct Trial: Sendable {
  /// What was reached after some passes over the rows.
  struct Point: Sendable {
    let passes: Int
    /// Steps in all.
    let steps: Int
    /// Seconds of training in all.
    let seconds: Double
    /// K of the held-out rows in bits a row.
    let bits: Double
    let standardError: Double
  }

  let contender: Contender
  /// Nil for an optimiser without one.
  let rate: Double?
  private(set) var points: [Point] = []
  private(set) var parameters = 0
  /// Why it ended early: numbers that were no longer finite.
  private(set) var failure: String?
  private var model: TrainedDiffusion?

  init(_ contender: Contender, rate: Double?) {
    self.contender = contender
    self.rate = rate
  }

  /// K at the end so far; minus infinity for a trial that failed.
  var bits: Double { failure == nil ? points.last?.bits ?? -.infinity : -.infinity }

  /// Seconds a step of the last stretch, when what an optimiser keeps has its full size.
  var secondsPerStep: Double? {
    guard let last = points.last else { return nil }
    let before = points.dropLast().last
    let steps = last.steps - (before?.steps ?? 0)
    return steps > 0 ? (last.seconds - (before?.seconds ?? 0)) / Double(steps) : nil
  }

  /// The same without its model, whose state may take a gigabyte: it cannot go on.
  var finished: Trial {
    var trial = self
    trial.model = nil
    return trial
  }

  /// Goes on to the marks that were not reached yet.
  ///
  /// - Parameters:
  ///   - marks: numbers of passes, ascending.
  ///   - surroundings: seed, threads and where words go.
  mutating func advance(to marks: [Int], of problem: Problem, in surroundings: Surroundings) async throws {
    for passes in marks where passes > (points.last?.passes ?? 0) && failure == nil {
      do {
        let seconds = try await train(to: passes, of: problem, in: surroundings)
        try score(passes, seconds: seconds, of: problem, in: surroundings)
      } catch let error as TrainingError {
        switch error {
        case .notFinite, .optimiserFailed: failure = "\(error)"
        default: throw error
        }
      }
      if failure != nil { model = nil }
    }
  }

  /// Trains for one stretch.
  ///
  /// - Returns: the seconds of its steps, without those in which the state is taken over.
  private mutating func train(
    to passes: Int, of problem: Problem, in surroundings: Surroundings
  ) async throws -> Double {
    let done = points.last?.steps ?? 0
    let total = problem.steps(passes: passes, batch: contender.batch)
    let options = TrainingOptions(
      batchSize: contender.batch, scaling: problem.scaling, threads: surroundings.threads)
    let training =
      if let model {
        try model.resuming(on: problem.rows, totalSteps: total, options: options)
      } else {
        try problem.definition.training(
          on: problem.rows, using: contender.method.optimiser(rate: rate ?? 0, minibatches: problem.minibatches),
          steps: total, seed: surroundings.seed, options: options)
      }
    // The training has what it needs of it.
    model = nil
    var last: TrainingProgress?
    for await progress in training.progress {
      last = progress
      surroundings.console.progress("\(label(in: problem)), step \(progress.step) of \(total)")
    }
    model = try await training.value
    // The last report, which comes after the last step, counts from the first step of the stretch to then.
    return last.map { Double($0.step - done) / $0.stepsPerSecond } ?? 0
  }

  private mutating func score(
    _ passes: Int, seconds: Double, of problem: Problem, in surroundings: Surroundings
  ) throws {
    guard let model else { return }
    parameters = model.parameterCount
    let bound: LowerBound
    do {
      bound = try model.lowerBound(
        on: problem.heldOut, seed: surroundings.seed, options: ComputeOptions(threads: surroundings.threads))
    } catch let error as DefinitionError {
      // Parameters so large that steps of the model are no longer numbers.
      failure = "\(error)"
      return
    } catch let error as DataError {
      failure = "\(error)"
      return
    }
    points.append(
      Point(
        passes: passes, steps: problem.steps(passes: passes, batch: contender.batch),
        seconds: (points.last?.seconds ?? 0) + seconds, bits: bound.bits, standardError: bound.standardError))
  }

  /// What the trial is, in some words.
  func label(in problem: Problem) -> String {
    "\(problem.name.rawValue): \(contender.method.title), minibatches of \(contender.batch)"
      + (rate.map { ", rate \(rateText($0))" } ?? "")
  }
}

/// What all trials have in common.
struct Surroundings: Sendable {
  let seed: UInt64
  /// Nil: as many as there are processors.
  let threads: Int?
  let console: Console
}
