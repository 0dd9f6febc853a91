import Formulas
import Testing

/// Values and gradients of functions where they end: at zeros and infinities, outside their domain and for NaN. The
/// article Formulas.md states them.
@Suite struct FunctionEdgeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var function: @Sendable (Formula) -> Formula
    /// Arguments with their values, and their gradients where these are stated.
    var points: [(x: Double, value: Double, gradient: Double?)]
    var testDescription: String { name }
  }

  static let infinity = Double.infinity

  static let cases: [Case] = [
    Case(name: "exp", function: { exp($0) }, points: [(-infinity, 0, 0), (0, 1, 1), (infinity, infinity, infinity)]),
    Case(
      name: "log", function: { log($0) },
      points: [(0, -infinity, infinity), (-1, .nan, -1), (1, 0, 1), (infinity, infinity, 0)]),
    Case(
      name: "log1p", function: { log1p($0) },
      points: [(-1, -infinity, infinity), (-2, .nan, -1), (0, 0, 1), (infinity, infinity, 0)]),
    Case(
      name: "expm1", function: { expm1($0) }, points: [(-infinity, -1, 0), (0, 0, 1), (infinity, infinity, infinity)]),
    Case(
      name: "sqrt", function: { sqrt($0) },
      points: [(0, 0, infinity), (-1, .nan, .nan), (0.25, 0.5, 1), (infinity, infinity, 0)]),
    Case(name: "square", function: { square($0) }, points: [(-infinity, infinity, -infinity), (0, 0, 0)]),
    Case(
      name: "reciprocal", function: { reciprocal($0) },
      points: [(0, infinity, -infinity), (-0.0, -infinity, -infinity), (infinity, 0, 0), (2, 0.5, -0.25)]),
    Case(name: "x to the power 0", function: { pow($0, 0) }, points: [(0, 1, nil), (infinity, 1, nil), (2, 1, nil)]),
    Case(name: "x to the power -2", function: { pow($0, -2) }, points: [(0, infinity, nil), (2, 0.25, -0.25)]),
    Case(name: "tanh", function: { tanh($0) }, points: [(-infinity, -1, 0), (0, 0, 1), (infinity, 1, 0)]),
    Case(name: "sigmoid", function: { sigmoid($0) }, points: [(-infinity, 0, 0), (0, 0.5, 0.25), (infinity, 1, 0)]),
    Case(name: "softplus", function: { softplus($0) }, points: [(-infinity, 0, 0), (infinity, infinity, 1)]),
    Case(
      name: "relu", function: { relu($0) }, points: [(-infinity, 0, 0), (-1, 0, 0), (0, 0, 1), (infinity, infinity, 1)]),
    Case(
      name: "leakyReLU", function: { leakyReLU($0, slope: 0.25) },
      points: [(-infinity, -infinity, 0.25), (-1, -0.25, 0.25), (0, 0, 1), (infinity, infinity, 1)]),
    Case(
      name: "silu", function: { silu($0) }, points: [(-infinity, .nan, nil), (0, 0, 0.5), (infinity, infinity, nil)]),
    Case(name: "sin", function: { sin($0) }, points: [(0, 0, 1), (infinity, .nan, nil)]),
    Case(name: "cos", function: { cos($0) }, points: [(0, 1, 0), (infinity, .nan, nil)]),
    Case(name: "abs", function: { abs($0) }, points: [(-infinity, infinity, -1), (0, 0, 0), (3, 3, 1)]),
    Case(name: "1 / x", function: { 1 / $0 }, points: [(0, infinity, nil), (-0.0, -infinity, nil)]),
    Case(name: "x / 0", function: { $0 / ($0 * 0) }, points: [(1, infinity, nil), (0, .nan, nil)]),
    Case(name: "greater", function: { $0 .> 0 }, points: [(0, 0, nil), (1, 1, nil), (infinity, 1, nil)]),
    Case(
      name: "a choice of a safe value", function: { select($0 .> 0, log($0), 5) },
      points: [(-1, 5, 0), (0, 5, .nan), (2, 0.6931471805599453, 0.5)]),
    Case(
      name: "a choice of a safe argument", function: { log(select($0 .> 0, $0, 1)) },
      points: [(-1, 0, 0), (0, 0, 0), (0.5, -0.6931471805599453, 2)]),
    Case(
      name: "softmax", function: { softmax(concatenate([$0, 0]))[0] },
      points: [(-infinity, 0, nil), (0, 0.5, 0.25), (infinity, .nan, nil)]),
    Case(
      name: "softmax of nothing possible", function: { softmax(concatenate([$0, Formula(-infinity)]))[0] },
      points: [(-infinity, .nan, nil), (0, 1, nil)]),
    Case(
      name: "log-sum-exp", function: { logSumExp(concatenate([$0, 0])) },
      points: [(-infinity, 0, 0), (0, 0.6931471805599453, 0.5), (infinity, infinity, nil)]),
    Case(
      name: "log-sum-exp of nothing possible", function: { logSumExp(concatenate([$0, Formula(-infinity)])) },
      points: [(-infinity, -infinity, nil)]),
  ]

  private func check(
    _ value: Double, _ expected: Double, _ precision: Precision, _ place: @autoclosure () -> String
  ) {
    if expected.isFinite {
      #expect(abs(value - expected) <= (precision == .single ? 1e-6 : 1e-14), "\(place()): \(value)")
    } else {
      #expect(value == expected || (value.isNaN && expected.isNaN), "\(place()): \(value)")
    }
  }

  @Test(arguments: cases) func endsAreAsStated(_ item: Case) throws {
    let p = Formula.parameter("p", shape: .scalar)
    let one = Formula.input("one", shape: .scalar)
    let whole = Array(repeating: [1.0], count: 16)
    for level in VectorLevel.allCases where level.isAvailable {
      for precision in [Precision.single, .double] {
        for (x, value, gradient) in item.points {
          let bench = Bench(
            inputs: ["one": whole, "x": whole.map { _ in [x] }], parameters: [("p", .scalar, [x])], rows: 16)
          let place = "\(item.name) at \(x), \(level), \(precision)"
          let result = try bench.values(
            item.function(Formula.input("x", shape: [1])[0]), precision: precision, level: level)
          check(result[0][0], value, precision, place)
          if let gradient {
            // Varies by row, so that it runs in the precision asked for; over a whole vector of rows, since those that
            // pad a tile would weigh an infinite gradient with 0.
            let found = try bench.gradient(item.function(p * one), precision: precision, level: level).gradient["p"]
            check((found?[0] ?? .nan) / 16, gradient, precision, "gradient of " + place)
          }
        }
        if item.name == "x to the power 0" || item.name.hasPrefix("greater") || item.name.hasPrefix("a choice") {
          continue
        }
        let bench = Bench(inputs: ["x": [[.nan]]], rows: 1)
        let result = try bench.values(
          item.function(Formula.input("x", shape: [1])[0]), precision: precision, level: level)
        check(result[0][0], .nan, precision, "\(item.name) of NaN, \(level), \(precision)")
      }
    }
  }

  /// NaN is not greater, and as a condition it is not 0.
  @Test func conditionsOfNaN() throws {
    let bench = Bench(inputs: ["x": [[.nan]]], rows: 1)
    let x = Formula.input("x", shape: [1])[0]
    for level in VectorLevel.allCases where level.isAvailable {
      #expect(
        try bench.values(concatenate([x .> 0, x .< 0, 0 .> x, select(x, 1, 2)]), level: level) == [[0, 0, 0, 1]])
    }
  }
}
