import Formulas

/// Where a parameter begins in training.
public enum ParameterStart: Sendable {
  /// The same number for all.
  case constant(Double)
  /// Normal draws of mean 0 and a standard deviation of 0 or more, addressed by the seed of training and the parameter's place.
  case normal(standardDeviation: Double)
  /// Given numbers, in row-major order of the parameter's shape.
  case values([Double])
  /// Rows of the training data, scaled, as states: for parameters of shape [n, numbers of x_t] that compare with x_t.
  case dataRows
}

/// A parameter of a model: its name, shape and beginning.
struct ParameterSpecification: Sendable {
  /// Where its numbers come from when training begins.
  enum Source: Sendable {
    case start(ParameterStart)
    /// Complete rows of the training data, scaled, as states, of which a part is taken; for parameters of shape
    /// [n, features of the part]. All parts get the same rows.
    case regressionRows(part: Int)
  }

  var name: String
  var shape: Shape
  var source: Source
  /// Whether training changes it.
  var isTrained = true
}

/// Collects the parameters that the parts of a model ask for.
final class ParameterRegistry {
  private(set) var specifications: [ParameterSpecification] = []

  func parameter(_ name: String, shape: Shape, _ start: ParameterStart) -> Formula {
    parameter(name, shape: shape, source: .start(start))
  }

  func parameter(
    _ name: String, shape: Shape, source: ParameterSpecification.Source, isTrained: Bool = true
  ) -> Formula {
    specifications.append(ParameterSpecification(name: name, shape: shape, source: source, isTrained: isTrained))
    return .parameter(name, shape: shape)
  }

  /// Takes over what another registry has, in its order.
  func adopt(_ other: ParameterRegistry) { specifications += other.specifications }
}
