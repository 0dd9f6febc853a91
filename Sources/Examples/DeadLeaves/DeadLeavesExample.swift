import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

@main
struct DeadLeavesExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "dead-leaves",
    abstract: "Trains a diffusion model on pictures of dead leaves, of which any number can be made.",
    discussion: """
      Dead leaves are discs of random size and gray that cover each other, the pictures of figure 4 and of a row of \
      table 1 of Sohl-Dickstein et al. (2015). They are made here, so no data are needed: 1,000 pictures of 128 x 128 to \
      learn patches of 32 x 32 from, 100 to test on. Prints the bound K in bits a pixel at the model's own beta_1 and at \
      the paper's, beside a mixture of Gaussian scale mixtures at the same beta_1 and the paper's row. Draws samples of \
      32 x 32, 128 x 128 and 256 x 256 beside data (the same model at other sizes), and what bits and samples become with \
      fewer steps, and writes the model.

      Training takes --steps steps of 128 patches (default: 40000, about an hour on two cores). A checkpoint is written every \
      two minutes, from which --resume goes on. With --pretrained a model that comes with the example is shown within a \
      minute, by chains of 200 of its 1,000 steps, and not scored.

      JSON: K_bits_per_pixel with K_standard_error, K_minus_null_bits_per_pixel and baseline_bits_per_pixel at beta_1; \
      K_bits_per_pixel_at_paper_beta_1 and baseline_bits_per_pixel_at_paper_beta_1 at paper_beta_1; paper_K and \
      paper_K_minus_null, the paper's row; images_per_second in training; steps (of training, in all), network, \
      schedule, data (the law), seed and quick as they were; seconds, all in all. bits_per_dim is null: pictures are no \
      levels. What a run does not measure is null.
      """)

  @Option(help: "The leaves: radii from 2 pixels and 3% noise, or from 1 pixel and 5% noise.")
  var law = LeafLaw.coarse

  @OptionGroup var pictures: PictureOptions

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if pictures.pretrained, law != .coarse {
      throw ValidationError("--pretrained shows a model of the first law: leave out --law")
    }
  }

  func run(in context: ExampleContext) async throws -> PictureReport {
    let start = ContinuousClock.now
    let console = context.console
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    var report = PictureReport(pictures, data: law.rawValue, options, paper: LeafStudy.paper)
    let study = try LeafStudy(law, pictures, options, on: console)
    let model = try await study.pictures.model(
      pictures, coming: ComingModel(of: context.name), in: context, output, into: &report)
    for sheet in try study.sheets(of: model, beside: report.scores.first?.mixture, on: console) {
      try context.draw(sheet.pictures, as: sheet.name, in: output)
    }
    let fewer = try FewerSteps(
      of: model, on: PictureRows(study.pictures.testPictures(study.strided)), counts: study.counts(of: model),
      pictures: 6, seed: options.seed, threads: options.threads, on: console)
    console.print("\n" + fewer.table + "\n")
    try context.draw(fewer.figure, as: "fewer-steps", in: output)
    try context.draw(fewer.sheet(range: LeafStudy.shown), as: "fewer-steps-samples", in: output)
    report.seconds = Double((ContinuousClock.now - start) / .seconds(1))
    return report
  }
}

/// The laws to choose from.
enum LeafLaw: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Radii from 2 pixels, 3% noise.
  case coarse
  /// Radii from 1 pixel, 5% noise.
  case fine

  /// The law of pictures of a size.
  func leaves(side: Int) -> DeadLeaves {
    self == .coarse ? DeadLeaves(width: side, height: side) : .fine(width: side, height: side)
  }
}
