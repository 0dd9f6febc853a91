import ArgumentParser
import DiffusionDSL

/// What training minimises.
enum ObjectiveChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// The bound: most of its bits are in how the last noise is removed.
  case bound
  /// The bound's terms, noisy steps above all: what is seen in a picture is decided there.
  case noisy

  /// How much each step's loss counts.
  var weights: StepWeights {
    switch self {
    case .bound: .bound
    case .noisy: .logistic(center: -2)
    }
  }
}
