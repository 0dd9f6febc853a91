import Expressions
import Foundation

/// A Gaussian diffusion's definition as formulas of x_t, x_0, noise and parameters.
///
/// Everything is in the scaled data's units and in nats.
struct GaussianModel: Sendable {
  static let state = "x"
  static let data = "x0"
  static let noise = "noise"

  let definition: Diffusion
  let dimensions: Int
  let steps: Int
  let tables: GaussianTables
  let parameters: [ParameterSpecification]
  /// The mean of p(x_{t-1} | x_t), given x_t as the input `state`; shape [dimensions].
  private let mean: @Sendable (Formula) -> GaussianReverse

  /// The reverse step's mean and the logarithm of its variance.
  struct GaussianReverse: Sendable {
    var mean: Formula
    var logVariance: Formula
  }

  /// - Throws: `DefinitionError` with all faults of the definition.
  init(_ definition: Diffusion) throws(DefinitionError) {
    self.definition = definition
    dimensions = definition.dimensions
    steps = definition.steps
    var faults = definition.kernel.faults.map { DefinitionFault($0, at: definition.kernelPart.location) }
    faults += definition.schedule.faults.map { DefinitionFault($0, at: definition.schedulePart.location) }
    let isSound = faults.isEmpty
    let dimensions = isSound ? self.dimensions : Swift.min(Swift.max(1, self.dimensions), SizeLimit.extent)
    let schedule = isSound ? definition.schedule : .fixed([0.5])

    let registry = ParameterRegistry()
    var logits: Formula?
    if schedule.isLearned, schedule.steps > 1 {
      let start = schedule.betas.dropFirst().map { log($0) - log1p(-$0) }
      logits = registry.parameter("schedule.logits", shape: [schedule.steps - 1], .values(start))
    }
    let tables = GaussianTables(schedule, logits: logits)
    self.tables = tables

    if definition.reverse.lastStep.isLearned, case .learned(let floor) = definition.reverse.lastStep, !(floor >= 0) {
      faults.append(
        DefinitionFault(
          "the floor of a learned last step's variance is \(floor); give 0 or more", at: definition.reversePart.location
        ))
    }
    switch definition.reverse {
    case .network(let network):
      var formulas = NetworkFormulas(registry: registry)
      let state = Formula.input(GaussianModel.state, shape: [dimensions])
      let reverse = GaussianModel.reverse(network, of: state, tables, dimensions, &formulas)
      faults += formulas.faults
      let all = [reverse.mean, reverse.logVariance]
      if formulas.faults.isEmpty, let fault = all.lazy.compactMap(\.fault).first {
        faults.append(DefinitionFault(fault.message, at: definition.reversePart.location))
      }
      mean = { x in
        GaussianReverse(
          mean: reverse.mean.substituting([GaussianModel.state: x]),
          logVariance: reverse.logVariance.substituting([GaussianModel.state: x]))
      }
    case .function(let function):
      faults += GaussianModel.faults(function, dimensions: definition.dimensions)
        .map { DefinitionFault($0, at: definition.reversePart.location) }
      mean = { x in GaussianModel.reverse(function, of: x, tables, dimensions) }
    }
    let isTooLarge = registry.specifications.contains { $0.shape.count > SizeLimit.numbers }
    if faults.isEmpty, isTooLarge || registry.specifications.map(\.shape.count).reduce(0, +) > SizeLimit.numbers {
      faults.append(
        DefinitionFault(
          "the model has more than \(SizeLimit.numbers) parameters; give its layers fewer units",
          at: definition.reversePart.location))
    }
    if !faults.isEmpty { throw DefinitionError(faults) }
    parameters = registry.specifications
  }

  /// The parameters' places in one array.
  var layout: ParameterLayout {
    var layout = ParameterLayout()
    for parameter in parameters { layout.append(parameter.name, shape: parameter.shape) }
    return layout
  }

  var isLastStepLearned: Bool { definition.reverse.lastStep.isLearned }

  /// The first step that the reverse function takes: 1 with a learned last step, else 2.
  var firstReverseStep: Int { isLastStepLearned ? 1 : 2 }

  // MARK: - Steps

  /// p(x_{t-1} | x_t) for x_t as the input `state`.
  func reverse(of state: Formula) -> GaussianReverse { mean(state) }

