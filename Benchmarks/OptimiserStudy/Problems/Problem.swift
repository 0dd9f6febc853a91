import ArgumentParser
import DiffusionDSL

/// The problems to choose from.
enum ProblemName: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Convex: a logistic regression for each pixel of bit pictures.
  case logistic
  /// The paper's binary sequences.
  case heartbeat
  /// The paper's roll in the plane.
  case swissroll
  /// Dense layers on MNIST.
  case digits
}

/// What is minimised: a model, the rows that it learns, and those that it is scored on.
struct Problem: Sendable {
  let name: ProblemName
  let definition: Diffusion
  let rows: Dataset
  /// Rows that training never sees.
  let heldOut: Dataset
  /// How rows are scaled before training.
  var scaling = TrainingOptions.DataScaling.standardise
  /// N: how many minibatches have all rows.
  let minibatches: Int
  /// Rows of a minibatch that suits optimisers which take a fresh one each step.
  let smallBatch: Int
  /// How often training goes over the rows.
  var passes: Int

  /// Rows of each of the N minibatches.
  var batch: Int { rows.count / minibatches }

  /// How many steps go over the rows so often, at so many rows each.
  func steps(passes: Int, batch: Int) -> Int { passes * max(1, rows.count / batch) }
}

/// How large problems are.
enum ProblemSize: Sendable {
  /// For results: minutes each on two cores.
  case full
  /// To see that everything runs: seconds in all.
  case quick
}

extension Problem {
  /// Makes the rows of a problem, or reads them.
  ///
  /// - Parameters:
  ///   - units: units of each dense layer on digits; nil: what suits the size.
  ///   - seed: names the random numbers of rows that are drawn.
  /// - Throws: `MissingData` for rows that are not at hand, and what reading them throws.
  static func named(_ name: ProblemName, _ size: ProblemSize, units: Int?, seed: UInt64) throws -> Problem {
    switch name {
    case .logistic: try logistic(size, seed: seed)
    case .heartbeat: try heartbeat(size)
    case .swissroll: try swissRoll(size, seed: seed)
    case .digits: try digits(size, units: units)
    }
  }
}

/// Rows that are not at hand: one sentence with the remedy.
struct MissingData: Error, CustomStringConvertible {
  let description: String
}
