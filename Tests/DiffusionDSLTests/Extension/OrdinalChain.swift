import Foundation

/// An ordinal diffusion by sums over its states: the walk from its definition, and a reverse chain whose steps are the
/// sum over x_0 of s(x_0 | x_t, t) q(x_{t-1} | x_t, x_0).
struct OrdinalChain {
  let pi: [Double]
  let betas: [Double]
  let isPaper: Bool
  /// q(x_t = j | x_{t-1} = i) at [t - 1][i][j].
  let forward: [[[Double]]]
  /// p(x_{t-1} = j | x_t = i) at [t - 1][i][j], with the paper's last step where that is asked for.
  private(set) var reverse: [[[Double]]] = []

  /// - Parameter data: s(x_0 | x_t = i, t).
  init(
    pi: [Double], leap: Double, betas: [Double], isPaper: Bool, data: (_ state: Int, _ t: Int, OrdinalChain) -> [Double]
  ) {
    self.pi = pi
    self.betas = betas
    self.isPaper = isPaper
    let count = pi.count
    forward = betas.map { beta in
      (0..<count).map { i in
        var row = pi.map { beta * leap * $0 }
        // A neighbour beyond the ends does not exist, and one that is less likely is taken less often.
        for j in [i - 1, i + 1] where pi.indices.contains(j) {
          row[j] += beta * (1 - leap) * 0.5 * (pi[j] < pi[i] ? pi[j] / pi[i] : 1)
        }
        row[i] = 0
        row[i] = 1 - row.reduce(0, +)
        return row
      }
    }
    for t in 1...betas.count {
      let steps = (0..<count).map { now -> [Double] in
        if t == 1, isPaper { return forward[0][now] }
        let chances = data(now, t, self)
        return (0..<count).map { j in
          (0..<count).reduce(0.0) { $0 + chances[$1] * posterior(t, now: now, data: $1)[j] }
        }
      }
      reverse.append(steps)
    }
  }

  /// q(x_t | x_0).
  func marginal(_ data: Int, _ t: Int) -> [Double] {
    var chances = pi.indices.map { $0 == data ? 1.0 : 0 }
    for s in 0..<t { chances = propagated(chances, forward[s]) }
    return chances
  }

  /// q(x_{t-1} | x_t, x_0) by Bayes' rule.
  private func posterior(_ t: Int, now: Int, data: Int) -> [Double] {
    let joint = zip(marginal(data, t - 1), forward[t - 1]).map { $0 * $1[now] }
    let total = joint.reduce(0, +)
    return joint.map { $0 / total }
  }

  private func propagated(_ chances: [Double], _ matrix: [[Double]]) -> [Double] {
    chances.indices.map { j in chances.indices.reduce(0.0) { $0 + chances[$1] * matrix[$1][j] } }
  }

  /// p(x_0).
  var chances: [Double] { reverse.reversed().reduce(pi, propagated) }

  /// E_q [log p(x_{0...T}) - log q(x_{1...T} | x_0)], summed over pairs of neighbouring states.
  func bound(of data: Int) -> Double {
    var total = zip(marginal(data, betas.count), pi).reduce(0.0) { $0 + $1.0 * log($1.1) }
    for t in 1...betas.count {
      for (i, before) in marginal(data, t - 1).enumerated() where before > 0 {
        for (j, chance) in forward[t - 1][i].enumerated() where chance > 0 {
          total += before * chance * (log(reverse[t - 1][j][i]) - log(chance))
        }
      }
    }
    return total
  }
}
