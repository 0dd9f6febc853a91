import DiffusionDSL
import Foundation

// A kernel family written outside of the library, complete in this file: grades, stages, ratings. A family is three
// types: the kernel, which users write and files hold; its transitions, which are the diffusion as formulas; and the
// distribution of each step. The compiler asks for whatever the library asks of a family, so nothing can be forgotten.

// MARK: - The kernel

// article
/// Diffusion of one of K levels in an order: a level moves to its neighbours rather than anywhere.
///
/// With chance beta_t a step moves the level: with chance `leap` to a draw from pi, else to a neighbour that is
/// proposed by a coin's toss and accepted as by Metropolis et al. 1953, so that pi stays as it is. A row of data is one
/// number, the level, counted from 0.
public struct OrdinalKernel: DiffusionKernel {
  /// K.
  public let levels: Int
  /// pi; none where it is to be taken from data.
  public let shares: [Double]
  /// The chance that a move is a draw from pi, in (0, 1].
  public let leap: Double

  /// - Parameters:
  ///   - levels: K, 2 or more.
  ///   - shares: pi, positive and adding up to 1; nil: that of the data.
  ///   - leap: the chance that a move is a draw from pi.
  public init(levels: Int, shares: [Double]? = nil, leap: Double = 0.2) {
    self.levels = levels
    self.shares = shares ?? []
    self.leap = leap
  }

  public static let typeName = "ordinal"
  public static let featureName = "levels"
  public static let isContinuous = false

  public var dimensions: Int { 1 }
  // A state is K indicators, as for classes: formulas then pick a level's entry of a table by a product.
  public var stateShape: Shape { [levels] }
  public var description: String { "one of \(levels) levels" }
  public var columnKind: Column.Kind { .category((0..<max(0, min(levels, 100))).map(String.init)) }
  public var cellCheck: CellCheck? { .classes(levels) }
  public func tableCount(steps: Int) -> Int { steps > 10_000 ? .max : steps * levels * levels }

  public var faults: [String] {
    guard (2...100).contains(levels) else { return ["a kernel over \(levels) levels: give from 2 to 100"] }
    guard leap > 0, leap <= 1 else { return ["the leap is \(leap): give a chance above 0"] }
    guard !shares.isEmpty else { return [] }
    let total: Double = shares.reduce(0, +)
    guard shares.count == levels, shares.allSatisfy({ $0 > 0 }), abs(total - 1) < 1e-9 else {
      return ["the shares of \(levels) levels are \(shares): give one each, positive and adding up to 1"]
    }
    return []
  }

  public var isUndetermined: Bool { shares.isEmpty }
  public func adapted(to data: Dataset, first: Int) -> OrdinalKernel {
    OrdinalKernel(levels: levels, shares: data.shares(column: first, values: levels), leap: leap)
  }
  public var undetermined: OrdinalKernel { OrdinalKernel(levels: levels, shares: [], leap: leap) }

  public func transitions(_ settings: KernelSettings) -> OrdinalTransitions {
    // Pi that is yet to come from data is stood in for.
    OrdinalTransitions(
      shares.isEmpty ? Array(repeating: 1 / Double(levels), count: levels) : shares, leap: leap, settings)
  }

  public var stepForm: StepForm { StepForm([.init("probabilities", shape: [levels], allowsScalar: false)]) }

  public var sourceText: String { "OrdinalKernel(levels: \(levels), leap: \(leap))" }
  public func fieldText(_ column: Column, unit: Continuous.Unit?) -> String {
    "Ordinal(\(column.name.debugDescription), \(column.labels ?? []))"
  }
}
// end of article

// article
/// A field of the kernel, so that rows, tables and conditions know its labels.
public struct Ordinal: Field, KernelTerm {
  public let name: String
  /// From the lowest to the highest.
  public let labels: [String]

  /// - Parameters:
  ///   - name: unique in its kernel.
  ///   - labels: from the lowest to the highest.
  public init(_ name: String, _ labels: [String]) {
    self.name = name
    self.labels = labels
  }

