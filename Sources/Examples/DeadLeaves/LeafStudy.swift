import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// One run of the example: patches to learn from and to test on, and what is shown.
struct LeafStudy: Sendable {
  let law: LeafLaw
  let pictures: PictureStudy
  /// Whole pictures that nothing is learned from, for the eye.
  private let shown: ImageSet
  /// Whether a trained model is only shown: pictures then have fewer steps, and fewer numbers are measured.
  private let isBrief: Bool

  /// The paper's row of Table 1.
  static let paper = PictureStudy.PaperRow(
    bound: 1.489, overNull: 3.536,
    difference:
      "The paper's leaves, of a law that it does not tell, cannot be had; its mixture (MCGSM) scores 1.244 on them.")

  /// What of gray levels is shown as black and white: noise goes somewhat beyond.
  static let shown = 0.0...1.0

  /// Pictures and patches of them.
  private enum Extent {
    static let side = 128
    static let patch = 32
  }

  init(_ law: LeafLaw, _ choice: PictureOptions, _ options: ExampleOptions, on console: Console) throws {
    self.law = law
    isBrief = choice.pretrained
    var recipe = PictureStudy.Recipe(trainingSteps: choice.steps ?? (options.quick ? 60 : 40_000))
    if options.quick { (recipe.steps, recipe.scored) = (50, 16) }
    let count = options.quick || choice.pretrained ? 20 : 1_000
    console.progress("making \(count) pictures of dead leaves")
    let leaves = law.leaves(side: Extent.side)
    // Pictures to test on are those behind all that can be learned from.
    let test = try leaves.images(options.quick ? 10 : 100, seed: options.seed, first: 1_000)
    pictures = PictureStudy(
      "dead leaves", training: try LeafStudy.patches(leaves.images(count, seed: options.seed), stride: 16),
      test: try LeafStudy.patches(test, stride: Extent.patch),
      definition: choice.network.definition(
        image: ImageShape(width: Extent.patch, height: Extent.patch), schedule: choice.schedule, steps: recipe.steps),
      recipe: recipe, paper: LeafStudy.paper, options: options)
    shown = test
  }

  private static func patches(_ images: ImageSet, stride: Int) throws -> ImageSet {
    try images.windows(width: Extent.patch, height: Extent.patch, stride: stride)
  }

  /// Patches whose bound is measured at each number of steps.
  var strided: Int { isBrief ? 8 : 64 }

  /// Steps of the chain that shows a trained model.
  private var briefSteps: Int { pictures.options.quick ? 50 : 200 }

  /// Numbers of steps at which a model is measured.
  func counts(of model: TrainedDiffusion) -> [Int] {
    [10, 20, 50, 100, 200, 500, 1_000].filter { $0 <= (isBrief ? briefSteps : model.steps) }
  }

  /// A sheet of pictures, and what its file is called.
  struct Sheet {
    let name: String
    let pictures: ContactSheet
  }

  /// Data beside samples, at the size that was learned and at larger ones (figure 4 of the paper).
  ///
  /// - Parameter mixture: whose samples stand below the model's, of 128 x 128; nil: none.
  func sheets(
    of model: TrainedDiffusion, beside mixture: FittedPictureBaseline?, on console: Console
  ) throws -> [Sheet] {
    let chain = isBrief && model.steps > briefSteps ? try model.strided(steps: briefSteps) : model
    func sample(_ side: Int, _ count: Int) throws -> ImageSet {
      console.progress("drawing pictures of \(side) x \(side)")
      let large = try chain.resized(to: ImageShape(width: side, height: side))
      let rows = try large.sample(
        count, seed: pictures.options.seed,
        options: console.computing("drawing \(side) x \(side)", threads: pictures.options.threads))
      return try ImageSet(rounding: rows.flatMap { $0 }, height: side, width: side, range: LeafStudy.shown)
    }
    func rounded(_ images: ImageSet, _ count: Int) throws -> ImageSet {
      try ImageSet(
        rounding: images.prefix(count).flatMap { $0 }, height: images.height, width: images.width,
        range: LeafStudy.shown)
    }
    let ofMixture = try mixture.map { mixture in
      try ImageSet(
        rounding: (0..<3).flatMap {
          try mixture.picture(width: Extent.side, height: Extent.side, seed: pictures.options.seed &+ $0)
        }, height: Extent.side, width: Extent.side, range: LeafStudy.shown)
    }
    let of32 = try sample(Extent.patch, 16)
    let data = pictures.testPictures(16)
    return [
      Sheet(
        name: "samples",
        pictures: try ContactSheet(
          rows: [
            rounded(data.images(at: 0..<8), 8), rounded(data.images(at: 8..<16), 8), of32.images(at: 0..<8),
            of32.images(at: 8..<16),
          ], magnification: 2)),
      Sheet(
        name: "samples-128",
        pictures: try ContactSheet(
          rows: [rounded(shown, 3), sample(Extent.side, 3)] + (ofMixture.map { [$0] } ?? []))),
      Sheet(
        name: "samples-256",
        pictures: try ContactSheet(
          rows: [
            rounded(law.leaves(side: 2 * Extent.side).images(1, seed: pictures.options.seed), 1)
              .appending(sample(2 * Extent.side, 1))
          ])),
    ]
  }
}