  /// x_t from the inputs `data` and `noise`.
  var noised: Formula {
    let x0 = Formula.input(GaussianModel.data, shape: [dimensions])
    let noise = Formula.input(GaussianModel.noise, shape: [dimensions])
    let signal = tables.now(exp(tables.logAlphaBar * 0.5))
    return x0 * signal + noise * tables.now(sqrt(tables.noise))
  }

  /// The reverse step's loss for one row: KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), and at t = 1, with a learned
  /// last step, -log p(x_0 | x_1).
  ///
  /// At t = 1 the posterior is a point at x_0, so both are one formula whose constant differs.
  var stepLoss: Formula {
    let x0 = Formula.input(GaussianModel.data, shape: [dimensions])
    let state = noised
    let reverse = reverse(of: state)
    let posteriorMean = x0 * tables.now(tables.posteriorOfData) + state * tables.now(tables.posteriorOfState)
    let residual = posteriorMean - reverse.mean
    let variance = tables.now(tables.posteriorVariance)
    let misfit = (square(residual) + variance) * exp(-reverse.logVariance) + reverse.logVariance
    // -log v - 1 for a KL divergence; log(2 pi) for a density, with log v = -log(2 pi) - 1 in v's place.
    let constant = -tables.logPosteriorVariance(first: Formula([-log(2 * Double.pi) - 1])) - 1
    return (sum(misfit) + tables.now(constant) * Double(dimensions)) * 0.5
  }

  /// |x_0|^2 - D, for one row.
  private var excess: Formula {
    sum(square(Formula.input(GaussianModel.data, shape: [dimensions]))) - Double(dimensions)
  }

  /// KL(q(x_T | x_0) || pi) for one row.
  var priorLoss: Formula {
    let last = steps - 1
    return (excess * exp(tables.logAlphaBar[last]) - Expressions.log(tables.noise[last]) * Double(dimensions)) * 0.5
  }

  /// -L_0 of the paper's last step for one row; 0 for a learned one, whose term is the step loss at t = 1.
  var lastLoss: Formula {
    if isLastStepLearned { return excess * 0 }
    let beta = definition.schedule.betas.first ?? 0.5
    return excess * (beta / 2) + Double(dimensions) / 2 * Foundation.log(2 * Double.pi * M_E * beta)
  }

  /// About what the step loss will be, by step: 0 for a KL divergence, the entropy of N(., beta_1 I) for a learned last
  /// step.
  ///
  /// A density's loss is far from 0, and at one step of a thousand it would drown the estimate of K: taken off where the
  /// step is drawn and added once for all, it changes no expectation and no gradient.
  private var expectedLoss: [Double] {
    var losses = Array(repeating: 0.0, count: steps)
    if isLastStepLearned {
      losses[0] =
        Double(dimensions) / 2 * Foundation.log(2 * Double.pi * M_E * (definition.schedule.betas.first ?? 0.5))
    }
    return losses
  }

  /// -K for one row whose step t was drawn uniformly: its expectation over t and noise is -K.
  var trainingLoss: Formula {
    let ends = priorLoss + lastLoss
    let count = steps - firstReverseStep + 1
    guard count > 0 else { return ends }
    let expected = expectedLoss
    let total: Double = expected.reduce(0, +)
    return (stepLoss - tables.now(Formula(expected))) * Double(count) + ends + total
  }
}

// MARK: - Reverse functions

