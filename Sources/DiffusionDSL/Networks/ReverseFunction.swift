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

  // q(x_{t-1} | x_t, x_0) = N(a_t x_0 + b_t x_t, v_t I); Docs/Mathematics.md, M4.

  /// a_t = sqrt(abar_{t-1}) beta_t / (1 - abar_t), the coefficient of x_0 in the mean of q(x_{t-1} | x_t, x_0); 1 at
  /// t = 1.
  ///
  ///     GaussianStep(
  ///       mean: step.dataCoefficient * prediction + step.stateCoefficient * x, variance: step.posteriorVariance)
  public var dataCoefficient: Formula { sqrt(alphaBarBefore) * beta / noise }
  /// b_t = sqrt(1 - beta_t) (1 - abar_{t-1}) / (1 - abar_t), the coefficient of x_t there; 0 at t = 1.
  public var stateCoefficient: Formula { sqrt(1 - beta) * noiseBefore / noise }
  /// v_t = beta_t (1 - abar_{t-1}) / (1 - abar_t), the variance of q(x_{t-1} | x_t, x_0); 0 at t = 1, which a learned
  /// last step's floor raises.
  public var posteriorVariance: Formula { beta * noiseBefore / noise }

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
  /// The step of each part of the kernel.
  let steps: [StepFormulas]
  /// Whether it was written as steps of a product.
  private let isProduct: Bool
  /// The symbol of x_t.
  private static let state = "x"

  private init(
    _ dimensions: Int, _ lastStep: LastStep, isProduct: Bool,
    _ steps: (_ x: Formula, _ step: StepSymbols) -> [any ReverseStep]
  ) {
    self.lastStep = lastStep
    self.dimensions = dimensions
    self.isProduct = isProduct
    self.steps = steps(.symbol(ReverseFunction.state, shape: [dimensions], stage: .row), StepSymbols()).map(\.formulas)
  }

  /// A step of a product of kernels, or of a kernel of a family of your own; mistakes as for the other kernels.
  ///
  /// - Parameters:
  ///   - features: numbers of a state: one for each number of a continuous part and each bit, K indicators for a
  ///     category of K labels, in the parts' order.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - steps: the step of each part, given x_t (shape [features]) and what is known of t.
  public init(
    features: Int, lastStep: LastStep = .paper, _ steps: (_ x: Formula, _ step: StepSymbols) -> [any ReverseStep]
  ) {
    self.init(features, lastStep, isProduct: true, steps)
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
    self.init(dimensions, lastStep, isProduct: false) { [step($0, $1)] }
  }

  /// A step of a binomial kernel; mistakes as above.
  ///
  /// - Parameters:
  ///   - bits: bits of a row, as many as the kernel's.
  ///   - lastStep: where p(x_0 | x_1) comes from; `.paper` does not ask the function at t = 1.
  ///   - step: the bits' probabilities, given x_t (shape [bits], 0 or 1) and what is known of t.
  public init(bits: Int, lastStep: LastStep = .paper, _ step: (_ x: Formula, _ step: StepSymbols) -> BinomialStep) {
    self.init(bits, lastStep, isProduct: false) { [step($0, $1)] }
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
    self.init(classes, lastStep, isProduct: false) { [step($0, $1)] }
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

  /// Steps of a product, as files hold them: `{"product": {"_0": [...]}}`.
  private struct Product: Codable {
    struct Steps: Codable {
      var _0: [StepFormulas]
    }
    var product: Steps
  }

  // Files store the formulas of a Gaussian step without a name: that format dates from when it was the only step.

  /// A stored reverse function.
  ///
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    lastStep = try container.decode(LastStep.self, forKey: .lastStep)
    dimensions = try container.decode(Int.self, forKey: .dimensions)
    guard container.contains(.step) else {
      isProduct = false
      steps = [
        GaussianStep(
          mean: try container.decode(Formula.self, forKey: .mean),
          variance: try container.decode(Formula.self, forKey: .variance)
        ).formulas
      ]
      return
    }
    let names = try container.nestedContainer(keyedBy: PartCoding.Name.self, forKey: .step).allKeys
    isProduct = names.contains { $0.stringValue == "product" }
    steps =
      isProduct
      ? try container.decode(Product.self, forKey: .step).product._0
      : [try container.decode(StepFormulas.self, forKey: .step)]
  }

  /// Stores the formulas of a Gaussian step by themselves, others as steps.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lastStep, forKey: .lastStep)
    try container.encode(dimensions, forKey: .dimensions)
    if isProduct {
      try container.encode(Product(product: .init(_0: steps)), forKey: .step)
      return
    }
    for step in steps {
      guard step.kernel == GaussianKernel.typeName else {
        try container.encode(step, forKey: .step)
        continue
      }
      try container.encode(step["mean"], forKey: .mean)
      try container.encode(step["variance"], forKey: .variance)
    }
  }
}

// MARK: - As distributions

extension ReverseFunction {
  /// All formulas, step by step.
  private var formulas: [Formula] { steps.flatMap { step in step.names.map { step[$0] } } }

  /// What is wrong with it for a kernel.
  func faults(kernel: KernelDefinition) -> [String] {
    for formula in formulas {
      if let fault = formula.fault { return [fault.message] }
    }
    let kernels = kernel.parts.map(\.kernel)
    guard steps.count == kernels.count else {
      return [
        "the reverse function returns \(steps.count) steps where the kernel has \(kernels.count) parts: "
          + "return one for each, in their order"
      ]
    }
    let strangers = zip(steps, kernels).filter { $0.kernel != type(of: $1).typeName || !$1.stepForm.fits($0) }
    guard strangers.isEmpty else {
      return strangers.map { _ in "the reverse function is for another kind of kernel: return the step of this one" }
    }
    guard dimensions == kernel.features else {
      return [
        "a reverse function over \(dimensions) \(kernel.featureName) does not fit a kernel over \(kernel.features): "
          + "make them equal"
      ]
    }
    return strangeSymbols + zip(steps, kernels).flatMap { $1.stepForm.faults($0) }
  }

  /// Symbols in the formulas that are not arguments of the function.
  private var strangeSymbols: [String] {
    var faults: [String] = []
    for (name, formula) in formulas.flatMap(\.named) {
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
    return faults
  }

  /// p(x_{t-1} | x_t) of the kernel's parts.
  func partSteps(
    _ parts: [ModelPart], of state: Formula, _ tables: GaussianTables
  ) -> [any PartStep] {
    let symbols: [String: Formula] = [
      ReverseFunction.state: state,
      "t": tables.now(Formula((1...tables.steps).map { Double($0) })),
      "beta": tables.now(tables.beta), "alphaBar": tables.now(tables.alphaBar), "noise": tables.now(tables.noise),
      "alphaBarBefore": tables.now(tables.alphaBarBefore), "noiseBefore": tables.now(tables.noiseBefore),
    ]
    return zip(parts, steps).map { part, step in
      part.transitions.reverseStep(step.mapFormulas { $0.substituting(symbols) }, state[part.features])
    }
  }
}
