import DiffusionDSL
import Testing

@Suite struct TableCodingTests {
  struct Penguin: Codable, Equatable, Sendable {
    var bill: Double?
    var species: String
    var island: Penguins.Island?
    var stage: Penguins.Stage
    var isTagged: Bool?
    var year: Int?
    var nest = ["what": [1, 2, 3]]
  }

  static let schema = Schema([
    Column("year", .category(["2007", "2008"])), Column("isTagged", .binary(["false", "true"])),
    Penguins.stage.column, Penguins.island.column, Penguins.species.column, Penguins.bill.column,
  ])

  static let penguins = [
    Penguin(bill: 40.1, species: "Gentoo", island: .dream, stage: .juvenile, isTagged: true, year: 2008),
    Penguin(bill: nil, species: "Adelie", island: nil, stage: .adult, isTagged: nil, year: nil),
    Penguin(bill: -1e-300, species: "Adelie", island: .biscoe, stage: .adult, isTagged: false, year: 2007),
  ]

  private func error(_ body: () throws -> some Sendable) -> DataError? {
    do {
      _ = try body()
      return nil
    } catch { return error as? DataError }
  }

  @Test func structuresBecomeRows() throws {
    let table = try Table(TableCodingTests.penguins, schema: TableCodingTests.schema)
    #expect(table[0].numbers == [1, 1, 1, 1, 2, 40.1])
    #expect(table[2].numbers == [0, 0, 0, 0, 0, -1e-300])
    #expect(table[1].numbers.map(\.isNaN) == [true, true, false, true, false, true])
    #expect(table.column(Penguins.island) == [.dream, nil, .biscoe])
  }

