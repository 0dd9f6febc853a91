import DiffusionDSL
import Foundation

/// What `--json` prints.
struct Report: Encodable {
  /// One problem.
  struct OfProblem: Encodable {
    var problem: String
    var parameters: Int
    var rows: Int
    var heldOutRows: Int
    var minibatches: Int
    var stepSeconds: Double?
    var gradientSeconds: Double?
    var trainings: [OfTraining]

    private enum CodingKeys: String, CodingKey {
      case problem, parameters, rows, minibatches, trainings
      case heldOutRows = "held_out_rows"
      case stepSeconds = "sum_of_functions_step_seconds"
      case gradientSeconds = "gradient_seconds"
    }
  }

  /// One training at one rate.
  struct OfTraining: Encodable {
    var optimiser: Method
    var batch: Int
    var rate: Double?
    var isBest: Bool
    var passes: [Int]
    var steps: [Int]
    var seconds: [Double]
    var bits: [Double]
    var standardErrors: [Double]
    var failure: String?

    private enum CodingKeys: String, CodingKey {
      case optimiser, rate, passes, steps, seconds, failure
      case batch = "minibatch_rows"
      case isBest = "is_best"
      case bits = "K_bits"
      case standardErrors = "K_standard_errors"
    }
  }

  var problems: [OfProblem]
  var seed: UInt64
  var quick: Bool
  var threads: Int
  var seconds: Double

  init(_ comparisons: [Comparison], of study: OptimiserStudy, seconds: Double) {
    problems = comparisons.map { comparison in
      OfProblem(
        problem: comparison.problem.name.rawValue,
        parameters: comparison.entries.map(\.best.parameters).max() ?? 0, rows: comparison.problem.rows.count,
        heldOutRows: comparison.problem.heldOut.count, minibatches: comparison.problem.minibatches,
        stepSeconds: comparison.stepCost?.step, gradientSeconds: comparison.stepCost?.gradient,
        trainings: comparison.entries.flatMap { entry in
          entry.trials.map { OfTraining($0, isBest: $0.rate == entry.best.rate) }
        })
    }
    seed = study.seed
    quick = study.quick
    threads = study.threads ?? ProcessInfo.processInfo.activeProcessorCount
    self.seconds = seconds
  }

  /// The object on one line.
  func line() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// The keys explained, for `--help`.
  static let help = """
    --json prints one object: seed, quick, threads, seconds of the whole run, and problems, each with its name, \
    parameters, rows, held_out_rows, minibatches (N), the seconds of a step of the sum of functions optimiser and of the \
    gradient of such a minibatch, and trainings: optimiser, minibatch_rows, rate (absent where there is none), is_best (of \
    all rates), and, for each time it was scored, passes, steps, seconds, K_bits and K_standard_errors; failure says why \
    one ended early, by numbers that were no longer finite.
    """
}

extension Report.OfTraining {
  init(_ trial: Trial, isBest: Bool) {
    self.init(
      optimiser: trial.contender.method, batch: trial.contender.batch, rate: trial.rate, isBest: isBest,
      passes: trial.points.map(\.passes), steps: trial.points.map(\.steps), seconds: trial.points.map(\.seconds),
      bits: trial.points.map(\.bits), standardErrors: trial.points.map(\.standardError), failure: trial.failure)
  }
}
