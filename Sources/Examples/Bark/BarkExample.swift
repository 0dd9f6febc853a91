import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

@main
struct BarkExample: Example {
  static let configuration = CommandConfiguration(
    commandName: "bark",
    abstract: "Trains a diffusion model on a photograph of bark, scores it, and fills a hole in a part it never saw.",
    discussion: """
      Learns from patches of 32 x 32 of the left three quarters of one photograph, as they are, mirrored and flipped, \
      and prints the bound K of windows of the right quarter, of 64 x 64 where four of them have room, in bits a pixel at \
      the model's own beta_1 and at the paper's, beside a mixture of Gaussian scale mixtures at the same beta_1 and the \
      paper's row of table 1. Then hides the central 100 x 100 pixels of the right quarter and \
      draws them from the posterior (figure 5 of Sohl-Dickstein et al. 2015): as the paper does, and by three ways that \
      come nearer to the posterior; beside real parts of the photograph and, where there is a Python with numpy, scipy, \
      scikit-image, opencv-python-headless and PyPatchMatch, beside biharmonic interpolation, Telea's method, PatchMatch \
      and the posterior of a Gaussian texture. Scores are of this hole, and of one above it and one below it where there \
      is room: energy scores and rank histograms judge all draws together, the rest says what is wrong with them as a \
      texture. Holes are filled by a chain of 100 of the model's 500 steps. Windows of one photograph are alike, so \
      standard errors are somewhat too small.

      The three photographs are looked for in the folder bark below $DIFFUSION_DATA, or below ./data; --picture takes \
      any gray photograph of a texture.

      Training takes --steps steps of 64 patches (default: 4000; in many more a photograph of this size is learned \
      by heart, and K of its right quarter falls). A checkpoint is written every two minutes, from which --resume goes \
      on. With --pretrained a model of furrowed bark that comes with the example fills the central hole by a chain of 30 \
      steps and with fewer draws; K is not measured, and the photograph is still needed.

      JSON: K_bits_per_pixel with K_standard_error, K_minus_null_bits_per_pixel, bits_per_dim and \
      baseline_bits_per_pixel at beta_1; K_bits_per_pixel_at_paper_beta_1 and \
      baseline_bits_per_pixel_at_paper_beta_1 at paper_beta_1; paper_K and paper_K_minus_null, the paper's row; \
      holes, how many were filled; hole_energy_score, in gray levels, their mean, of the library's default way, the same \
      as hole_energy_score_carried; hole_energy_score_paper, hole_energy_score_guided (perturbed, twisted), \
      hole_energy_score_twisted (particles), hole_energy_score_crops (real parts at random), \
      hole_energy_score_biharmonic, hole_energy_score_telea, hole_energy_score_patchmatch and \
      hole_energy_score_gaussian of the others; images_per_second in training; steps (of training, in all), network, \
      schedule, data, seed and quick as they were; seconds, all in all. What a run does not measure is null.
      """)

  @Option(help: "The photograph.")
  var bark = BarkPhotograph.furrowed

  @Option(help: .init("Another photograph, gray.", valueName: "file"))
  var picture: String?

  @OptionGroup var pictures: PictureOptions

  @OptionGroup var options: ExampleOptions

  func validate() throws {
    if pictures.pretrained, bark != .furrowed {
      throw ValidationError("--pretrained shows a model of furrowed bark: leave out --bark")
    }
  }

  func run(in context: ExampleContext) async throws -> BarkReport {
    let start = ContinuousClock.now
    let console = context.console
    // Before the work, which would be lost if nothing could be written.
    let output = try context.outputDirectory()
    let photograph = try TexturePhotograph(bark, picture: picture)
    let study = try PictureStudy(photograph, pictures, options)
    var report = BarkReport(
      pictures: PictureReport(pictures, data: photograph.name, options, paper: study.paper))
    let coming = ComingModel("pretrained-furrowed.safetensors", of: context.name)
    let model = try await study.model(pictures, coming: coming, in: context, output, into: &report.pictures)

    let hole = options.quick ? 20 : TexturePhotograph.hole
    let squares = try photograph.surroundings().prefix(isBrief ? 1 : 3)
    let holes = squares.map { HoledPicture($0, hole: hole) }
    // Particles of one large picture take one thread, and most of the time of a model that is only shown.
    let steps = pictures.pretrained ? 30 : 100
    let large = try (model.steps > steps ? model.strided(steps: steps) : model).resized(to: squares[0].shape)
    let filling = HoleFilling(
      model: large, learned: photograph.learned, draws: isBrief ? 4 : 16, options: options, output: output,
      console: console)
    var found: [[Inpainting]] = []
    for (index, hole) in holes.enumerated() { found.append(try filling.fill(hole, index: index)) }
    report.methods = try await filling.scores(of: found, holes)
    console.print(report.tables(holes[0]) + "\n")
    let sheet = try InpaintingSheet(holes[0], found[0])
    try context.draw(sheet.pictures, as: "inpainting", in: output)
    console.print(sheet.legend)
    try context.draw(report.ranks, as: "ranks", in: output)
    report.pictures.seconds = Double((ContinuousClock.now - start) / .seconds(1))
    return report
  }

  /// Whether little is drawn.
  private var isBrief: Bool { options.quick || pictures.pretrained }
}

extension PictureStudy {
  /// What is learned of a photograph and scored on its right quarter.
  fileprivate init(_ photograph: TexturePhotograph, _ choice: PictureOptions, _ options: ExampleOptions) throws {
    var recipe = Recipe(trainingSteps: choice.steps ?? (options.quick ? 30 : 4_000))
    recipe.batchSize = 64
    recipe.steps = 500
    if options.quick { (recipe.steps, recipe.scored) = (20, 8) }
    let side = 32
    let area = photograph.learned.width * photograph.learned.height
    // As close as memory allows: some 30,000 windows of a large photograph.
    let stride = options.quick ? side : max(4, Int((Double(area) / 30_000).squareRoot().rounded(.up)))
    let patches = try photograph.learned.windows(width: side, height: side, stride: stride)
    // A photograph is little to learn from. Left and right of bark are alike, and in small, top and bottom too.
    let mirrored = try patches.appending(patches.mirrored)
    // Larger than what is learned from, where some have room: pixels within a texture are meant, not those at the edge of a
    // window.
    let (heldOut, large) = (photograph.heldOut, 2 * side)
    let scored = (heldOut.width / large) * (heldOut.height / large) >= 4 ? large : side
    self.init(
      photograph.name, training: try mirrored.appending(mirrored.flipped),
      test: try heldOut.windows(width: scored, height: scored, stride: scored),
      scoredName: "windows of the right quarter",
      definition: choice.network.definition(
        image: ImageShape(width: side, height: side), schedule: choice.schedule, steps: recipe.steps), recipe: recipe,
      paper: PaperRow(
        bound: -0.55, overNull: 1.5, firstVariance: 3e-3,
        difference: "The paper's bark (the textures T01 to T04 of Lazebnik et al. 2005) cannot be had here; another\n"
          + "photograph has another density."), options: options)
  }
}
