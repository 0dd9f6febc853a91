import Expressions
import Foundation
import Testing

/// Every operation's value against a plain computation, at every vector width and in both precisions.
@Suite struct ValueTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var expression: @Sendable (Formula, Formula) -> Formula
    /// Of rows x [4] and y [4].
    var expected: @Sendable ([Double], [Double]) -> [Double]
    var testDescription: String { name }
  }

  static func each(_ name: String, _ f: @escaping @Sendable (Formula, Formula) -> Formula,
    _ g: @escaping @Sendable (Double, Double) -> Double
  ) -> Case {
    Case(name: name, expression: f) { x, y in zip(x, y).map { g($0, $1) } }
  }

  static let cases: [Case] = [
    each("maximum", { max($0, $1) }, { Double.maximum($0, $1) }),
    each("minimum", { min($0, $1) }, { Double.minimum($0, $1) }),
    each("greater", { $0 .> $1 }, { $0 > $1 ? 1 : 0 }),
    each("less", { $0 .< $1 }, { $0 < $1 ? 1 : 0 }),
    each("greater than a literal", { x, _ in x .> 0.25 }, { x, _ in x > 0.25 ? 1 : 0 }),
    each("select", { select($0 .> $1, $0 * 2, $1) }, { $0 > $1 ? 2 * $0 : $1 }),
    each("select with a literal", { x, _ in select(x .> 0, x, 3) }, { x, _ in x > 0 ? x : 3 }),
    Case(name: "concatenate", expression: { concatenate([$0[1..<3], $1, $0[0] * $1[3]]) }) { x, y in
      [x[1], x[2], y[0], y[1], y[2], y[3], x[0] * y[3]]
    },
  ]

  @Test(arguments: cases) func matchesPlainComputation(_ item: Case) throws {
    var numbers = Numbers(seed: 7)
    let rows = 37
    let bench = Bench(
      inputs: ["x": (0..<rows).map { _ in numbers.vector(4) }, "y": (0..<rows).map { _ in numbers.vector(4) }],
      rows: rows)
    let expression = item.expression(.input("x", shape: [4]), .input("y", shape: [4]))
    for level in VectorLevel.allCases where level.isAvailable {
      for (precision, tolerance) in [(Precision.double, 1e-14), (.single, 1e-6)] {
        let values = try bench.values(expression, precision: precision, level: level)
        for row in 0..<rows {
          let expected = item.expected(bench.inputs["x"]?[row] ?? [], bench.inputs["y"]?[row] ?? [])
          for (value, reference) in zip(values[row], expected) {
            #expect(Swift.abs(value - reference) <= tolerance * Swift.max(1, Swift.abs(reference)), "row \(row), \(level)")
          }
        }
      }
    }
  }
}
