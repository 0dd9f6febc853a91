import Formulas
import Foundation

/// Gaussian diffusion of D numbers; Sohl-Dickstein et al. 2015, Table App.1, Gaussian column.
public struct GaussianTransitions: KernelTransitions {
  let dimensions: Int
  let tables: GaussianTables
  let firstVariance: Double
  let mean: MeanParameterisation
  let variance: VarianceParameterisation
  let lastStep: LastStep

  init(dimensions: Int, _ settings: KernelSettings) {
    self.dimensions = dimensions
    tables = settings.tables
    firstVariance = settings.betas.first ?? 0.5
    mean = settings.mean
    variance = settings.variance
    lastStep = settings.lastStep
  }

  public var columns: Int { dimensions }
  public var features: Int { dimensions }
  public var noises: Int { dimensions }
  public var noiseKind: NoiseKind { .normal }
  public var readouts: Int { variance == .learned ? 2 * dimensions : dimensions }

  // A state is a row.
  public func encoded(_ row: Formula) -> Formula { row }
  public func state(of row: [Double]) -> [Double] { row }
  public func row(of state: [Double]) -> [Double] { state }
  public func spread(_ cells: Formula) -> Formula { cells }
  public func scales(ofColumns scales: [Double]) -> [Double] { scales }

  public func values(_ state: Formula, units: [(mean: Double, scale: Double)]) -> [Formula] {
    units.enumerated().map { index, unit in
      unit.mean == 0 && unit.scale == 1 ? state[index] : state[index] * unit.scale + unit.mean
    }
  }

  public var stationary: NormalStates {
    NormalStates(
      mean: Formula(Array(repeating: 0, count: dimensions)), logVariance: Formula(0), features: dimensions)
  }

  public func forward(_ before: Formula) -> NormalStates {
    NormalStates(
      mean: before * tables.now(exp(tables.logAlpha * 0.5)), variance: tables.now(tables.beta),
      logVariance: tables.now(Formulas.log(tables.beta)), features: dimensions)
  }

  public func marginal(_ data: Formula) -> NormalStates {
    NormalStates(
      mean: data * tables.now(exp(tables.logAlphaBar * 0.5)), variance: tables.now(tables.noise),
      logVariance: tables.now(Formulas.log(tables.noise)), features: dimensions)
  }

  public func posterior(_ data: Formula, _ state: Formula) -> NormalStates {
    let first = Formula([NormalStates.logVarianceOfPoint])
    return NormalStates(
      mean: data * tables.now(tables.posteriorOfData) + state * tables.now(tables.posteriorOfState),
      variance: tables.now(tables.posteriorVariance),
      logVariance: tables.now(tables.logPosteriorVariance(first: first)), features: dimensions)
  }

  public func reverse(_ z: Formula, _ x: Formula) -> NormalStates {
    var logVariance: Formula
    switch variance {
    case .learned:
      logVariance = -softplus(-(z[dimensions..<2 * dimensions] + tables.now(tables.logitBeta)))
    case .forward:
      logVariance = tables.now(Formulas.log(tables.beta)).broadcast(to: [dimensions], stage: .step)
    case .posterior:
      let first = Formulas.log(tables.beta[0])
      logVariance = tables.now(tables.logPosteriorVariance(first: first.reshaped(to: [1])))
        .broadcast(to: [dimensions], stage: .step)
    }
    logVariance = floored(logVariance)
    let mean = mean(x, z[0..<dimensions], logVariance)
    return NormalStates(
      mean: mean.labelled("mean"), logVariance: logVariance.labelled("variance"), features: dimensions)
  }

  public func reverse(_ step: StepFormulas, _ x: Formula) -> NormalStates {
    let (mean, variance) = (step["mean"], step["variance"])
    let logVariance = floored(Formulas.log(variance).broadcast(to: [dimensions], stage: .step))
    return NormalStates(
      mean: mean.broadcast(to: [dimensions], stage: .row).labelled("the reverse function's mean"),
      logVariance: logVariance.labelled("the reverse function's variance"), features: dimensions)
  }

  /// The step with the mean and variance that x_{t-1} has where x_0 has these, each of shape [dimensions].
  func reverse(dataMean: Formula, dataVariance: Formula, _ x: Formula) -> NormalStates {
    let mean = dataMean * tables.now(tables.posteriorOfData) + x * tables.now(tables.posteriorOfState)
    let variance = dataVariance * square(tables.now(tables.posteriorOfData)) + tables.now(tables.posteriorVariance)
    return NormalStates(
      mean: mean.labelled("mean"), logVariance: floored(Formulas.log(variance)).labelled("variance"),
      features: dimensions)
  }

  /// The last step's variance is at least the floor that its declaration names.
  func floored(_ logVariance: Formula) -> Formula {
    guard case .learned(let floor) = lastStep, floor > 0 else { return logVariance }
    let floors = [Foundation.log(floor)] + Array(repeating: -Double.infinity, count: tables.steps - 1)
    return max(logVariance, tables.now(Formula(floors)))
  }

  private func mean(_ x: Formula, _ z: Formula, _ logVariance: Formula) -> Formula {
    switch mean {
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
    case .velocity:
      let ofState = tables.posteriorOfState + tables.posteriorOfData * exp(tables.logAlphaBar * 0.5)
      return x * tables.now(ofState) - z * tables.now(tables.posteriorOfData * sqrt(tables.noise))
    case .direct: return z
    }
  }

  public func entropyBounds(_ t: Int, _ clock: ErasureClock, _ data: StateMoments) -> EntropyBounds {
    let half = Double(dimensions) / 2
    func entropy(_ variance: Double) -> Double { half * Foundation.log(2 * Double.pi * M_E * variance) }
    // Entropies do not change when the data are centred, which gives the tighter of the bounds.
    let excess = data.variances.reduce(0, +) - Double(dimensions)
    return EntropyBounds(
      forward: entropy(clock.betas[t - 1]),
      before: t > 1 ? entropy(clock.noises[t - 1]) : -.infinity, now: entropy(clock.noises[t]),
      surpriseFall: clock.alphaBars[t - 1] * clock.betas[t - 1] * excess / 2)
  }

  public func priorLosses(_ data: Formula) -> Formula {
    let last = tables.steps - 1
    return ((square(data) - 1) * exp(tables.logAlphaBar[last]) - Formulas.log(tables.noise[last])) * 0.5
  }

  public func lastLosses(_ data: Formula) -> Formula { (square(data) - 1) * (firstVariance / 2) + expectedLastLoss }

  /// The entropy of N(., beta_1), that of one number.
  public var expectedLastLoss: Double { Foundation.log(2 * Double.pi * M_E * firstVariance) / 2 }
}
