import Foundation

@testable import DiffusionDSL

/// A product of two bits, a field of three classes and a number, with reverse steps that couple all of them, and the
/// same model by sums over the twelve discrete states and a grid for the number.
///
/// The number's reverse mean is linear in the state, and so are the others' log odds; both sides are written from the
/// same coefficients, and share nothing else.
struct ProductOracle {
  static let steps = 6
  static let betas = [0.3, 0.25, 0.3, 0.4, 0.5, 0.7]
  static let means = [0.3, 0.6]
  static let shares = [0.2, 0.3, 0.5]
  /// Features of a state: two bits, three indicators, the number.
  static let features = 6
  static let variances = [0.25, 0.3, 0.28, 0.35, 0.45, 0.6]

  /// A wave of its arguments: coefficients without a pattern.
  private static func wave(_ a: Int, _ b: Int, _ t: Int) -> Double {
    Foundation.sin(Double(a * 7 + b * 3) + 0.9) * (0.6 + 0.05 * Double(t))
  }

  /// Coefficients of the rows of a linear map of the state: bits' log odds (2), classes' (3), the number's mean (1).
  static func weights(_ t: Int) -> [[Double]] {
    (0..<6).map { output in
      (0..<features).map { input in
        // Each part leans on its own state most.
        let own = output == 5 ? (input == 5 ? 0.7 : 0) : (input == output ? 1.2 : 0)
        return own + 0.4 * wave(output, input, t)
      }
    }
  }
  static func biases(_ t: Int) -> [Double] { (0..<6).map { 0.3 * wave($0, 11, t) - 0.2 } }

  static func definition(_ lastStep: LastStep) -> Diffusion {
    let weight = Formula((1...steps).flatMap { weights($0).flatMap { $0 } }, shape: [steps, 6, features])
    let bias = Formula((1...steps).flatMap { biases($0) }, shape: [steps, 6])
    let variance = Formula(variances)
    return Diffusion {
      ProductKernel {
        ProductKernel {
          BinomialKernel(means: means)
          Category("kind", of: ["a", "b", "c"], shares: .given(shares))
        }
        Continuous("size", mean: 0, scale: 1)
      }
      Fixed(betas)
      ReverseFunction(features: features, lastStep: lastStep) { x, _ in
        let z = affine(weight.atStep(offset: -1), x, bias: bias.atStep(offset: -1))
        return [
          BinomialStep(probability: sigmoid(z[0..<2])), CategoricalStep(dataProbabilities: softmax(z[2..<5])),
          GaussianStep(mean: z[5..<6], variance: variance.atStep(offset: -1)),
        ]
      }
    }
  }

  // MARK: - The same by sums

  /// A discrete state: two bits and a class.
  struct Discrete: Hashable {
    var bits: [Int]
    var kind: Int
  }
  static let discrete = (0..<12).map { Discrete(bits: [$0 & 1, $0 >> 1 & 1], kind: $0 / 4) }
  let isPaper: Bool

  private static func left(_ t: Int) -> Double { betas[0..<t].reduce(1.0) { $0 * (1 - $1) } }
  private static func kept(_ pi: [Double], _ left: Double, _ i: Int, _ j: Int) -> Double {
    (i == j ? left : 0) + (1 - left) * pi[j]
  }
  private static func pis(_ part: Int) -> [Double] { part < 2 ? [1 - means[part], means[part]] : shares }
  private static func values(_ state: Discrete) -> [Int] { state.bits + [state.kind] }

  /// q(x_{t-1} = j | x_t = now, x_0) of one discrete part.
  private static func posterior(_ part: Int, _ t: Int, _ now: Int, _ data: Int) -> [Double] {
    let pi = pis(part)
    return pi.indices.map {
      kept(pi, 1 - betas[t - 1], $0, now) * kept(pi, left(t - 1), data, $0) / kept(pi, left(t), data, now)
    }
  }

  /// p(x_{t-1} | x_t) of each discrete part, and the number's mean.
  private func reverse(_ t: Int, _ state: Discrete, _ size: Double) -> (parts: [[Double]], mean: Double) {
    let x =
      state.bits.map(Double.init) + (0..<3).map { $0 == state.kind ? 1.0 : 0 } + [size]
    if t == 1, isPaper {
      let parts = (0..<3).map { part in
        let pi = Self.pis(part)
        return pi.indices.map { Self.kept(pi, 1 - Self.betas[0], Self.values(state)[part], $0) }
      }
      return (parts, (1 - Self.betas[0]).squareRoot() * size)
    }
    let z = zip(Self.weights(t), Self.biases(t)).map { row, bias in
      zip(row, x).reduce(bias) { $0 + $1.0 * $1.1 }
    }
    let bits = (0..<2).map { bit -> [Double] in
      let one = 1 / (1 + exp(-z[bit]))
      return [1 - one, one]
    }
    let raw = z[2..<5].map { exp($0) }
    let chances = raw.map { $0 / raw.reduce(0, +) }
    let kind = (0..<3).map { j in
      (0..<3).reduce(0.0) { $0 + chances[$1] * Self.posterior(2, t, state.kind, $1)[j] }
    }
    return (bits + [kind], z[5])
  }

