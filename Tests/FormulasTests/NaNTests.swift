import Formulas
import Testing

/// What comes of values that are not numbers: maximum and minimum give NaN wherever either side is one, at every vector
/// width, in both precisions, however an operand is read and when constants are computed at compilation.
@Suite struct NaNTests {
  /// Every combination of sides, and numbers that must not be taken for NaN.
  static let pairs: [(Double, Double)] = [
    (.nan, 1), (1, .nan), (.nan, .nan), (.nan, .infinity), (.infinity, .nan), (.nan, -.infinity), (-.infinity, .nan),
    (1, 2), (2, 1), (-1, -1), (.infinity, 1), (1, .infinity), (-.infinity, 1), (1, -.infinity), (-.infinity, .infinity),
  ]

  static func greater(_ x: Double, _ y: Double) -> Double { x.isNaN || y.isNaN ? .nan : Swift.max(x, y) }
  static func lesser(_ x: Double, _ y: Double) -> Double { x.isNaN || y.isNaN ? .nan : Swift.min(x, y) }

  /// How the two operands, each a vector of two equal numbers or a scalar, come to be read.
  static let readings: [(name: String, operands: @Sendable (Double, Double) -> (Formula, Formula))] = {
    let x = Formula.input("x", shape: [2])
    let y = Formula.input("y", shape: [2])
    let p = Formula.parameter("p", shape: [2])
    let q = Formula.parameter("q", shape: [2])
    return [
      ("rows", { _, _ in (x, y) }),
      ("a row's scalar and rows", { _, _ in (x[0], y) }),
      ("rows and a row's scalar", { _, _ in (x, y[0]) }),
      ("two scalars of rows", { _, _ in (x[0], y[0]) }),
      ("a constant and rows", { a, _ in (Formula(a), y) }),
      ("rows and a constant", { _, b in (x, Formula(b)) }),
      ("parameters and rows", { _, _ in (p, y) }),
      ("rows and parameters", { _, _ in (x, q) }),
      ("a row's scalar and parameters", { _, _ in (x[0], q) }),
      ("parameters and a row's scalar", { _, _ in (p, y[0]) }),
      ("shared values", { _, _ in (p, q) }),
      ("a shared scalar and shared values", { _, _ in (p[0], q) }),
      ("tables at the step", { _, _ in (p.atStep(), q.atStep()) }),
      ("constants", { a, b in (Formula([a, a]), Formula([b, b])) }),
      ("a constant scalar and constants", { a, b in (Formula(a), Formula([b, b])) }),
    ]
  }()

  @Test(arguments: readings.indices) func maximumAndMinimumKeepNaN(_ index: Int) throws {
    for (a, b) in NaNTests.pairs {
      let bench = Bench(
        inputs: ["x": [[a, a]], "y": [[b, b]]], parameters: [("p", [2], [a, a]), ("q", [2], [b, b])], rows: 1)
      let (left, right) = NaNTests.readings[index].operands(a, b)
      for level in VectorLevel.allCases where level.isAvailable {
        for precision in [Precision.single, .double] {
          func check(_ formula: Formula, _ expected: Double, _ name: String) throws {
            for value in try bench.values(formula, precision: precision, level: level)[0] {
              #expect(
                value == expected || (value.isNaN && expected.isNaN),
                "\(name) of \(a) and \(b), \(NaNTests.readings[index].name), \(level), \(precision)")
            }
          }
          try check(max(left, right), NaNTests.greater(a, b), "maximum")
          try check(min(left, right), NaNTests.lesser(a, b), "minimum")
        }
      }
    }
  }

  /// Of zeros with different signs the second is taken, and for equal numbers the gradient goes to it.
  @Test func equalNumbersGiveTheSecond() throws {
    for (first, second) in [(0.0, -0.0), (-0.0, 0.0)] {
      let bench = Bench(inputs: ["x": [[first]], "y": [[second]]], rows: 1)
      let (x, y) = (Formula.input("x", shape: [1]), Formula.input("y", shape: [1]))
      for formula in [max(x, y), min(x, y)] {
        for level in VectorLevel.allCases where level.isAvailable {
          #expect(try bench.values(formula, level: level)[0][0].sign == second.sign)
        }
      }
    }
    let bench = Bench(parameters: [("p", .scalar, [3]), ("q", .scalar, [3])], rows: 1)
    let (p, q) = (Formula.parameter("p", shape: .scalar), Formula.parameter("q", shape: .scalar))
    for formula in [max(p, q), min(p, q)] {
      let gradient = try bench.gradient(formula).gradient
      #expect(gradient["p"] == [0])
      #expect(gradient["q"] == [1])
    }
  }
}
