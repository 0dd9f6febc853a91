import DiffusionDSL
import ExampleSupport
import Foundation

/// What Sohl-Dickstein et al. (2015) report for the heartbeat in their table 1, in bits.
enum Paper {
  static let bound = -2.414
  static let overNull = 12.024
}

/// How samples compare with the five sequences.
struct SampleCheck: Sendable {
  /// How many samples are each of the sequences.
  let counts: [Int]
  let total: Int

  init(_ samples: some Collection<[Double]>) {
    var counts = Array(repeating: 0, count: Heartbeat.period)
    for sample in samples {
      if let phase = Heartbeat.phase(of: sample) { counts[phase] += 1 }
    }
    self.counts = counts
    total = samples.count
  }

  var exact: Int { counts.reduce(0, +) }

  /// The chance of counts as uneven as these, were the sequences equally likely (chi-square).
  var unevenness: Double {
    let expected = Double(exact) / Double(counts.count)
    guard expected > 0 else { return 0 }
    let statistic = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    return SpecialFunctions.chiSquareTail(statistic, degreesOfFreedom: Double(counts.count - 1))
  }
}

extension Study {
  /// What is about to be done, in one line.
  var introduction: String {
    "heartbeat: \(Heartbeat.bins) bits, T = \(Study.steps), readout '\(readout.rawValue)', last step "
      + "'\(lastStep.rawValue)'; \(recipe.trainingSteps) steps of \(recipe.batchSize) rows" + beginning
  }

  /// Where independent top layers come from.
  private var beginning: String {
    guard readout == .perStep else { return "" }
    let mixing = recipe.trainingSteps - recipe.fineTuningSteps
    return ".\nThe first \(mixing) train top layers mixed by \(Study.bumps) bumps, the "
      + "last \(recipe.fineTuningSteps) an independent one for each step,\nbegun as that mix"
  }

  /// The row of the paper's table 1 and what to know about it.
  func results(_ bound: LowerBound, _ best: BestPossible, _ check: SampleCheck, _ ledger: EntropyLedger) -> String {
    let null = bound.nullBits
    var table = TextTable(["", "K (bits)", "std. error", "K - L_null"])
    table.add(
      "K, \(bound.rowNats.count) sequences", decimals(bound.bits), decimals(bound.standardError, 4),
      decimals(bound.overNull))
    table.add(
      "best possible, steps that factorise over bits", decimals(best.bits), "", decimals(best.bits - null))
    table.add(
      "-H of the data", decimals(Heartbeat.negativeEntropy), "", decimals(Heartbeat.negativeEntropy - null))
    table.add("Sohl-Dickstein et al. (2015)", decimals(Paper.bound), "", decimals(Paper.overNull))
    let counts = check.counts.map(String.init).joined(separator: ", ")
    return "\(table)\n\n"
      + "\(check.exact) of \(check.total) samples are one of the five sequences (\(counts); the chance of counts as uneven "
      + "as these is \(decimals(check.unevenness, 2))).\n"
      + "Of \(ledger.steps.count) reverse steps, \(ledger.notOptimalSteps.count) have an entropy that no best step has, and "
      + "\(ledger.miscalibratedSteps.count) are over- or under-confident, beyond what chance may do."
  }
}

/// What `--json` prints.
struct Report: Encodable, Sendable {
  var boundBits: Double
  var standardError: Double
  var overNullBits: Double
  var bestPossibleBits: Double
  var exactSamples: Int
  var samples: Int
  var readout: String
  var lastStep: String
  var trainingSteps: Int
  var seed: UInt64
  var quick: Bool
  var seconds: Double

  private enum CodingKeys: String, CodingKey {
    case boundBits = "K_bits"
    case standardError = "K_standard_error"
    case overNullBits = "K_minus_null_bits"
    case bestPossibleBits = "best_possible_bits"
    case exactSamples = "exact_samples"
    case samples = "of"
    case readout
    case lastStep = "last_step"
    case trainingSteps = "steps"
    case seed, quick, seconds
  }
}
