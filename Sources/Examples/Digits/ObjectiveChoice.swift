import ArgumentParser
import DiffusionDSL
import Foundation

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
    case .noisy:
      // With lambda a step's log signal-to-noise ratio, e^(-lambda / 2) lies between the errors of the predicted noise
      // (1) and of the predicted picture (e^-lambda): which digit it is to be is decided where lambda is -4 to -1. What
      // is behind that needs few of the network's units, and so counts less from lambda = -2 on.
      StepWeights { step in exp(-step.logSignalToNoise / 2) / (1 + exp(step.logSignalToNoise + 2)) }
    }
  }
}
