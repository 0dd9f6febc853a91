/// The parameters of a reverse step of one kernel, as formulas: what a reverse function returns.
public protocol ReverseStep: Sendable {
  /// The step as a value.
  var formulas: ReverseStepFormulas { get }
}

/// A reverse step as a value, as it stands in a definition and in a saved model.
public struct ReverseStepFormulas: Codable, Hashable, Sendable {
  let hand: ReverseFunction.HandStep
}

/// The mean and variance of a Gaussian reverse step, as formulas.
public struct GaussianStep: ReverseStep {
  /// f_mu(x_t, t), shape [dimensions] or a scalar for all, in the scaled data's units.
  public var mean: Formula
  /// The diagonal of f_Sigma(x_t, t), positive, shape [dimensions] or a scalar for all, in the scaled data's squared
  /// units.
  public var variance: Formula

  /// - Parameters:
  ///   - mean: shape [dimensions] or a scalar for all.
  ///   - variance: positive; shape [dimensions] or a scalar for all.
  public init(mean: Formula, variance: Formula) {
    self.mean = mean
    self.variance = variance
  }
}

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
}

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
}

extension GaussianStep {
  public var formulas: ReverseStepFormulas { .init(hand: .gaussian(mean: mean, variance: variance)) }
}

extension BinomialStep {
  public var formulas: ReverseStepFormulas { .init(hand: .binomial(probability, meaning)) }
}

extension CategoricalStep {
  public var formulas: ReverseStepFormulas { .init(hand: .categorical(probabilities, meaning)) }
}

/// What a reverse function may know of the time step; each a scalar formula, the same for all rows.
public struct StepSymbols: Sendable {
  /// t, from 1 to T.
  public let t = Formula.stepSymbol("t")
  /// beta_t.
  public let beta = Formula.stepSymbol("beta")
  /// abar_t, the product of 1 - beta up to t.
  public let alphaBar = Formula.stepSymbol("alphaBar")
  /// 1 - abar_t, accurate where abar_t is near 1.
  public let noise = Formula.stepSymbol("noise")
  /// abar_{t-1}.
  public let alphaBarBefore = Formula.stepSymbol("alphaBarBefore")
  /// 1 - abar_{t-1}.
  public let noiseBefore = Formula.stepSymbol("noiseBefore")

  static let names: Set<String> = ["t", "beta", "alphaBar", "noise", "alphaBarBefore", "noiseBefore"]
}

extension Formula {
  static func stepSymbol(_ name: String) -> Formula { .symbol(name, shape: .scalar, stage: .step) }
}

/// A reverse step written by hand: the parameters of p(x_{t-1} | x_t) as formulas of x_t and t.
///
///     ReverseFunction(dimensions: 1) { x, step in
///       GaussianStep(mean: x * sqrt(1 - step.beta), variance: step.beta)
///     }
///
/// Everything is in the scaled data's units. It has no parameters, so there is nothing to train.
public struct ReverseFunction: Hashable, Sendable {
  /// Where p(x_0 | x_1) comes from.
  public let lastStep: LastStep
  /// Numbers of a state: of a row for Gaussian and binomial kernels, classes for a categorical one, the sum of these
  /// for a product.
  public let dimensions: Int
  let step: HandStep
  /// The symbol of x_t.
  private static let state = "x"

  /// The formulas of a step, by the kernel that they are for.
  enum HandStep: Codable, Hashable, Sendable {
    case gaussian(mean: Formula, variance: Formula)
    case binomial(Formula, ProbabilityParameterisation)
    case categorical(Formula, ProbabilityParameterisation)
    indirect case product([HandStep])

    /// The steps of a kernel's parts.
    var parts: [HandStep] { if case .product(let steps) = self { steps } else { [self] } }
  }

  private init<Step>(
    _ dimensions: Int, _ lastStep: LastStep, _ step: (_ x: Formula, _ step: StepSymbols) -> Step,
    _ hand: (Step) -> HandStep
  ) {
    self.lastStep = lastStep
    self.dimensions = dimensions
    self.step = hand(step(.symbol(ReverseFunction.state, shape: [dimensions], stage: .row), StepSymbols()))
  }

