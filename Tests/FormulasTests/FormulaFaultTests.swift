import Formulas
import Foundation
import Testing

/// What ill-shaped expressions say.
@Suite struct FormulaFaultTests {
  static let x = Formula.input("x", shape: [4])
  static let y = Formula.input("y", shape: [3])
  static let m = Formula.parameter("m", shape: [3, 4])
  static let table = Formula.parameter("table", shape: [5, 4])

  static let cases: [(Formula, String)] = [
    (x + y, "add takes operands of one shape, or a scalar and any shape, but got [4] and [3]"),
    (y - x, "subtract takes operands of one shape, or a scalar and any shape, but got [3] and [4]"),
    (max(m, x), "maximum takes operands of one shape, or a scalar and any shape, but got [3 x 4] and [4]"),
    (x .> y, "greater takes operands of one shape, or a scalar and any shape, but got [4] and [3]"),
    (
      select(x .> 0, y, 1),
      "select takes operands of one shape, or a scalar and any shape, but got [4] and [3] and a scalar"
    ),
    (
      affine(m, y),
      "a matrix product takes weights [outputs x inputs] and a vector [inputs], but got [3 x 4] and [3]"
    ),
    (
      affine(x, x),
      "a matrix product takes weights [outputs x inputs] and a vector [inputs], but got [4] and [4]"
    ),
    (affine(m, x, bias: table[0]), "a bias for 3 outputs has shape [3], not [4]"),
    (affine(m * x[0], x), "weights and biases cannot vary by row"),
    (affine(m, x, bias: y), "weights and biases cannot vary by row"),
    (
      squaredDistance(y, centres: m),
      "a squared distance takes a vector [d] and centres [n x d] that do not vary by row, but got [3] and [3 x 4]"
    ),
    (
      weightedSum(table[0], m),
      "a weighted sum takes a vector [j] and weights [j x ...] that do not vary by row, but got [4] and [3 x 4]"
    ),
    (
      concatenate([m, table, Formula([1, 2], shape: [1, 2])]),
      "concatenate takes shapes that agree but for the first axis, but got [3 x 4], [5 x 4], [1 x 2]"
    ),
    (concatenate([]), "nothing to concatenate"),
    (x[4], "there is no element 4 in [4]"),
    (x[-1], "there is no element -1 in [4]"),
    (sum(x)[0], "there is no element 0 in a scalar"),
    (x[2..<5], "there are no elements 2..<5 in [4]"),
    (x[2..<2], "there are no elements 2..<2 in [4]"),
    (x.reshaped(to: [2, 3]), "[4] has 4 numbers and cannot become [2 x 3]"),
    (x.broadcast(to: [3], stage: .row), "only a scalar can be spread over [3], but got [4]"),
    (Formula([1, 2, 3], shape: [2]), "a constant of shape [2] takes 2 numbers, but 3 were given"),
    (x.atStep(), "a table of steps cannot vary by row"),
    (cumulativeSum(x), "cumulativeSum is not for rows"),
  ]

  @Test(arguments: cases.indices) func namesBothShapes(_ index: Int) {
    let (formula, message) = FormulaFaultTests.cases[index]
    #expect(formula.fault?.message == message)
    #expect(formula.fault.map { "\($0)" } == message)
    // What is made of it carries the same fault, and so does its compilation.
    let outer = sum(exp(formula) * 2) + 1
    #expect(outer.fault?.message == message)
    #expect {
      _ = try TileProgram(outputs: [outer], layout: ParameterLayout(), precision: .single)
    } throws: { error in
      guard case TileProgram.CompilationError.fault(let fault)? = error as? TileProgram.CompilationError else {
        return false
      }
      return fault.message == message
    }
  }

  @Test func theFirstOfTwoFaultsIsKept() {
    let bad = FormulaFaultTests.x + FormulaFaultTests.y
    #expect((bad + FormulaFaultTests.x[9]).fault == bad.fault)
  }

  @Test func aLoopOfOperationsEndsInAFault() throws {
    var sum = FormulaFaultTests.x[0]
    for _ in 0..<2_000 where sum.fault == nil { sum = tanh(sum) }
    #expect(
      sum.fault?.message
        == "an expression nests 1001 operations deep, more than the 1000 allowed; "
        + "write long sums with sum(_:) over a vector")
    // One that is nearly as deep computes, differentiates and ends.
    let bench = Bench(inputs: ["x": [[1, 2, 3, 4]]], parameters: [("p", .scalar, [0.5])], rows: 1)
    let p = Formula.parameter("p", shape: .scalar)
    for start in [FormulaFaultTests.x[0], p] {
      let chain = (0..<980).reduce(start) { chain, _ in sin(chain) }
      let value = try bench.values(chain)[0][0]
      // Iterated sines of whatever fall as the square root of 3 / n.
      #expect((value - (3.0 / 980).squareRoot()).magnitude < 1e-3)
      #expect(try bench.gradient(chain * p).gradient["p"]?.count == 1)
    }
  }

  /// Slices are addresses of addresses: a small stack must hold as many as an expression may nest.
  @Test func manyViewsOfAVectorFitASmallStack() async throws {
    let gradient = try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<[Double], any Error>) in
      let thread = Thread {
        let result = Result {
          var x = Formula.parameter("p", shape: [1_000])
          for length in stride(from: 999, to: 100, by: -1) { x = x[x.shape.count - length..<x.shape.count] }
          let bench = Bench(parameters: [("p", [1_000], (0..<1_000).map(Double.init))], rows: 1)
          return try bench.gradient(sum(square(x))).gradient["p"] ?? []
        }
        continuation.resume(with: result)
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
    let expected = (0..<1_000).map { (index: Int) -> Double in index < 899 ? 0 : Double(2 * index) }
    #expect(gradient == expected)
  }

  @Test func vectorsOfNothingAreHarmless() throws {
    let nothing = Formula([])
    let bench = Bench(inputs: ["x": [[1, 2, 3, 4]]], rows: 1)
    #expect(try bench.values(concatenate([nothing, FormulaFaultTests.x])) == [[1, 2, 3, 4]])
    #expect(try bench.values(sum(nothing)) == [[0]])
    #expect(try bench.values(mean(nothing)) == [[0]])
    #expect(try bench.values(exp(nothing)) == [[]])
    #expect(nothing[0].fault?.message == "there is no element 0 in [0]")
  }
}
