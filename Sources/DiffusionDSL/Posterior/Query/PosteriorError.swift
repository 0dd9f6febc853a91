import Foundation

/// What is wrong with a posterior, or went wrong with its particles; columns and fields are named.
public enum PosteriorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A column that a row does not have.
  case noColumn(index: Int, dimensions: Int)
  /// A field that the model does not have.
  case unknownField(name: String, available: [String])
  /// A continuous column asked for the probabilities of its values.
  case noLabels(column: ColumnPlace)
  /// A value, or a table, that its column cannot have.
  case outsideSupport(column: ColumnPlace, value: String, support: String)
  /// A standard deviation that is not positive.
  case invalidDeviation(column: ColumnPlace, value: Double)
  /// A weight that is negative or not finite, or another number of weights than the column has values.
  case invalidWeights(column: ColumnPlace, weights: [Double], values: Int)
  /// Two delta functions on one continuous column, whose product is not defined.
  case repeatedObservation(column: ColumnPlace, value: Double)
  /// A mask or row of another length than the model's rows.
  case wrongShape(found: Int, dimensions: Int)
  /// A guidance whose psi_t has the wrong limit at t = 0 for a factor that is 0 somewhere.
  case wrongLimit(guidance: String, column: ColumnPlace)
  /// A factor whose formula has a fault, such as shapes that do not fit.
  case invalidFormula(factor: String, message: String)
  /// log r(x) that is NaN or +inf.
  case notFinite(factor: String, step: Int)
  /// A row whose missing cells cannot be drawn, since its observed ones leave no particle any weight.
  case noDraws(row: Int, step: Int)
  /// As a factor, another model whose rows have another width.
  case wrongModel(dimensions: Int, expected: Int)
  /// Posteriors of different models that were multiplied.
  case differentModels
  /// Different numbers of columns and values.
  case wrongCount(columns: Int, values: Int)
  /// A record that has a fault.
  case invalidRecord(DataError)
  /// An exponent of a guidance that is not in 0 ... 1e6.
  case invalidExponent(step: Int, value: Double)
  /// A probability, or the level of a quantile, outside [0, 1].
  case invalidProbability(Double)
  /// A count, such as that of particles, that is out of range.
  case invalidCount(what: String, value: Int)

  /// In place of a factor: the model itself.
  static let ownStep = "the model's own step"

  /// One sentence with the place, the value and the remedy.
  public var description: String {
    switch self {
    case .noColumn(let index, let dimensions):
      "there is no column \(index) in a row of \(dimensions): give one from 0 to \(dimensions - 1)"
    case .unknownField(let name, let available):
      "there is no field '\(name)': the model has \(available.joined(separator: ", "))"
    case .noLabels(let column):
      "\(column) is continuous, so no value of it has a probability: ask for quantiles, a histogram or a condition"
    case .outsideSupport(let column, let value, let support): "\(column) cannot be \(value): give \(support)"
    case .invalidDeviation(let column, let value):
      "the standard deviation of \(column) is \(value): give a positive number"
    case .invalidWeights(let column, let weights, let values):
      "the weights of \(column) are \(weights): give \(values) numbers of 0 or more, finite"
    case .repeatedObservation(let column, let value):
      "\(column) is observed to be \(value) twice, and the square of a delta function is none: remove one"
    case .wrongShape(let found, let dimensions):
      "a mask or row of \(found) numbers does not fit a model of rows of \(dimensions): make them equal"
    case .wrongLimit(let guidance, let column):
      "\(guidance) has the wrong limit for \(column), whose factor is 0 somewhere: particles could not reach what is "
        + "possible in the end; choose .carried or .twisted, or ask .perturbed, which has no weights"
    case .invalidFormula(let factor, let message): "\(factor): \(message)"
    case .notFinite(PosteriorError.ownStep, let step):
      "the model's own step gives numbers at t = \(step) that are NaN or infinite: what is known is farther from what the "
        + "model has learned than it can compute with, so look for a wrong value or unit"
    case .notFinite(let factor, let step):
      "\(factor) gives a log r(x) at t = \(step) that is NaN or infinite: give it finite values for every x, for instance "
        + "with select or max"
    case .noDraws(let row, let step):
      "no particle survived for row \(row) at step t = \(step), so its missing cells cannot be drawn: look for cells of it "
        + "that are far from all others, or ask for more particles"
    case .wrongModel(let dimensions, let expected):
      "a model of rows of \(dimensions) cannot be a factor of one of rows of \(expected): make them equal"
    case .differentModels:
      "posteriors of different models cannot be multiplied: write the other model as a factor of the first one"
    case .wrongCount(let columns, let values):
      "there are \(columns) columns and \(values) values: give one value for each column"
    case .invalidRecord(let error): error.description
    case .invalidExponent(let step, let value):
      "the exponent at t = \(step) is \(value): give a number from 0 to 1e6"
    case .invalidProbability(let value): "a probability of \(value) is none: give a number from 0 to 1"
    case .invalidCount(let what, let value): "\(what) is \(value): give 1 or more"
    }
  }
}

extension PosteriorError: LocalizedError {
  /// The description, which `localizedDescription` then gives.
  public var errorDescription: String? { description }
}
