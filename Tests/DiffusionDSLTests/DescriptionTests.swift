import Foundation
import Testing

@testable import DiffusionDSL

/// What `print` writes of data and results: a few lines, whatever they hold.
@Suite struct DescriptionTests {
  static let schema = Schema(Penguins.bill, Binary("sex", "female", "male"), Category("kind", of: ["a", "b", "c"]))

  @Test func dataSaysItsSize() throws {
    #expect(try "\(Dataset([[1.0, 2], [3, 4]]))" == "2 rows of 2 columns")
    #expect(try "\(Dataset([[1.0, nil]]).weighted(by: [2]))" == "1 row of 2 columns, 1 cell missing, weighted")
    #expect(
      "\(Rows(flat: [0.25, -1e9, 1 / 3, 0], dimensions: 2))" == "2 rows of 2 columns\n  0.25 -1e+09\n  0.333333 0")
    let many = Rows(flat: Array(repeating: 1, count: 6 * 12), dimensions: 12)
    #expect(
      "\(many)"
        == (["6 rows of 12 columns"] + Array(repeating: "  1 1 1 1 1 1 1 1 1 1 ...", count: 5) + ["  ..."])
        .joined(separator: "\n"))
    #expect(
      "\(TrajectorySlice(step: 7, states: Rows(flat: [1], dimensions: 1), drift: Rows(flat: [], dimensions: 1)))"
        == "t = 7: 1 row of 1 column\n  1")
    #expect("\(Scaling(mean: [1.5, 0], scale: [0.5, 1]))" == "column 0: (x - 1.5) / 0.5\ncolumn 1: (x - 0) / 1")
    #expect("\(Scaling.identity(21))".hasSuffix("column 19: (x - 0) / 1\nand 1 more column"))
  }

  @Test func columnsSayTheirCells() {
    #expect("\(Self.schema)" == "bill: a number\nsex: female or male\nkind: one of a, b, c")
    #expect("\(Schema((0..<22).map { Column("x\($0)", .continuous) }))".hasSuffix("x19: a number\nand 2 more columns"))
    let labels = (0..<12).map { "\($0)" }
    #expect("\(Column("k", .category(labels)))" == "k: one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more")
  }

  @Test func likelihoodsSayTheirErrors() {
    let bit = log(2.0)
    let bound = LowerBound(
      rowNats: [-bit, -3 * bit], weights: nil, parts: ["x"],
      terms: [LowerBound.Term(kind: .step(7), part: 0, nats: -2 * bit)], partNullNats: [-4 * bit],
      form: .init(values: 1, pixels: nil, areLevels: false))
    #expect("\(bound)" == "K = -2.000 +- 1.000 bits a row over 2 rows, 2.000 over L_null")
    #expect("\(bound.terms)" == "[step 7: -2.000 bits a row]")
    let logs = LogProbability(
      logWeights: Array(repeating: -bit, count: 12) + [-3 * bit]
        + Array(
          repeating: -.infinity, count: 11), trajectories: 12)
    #expect(
      "\(logs)"
        == """
        log p = -3.792 +- 2.792 bits a row over 2 rows, 12 trajectories each
        not to be trusted: 1 row with an effective sample size below 10
        """)
    #expect("\(logs.rows[0])" == "-1.000 +- 0.000 bits, effective sample size 12.0")
    #expect(
      "\(LogProbability(logWeights: [-bit], trajectories: 1).rows[0])" == "-1.000 bits, effective sample size 1.0")
    let bracket = LogProbabilityBracket(
      lowerNats: [-bit, -3 * bit], upperNats: [-bit, -bit], trajectories: 64)
    #expect(
      "\(bracket)"
        == "E log p between -2.000 +- 1.000 and -1.000 +- 0.000 bits a row, over 2 samples with 64 trajectories each")
  }

  @Test func ledgersSayWhichStepsAreMarked() {
    func step(_ t: Int, model: Double) -> EntropyLedger.Step {
      EntropyLedger.Step(
        t: t, lowerBits: 1, upperBits: 2, modelBits: model, modelStandardError: 0.01, crossEntropyBits: model,
        differenceStandardError: 0.01, modelMargin: 0.1, differenceMargin: 0.1)
    }
    let ledger = EntropyLedger(steps: [step(3, model: 1.5), step(2, model: 3)])
    #expect(
      "\(ledger)" == "entropies of 2 reverse steps, t = 3 ... 2\nnot optimal: 1 step, t = 2\nmiscalibrated: none")
    #expect(
      "\(ledger.steps[1])"
        == "t = 2: entropy 3.000 +- 0.010 bits, bounds 1.000 to 2.000, cross-entropy 3.000, not optimal")
  }

  @Test func imputationsSayWhatTheyAreWorth() {
    let cells = [
      Imputation.Cell(row: 1, column: 0, field: "bill", labels: nil, draws: [1, 2, 3]),
      Imputation.Cell(row: 1, column: 1, field: "sex", labels: ["female", "male"], draws: [1, 1, 0]),
    ]
    let rows = Rows(flat: [1, 0, 0, 2, 1, 2], dimensions: 3)
    let imputation = Imputation(
      schema: Self.schema, cells: cells, draws: [rows, rows, rows], filled: rows,
      effectiveSampleSizes: [.infinity, 41.7])
    #expect("\(imputation)" == "2 missing cells in 1 of 2 rows, 3 draws of each, effective sample sizes from 42 on")
    #expect("\(cells[0])" == "row 1, bill: 2, 90% in 1.1 ... 2.9")
    #expect("\(cells[1])" == "row 1, sex: female 0.33, male 0.67")
    let complete = Imputation(
      schema: Self.schema, cells: [], draws: [rows], filled: rows, effectiveSampleSizes: [.infinity, .infinity])
    #expect("\(complete)" == "no missing cells in 2 rows")
  }

  @Test func trajectoriesSayTheirSteps() throws {
    let trained = try SmallModel.perStep.trained(steps: 1)
    let forward = try trained.forwardTrajectory(of: [[1, 2], [3, 4]], seed: 1)
    #expect("\(forward)" == "forward trajectory of 2 chains, t = 0 ... \(trained.steps)")
    let reverse = try trained.reverseTrajectory(count: 1, seed: 1)
    #expect("\(reverse)" == "reverse trajectory of 1 chain, t = \(trained.steps) ... 0")
  }
}
