import Foundation

@testable import DiffusionDSL

/// Models on a line whose own distribution is known by propagating a grid through their normal steps.
struct LineModel {
  let trained: TrainedDiffusion
  /// Points and the model's own density there.
  let grid: [Double]
  let density: [Double]
  static let spacing = 0.02

  /// - Parameters:
  ///   - mixture: of data on a line.
  ///   - misfit: multiplies the reverse steps' means.
  init(_ mixture: GaussianMixture, steps: Int, _ lastStep: LastStep, misfit: Double = 1) throws {
    let exact = mixture.reverseFunction(lastStep: lastStep)
    let exactStep = exact.steps[0]
    let (mean, variance) = (exactStep["mean"], exactStep["variance"])
    let function = ReverseFunction(dimensions: 1, lastStep: lastStep) { x, step in
      func put(_ formula: Formula) -> Formula {
        formula.substituting([
          "x": x, "beta": step.beta, "alphaBar": step.alphaBar, "noise": step.noise,
          "alphaBarBefore": step.alphaBarBefore, "noiseBefore": step.noiseBefore,
        ])
      }
      return GaussianStep(mean: put(mean) * misfit, variance: put(variance))
    }
    trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 1)
        Cosine(steps: steps)
        function
      })
    let grid = (-300...300).map { Double($0) * LineModel.spacing }
    let model = trained.model
    let reverse = try present(model.normalReverse)
    let probe = try ModelProbe(trained, [reverse.mean, exp(reverse.logVariance)], rows: grid.count)
    var density = grid.map { exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }
    for t in stride(from: steps, through: 1, by: -1) {
      var (means, variances): ([Double], [Double])
      if t == 1, lastStep == .paper {
        let beta = trained.betas[0]
        (means, variances) = (grid.map { (1 - beta).squareRoot() * $0 }, grid.map { _ in beta })
      } else {
        let inputs = [DiffusionModel.state: grid.map { [$0] }]
        means = probe.values(0, step: t, inputs).map { $0[0] }
        variances = probe.values(1, step: t, inputs).map { $0[0] }
      }
      var next = Array(repeating: 0.0, count: grid.count)
      for (i, mass) in density.enumerated() where mass > 1e-14 {
        let (scale, inverse) = (
          mass * LineModel.spacing / (2 * Double.pi * variances[i]).squareRoot(), 0.5 / variances[i]
        )
        for (j, x) in grid.enumerated() { next[j] += scale * exp(-(x - means[i]) * (x - means[i]) * inverse) }
      }
      density = next
    }
    self.grid = grid
    self.density = density
  }

  /// log Z, and the mean and variance of x under p r.
  func truth(_ logR: (Double) -> Double) -> (logEvidence: Double, mean: Double, variance: Double) {
    let weights = zip(grid, density).map { $1 * exp(logR($0)) * LineModel.spacing }
    let total = weights.reduce(0, +)
    let mean = zip(grid, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    let square = zip(grid, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 } / total
    return (log(total), mean, square)
  }

  static let three = GaussianMixture(
    weights: [0.5, 0.3, 0.2], means: [[-1.2], [0.3], [1.6]], deviations: [0.3, 0.25, 0.4])
  static let two = GaussianMixture(weights: [0.4, 0.6], means: [[-0.8], [0.9]], deviations: [0.5, 0.4])
}

/// What is there, or an error.
func present<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw DataError.empty }
  return value
}
