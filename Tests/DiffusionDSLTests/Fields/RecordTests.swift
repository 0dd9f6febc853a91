import DiffusionDSL
import Testing

@Suite struct RecordTests {
  @Test func cellsAreMissingAtFirst() {
    let record = Record(Penguins.schema)
    #expect(record[Penguins.bill] == nil && record[Penguins.island] == nil && record["sex"] == nil)
    #expect(record.numbers.count == 5 && record.numbers.allSatisfy(\.isNaN))
    #expect(record.fault == nil)
  }

  @Test func isReadAndWrittenByFields() {
    var record = Record(Penguins.schema)
    record[Penguins.bill] = 40.1
    record[Penguins.island] = .dream
    record[Penguins.stage] = .juvenile
    record[Penguins.sex] = "male"
    record[Penguins.species] = "Gentoo"
    #expect(record.numbers == [2, 1, 1, 1, 40.1])
    #expect(record[Penguins.bill] == 40.1)
    #expect(record[Penguins.island] == .dream)
    #expect(record[Penguins.stage] == .juvenile)
    #expect(record[Penguins.sex] == "male")
    #expect(record[Penguins.species] == "Gentoo")
    record[Penguins.island] = nil
    #expect(record[Penguins.island] == nil && record.numbers[1].isNaN && record.fault == nil)
  }

  @Test func isReadAndWrittenByNames() {
    var record = Record(Penguins.schema, ["bill": 40, "sex": "female", "species": nil])
    #expect(record["bill"] == .number(40) && record["sex"] == .label("female") && record["species"] == nil)
    record["island"] = "Torgersen"
    record["sex"] = nil
    #expect(record["island"] == "Torgersen" && record[Penguins.island] == .torgersen && record["sex"] == nil)
    #expect(record["nest"] == nil && record.fault == nil)
    #expect("\(record)" == "species: missing, island: Torgersen, stage: missing, sex: missing, bill: 40.0")
  }

