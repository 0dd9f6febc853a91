import DiffusionDSL
import Testing

@Suite struct TableTests {
  static let small = Schema(Penguins.sex, Penguins.bill)

  private func error(_ body: () throws -> some Sendable) -> DataError? {
    do {
      _ = try body()
      return nil
    } catch { return error as? DataError }
  }

  private func table() throws -> Table {
    try Table([
      Record(TableTests.small, ["sex": "male", "bill": 40.5]), Record(TableTests.small, ["bill": 37]),
      Record(TableTests.small, ["sex": "female"]),
    ])
  }

  @Test func isACollectionOfRecords() throws {
    let table = try table()
    #expect(table.count == 3 && table.weights == nil && table.schema == TableTests.small)
    #expect(table[1] == Record(TableTests.small, ["bill": 37]))
    #expect(table.map { $0[Penguins.sex] } == ["male", nil, "female"])
    #expect(table.last?["sex"] == "female")
    #expect(table[-1] == Record(TableTests.small) && table[3] == Record(TableTests.small))
    #expect("\(table)" == "3 rows of sex, bill")
  }

  @Test func columnsByFieldAndName() throws {
    let table = try table()
    #expect(table.column(Penguins.sex) == ["male", nil, "female"])
    #expect(table.column(Penguins.bill) == [40.5, 37, nil])
    #expect(table.column(Penguins.island).isEmpty)
    #expect(table.numbers(of: "bill")?.prefix(2) == [40.5, 37] && table.numbers(of: "bill")?[2].isNaN == true)
    #expect(table.numbers(of: "island") == nil)
    #expect(table.column(Binary("sex", "male", "female")) == ["male", nil, "female"])
  }

  @Test func missingEqualsMissing() throws {
    #expect(try table() == table() && table().hashValue == table().hashValue)
    #expect(try table() != table().weighted(by: [1, 2, 3]))
  }