  public var column: Column { Column(name, .category(labels)) }
  public var definition: KernelDefinition { KernelDefinition(column, OrdinalKernel(levels: labels.count)) }
  public func value(of number: Double) -> String? {
    Int(exactly: number).flatMap { labels.indices.contains($0) ? labels[$0] : nil }
  }
  public func number(of value: String) -> Double? { labels.firstIndex(of: value).map(Double.init) }
}
// end of article

// article
/// A reverse step by hand: the chances of the levels of x_0, given x_t.
public struct OrdinalStep: ReverseStep {
  let probabilities: Formula

  /// - Parameter dataProbabilities: shape [levels], adding up to 1.
  public init(dataProbabilities: Formula) { probabilities = dataProbabilities }

  public var formulas: StepFormulas { StepFormulas(OrdinalKernel.typeName, ["probabilities": probabilities]) }
}
// end of article

// MARK: - The distribution of a step

// article
/// One of K levels, as K indicators; made of one uniform number.
public struct OrdinalStates: StateDistribution {
  /// Of each level, adding up to 1; shape [K].
  let probabilities: Formula

  // A level of probability 0 (a point has them) is never met, so its logarithm only has to be finite.
  private var logs: Formula { log(max(probabilities, 1e-36)) }

  public var mean: Formula { probabilities }

  public func draw(_ noise: Formula) -> Formula {
    // The first level whose running sum exceeds the noise; the last sum is 1 whatever rounding says.
    let count = probabilities.shape.count
    let sums = (1..<count).map { sum(probabilities[0..<$0]).reshaped(to: [1]) }
    let reached = concatenate(sums) .> noise[0]
    return concatenate([reached, Formula([1])]) - concatenate([Formula([0]), reached])
  }

  public func logDensities(_ x: Formula) -> Formula { sum(x * logs).reshaped(to: [1]) }
  public var entropy: Formula { -sum(probabilities * logs) }
  public func divergences(to other: OrdinalStates) -> Formula {
    sum(probabilities * (logs - other.logs)).reshaped(to: [1])
  }
}
// end of article

// MARK: - The diffusion

// article
/// The walk as tables of transition probabilities, made in Double.
public struct OrdinalTransitions: KernelTransitions {
  /// A matrix of transition probabilities, [from][to].
  typealias Matrix = [[Double]]

  private let pi: [Double]
  private let settings: KernelSettings
  /// Q_t at index t - 1, and its products Q_1 ... Q_t at index t.
  private let single: [Matrix]
  private let products: [Matrix]

  init(_ pi: [Double], leap: Double, _ settings: KernelSettings) {
    self.pi = pi
    self.settings = settings
    let move = OrdinalTransitions.move(pi, leap: leap)
    let levels = pi.indices
    let single = settings.betas.map { beta in
      levels.map { i in levels.map { j in (i == j ? 1 - beta : 0) + beta * move[i][j] } }
    }
    self.single = single
    products = single.reduce(into: [levels.map { i in levels.map { $0 == i ? 1 : 0 } }]) { products, next in
      let last = products[products.count - 1]
      products.append(levels.map { i in levels.map { j in levels.reduce(0) { $0 + last[i][$1] * next[$1][j] } } })
    }
  }

  /// One move: reversible, pi_i move_ij = pi_j move_ji.
  private static func move(_ pi: [Double], leap: Double) -> Matrix {
    pi.indices.map { i in
      var row = pi.indices.map { j in
        leap * pi[j] + (abs(i - j) == 1 ? (1 - leap) / 2 * min(1, pi[j] / pi[i]) : 0)
      }
      row[i] += 1 - row.reduce(0, +)
      return row
    }
  }

  public var columns: Int { 1 }
  public var features: Int { pi.count }
  public var noises: Int { 1 }
  public var noiseKind: NoiseKind { .uniform }
  public var readouts: Int { pi.count }
  // end of article

  // MARK: Rows and states

