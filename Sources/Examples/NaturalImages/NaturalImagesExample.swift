import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

@main
struct NaturalImagesExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "natural-images",
    abstract: "Trains a diffusion model on colour photographs of 32 x 32, scores it, and denoises photographs.",
    discussion: """
      Prints the bound K of test pictures in bits a pixel and bits/dim at the model's own beta_1 and at the paper's, \
      beside a mixture of Gaussian scale mixtures at the same beta_1 and the paper's row of table 1. Draws from \
      the posterior of held-out pictures with noise of variance 1 (figure 3 of Sohl-Dickstein et al. 2015), by the reverse \
      chain from the step that has the same noise and by the paper's way, beside BM3D and non-local means where there is a \
      Python with numpy, scikit-image and bm3d, and writes the model.

      Pictures come in the binary batches of CIFAR-10, data_batch_1.bin to data_batch_5.bin (one or more) and \
      test_batch.bin, from the folder of the set's name below $DIFFUSION_DATA, or below ./data; 'Scripts/fetch-data \
      cifar-10' fetches that set. Mirrored pictures are learned too.

      Training takes --steps steps of 64 pictures (default: 60000). A checkpoint is written every two minutes, from \
      which --resume goes on. With --pretrained a model of 3,000 pictures of CIFAR-10 that comes with the example is shown \
      within a minute, by a chain of 200 of its 1,000 steps, and not scored; the pictures are still needed.

      JSON: K_bits_per_pixel with K_standard_error, K_minus_null_bits_per_pixel, bits_per_dim and \
      baseline_bits_per_pixel at beta_1; K_bits_per_pixel_at_paper_beta_1 and \
      baseline_bits_per_pixel_at_paper_beta_1 at paper_beta_1; paper_K and paper_K_minus_null, the paper's row; \
      psnr_noisy, psnr_draw (of one draw), psnr_mean (of the mean of 16), psnr_draw_perturbed and psnr_mean_perturbed (by \
      the paper's way), psnr_bm3d and psnr_nl_means, in decibels; \
      images_per_second in training; steps (of training, in all), network, schedule, data, seed and quick as they were; \
      seconds, all in all. What a run does not measure is null.
      """)

  @Option(help: "The photographs.")
  var data = PhotographSet.cifar

  @Option(help: .init("Folder with the batches (default: see above).", valueName: "dir"))
  var folder: String?

  @OptionGroup var pictures: PictureOptions

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if pictures.pretrained, data == .patches {
      throw ValidationError("--pretrained shows a model of CIFAR-10: leave out --data patches")
    }
  }

  func run(in context: ExampleContext) async throws -> NaturalImagesReport {
    let start = ContinuousClock.now
    let console = context.console
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    let images = try data.read(from: folder)
    var recipe = PictureStudy.Recipe(trainingSteps: pictures.steps ?? (options.quick ? 40 : 60_000))
    recipe.batchSize = 64
    if options.quick { (recipe.steps, recipe.scored) = (50, 16) }
    let paper = PictureStudy.PaperRow(bound: 5.4, overNull: 11.5, difference: data.difference)
    let study = PictureStudy(
      data.name, training: try images.training.appending(images.training.mirrored), test: images.test,
      definition: pictures.network.definition(
        image: images.training.shape, schedule: pictures.schedule, steps: recipe.steps), recipe: recipe, paper: paper,
      options: options)
    var report = NaturalImagesReport(
      pictures: PictureReport(pictures, data: data.rawValue, options, paper: paper))
    let trained = try await study.model(
      pictures, coming: ComingModel(of: context.name), in: context, output, into: &report.pictures)
    // A model that is only shown is shown soon.
    let model = pictures.pretrained && trained.steps > 200 ? try trained.strided(steps: 200) : trained

    let denoised = options.quick ? 4 : 10
    let denoising = try Denoising(
      images.test.images(at: 0..<denoised), by: model, draws: 16, seed: options.seed, threads: options.threads,
      on: console)
    report.denoising = denoising.scores
    report.rivals = try Rivals.measure(denoising, in: output, on: console)
    console.print(report.denoisingTable(pictures: denoised) + "\n")
    let samples = try model.sample(
      denoised, seed: options.seed, options: console.computing("drawing samples", threads: options.threads))
    try context.draw(denoising.sheet(samples: samples), as: "denoising", in: output)
    report.pictures.seconds = Double((ContinuousClock.now - start) / .seconds(1))
    return report
  }
}

/// What `--json` prints.
struct NaturalImagesReport: Encodable, Sendable {
  var pictures: PictureReport
  var denoising: Denoising.Scores?
  var rivals: Rivals?

  private enum CodingKeys: String, CodingKey {
    case noisy = "psnr_noisy"
    case draw = "psnr_draw"
    case mean = "psnr_mean"
    case perturbedDraw = "psnr_draw_perturbed"
    case perturbedMean = "psnr_mean_perturbed"
    case bm3d = "psnr_bm3d"
    case nonLocalMeans = "psnr_nl_means"
  }

  func encode(to encoder: any Encoder) throws {
    try pictures.encode(to: encoder)
    var object = encoder.container(keyedBy: CodingKeys.self)
    func mean(_ decibels: [Double]?) -> Double? { decibels.map { Moments(of: $0).mean } }
    try object.encode(mean(denoising?.noisy), forKey: .noisy)
    try object.encode(mean(denoising?.draw), forKey: .draw)
    try object.encode(mean(denoising?.mean), forKey: .mean)
    try object.encode(mean(denoising?.perturbedDraw), forKey: .perturbedDraw)
    try object.encode(mean(denoising?.perturbedMean), forKey: .perturbedMean)
    try object.encode(mean(rivals?.bm3d), forKey: .bm3d)
    try object.encode(mean(rivals?.nonLocalMeans), forKey: .nonLocalMeans)
  }

  /// Denoising in words.
  func denoisingTable(pictures: Int) -> String {
    var table = TextTable([
      "noise of variance 1, \(pictures) pictures", "PSNR, dB", "std. error", "less the mean of 16", "std. error",
    ])
    func errors(of differences: [Double]) -> [String] {
      if differences.isEmpty { return [] }
      let moments = Moments(of: differences)
      return [decimals(moments.mean, 2), decimals(moments.standardError, 2)]
    }
    func add(_ name: String, _ decibels: [Double]?, isCompared: Bool = true) {
      guard let decibels else { return table.add(name, "not measured") }
      let score = Moments(of: decibels)
      let differences = isCompared ? zip(decibels, denoising?.mean ?? []).map { $0 - $1 } : []
      table.add([name, decimals(score.mean, 2), decimals(score.standardError, 2)] + errors(of: differences))
    }
    add("with noise", denoising?.noisy)
    add("one draw from the posterior", denoising?.draw)
    add("the mean of 16 draws", denoising?.mean, isCompared: false)
    add("one draw, the paper's way (perturbed, constant)", denoising?.perturbedDraw)
    add("the mean of 16, the paper's way", denoising?.perturbedMean)
    add("BM3D", rivals?.bm3d)
    add("non-local means", rivals?.nonLocalMeans)
    let missing = rivals == nil ? "\nFor BM3D and non-local means: pip install numpy scikit-image bm3d" : ""
    return "\(table)\(missing)"
  }
}
