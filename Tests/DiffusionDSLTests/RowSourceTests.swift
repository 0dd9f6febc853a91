import DiffusionDSL
import Testing

/// Queries take rows of any kind, and give the same for the same numbers.
@Suite struct RowSourceTests {
  private struct Celsius: RowNumber {
    let degrees: Double
    var cell: Double? { degrees == -999 ? nil : degrees }
  }

  private static let rows = [[0.5, 1], [2, 3.25]]

  @Test func allSourcesGiveTheSameRows() throws {
    let schema = Schema([Column("x0", .continuous), Column("x1", .continuous)])
    let table = try Table(cells: Self.rows.flatMap { $0 }, schema: schema)
    let sources: [any RowSource] = try [
      Self.rows, Self.rows.map { $0.map { Float($0) } }, Self.rows.map { $0.map { Optional($0) } },
      Self.rows.map { $0.map { Celsius(degrees: $0) } }, Self.rows.map { $0[...] }, Dataset(Self.rows), table,
      Rows(table),
    ]
    let trained = try SmallModel.perStep.trained(steps: 1)
    let expected = try trained.lowerBound(on: Dataset(Self.rows), seed: 3).rowNats
    for source in sources {
      #expect(try trained.lowerBound(on: source, seed: 3).rowNats == expected)
      let data = try source.dataset(for: schema)
      #expect(data[0] == Self.rows[0] && data[1] == Self.rows[1] && data.count == 2 && data.missingCells == 0)
    }
    #expect(try [[1, 2]].dataset(for: schema)[0] == [1, 2])
  }

  @Test func nilIsAMissingCell() throws {
    let trained = try SmallModel.perStep.trained(steps: 1)
    let data = try Dataset([[0.5, nil], [2, 3.25]])
    #expect(data.missingCells == 1)
    #expect(
      try trained.lowerBound(on: [[0.5, nil], [2, 3.25]], seed: 3).rowNats
        == trained.lowerBound(on: data, seed: 3).rowNats)
    #expect(
      try trained.logProbability(of: [[0.5, nil]], trajectories: 3, seed: 3).logWeights
        == trained.logProbability(of: Dataset([[0.5, nil]]), trajectories: 3, seed: 3).logWeights)
    #expect(
      try [[Celsius(degrees: -999), Celsius(degrees: 4)]].dataset(for: trained.definition.schema).missingCells == 1)
  }

  @Test func faultsAreNamedByTheirPlace() throws {
    let schema = Schema([Column("x0", .continuous)])
    func error(_ source: some RowSource) -> DataError? {
      do throws(DataError) {
        _ = try source.dataset(for: schema)
        return nil
      } catch { return error }
    }
    #expect(error([[1, nil], [2, Double.nan]]) == .notFinite(row: 1, column: 1, value: "nan"))
    #expect(error([[1, 2], [Float.infinity, 2]]) == .notFinite(row: 1, column: 0, value: "inf"))
    #expect(error([[1, 2], [1]]) == .ragged(row: 1, expected: 2, found: 1))
    #expect(error([[Double]]()) == .empty)
    #expect(error([[Double]()]) == .noColumns)
  }

  @Test func aTableForAModelOfVectorsIsToldTheModelsFields() throws {
    let trained = try SmallModel.perStep.trained(steps: 1)
    let table = try Table(cells: [1, 2], schema: Schema(Continuous("bill"), Continuous("mass")))
    let error = #expect(throws: DataError.self) { try trained.lowerBound(on: table) }
    #expect(error == .noCommonField(needed: trained.definition.schema.names, found: ["bill", "mass"]))
    #expect(
      error.map { "\($0)" }
        == "the data has the fields bill, mass, and the model x0, x1: make the model of the data's fields, "
        + "ProductKernel { Continuous(\"bill\") ... }, or give it rows of numbers, [[Double]]")
  }
}