  /// 2007 may be a label.
  @Test func aNumberIsTheLabelThatIsWrittenSo() {
    let schema = Schema([Column("year", .category(["2007", "2008", "9.5"])), Column("bit", .binary(["0", "1"]))])
    var record = Record(schema, ["year": 2008, "bit": 1])
    #expect(record["year"] == "2008" && record["bit"] == "1" && record.numbers == [1, 1])
    record["year"] = 9.5
    #expect(record.numbers == [2, 1])
    record["year"] = 2009
    #expect(
      record.fault
        == .unknownLabel(
          row: 0, column: ColumnPlace(0, name: "year"), label: "2009", labels: ["2007", "2008", "9.5"]))
  }

  /// A field finds its value by the label, wherever that stands in the schema.
  @Test func labelsMayStandInAnotherOrder() {
    let schema = Schema([Column("island", .category(["Torgersen", "Biscoe", "Dream"])), Column("bill", .continuous)])
    var record = Record(schema)
    record[Penguins.island] = .biscoe
    #expect(record.numbers[0] == 1 && record[Penguins.island] == .biscoe && record["island"] == "Biscoe")
  }

  static let refused: [(cells: KeyValuePairs<String, Cell?>, error: DataError, message: String)] = [
    (
      ["bill": 1, "nest": 3], .unknownField(row: 0, name: "nest", fields: Penguins.schema.names),
      "row 0 is given a field 'nest', which is none of its fields (species, island, stage, sex, bill): correct the name"
    ),
    (
      ["sex": "mail"],
      .unknownLabel(row: 0, column: ColumnPlace(3, name: "sex"), label: "mail", labels: ["female", "male"]),
      "row 0, field 'sex' is 'mail', which is none of its labels (female, male): correct it"
    ),
    (
      ["sex": 1], .unknownLabel(row: 0, column: ColumnPlace(3, name: "sex"), label: "1", labels: ["female", "male"]),
      "row 0, field 'sex' is '1', which is none of its labels (female, male): correct it"
    ),
    (
      ["bill": "long"], .wrongCell(row: 0, column: ColumnPlace(4, name: "bill"), cell: "'long'"),
      "row 0, field 'bill' is 'long', which is no value of that field: give a finite number to a continuous field, a "
        + "label to a binary or categorical one"
    ),
    (
      ["bill": .number(.nan)], .notFinite(row: 0, column: ColumnPlace(4, name: "bill"), value: "nan"),
      "row 0, field 'bill' is nan: give a finite number, nil for a missing cell, or leave the row out"
    ),
    (
      ["sex": .number(-.infinity)], .notFinite(row: 0, column: ColumnPlace(3, name: "sex"), value: "-inf"),
      "row 0, field 'sex' is -inf: give a finite number, nil for a missing cell, or leave the row out"
    ),
    (
      ["bill": 1, "sex": "male", "bill": 2], .repeatedField(name: "bill", row: 0),
      "row 0 has two fields named 'bill': give one another name, or leave it out"
    ),
  ]

  @Test(arguments: refused.indices) func aWriteThatCannotBeLeavesAFault(_ index: Int) {
    let (cells, error, message) = RecordTests.refused[index]
    let record = Record(Penguins.schema, cells)
    #expect(record.fault == error)
    #expect("\(error)" == message)
  }

  @Test func fieldsLeaveFaultsToo() {
    var record = Record(Penguins.schema, ["bill": 5])
    record[Penguins.bill] = .infinity
    #expect(record.fault == .notFinite(row: 0, column: ColumnPlace(4, name: "bill"), value: "inf"))
    #expect(record[Penguins.bill] == 5)
    record = Record(Penguins.schema)
    record[Penguins.sex] = "both"
    #expect(
      record.fault
        == .unknownLabel(row: 0, column: ColumnPlace(3, name: "sex"), label: "both", labels: ["female", "male"]))
    record = Record(Schema(Penguins.bill))
    record[Penguins.island] = .dream
    #expect(record.fault == .unknownField(row: 0, name: "island", fields: ["bill"]))
    // Of another kind than the schema's column.
    record = Record(Schema(Penguins.bill))
    record[Binary("bill", "short", "long")] = "long"
    #expect(record.fault == .wrongCell(row: 0, column: ColumnPlace(0, name: "bill"), cell: "'long'"))
    #expect(record[Binary("bill", "short", "long")] == nil)
  }

  /// The field's own label, which the schema's column lacks, is the one that is named.
  @Test func aFieldOfOtherLabelsIsAFault() {
    var record = Record(Schema([Column("sex", .binary(["f", "m"]))]))
    record[Penguins.sex] = "male"
    #expect(
      record.fault == .unknownLabel(row: 0, column: ColumnPlace(0, name: "sex"), label: "male", labels: ["f", "m"]))
  }

  @Test func aWriteThatCanBeMakesGood() {
    var record = Record(Penguins.schema, ["sex": "mail", "bill": "long"])
    record["sex"] = "male"
    #expect(record.fault == .wrongCell(row: 0, column: ColumnPlace(4, name: "bill"), cell: "'long'"))
    record["bill"] = nil
    #expect(record.fault == nil)
    #expect(record == Record(Penguins.schema, ["sex": "male"]))
  }

  @Test func missingEqualsMissing() {
    let cells: KeyValuePairs<String, Cell?> = ["bill": 4, "sex": nil]
    let (one, other) = (Record(Penguins.schema, cells), Record(Penguins.schema, cells))
    #expect(one == other && one.hashValue == other.hashValue)
    #expect(Set([one, other, Record(Penguins.schema, ["bill": 4, "sex": "male"])]).count == 2)
    #expect(Record(Penguins.schema, ["bill": 0.0]) == Record(Penguins.schema, ["bill": -0.0]))
    #expect(Record(Penguins.schema) != Record(Penguins.schema, ["nest": 1]))
    #expect(Record(Schema(Penguins.bill)) != Record(Schema(Penguins.sex)))
  }
}