extension GaussianModel {
  private static func reverse(
    _ network: ReverseNetwork, of state: Formula, _ tables: GaussianTables, _ dimensions: Int,
    _ formulas: inout NetworkFormulas
  ) -> GaussianReverse {
    var input = state
    if network.readout.value.kind == .shared {
      input = concatenate([state, NetworkFormulas.stepFeatures(tables)])
    }
    let isState = network.readout.value.kind != .shared
    let hidden = formulas.apply(network.layers, to: input, path: "network", isState: isState)
    let learnsVariance = network.variance == .learned
    let z = formulas.read(
      network.readout, of: hidden, outputs: learnsVariance ? 2 * dimensions : dimensions, steps: tables.steps
    ).labelled("Readout")
    guard z.shape.count == (learnsVariance ? 2 * dimensions : dimensions) else {
      return GaussianReverse(mean: z, logVariance: z)
    }

    var logVariance: Formula
    switch network.variance {
    case .learned:
      logVariance = -softplus(-(z[dimensions..<2 * dimensions] + tables.now(tables.logitBeta)))
    case .forward:
      logVariance = tables.now(Expressions.log(tables.beta)).broadcast(to: [dimensions], stage: .step)
    case .posterior:
      let first = Expressions.log(tables.beta[0])
      logVariance = tables.now(tables.logPosteriorVariance(first: first.reshaped(to: [1])))
        .broadcast(to: [dimensions], stage: .step)
    }
    logVariance = floored(logVariance, network.lastStep, tables)
    let mean = mean(network.mean, state, z[0..<dimensions], logVariance, tables)
    return GaussianReverse(mean: mean.labelled("mean"), logVariance: logVariance.labelled("variance"))
  }

  private static func mean(
    _ parameterisation: MeanParameterisation, _ x: Formula, _ z: Formula, _ logVariance: Formula,
    _ tables: GaussianTables
  ) -> Formula {
    switch parameterisation {
    case .interpolated: return x + (z - x) * exp(logVariance)
    case .forwardMean:
      return x * tables.now(exp(tables.logAlpha * 0.5)) + z * tables.now(sqrt(tables.beta))
    case .data: return z * tables.now(tables.posteriorOfData) + x * tables.now(tables.posteriorOfState)
    case .noise:
      // x_0 = (x - sqrt(1 - abar) z) / sqrt(abar) in the posterior mean; its coefficients are infinite where abar is 0.
      let isEmpty = Formula(-Double.greatestFiniteMagnitude) .> tables.logAlphaBar
      let ofState = select(isEmpty, tables.posteriorOfState, exp(tables.logAlpha * -0.5))
      let ofNoise = select(
        isEmpty, -tables.posteriorOfData, -tables.beta * exp(tables.logAlpha * -0.5) / sqrt(tables.noise))
      return x * tables.now(ofState) + z * tables.now(ofNoise)
    case .direct: return z
    }
  }

  /// The last step's variance is at least the floor that its declaration names.
  private static func floored(_ logVariance: Formula, _ lastStep: LastStep, _ tables: GaussianTables) -> Formula {
    guard case .learned(let floor) = lastStep, floor > 0 else { return logVariance }
    let floors = [Foundation.log(floor)] + Array(repeating: -Double.infinity, count: tables.steps - 1)
    return max(logVariance, tables.now(Formula(floors)))
  }

  private static func reverse(
    _ function: ReverseFunction, of state: Formula, _ tables: GaussianTables, _ dimensions: Int
  ) -> GaussianReverse {
    let symbols: [String: Formula] = [
      "x": state,
      "t": tables.now(Formula((1...tables.steps).map { Double($0) })),
      "beta": tables.now(tables.beta), "alphaBar": tables.now(tables.alphaBar), "noise": tables.now(tables.noise),
      "alphaBarBefore": tables.now(tables.alphaBarBefore), "noiseBefore": tables.now(tables.noiseBefore),
    ]
    let mean = function.mean.substituting(symbols)
    let variance = function.variance.substituting(symbols)
    let logVariance = floored(
      Expressions.log(variance).broadcast(to: [dimensions], stage: .step), function.lastStep, tables)
    return GaussianReverse(
      mean: mean.broadcast(to: [dimensions], stage: .row).labelled("the reverse function's mean"),
      logVariance: logVariance.labelled("the reverse function's variance"))
  }

  private static func faults(_ function: ReverseFunction, dimensions: Int) -> [String] {
    if let fault = function.mean.fault ?? function.variance.fault { return [fault.message] }
    var faults: [String] = []
    if function.dimensions != dimensions {
      faults.append(
        "a reverse function over \(function.dimensions) dimensions does not fit a kernel over \(dimensions): make them equal"
      )
    }
    for (name, formula) in [("mean", function.mean), ("variance", function.variance)]
    where formula.shape != .scalar && formula.shape != [function.dimensions] {
      faults.append(
        "the reverse function's \(name) has shape \(formula.shape) where [\(function.dimensions)] or a scalar is needed"
      )
    }
    return faults
  }
}