  /// Records of other schemas are taken by name, if they have the fields.
  @Test func recordsMayHaveTheirColumnsInAnotherOrder() throws {
    let other = Schema([
      Column("x", .continuous), Column("bill", .continuous), Column("sex", .category(["male", "other", "female"])),
    ])
    let records = [
      Record(TableTests.small, ["sex": "male", "bill": 1]), Record(other, ["sex": "female", "bill": 2, "x": 3]),
      Record(other, ["sex": nil, "bill": 4]), Record(other, ["sex": "male", "bill": nil]),
    ]
    let table = try Table(records)
    #expect(table.column(Penguins.sex) == ["male", "female", nil, "male"])
    #expect(table.column(Penguins.bill) == [1, 2, 4, nil])
    #expect(table[0].numbers == [1, 1] && table[1].numbers == [0, 2])
    #expect(try Table(table, schema: Schema(Penguins.bill)).map(\.numbers[0]).prefix(3) == [1, 2, 4])
    #expect(
      error { try Table(records + [Record(other, ["sex": "other", "bill": 1])]) }
        == .unknownLabel(row: 4, column: ColumnPlace(0, name: "sex"), label: "other", labels: ["female", "male"]))
  }

  @Test func faultsAreThrownWithTheirRow() {
    let sound = Record(TableTests.small)
    let cases: [(KeyValuePairs<String, Cell?>, DataError)] = [
      (
        ["sex": "mail"],
        .unknownLabel(row: 2, column: ColumnPlace(0, name: "sex"), label: "mail", labels: ["female", "male"])
      ),
      (["bill": "long"], .wrongCell(row: 2, column: ColumnPlace(1, name: "bill"), cell: "'long'")),
      (["bill": .number(.nan)], .notFinite(row: 2, column: ColumnPlace(1, name: "bill"), value: "nan")),
      (["nest": 1], .unknownField(row: 2, name: "nest", fields: ["sex", "bill"])),
      (["sex": nil, "sex": nil], .repeatedField(name: "sex", row: 2)),
    ]
    for (cells, expected) in cases {
      #expect(error { try Table([sound, sound, Record(TableTests.small, cells)]) } == expected)
    }
  }

  @Test func anAbsentFieldIsNamedWithItsRow() {
    let records = [Record(TableTests.small), Record(Schema(Penguins.sex))]
    let absent = error { try Table(records) }
    #expect(absent == .absentField(name: "bill", row: 1))
    #expect(
      absent.map { "\($0)" }
        == "row 1 has no field 'bill', which is needed: add it, with a missing value where it is not known")
  }

  @Test func faultySchemasAreRefused() {
    let twice = error { try Table([Record(Schema(Penguins.sex, Penguins.bill, Binary("sex")))]) }
    #expect(twice == .repeatedField(name: "sex", row: nil))
    #expect(
      twice.map { "\($0)" } == "the data has two fields named 'sex': give one another name, or leave it out")
    #expect(error { try Table([Record(Schema([]))]) } == .noColumns)
    #expect(error { try Table([Record]()) } == .empty)
    #expect(error { try Table([Record](), schema: TableTests.small) } == .empty)
  }

  @Test func numbersThatAreNoLabelsAreRefused() throws {
    let sex = ColumnPlace(0, name: "sex")
    let island = ColumnPlace(1, name: "island")
    let schema = Schema(Penguins.sex, Penguins.island, Penguins.bill)
    func refused(_ cells: [Double]) -> DataError? { error { try Table(cells: cells, schema: schema) } }
    #expect(refused([1, 2, 3, 0, 1, .nan, .nan, .nan, 4]) == nil)
    #expect(refused([1, 2, 3, 0.5, 1, 2]) == .notABit(row: 1, column: sex, value: 0.5))
    #expect(refused([1, 3, 3]) == .notAClass(row: 0, column: island, value: 3, classes: 3))
    #expect(refused([1, -1, 3]) == .notAClass(row: 0, column: island, value: -1, classes: 3))
    #expect(refused([1, 1, .infinity]) == .notFinite(row: 0, column: ColumnPlace(2, name: "bill"), value: "inf"))
    #expect(refused([1, 1]) == .notWholeRows(numbers: 2, dimensions: 3))
    #expect(refused([]) == .empty)
  }

  @Test func aDatasetHasTheColumnsOfItsSchema() throws {
    let table = try table().weighted(by: [1, 0, 3])
    let data = try table.dataset(for: Schema(Penguins.bill, Binary("sex", "male", "female")))
    #expect(data.dimensions == 2 && data.count == 3 && data.missingCells == 2 && data.weights == [1, 0, 3])
    #expect(data[0] == [40.5, 0] && data[1][0] == 37 && data[1][1].isNaN && data[2][0].isNaN && data[2][1] == 1)
  }

  /// A guess at a column's kind need not be the model's.
  @Test func numbersBecomeTheLabelsThatAreWrittenSo() throws {
    let table = try Table(cells: [2008, .nan, 2007], schema: Schema([Column("year", .continuous)]))
    let years = Schema([Column("year", .category(["2007", "2008"]))])
    let data = try table.dataset(for: years)
    #expect(data[0] == [1] && data[1][0].isNaN && data[2] == [0])
    #expect(
      error { try Table(cells: [2007, 2009], schema: table.schema).dataset(for: years) }
        == .unknownLabel(row: 1, column: ColumnPlace(0, name: "year"), label: "2009", labels: ["2007", "2008"]))
  }

  @Test func aDatasetOfWhatTheTableLacksIsRefused() throws {
    let table = try table()
    let absent = error { try table.dataset(for: Schema(Penguins.bill, Penguins.island)) }
    #expect(absent == .absentField(name: "island", row: nil))
    #expect(
      absent.map { "\($0)" }
        == "the data has no field 'island', which is needed: add it, with a missing value where it is not known")
    #expect(
      error { try table.dataset(for: Schema(Penguins.bill, Binary("sex", "female", "other"))) }
        == .unknownLabel(row: 0, column: ColumnPlace(1, name: "sex"), label: "male", labels: ["female", "other"]))
    #expect(
      error { try table.dataset(for: Schema(Continuous("sex"))) }
        == .wrongCell(row: 0, column: ColumnPlace(0, name: "sex"), cell: "'male'"))
  }

  @Test func someRowsKeepTheirWeights() throws {
    let table = try table().weighted(by: [1, 2, 3])
    let some = table.rows(at: [2, 0, 7, -1])
    #expect(some.column(Penguins.sex) == ["female", "male"] && some.weights == [3, 1])
    #expect(try Table(table.dropFirst()).column(Penguins.bill) == [37, nil])
    #expect(error { try table.rows(at: []).dataset(for: TableTests.small) } == .empty)
  }

  @Test func weightsAreChecked() throws {
    let table = try table()
    #expect(error { try table.weighted(by: [1, 2]) } == .wrongWeights(expected: 3, found: 2))
    #expect(error { try table.weighted(by: [1, -2, 3]) } == .invalidWeight(row: 1, value: "-2.0"))
    #expect(error { try table.weighted(by: [0, 0, 0]) } == .invalidWeight(row: 0, value: "0, as all are"))
  }
}
