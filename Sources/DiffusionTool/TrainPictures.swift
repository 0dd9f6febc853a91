import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

// `train` on pictures.

extension Train {
  /// Trains a model of pictures and writes it.
  func run(on pictures: PictureInput, _ console: Console) async throws {
    let start = ContinuousClock.now
    if !schema.isEmpty {
      throw WrongUsage("--schema is for columns of a table, and '\(pictures.name)' has pictures: leave it out")
    }
    var images = pictures.images
    for file in pictures.passedOver { console.warn("passed over \(file).") }
    if images.isOpaque, images.channels > 1 {
      console.warn("left out the opacity: it is the same in every pixel.")
      images = try images.selecting(channels: 0..<images.channels - 1)
    }
    if images.hasEqualColours {
      console.warn(
        "red, green and blue are equal in every pixel, so the bits say nothing: convert the pictures to gray.")
    }
    if images.count < 2 {
      throw PictureError(
        "'\(pictures.name)' is one picture, and a model is made of two or more: give a folder of them.")
    }
    let values = PictureValues(of: images)
    if !json {
      console.print("\(counted(images.count, "picture")) of \(images.shape.inWords), \(values.description)")
    }
    let model = PictureModel(
      steps: steps ?? (quick ? PictureModel.quickSteps : PictureModel.usualSteps), seed: computation.seed,
      threads: computation.threads)
    let (training, watched, isKeptApart) = try model.training(on: images, values, name: pictures.name)
    let pixels = Double(images.width * images.height)
    for await now in training.progress {
      console.progress(
        "step \(now.step) of \(now.steps), K about \(decimals(now.boundBits / pixels, 3)) bits a pixel, "
          + "\(Int(now.secondsLeft.rounded(.up))) s left at most")
    }
    let trained = try await training.value
    let bound = try trained.lowerBound(
      on: watched, seed: computation.seed, draws: PictureModel.draws(watched),
      options: computation.compute("scoring", on: console))
    try trained.save(to: URL(fileURLWithPath: output))
    if json {
      let report = PictureReport(
        images, trained, bound, isKeptApart: isKeptApart, model: output,
        seconds: Double((ContinuousClock.now - start) / .seconds(1)))
      console.write(try Console.json(report))
      return
    }
    let rows = isKeptApart ? "kept apart" : "that were trained on, too few to keep any apart"
    console.print("\(PictureScore(bound, trained).sentence) on \(counted(watched.count, "picture")) \(rows)")
    console.print("wrote \(output)")
    if bound.overNull < 0 {
      console.warn("the model is worse than pi alone: give it more pictures, or more --steps.")
    }
  }
}

/// A bound on pictures in words.
struct PictureScore: Sendable {
  let sentence: String

  init(_ bound: LowerBound, _ trained: TrainedDiffusion) {
    let pixels = Double(max(1, trained.definition.image.map { $0.width * $0.height } ?? 1))
    let error = bound.standardError.isFinite ? " +- \(decimals(bound.standardError / pixels, 4))" : ""
    var parts: [String] = []
    if let number = bound.bitsPerDim { parts.append("\(decimals(number, 4)) bits/dim") }
    if let number = bound.bitsPerPixel { parts.append("K = \(decimals(number, 4))\(error) bits a pixel") }
    if let beta = trained.betas.first { parts.append("beta_1 = \(String(format: "%.3g", beta))") }
    sentence = parts.joined(separator: ", ")
  }
}

/// What `train --json` prints of pictures.
private struct PictureReport: Encodable {
  var pictures: Int
  var width: Int
  var height: Int
  var channels: Int
  var heldOutPictures: Int
  /// K of a picture.
  var bits: Double
  var bitsStandardError: Double?
  var nullBits: Double
  var bitsPerPixel: Double?
  var bitsPerDim: Double?
  var firstVariance: Double?
  var steps: Int?
  var model: String
  var seconds: Double

  init(
    _ images: ImageSet, _ trained: TrainedDiffusion, _ bound: LowerBound, isKeptApart: Bool, model: String,
    seconds: Double
  ) {
    pictures = images.count
    (width, height, channels) = (images.width, images.height, images.channels)
    heldOutPictures = isKeptApart ? bound.rowNats.count : 0
    bits = bound.bits
    bitsStandardError = bound.standardError.isFinite ? bound.standardError : nil
    nullBits = bound.nullBits
    (bitsPerPixel, bitsPerDim) = (bound.bitsPerPixel, bound.bitsPerDim)
    firstVariance = trained.betas.first
    steps = trained.trainingSteps
    (self.model, self.seconds) = (model, seconds)
  }

  private enum CodingKeys: String, CodingKey {
    case pictures, width, height, channels, bits, steps, model, seconds
    case heldOutPictures = "held_out_pictures"
    case bitsStandardError = "bits_standard_error"
    case nullBits = "null_bits"
    case bitsPerPixel = "bits_per_pixel"
    case bitsPerDim = "bits_per_dim"
    case firstVariance = "beta_1"
  }
}
