import ArgumentParser
import DiffusionDSL
import DiffusionIO
import DiffusionPlots
import ExampleSupport
import Foundation

@main
struct PenguinsExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "penguins",
    abstract: "Trains one model of all fields of the Palmer penguins, labels and measurements, and scores it.",
    discussion: """
      The table is built in: species, island, sex and year as labels, two sizes of the bill, the flipper's length and \
      the body's mass as numbers. Rows with missing cells are trained on and scored too. Measurements are spread by \
      uniform noise as wide as the step they were recorded in (0.1 mm, 1 mm, 25 g), the same for every method.

      Prints held-out bits per row (log2 of the density of a row's observed cells; higher is better) beside those of \
      two baselines. \(Study.baselines.joined(separator: " "))

      Then a quarter of the held-out cells is hidden and filled in from the posterior given the others, beside a fill \
      by means and most frequent labels and one by the \(NearestNeighboursFill.usualCount) nearest training rows. \
      Last, the model of all rows is asked for species and sex of the penguins whose sex is missing, given the length \
      and depth of their bills alone (posterior).

      Draws data and samples side by side, measurements (pairs) and labels (shares), and how the estimate of log p \
      rises above K with the number of trajectories (rise). Writes samples and the model of all rows.

      \(PenguinsReport.help)
      """)

  @OptionGroup var options: ExampleOptions

  func run(in context: ExampleContext) async throws -> PenguinsReport {
    let start = ContinuousClock.now
    let console = context.console
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    let study = try Study(options)
    console.print(study.introduction)

    let outcome = try await study.validate(on: console)
    console.print("\n\(study.results(outcome))\n\n\(outcome.imputation.results)\n")

    console.progress("the model of all rows")
    let (model, _) = try await study.fitAll(on: console)
    let modelFile = try output.file("penguins.safetensors")
    try model.save(to: modelFile)
    console.print("wrote \(modelFile.relativePath)")
    let samples = try study.samples(from: model)
    let samplesFile = try output.file("samples.csv")
    try samples.write(csv: samplesFile)
    console.print("wrote \(samplesFile.relativePath)")

    console.progress("a posterior for each penguin whose sex is missing")
    let query = try study.query(model)
    console.print("\n\(study.results(query))\n")

    console.progress("drawing figures")
    try context.draw(study.posterior(query), as: "posterior", in: output)
    try context.draw(study.pairs(samples), as: "pairs", in: output)
    try context.draw(study.shares(samples), as: "shares", in: output)
    if let (bound, probability) = outcome.example {
      try context.draw(.rise(of: probability, bound: bound), as: "rise", in: output)
    }
    return PenguinsReport(
      bounds: BoundFigures(outcome, study, seconds: (ContinuousClock.now - start) / .seconds(1)),
      imputation: ImputationFigures(outcome.imputation))
  }
}
