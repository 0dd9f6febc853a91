import ArgumentParser
import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

@main
struct SwissRollExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "swiss-roll",
    abstract: "Trains a diffusion model on the swiss roll, scores it in bits and draws what it does.",
    discussion: """
      Prints the bound K on held-out rows beside the most that any network could reach, and writes figure 1 of \
      Sohl-Dickstein et al. (2015), the training curve, samples over data and the model; then asks for the posterior of \
      the roll given its first coordinate, and draws it.

      Networks: 'paper' has T = 40, 16 radial basis functions and a readout for each step; 'best' a residual network \
      and the same T and last step; 'deep' T = 1000 and a learned last step.

      \(Report.help)
      """)

  @Option(help: "The model to train.")
  var network = Network.paper

  @Option(
    parsing: .unconditional, help: .init("Standard deviation of the noise on the roll; 0 for none.", valueName: "sd"))
  var noise = SwissRoll.usualNoise

  @Option(
    name: .customLong("beta1"), parsing: .unconditional,
    help: .init(
      """
      Variance of the first diffusion step (default: 1e-3; 1e-5 where --noise is 0). Bounds compare \
      only where it is the same.
      """, valueName: "variance"))
  var firstVariance: Double?

  @Option(parsing: .unconditional, help: .init("Training steps (default: what suits the network).", valueName: "count"))
  var steps: Int?

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    // Less than rounding leaves of the curve's coordinates would be no noise.
    if noise != 0, !(noise >= 1e-6 && noise <= 10) {
      throw ValidationError("--noise \(noise) is not possible: give 0, or a standard deviation from 1e-6 to 10")
    }
    if let firstVariance, !(firstVariance >= 1e-8 && firstVariance <= 0.5) {
      throw ValidationError("--beta1 \(firstVariance) is not possible: give a variance from 1e-8 to 0.5")
    }
    if let steps, !(1...100_000_000).contains(steps) {
      throw ValidationError("--steps \(steps) is not possible: give a number from 1 to 100000000")
    }
  }

  func run(in context: ExampleContext) async throws -> Report {
    let start = ContinuousClock.now
    let console = context.console
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    let study = self.study
    console.print(study.introduction)
    if study.isFloored {
      console.warn(
        "without noise the bound of a learned last step has no end, so its variance is floored at beta_1 = "
          + "\(study.firstVariance).")
    }

    console.progress("drawing rows")
    let (model, record) = try await study.train(on: console)
    console.progress("scoring")
    let bound = try study.score(model)
    console.print("\n" + study.results(bound) + "\n")
    console.progress("asking for the posterior")
    let query = try study.query(model)
    console.print(study.results(query) + "\n")

    let modelFile = try output.file("swiss-roll.safetensors")
    try model.save(to: modelFile)
    console.print("wrote \(modelFile.relativePath)")
    console.progress("drawing figures")
    try context.draw(study.trajectories(of: model), as: "figure1", in: output)
    try context.draw(study.trainingCurve(record, bound), as: "training", in: output)
    try context.draw(study.scatter(of: model), as: "samples", in: output)
    try context.draw(study.conditional(query, of: model), as: "posterior", in: output)

    return Report(
      bound: bound, study: study, seconds: Double((ContinuousClock.now - start) / .seconds(1)))
  }

  var study: Study {
    var recipe = options.quick ? network.recipe.quick : network.recipe
    if let steps { recipe.steps = steps }
    return Study(
      network: network, roll: SwissRoll(noise: noise),
      firstVariance: firstVariance ?? network.usualFirstVariance(noise: noise), recipe: recipe, options: options)
  }
}
