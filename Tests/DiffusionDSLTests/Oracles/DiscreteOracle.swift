import Formulas
import Foundation

@testable import DiffusionDSL

/// A small discrete diffusion with every state counted: transition matrices from the kernel's definition, the reverse
/// function's rates from the trained model's own formula, and sums over paths.
struct DiscreteOracle {
  /// Every x_0 as a row of data, and as a state.
  let rows: [[Double]]
  let states: [[Double]]
  /// forward[t][i][j] = q(x_t = j | x_{t-1} = i), t = 1 ... T.
  let forward: [[[Double]]]
  /// reverse[t][i][j] = p(x_{t-1} = j | x_t = i).
  let reverse: [[[Double]]]
  let stationary: [Double]
  private let steps: Int
  private let isPaper: Bool
  var isPaperLastStep: Bool { isPaper }

  init(_ trained: TrainedDiffusion) throws {
    let definition = trained.definition
    steps = definition.steps
    isPaper = definition.reverse.lastStep == .paper
    let betas = definition.schedule.betas
    switch definition.kernel.parts.first?.kernel {
    case let kernel as BinomialKernel:
      let all = (0..<1 << kernel.bits).map { code in (0..<kernel.bits).map { Double(code >> $0 & 1) } }
      (rows, states) = (all, all)
      let pi = { (state: [Double]) in
        zip(state, kernel.activities).reduce(1.0) { $0 * ($1.0 == 1 ? $1.1 : 1 - $1.1) }
      }
      stationary = all.map(pi)
      forward =
        [[]]
        + betas.map { beta in
          all.map { from in
            all.map { to in
              zip(zip(from, to), kernel.activities).reduce(1.0) { product, item in
                let ((a, b), p) = item
                let one = a * (1 - beta) + p * beta
                return product * (b == 1 ? one : 1 - one)
              }
            }
          }
        }
    case let kernel as CategoricalKernel:
      let count = kernel.classes
      rows = (0..<count).map { [Double($0)] }
      states = (0..<count).map { one in (0..<count).map { $0 == one ? 1 : 0 } }
      stationary = kernel.shares
      forward =
        [[]]
        + betas.map { beta in
          (0..<count).map { i in (0..<count).map { j in (i == j ? 1 - beta : 0) + beta * kernel.shares[j] } }
        }
    default: throw DataError.empty
    }
    reverse = try DiscreteOracle.reverse(trained, states, forward)
  }

  /// From the user's formula: directly, or as the sum over x_0 of s(x_0) q(x_{t-1} | x_t, x_0), field by field.
  private static func reverse(
    _ trained: TrainedDiffusion, _ states: [[Double]], _ forward: [[[Double]]]
  ) throws -> [[[Double]]] {
    guard case .function(let function) = trained.definition.reverse else { throw DataError.empty }
    // Both families store one formula and what it means.
    let (formula, meaning) = (function.steps[0][BinomialStep.formula], function.steps[0].meaning)
    let tables = trained.model.tables
    let put = formula.substituting([
      "x": trained.model.stateInput, "t": tables.now(Formula((1...trained.steps).map { Double($0) })),
    ])
    let probe = try ModelProbe(
      trained, [put.broadcast(to: [function.dimensions], stage: .row)], rows: states.count)
    return try [[]]
      + (1...trained.steps).map { t in
        let chances = probe.values(0, width: function.dimensions, step: t, [DiffusionModel.state: states])
        return try zip(states, chances).map { state, chances in
          try fields(trained.definition, state, chances, meaning, t).reduce([1.0]) { joint, field in
            // The first field varies fastest, as in the code of a state.
            field.flatMap { chance in joint.map { $0 * chance } }
          }
        }
      }
  }

