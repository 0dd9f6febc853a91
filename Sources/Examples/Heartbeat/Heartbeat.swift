import DiffusionDSL
import Foundation

/// The paper's binary sequences: 20 bins with a 1 in every fifth, the phase uniform over five.
enum Heartbeat {
  static let bins = 20
  static let period = 5
  /// The activity of the sequences, and so the p of pi.
  static let activity = 1 / Double(period)
  /// -H of the data in bits.
  static let negativeEntropy = -log2(Double(period))

  /// The five sequences.
  static let sequences: [[Double]] = (0..<period).map { phase in
    (0..<bins).map { $0 % period == phase ? 1 : 0 }
  }

  /// The phase of a sequence; nil where it is none of the five.
  static func phase(of sequence: [Double]) -> Int? { sequences.firstIndex(of: sequence) }

  /// Equally many of each sequence: the data's distribution itself, without the noise of drawing from it.
  static func rows(_ count: Int) throws -> Dataset { try Dataset((0..<count).map { sequences[$0 % period] }) }
}

/// The bound of the best network among those whose reverse steps factorise over bits.
///
/// The best such step gives each bit its true chance under q, given all bits of x_t. Since bits are independent given
/// the phase, what x_t says of the phase is in the numbers of ones at the bins of each phase, and the expectation over
/// x_t is a sum over those numbers.
struct BestPossible {
  /// The bound in nats.
  let nats: Double
  var bits: Double { nats / M_LN2 }

  private let betas: [Double]
  private let p = Heartbeat.activity
  private let perPhase = Heartbeat.bins / Heartbeat.period

  /// - Parameters:
  ///   - steps: T, with beta_t = 1 / (T - t + 1).
  ///   - learnsLastStep: whether p(x_0 | x_1) is the best factorised step too, or the forward kernel (eq. 44).
  init(steps: Int, learnsLastStep: Bool) {
    betas = ConstantErasure(steps: steps).betas
    // abar_t = (T - t) / T for this schedule: exact at both ends.
    let left = (0...steps).map { Double(steps - $0) / Double(steps) }
    let noise = (0...steps).map { Double($0) / Double(steps) }
    var loss = 0.0
    let p = p
    let perPhase = perPhase
    for t in stride(from: steps, through: learnsLastStep ? 1 : 2, by: -1) {
      loss += BestPossible.expectedLoss(
        perPhase: perPhase, on: left[t] + noise[t] * p, off: noise[t] * p,
        flips: BestPossible.flips(p, beta: betas[t - 1], left: (left[t - 1], left[t]), noise: (noise[t - 1], noise[t])))
    }
    if !learnsLastStep {
      // log pi(x_0) - E log pi(x_1) is 0 for data of pi's activity.
      let beta = betas[0]
      loss +=
        Double(perPhase) * BestPossible.entropy(beta * (1 - p))
        + Double(Heartbeat.bins - perPhase) * BestPossible.entropy(beta * p)
    }
    nats = -loss
  }

  /// The chance that x_{t-1} differs from x_t, by the values of x_t and x_0.
  private static func flips(
    _ p: Double, beta: Double, left: (before: Double, now: Double), noise: (before: Double, now: Double)
  ) -> [[Double]] {
    (0...1).map { now in
      let (own, other) = now == 1 ? (p, 1 - p) : (1 - p, p)
      let same = beta * own * noise.before * other / (left.now + noise.now * own)
      let different = beta * (left.before + noise.before * other) / noise.now
      return (0...1).map { $0 == now ? same : different }
    }
  }

  /// The expected divergence of a step from the best factorised one, the true phase being the first.
  private static func expectedLoss(perPhase: Int, on: Double, off: Double, flips: [[Double]]) -> Double {
    func binomial(_ ones: Int, _ chance: Double) -> Double {
      let ways = (0..<ones).reduce(1.0) { $0 * Double(perPhase - $1) / Double($1 + 1) }
      return ways * pow(chance, Double(ones)) * pow(1 - chance, Double(perPhase - ones))
    }
    let (chancesOn, chancesOff) = ((0...perPhase).map { binomial($0, on) }, (0...perPhase).map { binomial($0, off) })
    // The likelihood ratio of a phase against its absence.
    let ratios = (0...perPhase).map {
      pow(on / off, Double($0)) * pow((1 - on) / (1 - off), Double(perPhase - $0))
    }
    let others = Heartbeat.period - 1
    var total = 0.0
    // Numbers of ones of the other phases, in ascending order; their order makes no difference.
    func visit(_ counts: [Int], _ weight: Double) {
      if counts.count < others {
        for next in (counts.last ?? 0)...perPhase { visit(counts + [next], weight * chancesOff[next]) }
        return
      }
      let orders = Set(counts).reduce(factorial(others)) { ways, value in
        ways / factorial(counts.filter { $0 == value }.count)
      }
      for ones in 0...perPhase {
        let weights = [ratios[ones]] + counts.map { ratios[$0] }
        let sum = weights.reduce(0, +)
        var loss = 0.0
        for (phase, number) in ([ones] + counts).enumerated() {
          let present = weights[phase] / sum
          // Not 1 - present, which may be 0 where this is not.
          let absent = weights.enumerated().reduce(0.0) { $1.offset == phase ? $0 : $0 + $1.element } / sum
          for value in 0...1 {
            let bits = Double(value == 1 ? number : perPhase - number)
            let truth = flips[value][phase == 0 ? 1 : 0]
            let flip = present * flips[value][1] + absent * flips[value][0]
            let stay = present * (1 - flips[value][1]) + absent * (1 - flips[value][0])
            if bits > 0 { loss += bits * divergence(truth, flip: flip, stay: stay) }
          }
        }
        total += weight * orders * chancesOn[ones] * loss
      }
    }
    visit([], 1)
    return total
  }

  private static func factorial(_ number: Int) -> Double { (0..<number).reduce(1.0) { $0 * Double($1 + 1) } }

  /// The divergence of a chance of a flip from another.
  private static func divergence(_ truth: Double, flip: Double, stay: Double) -> Double {
    (truth > 0 ? truth * log(truth / flip) : 0) + (truth < 1 ? (1 - truth) * log((1 - truth) / stay) : 0)
  }

  private static func entropy(_ chance: Double) -> Double {
    -chance * log(chance) - (1 - chance) * log1p(-chance)
  }
}
