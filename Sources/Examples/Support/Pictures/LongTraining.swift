import DiffusionDSL
import Foundation

/// Training that survives the end of its process.
///
/// It is done in stretches, each of which goes on where the last one stopped, as if it had not, and ends with a
/// checkpoint. So a killed process loses minutes.
public struct LongTraining: Sendable {
  /// What is trained.
  public var definition: Diffusion
  /// How parameters follow their gradient.
  public var optimiser: any Optimiser
  /// As for any training.
  public var options: TrainingOptions
  /// Updates in all.
  public var steps: Int
  /// Names every random number.
  public var seed: UInt64
  /// Pixels of a picture: progress is told in bits a pixel.
  public var pixels: Int
  /// The pictures' unit: progress is told of scaled pictures, and a checkpoint of others is refused.
  public var scaling: PictureScaling
  /// Seconds between two checkpoints.
  public var checkpointSeconds = 120.0

  /// A training; see the properties of the same names.
  public init(
    _ definition: Diffusion, using optimiser: any Optimiser, options: TrainingOptions, steps: Int, seed: UInt64,
    pixels: Int, scaling: PictureScaling
  ) {
    self.definition = definition
    self.optimiser = optimiser
    self.options = options
    self.steps = steps
    self.seed = seed
    self.pixels = pixels
    self.scaling = scaling
  }

  /// What training leaves.
  public struct Outcome: Sendable {
    /// The model, with its state of training.
    public let model: TrainedDiffusion
    /// What was told on the way.
    public let record: TrainingRecord
    /// Pictures that this run took in a second, checkpoints left out; nil where it trained nothing.
    public let picturesPerSecond: Double?
  }

  /// Trains, or goes on where a checkpoint stands; cancelling the task stops it.
  ///
  /// - Parameters:
  ///   - data: the pictures, the same each time.
  ///   - checkpoint: the file that is written, and begun from where `resumes` is true.
  ///   - resumes: whether to go on from the checkpoint.
  /// - Throws: what training and its files throw, and `UnusableCheckpoint`.
  public func run(
    on data: some RowSource, checkpoint: URL, resumes: Bool, on console: Console
  ) async throws -> Outcome {
    var model: TrainedDiffusion?
    if resumes {
      let stored = try TrainedDiffusion(contentsOf: checkpoint, expecting: definition)
      guard let done = stored.trainingSteps, let before = stored.trainingOptimiser else {
        throw UnusableCheckpoint(file: checkpoint.relativePath, fault: .noTraining)
      }
      // A rate that has fallen to its end by then would change nothing in further steps.
      guard before.learningRate == optimiser.learningRate else {
        throw UnusableCheckpoint(file: checkpoint.relativePath, fault: .otherRate)
      }
      guard stored.trainingSeed == seed else {
        throw UnusableCheckpoint(file: checkpoint.relativePath, fault: .otherSeed)
      }
      guard scaling.isThat(of: stored) else {
        throw UnusableCheckpoint(file: checkpoint.relativePath, fault: .otherData)
      }
      guard done < steps else {
        console.print("all of \(done) steps are done already")
        return Outcome(model: stored, record: TrainingRecord(), picturesPerSecond: nil)
      }
      console.print("goes on at step \(done) of \(steps)")
      model = stored
    }
    var record = TrainingRecord()
    let firstStep = model?.trainingSteps ?? 0
    var seconds = 0.0
    // The first stretch is short: how long a step takes is not known yet.
    var stretch = 50
    while true {
      let done = model?.trainingSteps ?? 0
      let next = min(steps, done + stretch)
      let began = ContinuousClock.now
      let training =
        if let model {
          try model.resuming(on: data, totalSteps: next, options: options)
        } else {
          try definition.training(on: data, using: optimiser, steps: next, seed: seed, options: options)
        }
      for await progress in training.progress {
        record.add(progress, evaluateEvery: .max)
        console.progress(text(for: progress))
      }
      let trained = try await training.value
      seconds += Double((ContinuousClock.now - began) / .seconds(1))
      try trained.save(to: checkpoint)
      guard next < steps else {
        return Outcome(
          model: trained, record: record,
          picturesPerSecond: Double((steps - firstStep) * options.batchSize) / max(1e-9, seconds))
      }
      stretch = max(50, Int(checkpointSeconds * Double(next - firstStep) / max(1e-3, seconds)))
      model = trained
    }
  }

  private func text(for progress: TrainingProgress) -> String {
    let left = Double(steps - progress.step) / max(1e-9, progress.stepsPerSecond)
    let bits = decimals(progress.boundBits / Double(pixels) + scaling.bitsOfUnit)
    return "step \(progress.step) of \(steps), K about \(bits) bits a pixel, "
      + "\(Int(progress.stepsPerSecond * Double(options.batchSize))) pictures/s, \(Int(left.rounded(.up))) s left"
  }
}

/// A checkpoint that training cannot go on from: one sentence with the remedy.
public struct UnusableCheckpoint: BadData {
  /// What is wrong with it.
  public enum Fault: Sendable {
    /// It is a model without a state of training.
    case noTraining
    /// Its training began with another learning rate, as for another number of steps.
    case otherRate
    /// Its training began with another seed.
    case otherSeed
    /// Its training was of other pictures.
    case otherData
  }

  /// Where it is.
  public let file: String
  /// What is wrong with it.
  public let fault: Fault

  /// What is wrong, and what to do.
  public var description: String {
    switch fault {
    case .noTraining: "'\(file)' has no state of training: leave --resume out."
    case .otherRate:
      "the training of '\(file)' began with another number of steps, over which its rate falls: give --steps as then, "
        + "or leave --resume out."
    case .otherSeed:
      "the training of '\(file)' began with another seed, which names its data too: give --seed as then, or leave "
        + "--resume out."
    case .otherData:
      "the training of '\(file)' was of other pictures: name its own --output for each set, or leave --resume out."
    }
  }
}
