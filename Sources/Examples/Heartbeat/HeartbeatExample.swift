import ArgumentParser
import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

@main
struct HeartbeatExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "heartbeat",
    abstract: "Trains a binomial diffusion model on binary sequences with a pulse in every fifth bin.",
    discussion: """
      The sequences have 20 bits and one of five phases. Prints the bound K beside the best that any network could reach \
      whose steps factorise over bits, and the row of table 1 of Sohl-Dickstein et al. (2015); draws figure 2 of that \
      paper, the entropy of each reverse step between its bounds, and the training curve, and writes the model; then asks \
      for the posterior given two bits, and draws it.

      With '--readout perStep' the paper's independent top layer for each step begins as the mix that a trained model \
      with 20 bumps has at that step, and the last third of the training steps trains each by itself: trained from 0, \
      each of 2000 layers would learn from the few rows that meet its step, and as many rows would not be enough.

      JSON: K_bits and its K_standard_error (over sequences); K_minus_null_bits, K less that of independent bits; \
      best_possible_bits; exact_samples, how many samples, 'of' how many, are one of the five sequences; readout, \
      last_step, steps (of training), seed and quick as they were; seconds, all in all.
      """)

  @Option(
    help:
      "The top layer: one mixed by bumps over the steps, or an independent one for each step, begun as such a mix.")
  var readout = ReadoutChoice.bumps

  @Option(help: "Where the step from x_1 to x_0 comes from: the paper's forward kernel, or the network.")
  var lastStep = LastStepChoice.paper

  @Option(help: .init("Training steps in all (default: what suits the readout).", valueName: "count"))
  var steps: Int?

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if let steps, !(1...100_000_000).contains(steps) {
      throw ValidationError("--steps \(steps) is not possible: give a number from 1 to 100000000")
    }
  }

  func run(in context: ExampleContext) async throws -> Report {
    let start = ContinuousClock.now
    let console = context.console
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    let study = Study(readout, lastStep, trainingSteps: steps, options)
    console.print(study.introduction)

    let (model, record) = try await study.train(on: console)
    console.progress("scoring")
    let bound = try study.score(model)
    let best = BestPossible(steps: Study.steps, learnsLastStep: lastStep == .learned)
    console.progress("sampling")
    let (samples, starts) = try study.samples(from: model)
    let check = SampleCheck(samples)
    console.progress("measuring entropies")
    let ledger = try study.ledger(of: model)
    console.print("\n" + study.results(bound, best, check, ledger) + "\n")
    console.progress("asking for the posterior")
    let query = try study.query(model)
    console.print(study.results(query) + "\n")

    let modelFile = try output.file("heartbeat.safetensors")
    try model.save(to: modelFile)
    console.print("wrote \(modelFile.relativePath)")
    console.progress("drawing figures")
    try context.draw(study.raster(samples, starts), as: "figure2", in: output)
    try context.draw(.entropies(of: ledger), as: "entropies", in: output)
    try context.draw(study.raster(query), as: "posterior", in: output)
    try context.draw(study.trainingCurve(record, bound, best), as: "training", in: output)

    return Report(
      boundBits: bound.bits, standardError: bound.standardError, overNullBits: bound.overNull,
      bestPossibleBits: best.bits, exactSamples: check.exact, samples: check.total, readout: readout.rawValue,
      lastStep: lastStep.rawValue, trainingSteps: study.recipe.trainingSteps, seed: options.seed, quick: options.quick,
      seconds: Double((ContinuousClock.now - start) / .seconds(1)))
  }
}
