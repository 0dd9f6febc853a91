import Formulas
import Testing

/// What `print` writes for a formula.
@Suite struct FormulaDescriptionTests {
  static let x = Formula.input("x", shape: [2])

  @Test func saysOperationShapeAndStage() {
    let cases: [(Formula, String)] = [
      (0.5, "Formula(constant, a scalar, constant)"),
      (FormulaDescriptionTests.x, "Formula(input 'x', [2], for each row)"),
      (exp(FormulaDescriptionTests.x) * 2 + FormulaDescriptionTests.x, "Formula(add, [2], for each row)"),
      (sum(Formula.parameter("p", shape: [3, 4])), "Formula(sum, a scalar, for all rows)"),
      (Formula.parameter("p", shape: [3, 4]).atStep(), "Formula(atStep, [4], for each step)"),
    ]
    for (formula, text) in cases { #expect("\(formula)" == text) }
  }

  @Test func saysTheFault() {
    let bad = FormulaDescriptionTests.x + Formula([1, 2, 3])
    #expect(
      "\(sum(bad))"
        == "Formula(sum, a scalar, for each row): add takes operands of one shape, or a scalar and any shape, but got "
        + "[2] and [3]")
  }

  /// A formula as deep as one may nest is described in a line.
  @Test func isShort() {
    let deep = (0..<900).reduce(FormulaDescriptionTests.x) { formula, _ in sin(formula) }
    #expect("\(deep)".count < 100)
  }

  @Test func aFaultyFormulaHasItsShapeAndIsRefused() throws {
    let faulty = Formula.faulty("write two of them", shape: [2])
    #expect((faulty + FormulaDescriptionTests.x).fault?.message == "write two of them")
    #expect(throws: TileProgram.CompilationError.self) {
      _ = try TileProgram(outputs: [faulty], layout: ParameterLayout(), precision: .double)
    }
  }
}
