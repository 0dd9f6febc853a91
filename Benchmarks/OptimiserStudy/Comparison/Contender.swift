import DiffusionDSL

/// The optimisers that are compared.
enum Method: String, CaseIterable, Encodable, Sendable {
  case sumOfFunctions = "sum_of_functions"
  case adam, rmsprop, sgd

  /// What people call it.
  var title: String {
    switch self {
    case .sumOfFunctions: "sum of functions"
    case .adam: "Adam"
    case .rmsprop: "RMSprop"
    case .sgd: "SGD"
    }
  }

  /// Whether it has a learning rate, which is to be found.
  var hasRate: Bool { self != .sumOfFunctions }

  /// The optimiser with the numbers that the library gives it, but for these.
  func optimiser(rate: Double, minibatches: Int) -> any Optimiser {
    switch self {
    case .sumOfFunctions: SumOfFunctions(minibatches: minibatches)
    case .adam: Adam(rate: .constant(rate))
    case .rmsprop: RMSprop(rate: .constant(rate))
    case .sgd: GradientDescent(rate: .constant(rate))
    }
  }
}

/// An optimiser with minibatches of a size.
struct Contender: Hashable, Sendable {
  let method: Method
  /// Rows of a minibatch.
  let batch: Int
  /// Whether these are fewer than the sum of functions optimiser has.
  let isSmallBatch: Bool

  /// All that are compared on a problem.
  static func all(on problem: Problem) -> [Contender] {
    let others = Method.allCases.filter(\.hasRate)
    return [Contender(method: .sumOfFunctions, batch: problem.batch, isSmallBatch: false)]
      + others.map { Contender(method: $0, batch: problem.batch, isSmallBatch: false) }
      + others.map { Contender(method: $0, batch: problem.smallBatch, isSmallBatch: true) }
  }
}
