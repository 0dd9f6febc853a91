import Formulas
import Testing

/// Every operation's gradient against central differences, in Double.
@Suite struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// Parameters p [4], m [3 x 4], s [] and table [5 x 4]; row inputs x [4], y [3].
    var loss: @Sendable (Symbols) -> Formula
    var testDescription: String { name }
  }

  struct Symbols: Sendable {
    let p = Formula.parameter("p", shape: [4])
    let q = Formula.parameter("q", shape: [4])
    let m = Formula.parameter("m", shape: [3, 4])
    let s = Formula.parameter("s", shape: .scalar)
    let table = Formula.parameter("table", shape: [5, 4])
    let weights = Formula.parameter("weights", shape: [5, 3, 4])
    let x = Formula.input("x", shape: [4])
    let y = Formula.input("y", shape: [3])
    /// A row vector that depends on parameters.
    var z: Formula { x * p + q }
    /// The same, positive.
    var positive: Formula { square(z) + 0.5 }
  }

  static let bench: Bench = {
    var numbers = Numbers(seed: 1)
    let rows = 21
    return Bench(
      inputs: [
        "x": (0..<rows).map { _ in numbers.vector(4) },
        "y": (0..<rows).map { _ in numbers.vector(3) },
      ],
      parameters: [
        ("p", [4], numbers.vector(4, 0.5...1.5)), ("q", [4], numbers.vector(4)), ("m", [3, 4], numbers.vector(12)),
        ("s", .scalar, [0.7]), ("table", [5, 4], numbers.vector(20)), ("weights", [5, 3, 4], numbers.vector(60)),
      ],
      rows: rows)
  }()

  static let cases: [Case] = [
    Case(name: "negate") { sum(-$0.z * $0.x) },
    Case(name: "exp") { sum(exp($0.z)) },
    Case(name: "log") { sum(log($0.positive)) },
    Case(name: "log1p") { sum(log1p($0.positive)) },
    Case(name: "expm1") { sum(expm1($0.z)) },
    Case(name: "sqrt") { sum(sqrt($0.positive)) },
    Case(name: "square") { sum(square($0.z)) },
    Case(name: "reciprocal") { sum(reciprocal($0.positive)) },
    Case(name: "tanh") { sum(tanh($0.z) * $0.x) },
    Case(name: "sigmoid") { sum(sigmoid($0.z) * $0.x) },
    Case(name: "softplus") { sum(softplus($0.z) * $0.x) },
    Case(name: "relu") { sum(relu($0.z) * $0.x) },
    Case(name: "leakyReLU") { sum(leakyReLU($0.z, slope: 0.1) * $0.x) },
    Case(name: "silu") { sum(silu($0.z) * $0.x) },
    Case(name: "sin") { sum(sin($0.z) * $0.x) },
    Case(name: "cos") { sum(cos($0.z) * $0.x) },
    Case(name: "absolute") { sum(abs($0.z) * $0.x) },
    Case(name: "scale and shift") { sum(square(($0.z * 3 - 1) / 2)) },
    Case(name: "add") { sum(square($0.z + $0.x)) },
    Case(name: "subtract") { sum(square($0.x - $0.z)) },
    Case(name: "multiply") { sum($0.z * $0.z * $0.x) },
    Case(name: "divide") { sum($0.z / $0.positive) },
    Case(name: "maximum") { sum(max($0.z, $0.x) * $0.x) },
    Case(name: "minimum") { sum(min($0.z, $0.x * $0.x) * $0.x) },
    Case(name: "select") { sum(select($0.x .> 0, $0.z * $0.z, $0.z * $0.p)) },
    Case(name: "multiply-add and -subtract") { sum(square($0.z * $0.x + $0.q) - square($0.p - $0.z * $0.z)) },
    Case(name: "scalar of parameters") { sum(square($0.x * $0.s + $0.s)) },
    Case(name: "scalar of rows") { sum($0.z * sum($0.z * $0.x)) },
    Case(name: "vector of parameters over rows") { sum(square($0.x + $0.p) * $0.q) },
    Case(name: "sum of squares") { square(sum(square($0.z))) },
    Case(name: "mean") { square(mean($0.z)) },
    Case(name: "affine") { sum(square(affine($0.m, $0.z))) },
    Case(name: "affine with bias") { sum(square(affine($0.m, $0.z, bias: $0.q[0..<3]))) },
    Case(name: "affine with weights of the step") { sum(square(affine($0.weights.atStep(), $0.z))) },
    Case(name: "affine of a vector that rows share") { sum($0.y * affine($0.m, $0.p * $0.q)) },
    Case(name: "weighted sum") { sum(square(affine(weightedSum($0.table.atStep(), $0.weights[0..<4]), $0.z))) },
    Case(name: "weighted sum with shared weights") {
      sum(square(affine(weightedSum(exp($0.p), $0.weights[1..<5]), $0.x)))
    },
    Case(name: "squared distance") { sum(square(squaredDistance($0.z, centres: $0.m))) },
    Case(name: "softmax") { sum(softmax($0.z) * $0.x) },
    Case(name: "softmax of distances") {
      sum(softmax(-squaredDistance($0.z, centres: $0.m) * exp($0.p[0..<3])) * $0.y)
    },
    Case(name: "log-sum-exp") { logSumExp($0.z) * sum($0.x) },
    Case(name: "slice and concatenate") {
      sum(square(concatenate([$0.z[1..<3], $0.y, $0.z[0..<1] * $0.z[3..<4]])) * concatenate([$0.p, $0.q[0..<2]]))
    },
    Case(name: "slices that cover a vector") { sum(exp($0.z[0..<2]) + square($0.z[2..<4])) },
    Case(name: "element") { square($0.z[2]) * $0.s },
    Case(name: "reshape") { sum(affine($0.weights.reshaped(to: [15, 4])[3..<6], $0.z) * $0.y) },
    Case(name: "table at the step") { sum(square($0.table.atStep() * $0.x)) },
    Case(name: "table at the step and before") { sum($0.table.atStep() * $0.table.atStep(offset: -1) * $0.x) },
    Case(name: "table before the step") { sum(square($0.x - $0.table.atStep(offset: -1))) },
    Case(name: "a schedule") {
      let beta = sigmoid($0.table.reshaped(to: [20])[0..<5])
      let logAlpha = cumulativeSum(log1p(-beta))
      let alpha = exp(logAlpha)
      let signal = sqrt(alpha).atStep()
      let noise = sqrt(-expm1(logAlpha)).atStep()
      let before = alpha.atStep(offset: -1)
      return sum(square($0.x * signal + $0.x * noise) / before)
    },
  ]

  @Test(arguments: cases) func matchesCentralDifferences(_ item: Case) throws {
    let bench = GradientTests.bench
    let loss = item.loss(Symbols())
    // Tiles at different steps, the last one not full.
    let steps: @Sendable (Int) -> Int = { $0 == 0 ? 1 : 3 }
    let analytic = try bench.gradient(loss, stepOfTile: steps)
    for (index, parameter) in bench.parameters.enumerated() {
      for position in parameter.values.indices {
        var shifted = bench
        let step = 1e-5
        shifted.parameters[index].values[position] += step
        let up = try shifted.gradient(loss, stepOfTile: steps).loss
        shifted.parameters[index].values[position] -= 2 * step
        let down = try shifted.gradient(loss, stepOfTile: steps).loss
        let numeric = (up - down) / (2 * step)
        let exact = analytic.gradient[parameter.name].map { $0[position] } ?? 0
        // Differences of losses of this size carry rounding of 1e-11, so gradients near 0 are held to 1e-8.
        let scale = Swift.max(0.01, numeric.magnitude)
        #expect(
          (exact - numeric).magnitude <= 1e-6 * scale, "\(parameter.name)[\(position)]: \(exact) instead of \(numeric)")
      }
    }
  }
}
