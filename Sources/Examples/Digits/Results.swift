import DiffusionDSL
import ExampleSupport
import Foundation

/// What other models score on MNIST by Parzen windows, in bits: table 2 of Sohl-Dickstein et al. (2015).
enum Paper {
  static let rows: [(name: String, bits: Double, error: Double)] = [
    ("Sohl-Dickstein et al. (2015)", 317, 2.7), ("adversarial nets, Goodfellow et al. (2014)", 325, 2.9),
    ("deep generative stochastic network, Bengio et al. (2014)", 309, 1.6),
    ("stacked contractive autoencoders, ditto", 174, 2.3),
    ("deep belief network, Bengio et al. (2013)", 199, 2.9),
  ]
}

extension Study {
  /// What is about to be done, in one line.
  ///
  /// - Parameter resumes: whether training goes on with the objective that it began with.
  func introduction(resumes: Bool) -> String {
    "digits: \(digits.training.count) pictures to learn from, network '\(network.rawValue)', "
      + (resumes ? "" : "objective '\(objective.rawValue)', ") + "T = \(recipe.steps), "
      + "beta_1 = \(recipe.firstVariance); \(recipe.trainingSteps) steps of \(recipe.batchSize) pictures"
  }

  /// The bound in words, with what it may be compared with.
  func results(_ bound: LowerBound, _ model: TrainedDiffusion) -> String {
    let pixels = Double(UnitPixels.size)
    var table = TextTable(["\(recipe.scored) test pictures", "K, bits a pixel", "std. error", "bits/dim"])
    table.add(
      "K, scaled to variance 1", decimals(bound.scaledBitsPerPixel ?? .nan), decimals(bound.standardError / pixels),
      decimals(bound.bitsPerDim ?? .nan))
    let ceiling = -0.5 * log2(2 * Double.pi * M_E * model.betas[0])
    return
      "\(table)\n\nK is that of pictures with noise of variance beta_1 = \(model.betas[0]) (in units of theirs), so at "
      + "most \(decimals(ceiling)):\ncompare only with what has the same beta_1."
  }

  /// The Parzen scores beside the paper's.
  func results(_ score: ParzenScore, training: ParzenScore, noisy: ParzenScore, set: DigitSet) -> String {
    var table = TextTable(["Parzen windows on \(recipe.samples) samples", "bits", "std. error", "width"])
    func add(_ name: String, _ score: ParzenScore) {
      table.add(name, decimals(score.bits, 1), decimals(score.standardError, 1), decimals(score.width, 3))
    }
    add("this model", score)
    add("pictures it learned from", training)
    add("the same with noise of variance beta_1", noisy)
    if set == .mnist {
      for row in Paper.rows { table.add(row.name, decimals(row.bits, 0), decimals(row.error, 1), "") }
    }
    return "\(table)"
  }

  /// Completions in words.
  func results(_ completions: [Completions], _ classifier: Classifier, accuracyOnTest: Double) -> String {
    var table = TextTable([
      "known", "completions found right", "std. error", "nearest neighbour", "whole pictures", "effective size",
    ])
    for part in completions {
      let share = part.accuracy(by: classifier)
      table.add(
        part.part.name, decimals(share.value), decimals(share.standardError),
        decimals(part.neighbourAccuracy(by: classifier)), decimals(part.wholeAccuracy(by: classifier)),
        "\(decimals(part.meanEffectiveSize, 1)) of \(part.particles)")
    }
    return
      "\(table)\n\nJudged by a classifier that finds \(decimals(100 * accuracyOnTest, 1))% of all test pictures' labels. An "
      + "effective size of\na few particles says that completions of one picture are much alike: more particles would differ "
      + "more."
  }
}

/// What `--json` prints.
struct Report: Encodable, Sendable {
  var parzen: ParzenScore?
  var trainingDigitsBits: Double?
  var noisyTrainingDigitsBits: Double?
  var scaledBitsPerPixel: Double?
  var bitsPerDim: Double?
  var firstVariance: Double
  var imagesPerSecond: Double?
  var halfAccuracy: Double?
  var quarterAccuracy: Double?
  var classifierAccuracy: Double?
  var effectiveSize: Double
  var trainingSteps: Int?
  var network: String
  /// Nil where nothing is trained, or training goes on with the objective of its checkpoint.
  var objective: String?
  var set: String
  var seed: UInt64
  var quick: Bool
  var seconds: Double

  private enum CodingKeys: String, CodingKey {
    case parzenBits = "parzen_bits"
    case parzenError = "parzen_standard_error"
    case trainingDigitsBits = "training_digits_bits"
    case noisyTrainingDigitsBits = "training_digits_with_noise_bits"
    case scaledBitsPerPixel = "K_bits_per_pixel"
    case bitsPerDim = "bits_per_dim"
    case firstVariance = "beta_1"
    case imagesPerSecond = "images_per_second"
    case halfAccuracy = "half_accuracy"
    case quarterAccuracy = "quarter_accuracy"
    case classifierAccuracy = "classifier_accuracy"
    case effectiveSize = "half_effective_size"
    case trainingSteps = "steps"
    case network, objective, seed, quick, seconds
    case set = "data"
  }

  // Keys without a value stay, as null, so that every run prints the same keys.
  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: CodingKeys.self)
    try object.encode(parzen?.bits, forKey: .parzenBits)
    try object.encode(parzen?.standardError, forKey: .parzenError)
    try object.encode(trainingDigitsBits, forKey: .trainingDigitsBits)
    try object.encode(noisyTrainingDigitsBits, forKey: .noisyTrainingDigitsBits)
    try object.encode(scaledBitsPerPixel, forKey: .scaledBitsPerPixel)
    try object.encode(bitsPerDim, forKey: .bitsPerDim)
    try object.encode(firstVariance, forKey: .firstVariance)
    try object.encode(imagesPerSecond, forKey: .imagesPerSecond)
    try object.encode(halfAccuracy, forKey: .halfAccuracy)
    try object.encode(quarterAccuracy, forKey: .quarterAccuracy)
    try object.encode(classifierAccuracy, forKey: .classifierAccuracy)
    try object.encode(effectiveSize, forKey: .effectiveSize)
    try object.encode(trainingSteps, forKey: .trainingSteps)
    try object.encode(network, forKey: .network)
    try object.encode(objective, forKey: .objective)
    try object.encode(set, forKey: .set)
    try object.encode(seed, forKey: .seed)
    try object.encode(quick, forKey: .quick)
    try object.encode(seconds, forKey: .seconds)
  }
}
