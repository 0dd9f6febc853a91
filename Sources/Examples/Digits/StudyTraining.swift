import DiffusionDSL
import ExampleSupport
import Foundation

// Training that survives the end of its process.

extension Study {
  /// What training leaves.
  struct Training: Sendable {
    let model: TrainedDiffusion
    let record: TrainingRecord
    /// Updates made by this run, and the seconds they took.
    let steps: Int
    let seconds: Double
  }

  /// Trains, or goes on where a checkpoint stands; cancelling the task stops it.
  ///
  /// Training is done in stretches, each of which goes on where the last one stopped, as if it had not, and ends with a
  /// checkpoint. So a killed process loses minutes.
  ///
  /// - Parameters:
  ///   - checkpoint: the file that is written, and begun from where `resumes` is true.
  ///   - resumes: whether to go on from the checkpoint.
  func train(checkpoint: URL, resumes: Bool, on console: Console) async throws -> Training {
    let data = Dequantised(digits.training)
    let total = recipe.trainingSteps
    var model: TrainedDiffusion?
    if resumes {
      let stored = try TrainedDiffusion(contentsOf: checkpoint, expecting: definition)
      guard let done = stored.trainingSteps else {
        throw UnusableDigits(
          sentence: "'\(checkpoint.relativePath)' has no state of training: leave --resume out.")
      }
      guard done < total else {
        console.print("all of \(done) steps are done already")
        return Training(model: stored, record: TrainingRecord(), steps: 0, seconds: 0)
      }
      console.print("goes on at step \(done) of \(total)")
      model = stored
    }
    let options = TrainingOptions(
      batchSize: recipe.batchSize, scaling: .whole, averaging: 0.999, clipping: 500, stepWeights: objective.weights,
      threads: options.threads)
    let optimiser = Adam(rate: .cosine(2e-3, period: total, warmup: 200))
    var record = TrainingRecord()
    let (began, firstStep) = (ContinuousClock.now, model?.trainingSteps ?? 0)
    // The first stretch is short: how long a step takes is not known yet.
    var stretch = 50
    while true {
      let done = model?.trainingSteps ?? 0
      let next = min(total, done + stretch)
      let training =
        if let model {
          try model.resuming(on: data, totalSteps: next, options: options)
        } else {
          try definition.training(
            on: data, using: optimiser, steps: next, seed: self.options.seed, options: options)
        }
      for await progress in training.progress {
        record.add(progress, evaluateEvery: .max)
        let left = Double(total - progress.step) / max(1e-9, progress.stepsPerSecond)
        console.progress(
          "step \(progress.step) of \(total), K about \(decimals(progress.boundBits / Double(UnitPixels.size))) bits a pixel, "
            + "\(Int(progress.stepsPerSecond * Double(recipe.batchSize))) pictures/s, \(Int(left.rounded(.up))) s left")
      }
      let trained = try await training.value
      try trained.save(to: checkpoint)
      let seconds = Double((ContinuousClock.now - began) / .seconds(1))
      guard next < total else {
        return Training(model: trained, record: record, steps: total - firstStep, seconds: seconds)
      }
      stretch = max(50, Int(recipe.checkpointSeconds * Double(next - firstStep) / max(1e-3, seconds)))
      model = trained
    }
  }
}
