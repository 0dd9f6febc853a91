import Formulas

/// The probabilities of a reverse step over classes, as formulas.
public struct CategoricalStep: ReverseStep {
  let probabilities: Formula
  let meaning: ProbabilityParameterisation

  /// - Parameter dataProbabilities: the chance of each class of x_0, given x_t; shape [classes], adding up to 1.
  public init(dataProbabilities: Formula) {
    probabilities = dataProbabilities
    meaning = .data
  }

  /// - Parameter probabilities: the chance of each class of x_{t-1}, given x_t; shape [classes], adding up to 1.
  public init(probabilities: Formula) {
    self.probabilities = probabilities
    meaning = .direct
  }

  /// The formula's name in files.
  static let formula = "_0"

  public var formulas: StepFormulas {
    StepFormulas(
      CategoricalKernel.typeName, [CategoricalStep.formula: probabilities],
      options: [StepFormulas.meaning: meaning.rawValue])
  }
}