  private func variance(_ t: Int) -> Double { t == 1 && isPaper ? Self.betas[0] : Self.variances[t - 1] }

  private static func logNormal(_ x: Double, _ mean: Double, _ variance: Double) -> Double {
    -(x - mean) * (x - mean) / (2 * variance) - log(2 * Double.pi * variance) / 2
  }

  private static let spacing = 0.08
  private static let grid = (-110...110).map { Double($0) * spacing }

  /// p(x_0) for every discrete x_0, at the given numbers; and integrated over the number.
  func marginals(at sizes: [Double]) -> (at: [[Discrete: Double]], integrated: [Discrete: Double]) {
    let grid = Self.grid
    var chances: [[Double]] = Self.discrete.map { state in
      let pi = (0..<3).reduce(1.0) { $0 * Self.pis($1)[Self.values(state)[$1]] }
      return grid.map { pi * exp(Self.logNormal($0, 0, 1)) }
    }
    func step(_ t: Int, to targets: [Double]) -> [[Double]] {
      var next = Self.discrete.map { _ in targets.map { _ in 0.0 } }
      let variance = variance(t)
      for (i, state) in Self.discrete.enumerated() {
        for (place, size) in grid.enumerated() where chances[i][place] > 1e-18 {
          let (parts, mean) = reverse(t, state, size)
          let mass = chances[i][place] * Self.spacing
          let densities = targets.map { mass * exp(Self.logNormal($0, mean, variance)) }
          for (j, target) in Self.discrete.enumerated() {
            let chance = (0..<3).reduce(1.0) { $0 * parts[$1][Self.values(target)[$1]] }
            for k in targets.indices { next[j][k] += chance * densities[k] }
          }
        }
      }
      return next
    }
    for t in stride(from: Self.steps, through: 2, by: -1) { chances = step(t, to: grid) }
    let (points, whole) = (step(1, to: sizes), step(1, to: grid))
    return (
      sizes.indices.map { k in
        Dictionary(uniqueKeysWithValues: Self.discrete.indices.map { (Self.discrete[$0], points[$0][k]) })
      },
      Dictionary(
        uniqueKeysWithValues: Self.discrete.indices.map {
          (Self.discrete[$0], whole[$0].reduce(0, +) * Self.spacing)
        })
    )
  }

  /// Every x_t given x_0 with its weight: discrete states, and points of a normal rule.
  private func noised(_ row: Discrete, _ size: Double, _ t: Int) -> [(state: Discrete, size: Double, weight: Double)] {
    let left = Self.left(t)
    return Self.discrete.flatMap { state in
      let chance = (0..<3).reduce(1.0) {
        $0 * Self.kept(Self.pis($1), left, Self.values(row)[$1], Self.values(state)[$1])
      }
      return NormalRule(spacing: 0.25).points.map { point in
        (state, left.squareRoot() * size + (1 - left).squareRoot() * point.x, chance * point.weight)
      }
    }
  }

  /// E_q [log p(x_{0...T}) - log q(x_{1...T} | x_0)].
  func bound(of row: Discrete, size: Double) -> Double {
    var total = 0.0
    for (state, y, weight) in noised(row, size, Self.steps) {
      total += weight * (0..<3).reduce(Self.logNormal(y, 0, 1)) { $0 + log(Self.pis($1)[Self.values(state)[$1]]) }
    }
    for t in 1...Self.steps {
      // The forward step's entropy, given x_{t-1}: of the number in closed form, of the others summed.
      for (state, y, weight) in noised(row, size, t) {
        let (parts, mean) = reverse(t, state, y)
        for part in 0..<3 {
          let (now, data) = (Self.values(state)[part], Self.values(row)[part])
          for (j, chance) in Self.posterior(part, t, now, data).enumerated() where chance > 0 {
            let forward = Self.kept(Self.pis(part), 1 - Self.betas[t - 1], j, now)
            total += weight * chance * (log(parts[part][j]) - log(forward))
          }
        }
        // q(x_{t-1} | x_t, x_0) of the number, by completing the square.
        let (beta, before) = (Self.betas[t - 1], Self.left(t - 1))
        let precision = (1 - beta) / beta + (t > 1 ? 1 / (1 - before) : 0)
        let centre =
          t > 1 ? ((1 - beta).squareRoot() / beta * y + before.squareRoot() / (1 - before) * size) / precision : size
        let spread = t > 1 ? 1 / precision : 0
        total += weight * (Self.logNormal(centre, mean, variance(t)) - spread / (2 * variance(t)))
        total += weight * (log(2 * Double.pi * beta) / 2)
        // E (x_t - sqrt(1 - beta) x_{t-1})^2 / 2 beta, given x_t.
        let misfit = y - (1 - beta).squareRoot() * centre
        total += weight * (misfit * misfit + (1 - beta) * spread) / (2 * beta)
      }
    }
    return total
  }
}
