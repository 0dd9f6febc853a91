import Distributions
import Expressions

/// How a parameter begins.
enum Initialiser: Sendable {
  case constant(Double)
  /// Normal, mean 0.
  case normal(standardDeviation: Double)
  /// Given numbers.
  case values([Double])
  /// Rows of the training data, scaled; as states; for parameters of shape [n, features].
  case dataRows
  /// Complete rows of the training data, scaled, as states, of which a part is taken; for parameters of shape
  /// [n, features of the part]. All parts get the same rows.
  case regressionRows(part: Int)
}

/// A parameter of a model: its name, shape and beginning.
struct ParameterSpecification: Sendable {
  var name: String
  var shape: Shape
  var initialiser: Initialiser
  /// Whether training changes it.
  var isTrained = true
}

/// Collects the parameters that the parts of a model ask for.
final class ParameterRegistry {
  private(set) var specifications: [ParameterSpecification] = []

  func parameter(_ name: String, shape: Shape, _ initialiser: Initialiser, isTrained: Bool = true) -> Formula {
    specifications.append(
      ParameterSpecification(name: name, shape: shape, initialiser: initialiser, isTrained: isTrained))
    return .parameter(name, shape: shape)
  }
}