  /// A step of a product of kernels; mistakes as for the other kernels.
  ///
  /// - Parameters:
  ///   - features: numbers of a state: one for each number of a continuous part and each bit, K indicators for a
  ///     category of K labels, in the parts' order.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - steps: the step of each part, given x_t (shape [features]) and what is known of t.
  public init(
    features: Int, lastStep: LastStep = .paper, _ steps: (_ x: Formula, _ step: StepSymbols) -> [any ReverseStep]
  ) {
    self.init(features, lastStep, steps) { .product($0.map(\.formulas.hand)) }
  }

  /// A step of a Gaussian kernel.
  ///
  /// A mistake in the formulas, or shapes that do not fit, is a fault of the definition, reported when it is compiled.
  ///
  /// - Parameters:
  ///   - dimensions: numbers of a row, as many as the kernel's.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - step: the mean and variance, given x_t (shape [dimensions]) and what is known of t.
  public init(
    dimensions: Int, lastStep: LastStep = .paper, _ step: (_ x: Formula, _ step: StepSymbols) -> GaussianStep
  ) {
    self.init(dimensions, lastStep, step) { $0.formulas.hand }
  }

  /// A step of a binomial kernel; mistakes as above.
  ///
  /// - Parameters:
  ///   - bits: bits of a row, as many as the kernel's.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - step: the bits' probabilities, given x_t (shape [bits], 0 or 1) and what is known of t.
  public init(bits: Int, lastStep: LastStep = .paper, _ step: (_ x: Formula, _ step: StepSymbols) -> BinomialStep) {
    self.init(bits, lastStep, step) { $0.formulas.hand }
  }

  /// A step of a categorical kernel; mistakes as above.
  ///
  /// - Parameters:
  ///   - classes: as many as the kernel's.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - step: the classes' probabilities, given x_t (shape [classes], one of them 1, the others 0) and what is known
  ///     of t.
  public init(
    classes: Int, lastStep: LastStep = .paper, _ step: (_ x: Formula, _ step: StepSymbols) -> CategoricalStep
  ) {
    self.init(classes, lastStep, step) { $0.formulas.hand }
  }
}

extension ReverseFunction {
  /// The function as it would be written, but for its formulas.
  public var sourceText: String { "ReverseFunction(\(lastStep.sourceText)) { ... }" }
}

extension ReverseFunction: Codable {
  private enum CodingKeys: String, CodingKey {
    case dimensions, lastStep, mean, variance, step
  }

  // A Gaussian step's formulas stand by themselves, as they did when there was no other.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    lastStep = try container.decode(LastStep.self, forKey: .lastStep)
    dimensions = try container.decode(Int.self, forKey: .dimensions)
    if let step = try container.decodeIfPresent(HandStep.self, forKey: .step) {
      self.step = step
    } else {
      step = .gaussian(
        mean: try container.decode(Formula.self, forKey: .mean),
        variance: try container.decode(Formula.self, forKey: .variance))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lastStep, forKey: .lastStep)
    try container.encode(dimensions, forKey: .dimensions)
    if case .gaussian(let mean, let variance) = step {
      try container.encode(mean, forKey: .mean)
      try container.encode(variance, forKey: .variance)
    } else {
      try container.encode(step, forKey: .step)
    }
  }
}

// MARK: - As distributions

extension ReverseFunction.HandStep {
  fileprivate var formulas: [(name: String, formula: Formula)] {
    switch self {
    case .gaussian(let mean, let variance): [("mean", mean), ("variance", variance)]
    case .binomial(let probability, _): [("probability", probability)]
    case .categorical(let probabilities, _): [("probabilities", probabilities)]
    case .product(let steps): steps.flatMap(\.formulas)
    }
  }