  // article
  public func encoded(_ row: Formula) -> Formula {
    max(0, 1 - abs(row[0] - Formula(pi.indices.map { Double($0) })))
  }
  public func state(of row: [Double]) -> [Double] { pi.indices.map { Double($0) == row[0] ? 1 : 0 } }
  public func row(of state: [Double]) -> [Double] { [Double(state.firstIndex(of: 1) ?? 0)] }
  public func spread(_ cells: Formula) -> Formula { concatenate(pi.map { _ in cells }) }
  public func values(_ state: Formula, units: [(mean: Double, scale: Double)]) -> [Formula] { [state] }
  public func scales(ofColumns scales: [Double]) -> [Double] { pi.map { _ in 1 } }
  // end of article

  // MARK: Steps

  // article
  /// A matrix for each t, applied to a vector: the sum over j of matrix[i][j] x_j.
  private func times(_ matrices: [Matrix], _ x: Formula) -> Formula {
    affine(settings.atStep(matrices.flatMap { $0.flatMap { $0 } }, shape: [pi.count, pi.count]), x)
  }
  private func transposed(_ matrices: [Matrix]) -> [Matrix] {
    matrices.map { matrix in pi.indices.map { j in matrix.map { $0[j] } } }
  }
  /// Q_1 ... Q_t and Q_1 ... Q_{t-1}, for t = 1 ... T.
  private var now: [Matrix] { Array(products.dropFirst()) }
  private var before: [Matrix] { Array(products.dropLast()) }

  public var stationary: OrdinalStates { OrdinalStates(probabilities: Formula(pi)) }
  public func forward(_ before: Formula) -> OrdinalStates {
    OrdinalStates(probabilities: times(transposed(single), before))
  }
  public func marginal(_ data: Formula) -> OrdinalStates {
    OrdinalStates(probabilities: times(transposed(now), data))
  }

  /// The sum over levels i of weights_i q(x_{t-1} | x_t, x_0 = i), for weights that add up to 1:
  /// q(j | k, i) = Q_t[j][k] (Q_1 ... Q_{t-1})[i][j] / (Q_1 ... Q_t)[i][k].
  private func blended(_ weights: Formula, _ x: Formula) -> OrdinalStates {
    OrdinalStates(probabilities: times(single, x) * times(transposed(before), weights / times(now, x)))
  }

  public func posterior(_ data: Formula, _ state: Formula) -> OrdinalStates { blended(data, state) }

  public func reverse(_ readout: Formula, _ x: Formula) -> OrdinalStates {
    switch settings.probability {
    // From what x_0 would be, were the data drawn from pi; or from the walk itself, which is its own reversal.
    case .data: blended(softmax(readout + log(times(now, x) * Formula(pi))), x)
    case .direct: OrdinalStates(probabilities: softmax(readout + log(max(forward(x).probabilities, 1e-36))))
    }
  }
  public func reverse(_ step: StepFormulas, _ x: Formula) -> OrdinalStates { blended(step["probabilities"], x) }
  // end of article

  // MARK: Bounds

  // article
  /// A number for each level, picked by the data's; shape [1].
  private func picked(_ data: Formula, _ number: (Int) -> Double) -> Formula {
    sum(data * Formula(pi.indices.map(number))).reshaped(to: [1])
  }
  /// The sum over levels of chances_k log number_k; levels without a chance count for nothing.
  private func expectedLog(_ chances: [Double], _ numbers: [Double]) -> Double {
    var total = 0.0
    for (chance, number) in zip(chances, numbers) where chance > 0 { total += chance * log(number) }
    return total
  }
  private func entropy(_ chances: [Double]) -> Double { -expectedLog(chances, chances) }

  public func priorLosses(_ data: Formula) -> Formula {
    picked(data) { own in
      let end = products[products.count - 1][own]
      return expectedLog(end, end) - expectedLog(end, pi)
    }
  }
  public func lastLosses(_ data: Formula) -> Formula {
    // -E log p(x_0 | x_1) with the walk's first step as p.
    picked(data) { own in -expectedLog(single[0][own], single[0].map { $0[own] }) }
  }
  public var expectedLastLoss: Double { 0 }