  /// p(x_{t-1} = j | x_t) of each field, for its values j.
  private static func fields(
    _ definition: Diffusion, _ state: [Double], _ chances: [Double], _ meaning: ProbabilityParameterisation, _ t: Int
  ) throws -> [[Double]] {
    let betas = definition.schedule.betas
    func single(_ pi: [Double], at now: Int, _ data: [Double]) -> [Double] {
      if meaning == .direct { return data }
      func kernel(_ betas: ArraySlice<Double>, _ i: Int, _ j: Int) -> Double {
        let left = betas.reduce(1.0) { $0 * (1 - $1) }
        return (i == j ? left : 0) + (1 - left) * pi[j]
      }
      return pi.indices.map { j in
        pi.indices.reduce(0.0) { total, i in
          total + data[i] * kernel(betas[t - 1..<t], j, now) * kernel(betas[0..<t - 1], i, j)
            / kernel(betas[0..<t], i, now)
        }
      }
    }
    switch definition.kernel.parts.first?.kernel {
    case let kernel as BinomialKernel:
      return kernel.activities.indices.map { bit in
        let p = kernel.activities[bit]
        return single([1 - p, p], at: Int(state[bit]), [1 - chances[bit], chances[bit]])
      }
    case let kernel as CategoricalKernel:
      return [single(kernel.shares, at: state.firstIndex(of: 1) ?? 0, chances)]
    default: throw DataError.empty
    }
  }

  /// q(x_t | x_0).
  func marginal(_ row: Int, _ t: Int) -> [Double] {
    var chances = states.indices.map { $0 == row ? 1.0 : 0 }
    for s in stride(from: 1, through: t, by: 1) { chances = propagated(chances, forward[s]) }
    return chances
  }

  private func propagated(_ chances: [Double], _ matrix: [[Double]]) -> [Double] {
    states.indices.map { j in states.indices.reduce(0.0) { $0 + chances[$1] * matrix[$1][j] } }
  }

  /// p(x_{t-1} | x_t), with the paper's last step where the definition has it.
  private func step(_ t: Int) -> [[Double]] { t == 1 && isPaper ? forward[1] : reverse[t] }

  /// E_q [log p(x_{0...T}) - log q(x_{1...T} | x_0)], summed over pairs of neighbouring states.
  func bound(of row: Int) -> Double {
    let end = marginal(row, steps)
    var total = states.indices.reduce(0.0) { $0 + end[$1] * log(stationary[$1]) }
    for t in 1...steps {
      let (before, matrix) = (marginal(row, t - 1), step(t))
      for i in states.indices where before[i] > 0 {
        for j in states.indices where forward[t][i][j] > 0 {
          total += before[i] * forward[t][i][j] * (log(matrix[j][i]) - log(forward[t][i][j]))
        }
      }
    }
    return total
  }

  /// log p(x_0), summed over all paths.
  func logProbability(of row: Int) -> Double {
    var chances = stationary
    for t in stride(from: steps, through: 1, by: -1) { chances = propagated(chances, step(t)) }
    return log(chances[row])
  }
}

extension TrainedDiffusion {
  /// K in nats of a row, averaged over every x_t with its probability: no draw enters.
  func boundByEnumeration(of row: [Double], _ oracle: DiscreteOracle) throws -> Double {
    let inputs = [DiffusionModel.data: [row]]
    let ends = try ModelProbe(self, [model.ends().losses.total], rows: 1)
    var loss = ends.values(step: 1, inputs)[0][0]
    let x0 = model.states(of: row)
    let index = oracle.rows.firstIndex(of: row) ?? 0
    // The step's loss as a function of x_t, which stands in for the draw.
    let state = model.stateInput
    let reverse = model.reverse(of: state)
    let losses = zip(model.parts, reverse).map { part, reverse in
      reverse.loss(
        Formula(x0)[part.features].broadcast(to: [part.features.count], stage: .row), state[part.features])
    }
    let step = try ModelProbe(self, [losses.total], rows: oracle.states.count)
    for t in stride(from: model.firstReverseStep, through: steps, by: 1) {
      let values = step.values(step: t, [DiffusionModel.state: oracle.states])
      loss += zip(values, oracle.marginal(index, t)).reduce(0) { $0 + $1.0[0] * $1.1 }
    }
    return -loss
  }
}
