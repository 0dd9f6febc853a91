import Formulas
import Foundation
import Testing

/// Every operation's value against a plain computation, at every vector width, in both precisions and at every stage.
@Suite struct ValueTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var expression: @Sendable (Formula, Formula) -> Formula
    /// Of vectors x [4] and y [4].
    var expected: @Sendable ([Double], [Double]) -> [Double]
    /// Whether the operation takes values that differ from row to row.
    var takesRows = true
    var testDescription: String { name }
  }

  /// Cases are added one by one: a literal of all of them takes the compiler too long.
  struct Table {
    var cases: [Case] = []

    mutating func each(
      _ name: String, _ f: @escaping @Sendable (Formula, Formula) -> Formula,
      _ g: @escaping @Sendable (Double, Double) -> Double
    ) {
      cases.append(Case(name: name, expression: f) { x, y in zip(x, y).map { g($0, $1) } })
    }

    mutating func whole(
      _ name: String, takesRows: Bool = true, _ f: @escaping @Sendable (Formula, Formula) -> Formula,
      _ g: @escaping @Sendable ([Double], [Double]) -> [Double]
    ) {
      cases.append(Case(name: name, expression: f, expected: g, takesRows: takesRows))
    }
  }

  /// A 3 x 4 matrix of constants, and a vector.
  static let matrix = (0..<12).map { sin(Double($0)) }
  static let vector = [0.5, -1.5, 0.25]

  static let elementwise: [Case] = {
    var table = Table()
    table.each("negate", { x, _ in -x }, { x, _ in -x })
    table.each("exp", { x, _ in exp(x) }, { x, _ in exp(x) })
    table.each("log", { x, _ in log(abs(x) + 0.25) }, { x, _ in log(x.magnitude + 0.25) })
    table.each("log1p", { x, _ in log1p(x * 0.75) }, { x, _ in log1p(0.75 * x) })
    table.each("expm1", { x, _ in expm1(x) }, { x, _ in expm1(x) })
    table.each("sqrt", { x, _ in sqrt(abs(x) + 0.25) }, { x, _ in (x.magnitude + 0.25).squareRoot() })
    table.each("square", { x, _ in square(x) }, { x, _ in x * x })
    table.each("reciprocal", { x, _ in reciprocal(x + 2) }, { x, _ in 1 / (x + 2) })
    table.each("tanh", { x, _ in tanh(x * 3) }, { x, _ in tanh(3 * x) })
    table.each("sigmoid", { x, _ in sigmoid(x * 5) }, { x, _ in 1 / (1 + exp(-5 * x)) })
    table.each("softplus", { x, _ in softplus(x * 5) }, { x, _ in log1p(exp(5 * x)) })
    table.each("relu", { x, _ in relu(x) }, { x, _ in Swift.max(x, 0) })
    table.each("leakyReLU", { x, _ in leakyReLU(x, slope: 0.125) }, { x, _ in x > 0 ? x : 0.125 * x })
    table.each("silu", { x, _ in silu(x * 4) }, { x, _ in 4 * x / (1 + exp(-4 * x)) })
    table.each("sin", { x, _ in sin(x * 3) }, { x, _ in sin(3 * x) })
    table.each("cos", { x, _ in cos(x * 3) }, { x, _ in cos(3 * x) })
    table.each("absolute", { x, _ in abs(x) }, { x, _ in x.magnitude })
    table.each("scale", { x, _ in x * 2.5 }, { x, _ in x * 2.5 })
    table.each("scale by 0 and 1", { x, y in x * 0 + y * 1 }, { _, y in y })
    table.each("shift", { x, _ in x - 1.25 }, { x, _ in x - 1.25 })
    table.each("a number less a vector", { x, _ in 1.25 - x }, { x, _ in 1.25 - x })
    table.each("a number over a vector", { x, _ in 1.25 / (x + 2) }, { x, _ in 1.25 / (x + 2) })
    table.each("divide by a number", { x, _ in x / 3 }, { x, _ in x / 3 })
    table.each("add", { $0 + $1 }, { $0 + $1 })
    table.each("subtract", { $0 - $1 }, { $0 - $1 })
    table.each("multiply", { $0 * $1 }, { $0 * $1 })
    table.each("divide", { $0 / (abs($1) + 0.5) }, { $0 / ($1.magnitude + 0.5) })
    table.each("maximum", { max($0, $1) }, { Double.maximum($0, $1) })
    table.each("minimum", { min($0, $1) }, { Double.minimum($0, $1) })
    table.each("greater", { $0 .> $1 }, { $0 > $1 ? 1 : 0 })
    table.each("less", { $0 .< $1 }, { $0 < $1 ? 1 : 0 })
    table.each("greater than a literal", { x, _ in x .> 0.25 }, { x, _ in x > 0.25 ? 1 : 0 })
    table.each("select", { select($0 .> $1, $0 * 2, $1) }, { $0 > $1 ? 2 * $0 : $1 })
    table.each("select with a literal", { x, _ in select(x .> 0, x, 3) }, { x, _ in x > 0 ? x : 3 })
    table.each("multiply-add", { $0 * $1 + $0 }, { $0 * $1 + $0 })
    table.each("multiply-subtract", { $0 * $1 - $1 }, { $0 * $1 - $1 })
    table.each("negated multiply-add", { $1 - $0 * $1 }, { $1 - $0 * $1 })
    table.each(
      "sums of negated values",
      { x, y in
        let twice: Formula = -(-y)
        return -x + twice - (-x) * 3
      }, { x, y in 2 * x + y })
    table.whole("a scalar over a vector", { $0[1] * $1 + $0[2] }, { x, y in y.map { x[1] * $0 + x[2] } })
    table.whole(
      "a product of scalars over a vector", { ($0[0] + $1 * 0) * ($1[3] + $1 * 0) },
      { x, y in
        x.map { _ in x[0] * y[3] }
      })
    return table.cases
  }()

  static let vectors: [Case] = {
    var table = Table()
    let weights = Formula(matrix, shape: [3, 4])
    table.whole("sum", { x, _ in sum(x) }, { x, _ in [x.reduce(0, +)] })
    table.whole("mean", { x, _ in mean(x) }, { x, _ in [x.reduce(0, +) / 4] })
    table.whole("sum of products", { sum($0 * $1) }, { x, y in [zip(x, y).map(*).reduce(0, +)] })
    table.whole("sum of squares", { x, _ in sum(square(x)) }, { x, _ in [x.map { $0 * $0 }.reduce(0, +)] })
    table.whole("sum of multiples", { sum($0 * $1[2]) }, { x, y in [x.map { $0 * y[2] }.reduce(0, +)] })
    table.whole("element", { x, _ in x[3] }, { x, _ in [x[3]] })
    table.whole("slice", { x, _ in x[1..<3] }, { x, _ in [x[1], x[2]] })
    table.whole("slice of a slice", { x, _ in exp(x)[1..<4][1..<2] }, { x, _ in [exp(x[2])] })
    table.whole("reshape", { x, y in (x + y).reshaped(to: [2, 2])[1] }, { x, y in [x[2] + y[2], x[3] + y[3]] })
    table.whole(
      "concatenate", { concatenate([$0[1..<3], $1, $0[0] * $1[3]]) },
      { x, y in
        [x[1], x[2], y[0], y[1], y[2], y[3], x[0] * y[3]]
      })
    table.whole(
      "concatenate with constants", { x, _ in concatenate([Formula([1, 2]), exp(x), 7]) },
      { x, _ in
        [1, 2] + x.map { exp($0) } + [7]
      })
    table.whole("affine", { x, _ in affine(weights, x) }, { x, _ in Plain.product(matrix, x) })
    table.whole(
      "affine with bias", { x, _ in affine(weights, x, bias: Formula(vector)) },
      { x, _ in
        zip(Plain.product(matrix, x), vector).map(+)
      })
    table.whole(
      "squared distance", { x, _ in squaredDistance(x, centres: weights) },
      { x, _ in
        Plain.squaredDistances(x, matrix)
      })
    table.whole(
      "softmax", { x, y in softmax(x * 9 + y) },
      { x, y in
        let e = zip(x, y).map { exp(9 * $0 + $1) }
        return e.map { $0 / e.reduce(0, +) }
      })
    table.whole(
      largeSoftmax, { x, _ in softmax(x * 1e4) },
      { x, _ in
        let top = x.max() ?? 0
        let e = x.map { exp(1e4 * ($0 - top)) }
        return e.map { $0 / e.reduce(0, +) }
      })
    table.whole(
      "log-sum-exp", { x, _ in logSumExp(x * 3 + 500) },
      { x, _ in
        [500 + log(x.map { exp(3 * $0) }.reduce(0, +))]
      })
    table.whole(
      "cumulative sum", takesRows: false, { x, _ in cumulativeSum(x) },
      { x, _ in
        x.indices.map { x[0...$0].reduce(0, +) }
      })
    table.whole(
      "weighted sum", takesRows: false, { x, _ in weightedSum(x, Formula(matrix, shape: [4, 3])) },
      { x, _ in
        Plain.transposedProduct(matrix, x)
      })
    table.whole(
      "affine with weights of the step", takesRows: false,
      { x, y in
        affine((x * 2).reshaped(to: [2, 2]), y[0..<2])
      },
      { x, y in
        let first = x[0] * y[0] + x[1] * y[1]
        let second = x[2] * y[0] + x[3] * y[1]
        return [2 * first, 2 * second]
      })
    return table.cases
  }()

  /// Its argument's rounding is multiplied by ten thousand.
  static let largeSoftmax = "softmax of large numbers"

  static let cases = elementwise + vectors

  private func check(
    _ values: [Double], _ expected: [Double], _ precision: Precision, _ place: @autoclosure () -> String,
    tolerance: Double? = nil
  ) {
    // Arguments are rounded too, and the steepest function here is 16 times as steep as its argument.
    let tolerance = tolerance ?? (precision == .double ? 1e-13 : 4e-6)
    #expect(values.count == expected.count)
    for (value, reference) in zip(values, expected) {
      #expect((value - reference).magnitude <= tolerance * Swift.max(1, reference.magnitude), "\(place())")
    }
  }

  @Test(arguments: cases.filter(\.takesRows)) func matchesPlainComputationByRow(_ item: Case) throws {
    var numbers = Numbers(seed: 7)
    for rows in [1, 16, 37] {
      let bench = Bench(
        inputs: ["x": (0..<rows).map { _ in numbers.vector(4) }, "y": (0..<rows).map { _ in numbers.vector(4) }],
        rows: rows)
      let expression = item.expression(.input("x", shape: [4]), .input("y", shape: [4]))
      for level in VectorLevel.allCases where level.isAvailable {
        for precision in [Precision.double, .single] {
          let values = try bench.values(expression, precision: precision, level: level)
          for row in 0..<rows {
            // As the program sees its inputs.
            let inputs = ["x", "y"].map { name in
              (bench.inputs[name]?[row] ?? []).map { precision == .single ? Double(Float($0)) : $0 }
            }
            check(
              values[row], item.expected(inputs[0], inputs[1]), precision, "row \(row) of \(rows), \(level)",
              tolerance: item.name == ValueTests.largeSoftmax && precision == .single ? 1e-2 : nil)
          }
        }
      }
    }
  }

  /// Uniform values: of the tile's step, of the parameters alone (computed in Double), and constants.
  @Test(arguments: cases) func matchesPlainComputationByStage(_ item: Case) throws {
    var numbers = Numbers(seed: 8)
    let tables = [numbers.vector(12), numbers.vector(12)].map { $0.map { Double(Float($0)) } }
    let bench = Bench(
      inputs: [:],
      parameters: [
        ("tx", [3, 4], tables[0]), ("ty", [3, 4], tables[1]), ("x", [4], Array(tables[0][4..<8])),
        ("y", [4], Array(tables[1][4..<8])),
      ], rows: 1)
    let (x, y) = (Array(tables[0][4..<8]), Array(tables[1][4..<8]))
    let stages: [(String, Formula, Formula)] = [
      ("step", Formula.parameter("tx", shape: [3, 4]).atStep(), Formula.parameter("ty", shape: [3, 4]).atStep()),
      ("shared", .parameter("x", shape: [4]), .parameter("y", shape: [4])),
      ("constant", Formula(x), Formula(y)),
      ("step and shared", Formula.parameter("tx", shape: [3, 4]).atStep(), .parameter("y", shape: [4])),
      ("constant and step", Formula(x), Formula.parameter("ty", shape: [3, 4]).atStep()),
    ]
    for level in VectorLevel.allCases where level.isAvailable {
      for precision in [Precision.double, .single] {
        for (stage, a, b) in stages {
          let values = try bench.values(item.expression(a, b), precision: precision, step: 1, level: level)
          check(
            values[0], item.expected(x, y), precision, "\(stage), \(level)",
            tolerance: item.name == ValueTests.largeSoftmax && precision == .single ? 1e-2 : nil)
        }
      }
    }
  }
}
