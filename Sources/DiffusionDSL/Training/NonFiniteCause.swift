/// Why a number in training is not finite, as far as that can be told from where training stands.
public enum NonFiniteCause: Hashable, Sendable {
  /// Parameters have changed: they have gone too far.
  case updates
  /// No parameter has changed, and a number of the data is so large that its powers overflow. `largest` is in scaled
  /// units.
  case data(largest: Double)
  /// No parameter has changed, the data are of moderate size, and beta_t is so small that Float has no inverse of it.
  case schedule(timeStep: Int, beta: Double)
  /// No parameter has changed, and neither the data nor the schedule are extreme: the formula at the place is at fault,
  /// such as a layer's logarithm of a number below 0.
  case formula
}

extension NonFiniteCause: CustomStringConvertible {
  /// What it is and what to do.
  public var description: String {
    switch self {
    case .updates: "lower the learning rate, or set clipping"
    case .data:
      "no parameter has changed yet, so the data are too large: train with scaling: .standardise, or in a larger unit"
    case .schedule(let t, let beta):
      "no parameter has changed yet and the data are of moderate size, so it is the schedule, whose beta_\(t) is "
        + "\(beta.sixDigits): give betas that are not so small"
    case .formula:
      "no parameter has changed yet and the data are of moderate size, so it is the formula there: keep its logarithms, "
        + "roots and quotients to numbers that they have a value for, and start its parameters at moderate numbers"
    }
  }
}

extension NonFiniteCause {
  /// Float holds the fourth power of numbers up to this.
  private static let moderate = 1e8
  /// Float has an inverse of numbers down to this, with room for a factor.
  private static let leastBeta = 1e-30

  /// Why the very first evaluation of a training is not finite.
  ///
  /// - Parameters:
  ///   - betas: of the schedule, as training starts.
  ///   - timeStep: where it was met, 1 or more.
  init(data: Dataset, _ scaling: Scaling, betas: [Double], timeStep: Int) {
    let largest = data.withNumbers { numbers in
      (0..<data.count * data.dimensions).reduce(0.0) { largest, place in
        let column = place % data.dimensions
        let scaled = (numbers[place] - scaling.mean[column]) / scaling.scale[column]
        // A missing cell is NaN.
        return scaled.magnitude > largest ? scaled.magnitude : largest
      }
    }
    if largest > NonFiniteCause.moderate {
      self = .data(largest: largest)
    } else if let index = betas.prefix(max(1, timeStep)).lastIndex(where: { $0 < NonFiniteCause.leastBeta }) {
      self = .schedule(timeStep: index + 1, beta: betas[index])
    } else {
      self = .formula
    }
  }
}
