import DiffusionDSL
import Foundation

/// Gaussian data N(m, s^2), whose true reverse steps are Gaussian, and the bound of affine reverse steps in closed form.
///
/// The algebra of References/gaussian_reverse.py; a test holds the two together.
struct GaussianOracle {
  enum Variance: CaseIterable {
    /// That of the true reverse step.
    case exact
    case forward
    case posterior
  }

  let betas: [Double]
  let m: Double
  let s: Double
  let alphaBars: [Double]
  /// 1 - abar_t by a recursion of its own, in which nothing cancels.
  let noises: [Double]

  init(betas: [Double], m: Double, s: Double) {
    self.betas = betas
    self.m = m
    self.s = s
    var (alphaBars, noises) = ([1.0], [0.0])
    for (index, beta) in betas.enumerated() {
      alphaBars.append(alphaBars[index] * (1 - beta))
      noises.append(noises[index] * (1 - beta) + beta)
    }
    self.alphaBars = alphaBars
    self.noises = noises
  }

  /// The variance of x_t.
  func spread(_ t: Int) -> Double { alphaBars[t] * s * s + noises[t] }

  /// The true reverse step N(a x_t + b, c).
  func reverse(_ t: Int) -> (a: Double, b: Double, c: Double) {
    let a = (1 - betas[t - 1]).squareRoot() * spread(t - 1) / spread(t)
    return (
      a, (alphaBars[t - 1].squareRoot() - a * alphaBars[t].squareRoot()) * m, betas[t - 1] * spread(t - 1) / spread(t)
    )
  }

  /// The variance of q(x_{t-1} | x_t, x_0).
  func posteriorVariance(_ t: Int) -> Double { betas[t - 1] * noises[t - 1] / noises[t] }

  private func variance(_ t: Int, _ variance: Variance) -> Double {
    switch variance {
    // Sigma = sigmoid(z + logit beta) cannot leave 1 where beta is 1; neither can it pass it elsewhere.
    case .exact: betas[t - 1] < 1 ? reverse(t).c : (holdsFinalVariance ? 1 : reverse(t).c)
    case .forward: betas[t - 1]
    case .posterior: t == 1 ? betas[0] : posteriorVariance(t)
    }
  }

  /// Whether a step with beta_t = 1 has variance 1, as every network's has.
  var holdsFinalVariance = false

  /// KL(q(x_{t-1} | x_t, x_0) || p) for the best mean and given variance, at x_0 and x_t.
  func stepLoss(_ t: Int, x0: Double, xt: Double, _ kind: Variance = .exact) -> Double {
    let (a, b, _) = reverse(t)
    let c = variance(t, kind)
    if t == 1 { return (log(2 * Double.pi * c) + (x0 - a * xt - b) * (x0 - a * xt - b) / c) / 2 }
    let ofData = alphaBars[t - 1].squareRoot() * betas[t - 1] / noises[t]
    let ofState = (1 - betas[t - 1]).squareRoot() * noises[t - 1] / noises[t]
    let residual = ofData * x0 + ofState * xt - a * xt - b
    let q = posteriorVariance(t)
    return (log(c / q) + (q + residual * residual) / c - 1) / 2
  }

  /// -KL(q(x_T|x_0) || pi), and L_0 of the paper's last step where there is one, at x_0.
  func ends(x0: Double, _ lastStep: LastStep) -> Double {
    let excess = x0 * x0 - 1
    let last = betas.count
    let prior = -(alphaBars[last] * excess - log(noises[last])) / 2
    if case .learned = lastStep { return prior }
    return prior - betas[0] * excess / 2 - (log(2 * Double.pi * betas[0]) + 1) / 2
  }

  /// K in nats: at x_0, or averaged over the data.
  ///
  /// Each term is quadratic in x_0 and in the noise of x_t, so its mean over two points at one standard deviation to
  /// either side is its expectation.
  func bound(_ kind: Variance, _ lastStep: LastStep, x0: Double? = nil) -> Double {
    let points = x0.map { [$0] } ?? [m - s, m + s]
    var total = 0.0
    for x0 in points {
      total += ends(x0: x0, lastStep)
      let first = if case .learned = lastStep { 1 } else { 2 }
      for t in stride(from: first, through: betas.count, by: 1) {
        for noise in [-1.0, 1.0] {
          let xt = alphaBars[t].squareRoot() * x0 + noises[t].squareRoot() * noise
          total -= stepLoss(t, x0: x0, xt: xt, kind) / 2
        }
      }
    }
    return total / Double(points.count)
  }

  /// The true reverse step as a formula.
  static func reverseFunction(
    m: Double, s: Double, lastStep: LastStep, variance: Variance = .exact
  ) -> ReverseFunction {
    ReverseFunction(dimensions: 1, lastStep: lastStep) { x, step in
      let now = step.alphaBar * (s * s) + step.noise
      let before = step.alphaBarBefore * (s * s) + step.noiseBefore
      let a = sqrt(1 - step.beta) * before / now
      let b = (sqrt(step.alphaBarBefore) - a * sqrt(step.alphaBar)) * m
      let isFirst = step.t .< 1.5
      let spread: Formula =
        switch variance {
        case .exact: step.beta * before / now
        case .forward: step.beta
        case .posterior: select(isFirst, step.beta, step.beta * step.noiseBefore / step.noise)
        }
      return GaussianStep(mean: a * x + b, variance: spread)
    }
  }
}

extension LastStep {
  static let both: [LastStep] = [.paper, .learned()]
}

/// Rows of independent normals with the given means and standard deviations.
func normalRows(_ count: Int, means: [Double], deviations: [Double], seed: UInt64) throws -> Dataset {
  let source = NoiseSource(seed: seed, purpose: "oracle data")
  var flat: [Double] = []
  for row in 0..<count {
    var stream = source.stream(chain: UInt64(row), step: 0)
    for (mean, deviation) in zip(means, deviations) { flat.append(mean + deviation * Double(stream.nextNormal())) }
  }
  return try Dataset(complete: flat, dimensions: means.count)
}
