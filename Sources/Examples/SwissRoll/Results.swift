import DiffusionDSL
import ExampleSupport

/// What Sohl-Dickstein et al. (2015) report for the swiss roll in their table 1, in bits.
enum Paper {
  static let bound = 2.35
  static let overNull = 6.45
}

extension Study {
  /// What is about to be done, in one line.
  var introduction: String {
    let lastStep = network.learnsLastStep ? "learned" : "fixed"
    return "swiss roll with noise \(roll.noise), network '\(network.rawValue)': T = \(definition.steps), "
      + "beta_1 = \(firstVariance), \(lastStep) last step; "
      + "\(counted(recipe.steps, "step")) of \(recipe.batchSize) rows"
  }

  /// The table of results and what to know about it.
  func results(_ bound: LowerBound) -> String {
    // The others are exact, so what they are compared with has to be, too.
    let null = SwissRoll.nullBits
    var table = TextTable(["", "K (bits)", "std. error", "K - L_null"])
    table.add(
      "K, \(bound.rowNats.count) held-out rows", decimals(bound.bits), decimals(bound.standardError),
      decimals(bound.overNull))
    if !network.learnsLastStep, let ceiling {
      table.add("ceiling of any network at this beta_1", decimals(ceiling), "", decimals(ceiling - null))
    }
    table.add("-H of the data", decimals(negativeEntropy), "", decimals(negativeEntropy - null))
    table.add("Sohl-Dickstein et al. (2015)", decimals(Paper.bound, 2), "", decimals(Paper.overNull, 2))
    return "\(table)\n\n\(caveat(bound))"
  }

  private func caveat(_ bound: LowerBound) -> String {
    let theirs = "The paper states neither its beta_1 nor its noise; bounds compare only where both are equal."
    if roll.noise > 0 {
      return "\(theirs)\nIts K is above -H of these data, so it had less noise: see --noise 0."
    }
    guard let ceiling else {
      return "\(theirs)\nWithout noise K grows without end as the last step's variance shrinks;\n"
        + "here that is floored at beta_1 = \(firstVariance)."
    }
    return "\(theirs)\nWithout noise K grows without end as beta_1 shrinks: at \(firstVariance) no network passes "
      + "\(decimals(ceiling)),\nand this one is \(decimals(ceiling - bound.bits)) below. To reach \(Paper.bound) takes "
      + "about 1.4e-5 or less and a network without such a gap."
  }
}

/// What `--json` prints.
struct Report: Encodable, Sendable {
  var boundBits: Double
  var standardError: Double
  var nullBits: Double
  /// nil where it is infinite.
  var negativeEntropyBits: Double?
  var ceilingBits: Double?
  var firstVariance: Double
  var steps: Int
  var network: String
  var noise: Double
  var seed: UInt64
  var quick: Bool
  var seconds: Double

  init(bound: LowerBound, study: Study, seconds: Double) {
    boundBits = bound.bits
    standardError = bound.standardError
    nullBits = bound.nullBits
    negativeEntropyBits = study.negativeEntropy.isFinite ? study.negativeEntropy : nil
    ceilingBits = study.ceiling
    firstVariance = study.firstVariance
    steps = study.recipe.steps
    network = study.network.rawValue
    noise = study.roll.noise
    seed = study.options.seed
    quick = study.options.quick
    self.seconds = seconds
  }

  private enum CodingKeys: String, CodingKey {
    case boundBits = "K_bits"
    case standardError = "K_standard_error"
    case nullBits = "null_bits"
    case negativeEntropyBits = "negative_entropy_bits"
    case ceilingBits = "ceiling_bits"
    case firstVariance = "beta_1"
    case steps, network, noise, seed, quick, seconds
  }

  /// The keys explained, for `--help`.
  static let help = """
    --json prints one object. K_bits, K_standard_error: the bound on held-out rows and its standard error. null_bits: \
    L_null, what a standard normal gives on the same rows. negative_entropy_bits: -H of the data, null without noise, \
    where it is infinite. ceiling_bits: what no network can pass, or null. beta_1, steps, network, noise, seed, quick: \
    what was run. seconds: of the whole run.
    """

  func encode(to encoder: any Encoder) throws {
    // Written out so that an absent value is null rather than a missing key.
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(boundBits, forKey: .boundBits)
    try container.encode(standardError, forKey: .standardError)
    try container.encode(nullBits, forKey: .nullBits)
    try container.encode(negativeEntropyBits, forKey: .negativeEntropyBits)
    try container.encode(ceilingBits, forKey: .ceilingBits)
    try container.encode(firstVariance, forKey: .firstVariance)
    try container.encode(steps, forKey: .steps)
    try container.encode(network, forKey: .network)
    try container.encode(noise, forKey: .noise)
    try container.encode(seed, forKey: .seed)
    try container.encode(quick, forKey: .quick)
    try container.encode(seconds, forKey: .seconds)
  }
}
