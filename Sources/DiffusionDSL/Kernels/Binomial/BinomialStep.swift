import Formulas

/// The probabilities of a reverse step over bits, as formulas.
public struct BinomialStep: ReverseStep {
  let probability: Formula
  let meaning: ProbabilityParameterisation

  /// - Parameter dataProbability: the chance that each bit of x_0 is 1, given x_t; shape [bits] or a scalar for all.
  public init(dataProbability: Formula) {
    probability = dataProbability
    meaning = .data
  }

  /// - Parameter probability: f_b, the chance that each bit of x_{t-1} is 1, given x_t; shape [bits] or a scalar.
  public init(probability: Formula) {
    self.probability = probability
    meaning = .direct
  }

  /// The formula's name in files.
  static let formula = "_0"

  public var formulas: StepFormulas {
    StepFormulas(
      BinomialKernel.typeName, [BinomialStep.formula: probability], options: [StepFormulas.meaning: meaning.rawValue])
  }
}