  /// Whether a step is one of a kernel that is no product.
  fileprivate func isFor(_ kernel: KernelDefinition) -> Bool {
    switch (self, kernel) {
    case (.gaussian, .gaussian), (.binomial, .binomial), (.categorical, .categorical): true
    default: false
    }
  }

  /// What is wrong with a step's shapes for a kernel that it is for.
  fileprivate func faults(_ kernel: KernelDefinition) -> [String] {
    let extent = kernel.features.count
    let isScalarAllowed = if case .categorical = self { false } else { true }
    return formulas.filter { $0.formula.shape != [extent] && !(isScalarAllowed && $0.formula.shape == .scalar) }.map {
      "the reverse function's \($0.name) has shape \($0.formula.shape) where [\(extent)]"
        + (isScalarAllowed ? " or a scalar is needed" : " is needed")
    }
  }
}

extension KernelDefinition {
  /// Numbers of a state, and what they are called.
  fileprivate var features: (count: Int, name: String) {
    switch self {
    case .gaussian(let kernel): (kernel.dimensions, "dimensions")
    case .binomial(let kernel): (kernel.bits, "bits")
    case .categorical(let kernel): (kernel.classes, "classes")
    case .product(let parts): (parts.reduce(0) { $0 + $1.value.kernel.features.count }, "features")
    }
  }
}

extension ReverseFunction {
  func faults(kernel: KernelDefinition) -> [String] {
    for (_, formula) in step.formulas {
      if let fault = formula.fault { return [fault.message] }
    }
    let (steps, kernels) = (step.parts, kernel.parts.map(\.kernel))
    guard steps.count == kernels.count else {
      return [
        "the reverse function returns \(steps.count) steps where the kernel has \(kernels.count) parts: "
          + "return one for each, in their order"
      ]
    }
    let strangers = zip(steps, kernels).filter { !$0.isFor($1) }
    guard strangers.isEmpty else {
      return strangers.map { _ in "the reverse function is for another kind of kernel: return the step of this one" }
    }
    let (needs, what) = kernel.features
    guard dimensions == needs else {
      return ["a reverse function over \(dimensions) \(what) does not fit a kernel over \(needs): make them equal"]
    }
    var faults: [String] = []
    for (name, formula) in step.formulas.flatMap({ $0.formula.named }) {
      let isOwn =
        name == ReverseFunction.state
        ? formula.shape == [dimensions] && formula.stage == .row
        : StepSymbols.names.contains(name) && formula.shape == .scalar && formula.stage == .step
      if !isOwn {
        faults.append(
          "the reverse function uses '\(name)' of shape \(formula.shape), which it is not given: "
            + "use no formulas but the x_t and the step that it has as arguments")
      }
    }
    return faults + zip(steps, kernels).flatMap { $0.faults($1) }
  }

  /// p(x_{t-1} | x_t) of the kernel's parts.
  func distributions(
    _ parts: [DiffusionModel.Part], of state: Formula, _ tables: GaussianTables
  ) -> [any StateDistribution] {
    let symbols: [String: Formula] = [
      ReverseFunction.state: state,
      "t": tables.now(Formula((1...tables.steps).map { Double($0) })),
      "beta": tables.now(tables.beta), "alphaBar": tables.now(tables.alphaBar), "noise": tables.now(tables.noise),
      "alphaBarBefore": tables.now(tables.alphaBarBefore), "noiseBefore": tables.now(tables.noiseBefore),
    ]
    func put(_ formula: Formula) -> Formula { formula.substituting(symbols) }
    return zip(parts, step.parts).map { part, step in
      switch (part.process, step) {
      case (let process as GaussianProcess, .gaussian(let mean, let variance)):
        process.reverse(mean: put(mean), variance: put(variance))
      case (let process as BinomialProcess, .binomial(let probability, let meaning)):
        process.reverse(
          probability: put(probability).broadcast(to: [process.features], stage: .row), meaning, state[part.features])
      case (let process as CategoricalProcess, .categorical(let probabilities, let meaning)):
        process.reverse(probabilities: put(probabilities), meaning, state[part.features])
      default: part.process.stationary
      }
    }
  }
}
