import ArgumentParser
import DiffusionDSL
import ExampleSupport
import Foundation

/// How the readout depends on the step.
enum ReadoutChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The paper's: an independent top layer for each step.
  case perStep
  /// A mix of a few top layers by bumps over the steps.
  case bumps

  var kind: Readout.Kind { self == .perStep ? .perStep : .bumps(20) }
}

/// Where p(x_0 | x_1) comes from.
enum LastStepChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  case paper, learned

  var lastStep: LastStep { self == .paper ? .paper : .learned() }
}

/// One run of the example: what is trained on what.
struct Study: Sendable {
  let readout: ReadoutChoice
  let lastStep: LastStepChoice
  let recipe: Recipe
  let options: ExampleOptions

  /// How the model is trained and scored.
  struct Recipe: Equatable, Sendable {
    /// Training steps, each with `batchSize` rows.
    var trainingSteps: Int
    var batchSize: Int
    /// Rows for the bound that is reported, equally many of each sequence.
    var scoredRows = 10_000
    var samples = 1_000
    var evaluateEvery: Int
  }

  /// T.
  static let steps = 2_000

  init(_ readout: ReadoutChoice, _ lastStep: LastStepChoice, trainingSteps: Int?, _ options: ExampleOptions) {
    self.readout = readout
    self.lastStep = lastStep
    self.options = options
    // A readout for each step learns from the few tiles that meet its step, so there it is many small minibatches.
    var recipe =
      readout == .bumps
      ? Recipe(trainingSteps: 100_000, batchSize: 1_024, evaluateEvery: 5_000)
      : Recipe(trainingSteps: 1_000_000, batchSize: 256, evaluateEvery: 50_000)
    if options.quick {
      recipe.trainingSteps /= 50
      recipe.evaluateEvery /= 50
      recipe.scoredRows = 500
    }
    if let trainingSteps { recipe.trainingSteps = trainingSteps }
    self.recipe = recipe
  }

  /// Sohl-Dickstein et al. 2015, section 3.1.2 and appendix D.1.2.
  var definition: Diffusion {
    Diffusion {
      BinomialKernel(bits: Heartbeat.bins, mean: Heartbeat.activity)
      ConstantErasure(steps: Study.steps)
      ReverseNetwork(lastStep: lastStep.lastStep) {
        for _ in 0..<3 { Dense(50, activation: .sigmoid) }
        Readout(readout.kind)
      }
    }
  }

  private var computation: ComputeOptions { ComputeOptions(threads: options.threads) }

  /// What training reached, for the curve.
  struct Curve: Sendable {
    var training: (steps: [Double], bits: [Double]) = ([], [])
    var heldOut: (steps: [Double], bits: [Double]) = ([], [])
  }

  /// Trains the model; cancelling the task stops it.
  func train(on console: Console) async throws -> (model: TrainedDiffusion, curve: Curve) {
    let training = try definition.training(
      on: Heartbeat.rows(Heartbeat.period), using: .adam(rate: .cosine(1e-2)), steps: recipe.trainingSteps,
      seed: options.seed,
      options: TrainingOptions(
        batchSize: recipe.batchSize, averaging: 0.9995, heldOut: Heartbeat.rows(100),
        evaluateEvery: recipe.evaluateEvery, threads: options.threads))
    var curve = Curve()
    for await progress in training.progress {
      curve.training.steps.append(Double(progress.step))
      curve.training.bits.append(progress.boundBits)
      // A report says what the last evaluation gave, not when it was.
      let evaluated = Double(progress.step / recipe.evaluateEvery * recipe.evaluateEvery)
      if let bits = progress.heldOutBits, evaluated > 0, curve.heldOut.steps.last != evaluated {
        curve.heldOut.steps.append(evaluated)
        curve.heldOut.bits.append(bits)
      }
      console.progress(
        "step \(progress.step) of \(progress.steps), K about \(decimals(progress.boundBits, 2)) bits, "
          + "\(Int(progress.stepsPerSecond)) steps/s, \(Int(progress.secondsLeft.rounded(.up))) s left")
    }
    return (try await training.value, curve)
  }

  func score(_ model: TrainedDiffusion) throws -> LowerBound {
    try model.lowerBound(on: Heartbeat.rows(recipe.scoredRows), seed: options.seed, options: computation)
  }

  /// Samples, and the noise that each began as.
  func samples(from model: TrainedDiffusion) throws -> (samples: Rows, starts: Rows) {
    let samples = try model.sample(recipe.samples, seed: options.seed, options: computation)
    var chains = try model.reverseTrajectory(count: recipe.samples, seed: options.seed, options: computation)
      .makeIterator()
    guard let start = chains.next() else { return (samples, samples) }
    return (samples, start.states)
  }
}

/// A number for people, with so many decimals.
func decimals(_ value: Double, _ count: Int = 3) -> String {
  value.isFinite ? String(format: "%.\(count)f", value) : value > 0 ? "infinite" : value < 0 ? "-infinite" : "-"
}