  public func entropyBounds(_ t: Int, _ clock: ErasureClock, _ data: StateMoments) -> EntropyBounds {
    func shares(_ matrix: Matrix) -> [Double] {
      pi.indices.map { j in pi.indices.reduce(0.0) { $0 + data.means[$1] * matrix[$1][j] } }
    }
    func mean(_ weights: [Double], _ matrix: Matrix) -> Double {
      zip(weights, matrix.map(entropy)).reduce(0.0) { $0 + $1.0 * $1.1 }
    }
    let (old, new) = (shares(products[t - 1]), shares(products[t]))
    return EntropyBounds(
      forward: mean(old, single[t - 1]), before: mean(data.means, products[t - 1]), now: mean(data.means, products[t]),
      surpriseFall: expectedLog(new, pi) - expectedLog(old, pi))
  }
  // end of article

  // MARK: Regression over rows: each kept level was replaced by a draw from pi with some chance

  // article
  public func nearness(_ regression: KernelRegression) -> (name: String, start: Double) {
    ("replacementLogit", log(regression.replacement / (1 - regression.replacement)))
  }
  public func regressionLogWeights(_ x: Formula, _ rows: Formula, nearness: Formula) -> Formula {
    let replacement = sigmoid(nearness)
    return affine(rows, log(times(now, x) * (1 - replacement) + sum(x * Formula(pi)) * replacement))
  }
  public func regressed(_ x: Formula, _ rows: Formula, _ weights: Formula, nearness: Formula) -> OrdinalStates {
    let replacement = sigmoid(nearness)
    let density = times(now, x)
    let ratio =
      affineTransposed(rows, weights) / (density * (1 - replacement) + sum(x * Formula(pi)) * replacement)
    let kept = ratio * density * (1 - replacement)
    return blended(kept + Formula(pi) * density * (sum(ratio) * replacement), x)
  }
  // end of article

  // MARK: Posteriors

  // article
  public func estimate(_ step: OrdinalStates, _ state: Formula) -> Formula { step.mean }
  public func centred(_ state: Formula, root: Formula) -> Formula { state }
  public func proposalMean(_ step: OrdinalStates, _ target: TwistedTarget) -> Formula { step.mean }
  public var probes: StateProbes { .indicators(pi.count) }

  public func logTwists(_ estimate: Formula, _ factors: ColumnFactors) -> [Formula] {
    factors.psi(0, stationary: pi, at: 0).map { [log(max(sum(estimate * $0), 1e-37))] } ?? []
  }

  public func proposal(_ step: OrdinalStates, _ target: TwistedTarget) -> Proposal {
    var (base, logWeight) = (step, Formula(0))
    let psi = target.psi(0, stationary: pi)
    if let psi {
      // The step times psi, normalised; the normaliser over psi of x_t is the weight.
      let total = max(sum(step.probabilities * psi), 1e-37)
      base = OrdinalStates(probabilities: step.probabilities * psi / total)
      logWeight = log(total)
      if let state = target.state, let old = target.psiOfState(0, stationary: pi) {
        logWeight = logWeight - log(max(sum(state * old), 1e-37))
      }
    }
    var proposal = base
    if let tilt = target.boundedTilt {
      let raised = base.probabilities * exp(tilt)
      proposal = OrdinalStates(probabilities: raised / sum(raised))
    }
    let draw = proposal.draw(target.noise)
    if target.tilt != nil { logWeight = logWeight + base.logDensity(draw) - proposal.logDensity(draw) }
    // With the model's own estimate as psi, the table has only moved the proposal: it is no part of the target.
    if let psi, target.isTwistedStep { logWeight = logWeight - log(max(sum(draw * psi), 1e-37)) }
    return Proposal(draw: draw, logWeight: logWeight)
  }
  // end of article
}
