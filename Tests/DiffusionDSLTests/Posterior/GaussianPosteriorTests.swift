import Foundation
import Testing

@testable import DiffusionDSL

/// Posteriors of correlated Gaussian data, whose model's own distribution is a normal by recursion.
@Suite struct GaussianPosteriorTests {
  static let correlation = 0.9
  static let steps = 100

  typealias Matrix = [[Double]]
  static func times(_ a: Matrix, _ b: Matrix) -> Matrix {
    (0..<2).map { i in (0..<2).map { j in a[i][0] * b[0][j] + a[i][1] * b[1][j] } }
  }
  static func transposed(_ a: Matrix) -> Matrix { [[a[0][0], a[1][0]], [a[0][1], a[1][1]]] }
  static func inverse(_ a: Matrix) -> Matrix {
    let determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0]
    return [
      [a[1][1] / determinant, -a[0][1] / determinant], [-a[1][0] / determinant, a[0][0] / determinant],
    ]
  }

  /// Reverse steps N(A x, D) with the exact mean and the diagonal of the exact covariance; and the model's covariance.
  ///
  /// - Parameter misfit: multiplies the mean.
  static func model(
    _ lastStep: LastStep, misfit: Double = 1
  ) throws -> (trained: TrainedDiffusion, covariance: Matrix) {
    let betas = ConstantErasure(steps: steps).betas
    func spread(_ t: Int) -> Matrix {
      let left = Double(steps - t) / Double(steps)
      return [[1, left * correlation], [left * correlation, 1]]
    }
    var (maps, variances): ([Matrix], Matrix) = ([], [])
    for t in 1...steps {
      let (before, now, root) = (spread(t - 1), spread(t), (1 - betas[t - 1]).squareRoot())
      let map = times(before, inverse(now)).map { $0.map { $0 * root } }
      let explained = times(times(map, now), transposed(map))
      variances.append((0..<2).map { before[$0][$0] - explained[$0][$0] })
      maps.append(map.map { $0.map { $0 * misfit } })
    }
    let weight = Formula(maps.flatMap { $0.flatMap { $0 } }, shape: [steps, 2, 2])
    let variance = Formula(variances.flatMap { $0 }, shape: [steps, 2])
    let trained = try TrainedDiffusion(
      Diffusion {
        GaussianKernel(dimensions: 2)
        ConstantErasure(steps: steps)
        ReverseFunction(dimensions: 2, lastStep: lastStep) { x, _ in
          GaussianStep(
            mean: affine(weight.atStep(offset: -1), x), variance: variance.atStep(offset: -1))
        }
      })
    var covariance: Matrix = [[1, 0], [0, 1]]
    for t in stride(from: steps, through: 1, by: -1) {
      let isForward = t == 1 && lastStep == .paper
      let root = (1 - betas[0]).squareRoot()
      let map = isForward ? [[root, 0], [0, root]] : maps[t - 1]
      covariance = times(times(map, covariance), transposed(map))
      for i in 0..<2 { covariance[i][i] += isForward ? betas[0] : variances[t - 1][i] }
    }
    return (trained, covariance)
  }

  @Test func theModelsCovarianceIsItsOwn() throws {
    let (trained, covariance) = try Self.model(.paper)
    let conditional = covariance[1][1] - covariance[0][1] * covariance[0][1] / covariance[0][0]
    #expect(abs(conditional - 0.227) < 0.002, "\(conditional)")
    let samples = try trained.sample(40_000, seed: 1)
    let products = RowAverage(nil)(samples.map { $0[0] * $0[1] })
    #expect(abs(products.mean - covariance[0][1]) < 5 * products.standardError)
  }

  /// A factor as terms and as a log density.
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    var guidance: Guidance?
    let terms: @Sendable () -> [any PosteriorTerm]
    /// log r, but for a delta's column.
    let log: @Sendable (Double, Double) -> Double
    var observed: Double?
  }
  static let cases: [Case] = [
    Case(description: "observed") {
      [Observe(0, equals: 0.8)]
    } log: { _, _ in
      0
    },
    Case(description: "observed, twisted", guidance: .twisted) {
      [Observe(0, equals: 0.8)]
    } log: { _, _ in
      0
    },
    Case(description: "denoised at 1") {
      [Near(to: [0.7, -0.4], standardDeviation: 1)]
    } log: {
      normal($0 - 0.7, 1) + normal($1 + 0.4, 1)
    },
    Case(description: "denoised at 0.01") {
      [Near(to: [0.7, 0.4], standardDeviation: 0.1)]
    } log: {
      normal($0 - 0.7, 0.01) + normal($1 - 0.4, 0.01)
    },
    Case(description: "denoised at 0.1, annealed", guidance: .annealed) {
      [Near(to: [0.7, 0.4], standardDeviation: 0.3)]
    } log: {
      normal($0 - 0.7, 0.09) + normal($1 - 0.4, 0.09)
    },
    Case(description: "smooth") {
      [Factor { x in -square(square(x[0]) - 1) - 0.5 * abs(x[1]) }]
    } log: {
      -($0 * $0 - 1) * ($0 * $0 - 1) - 0.5 * abs($1)
    },
    Case(description: "sharp") {
      [Factor { x in -square((x[0] * x[1] - 0.5) / 0.1) * 0.5 }]
    } log: {
      -pow(($0 * $1 - 0.5) / 0.1, 2) / 2
    },
    Case(description: "threshold") {
      [Between(1, 0.5, .infinity)]
    } log: {
      $1 > 0.5 ? 0 : -.infinity
    },
  ]
  static func normal(_ x: Double, _ variance: Double) -> Double {
    -x * x / (2 * variance) - Foundation.log(2 * Double.pi * variance) / 2
  }

  /// Mean and variance of both numbers, and log Z, by a sum over a grid; of an observed first number, over the second.
  static func truth(
    _ item: Case, _ covariance: Matrix
  ) -> (means: [Double], variances: [Double], logEvidence: Double) {
    let precision = inverse(covariance)
    let determinant = covariance[0][0] * covariance[1][1] - covariance[0][1] * covariance[1][0]
    let isObserved = item.description.hasPrefix("observed")
    let h = 0.02
    // Between the threshold's two sides.
    let grid = (-300..<300).map { (Double($0) + 0.5) * h }
    var (total, sums, squares) = (0.0, [0.0, 0.0], [0.0, 0.0])
    for x in isObserved ? [0.8] : grid {
      for y in grid {
        let form = precision[0][0] * x * x + 2 * precision[0][1] * x * y + precision[1][1] * y * y
        let weight =
          exp(-form / 2 + item.log(x, y)) / (2 * Double.pi * determinant.squareRoot()) * (isObserved ? h : h * h)
        total += weight
        for (index, value) in [x, y].enumerated() {
          sums[index] += weight * value
          squares[index] += weight * value * value
        }
      }
    }
    let means = sums.map { $0 / total }
    return (means, zip(squares, means).map { $0 / total - $1 * $1 }, Foundation.log(total))
  }

  @Test(arguments: [1, 0.9], cases.indices) func particlesFindThePosterior(_ misfit: Double, _ index: Int) throws {
    let item = Self.cases[index]
    // A misfitted model's estimate of x_0 is far off for most of the way: Z^ is unbiased still, but so skewed that its
    // mean over 30 repeats is no normal, and a count of standard errors says nothing.
    if misfit != 1, case .twisted? = item.guidance { return }
    for lastStep in LastStep.both {
      let (trained, covariance) = try Self.model(lastStep, misfit: misfit)
      let truth = Self.truth(item, covariance)
      let answer = try trained.posterior { item.terms() }.sample(
        100, method: .particles(1_000, repeats: 30), guidance: item.guidance, seed: 3)
      let label = "\(item), misfit \(misfit), \(lastStep)"
      let limit = standardErrors(comparisons: 5 * 2 * 2 * Self.cases.count)
      let (mean, error) = RowAverage(nil)(answer.logEvidences.map { exp($0 - truth.logEvidence) })
      #expect(abs(mean - 1) < limit * error + 1e-4, "\(label): Z^ / Z = \(mean) +- \(error)")
      for column in 0..<2 {
        let found = try answer.mean(of: column)
        #expect(
          abs(found.value - truth.means[column]) < limit * (found.standardError ?? 0) + 1e-5,
          "\(label): mean \(column) is \(found.value), not \(truth.means[column])")
        let square = answer.expectation { ($0[column] - truth.means[column]) * ($0[column] - truth.means[column]) }
        #expect(
          abs(square.value - truth.variances[column])
            < limit * (square.standardError ?? 0) + 1e-5,
          "\(label): variance \(column) is \(square.value), not \(truth.variances[column])")
      }
    }
  }

  /// Units are the data's: another scaling of the same model gives the same answer in other units.
  @Test func evidenceIsInTheDatasUnits() throws {
    let (trained, _) = try Self.model(.learned())
    let scaled = try TrainedDiffusion(
      trained.definition, scaling: Scaling(mean: [10, -3], scale: [4, 0.5]))
    func answer(_ trained: TrainedDiffusion, _ x: Double, _ y: Double, _ deviation: Double) throws -> PosteriorAnswer {
      try trained.posterior {
        Observe(0, equals: x)
        Near(1, to: y, standardDeviation: deviation)
      }.sample(10, method: .particles(500, repeats: 4), seed: 2)
    }
    let (plain, other) = (try answer(trained, 0.5, 0.2, 0.4), try answer(scaled, 12, -2.9, 0.2))
    #expect(abs(other.logEvidence - (plain.logEvidence - Foundation.log(4 * 0.5))) < 1e-4)
    #expect(other.samples[0][0] == 12)
    let means = (try plain.mean(of: 1).value, try other.mean(of: 1).value)
    #expect(abs(means.1 - (means.0 * 0.5 - 3)) < 1e-4)
  }
}

/// An interval of a column without a name.
struct Between: PosteriorTerm {
  let factor: PosteriorFactor
  init(_ column: Int, _ lower: Double, _ upper: Double) {
    factor = PosteriorFactor(
      kind: .columns([(.index(column), .interval(lower: lower, upper: upper))]), location: nil)
  }
}