  @Test func rowsBecomeStructures() throws {
    struct Bird: Decodable, Equatable {
      var species: String
      var island: Penguins.Island?
      var stage: Penguins.Stage
      var isTagged: Bool?
      var year: Int16?
      var bill: Float?
      var colour: String?
    }
    let table = try Table(TableCodingTests.penguins, schema: TableCodingTests.schema)
    #expect(
      try table.decoded(as: Bird.self) == [
        Bird(species: "Gentoo", island: .dream, stage: .juvenile, isTagged: true, year: 2008, bill: 40.1),
        Bird(species: "Adelie", island: nil, stage: .adult),
        Bird(species: "Adelie", island: .biscoe, stage: .adult, isTagged: false, year: 2007, bill: 0),
      ])
  }

  @Test func aRoundTripKeepsStructures() throws {
    struct Row: Codable, Equatable {
      var sex: String?
      var bill: Double?
    }
    let rows = [Row(sex: "male", bill: 0.1 + 0.2), Row(sex: nil, bill: .leastNonzeroMagnitude), Row(sex: "female")]
    #expect(try Table(rows, schema: Schema(Penguins.bill, Penguins.sex)).decoded(as: Row.self) == rows)
  }

  /// A nil is missing, even in every row: the property is there.
  @Test func nilsAreMissing() throws {
    struct Row: Encodable {
      var a: Double?
      var b: Float?
      var c: Int?
      var d: UInt8?
      var e: String?
      var f: Bool?
      var g: Penguins.Stage?
    }
    let columns =
      ["a", "b", "c", "d"].map { Column($0, .continuous) } + ["e", "f"].map { Column($0, .binary(["0", "1"])) }
    let table = try Table([Row(), Row()], schema: Schema(columns + [Column("g", .category(["adult", "juvenile"]))]))
    #expect(table.count == 2 && table.cells.allSatisfy(\.isNaN))
  }

  @Test func dictionariesAreRows() throws {
    let table = try Table([["bill": 1.0, "x": 2], ["bill": nil, "x": 3]], schema: Schema(Penguins.bill))
    #expect(table.column(Penguins.bill) == [1, nil])
    #expect(
      error { try Table([["bill": 1.0], ["x": 3]], schema: Schema(Penguins.bill)) }
        == .absentField(name: "bill", row: 1))
  }

  @Test func rowsWithoutNamesHaveNoFields() {
    #expect(error { try Table([[1.0, 2]], schema: Schema(Penguins.bill)) } == .absentField(name: "bill", row: 0))
    #expect(error { try Table([1.0, 2], schema: Schema(Penguins.bill)) } == .absentField(name: "bill", row: 0))
    #expect(error { try Table([Penguin](), schema: Schema(Penguins.bill)) } == .empty)
    #expect(error { try Table(TableCodingTests.penguins, schema: Schema([])) } == .noColumns)
  }

  @Test func aSuperclasssPropertiesAreFields() throws {
    class Animal: Codable {
      var bill: Double = 3
    }
    final class Bird: Animal {
      var sex = "male"
      enum CodingKeys: CodingKey { case sex }
      override init() { super.init() }
      required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        sex = try container.decode(String.self, forKey: .sex)
        try super.init(from: container.superDecoder())
      }
      override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sex, forKey: .sex)
        try super.encode(to: container.superEncoder())
      }
    }
    let bird = Bird()
    bird.bill = 7
    let table = try Table([bird], schema: Schema(Penguins.sex, Penguins.bill))
    #expect(table[0].numbers == [1, 7])
    let decoded = try table.decoded(as: Bird.self)
    #expect(decoded[0].bill == 7 && decoded[0].sex == "male")
  }

  struct Loose: Encodable {
    var bill: Double? = 1
    var sex: String? = "male"
    var year: Int? = 2007
    var isTagged = true
  }

  static let refused: [(row: Loose, columns: [Column], error: DataError)] = [
    (Loose(bill: .nan), [Penguins.bill.column], .notFinite(row: 1, column: ColumnPlace(0, name: "bill"), value: "nan")),
    (
      Loose(bill: -.infinity), [Penguins.sex.column, Penguins.bill.column],
      .notFinite(row: 1, column: ColumnPlace(1, name: "bill"), value: "-inf")
    ),
    (
      Loose(sex: "mail"), [Penguins.sex.column],
      .unknownLabel(row: 1, column: ColumnPlace(0, name: "sex"), label: "mail", labels: ["female", "male"])
    ),
    (
      Loose(year: 2009), [Column("year", .category(["2007", "2008"]))],
      .unknownLabel(row: 1, column: ColumnPlace(0, name: "year"), label: "2009", labels: ["2007", "2008"])
    ),
    (
      Loose(isTagged: false), [Column("isTagged", .binary(["true", "no"]))],
      .unknownLabel(row: 1, column: ColumnPlace(0, name: "isTagged"), label: "false", labels: ["true", "no"])
    ),
  ]

  @Test(arguments: refused.indices) func cellsThatCannotBeAreNamed(_ index: Int) {
    let (row, columns, expected) = TableCodingTests.refused[index]
    #expect(error { try Table([Loose(), row], schema: Schema(columns)) } == expected)
  }

  @Test func valuesThatNoCellCanBeAreNamed() {
    #expect(
      error { try Table([Loose()], schema: Schema([Column("sex", .continuous)])) }
        == .wrongCell(row: 0, column: ColumnPlace(0, name: "sex"), cell: "'male'"))
    struct Row: Encodable {
      var bill: [Double] = [1]
    }
    #expect(
      error { try Table([Row()], schema: Schema(Penguins.bill)) }
        == .wrongCell(row: 0, column: ColumnPlace(0, name: "bill"), cell: "a value of several parts"))
    let absent = error { try Table([Loose(), Loose()], schema: Schema(Penguins.bill, Penguins.island)) }
    #expect(absent == .absentField(name: "island", row: 0))
    #expect(
      absent.map { "\($0)" }
        == "row 0 has no field 'island', which is needed: add it, with a missing value where it is not known")
  }

  @Test func cellsThatAPropertyCannotHoldAreNamed() throws {
    struct Whole: Decodable { var bill: Int }
    struct Short: Decodable { var species: Penguins.Island }
    struct More: Decodable { var mass: Double }
    struct Deep: Decodable { var species: [String] }
    let table = try Table(TableCodingTests.penguins, schema: TableCodingTests.schema)
    let bill = ColumnPlace(5, name: "bill")
    let species = ColumnPlace(4, name: "species")
    let fraction = error { _ = try table.decoded(as: Whole.self) }
    #expect(fraction == .wrongType(row: 0, column: bill, cell: "40.1", type: "Int"))
    #expect(
      fraction.map { "\($0)" }
        == "row 0, field 'bill' is 40.1, which is no Int: declare the property with a type that has such values, an "
        + "optional one where cells may be missing")
    let missing = error { _ = try table.rows(at: [1]).decoded(as: Whole.self) }
    #expect(missing == .wrongType(row: 0, column: bill, cell: nil, type: "Int"))
    #expect(missing.map { "\($0)" }?.hasPrefix("row 0, field 'bill' is missing, which is no Int: ") == true)
    #expect(
      error { _ = try table.decoded(as: Short.self) }
        == .wrongType(row: 0, column: species, cell: "'Gentoo'", type: "Island"))
    #expect(error { _ = try table.decoded(as: More.self) } == .absentField(name: "mass", row: 0))
    #expect(
      error { _ = try table.decoded(as: Deep.self) }
        == .wrongType(row: 0, column: species, cell: "'Gentoo'", type: "Array<String>"))
    #expect(throws: DecodingError.self) { _ = try table.decoded(as: [String].self) }
    #expect(throws: DecodingError.self) { _ = try table.decoded(as: Double.self) }
  }
}
