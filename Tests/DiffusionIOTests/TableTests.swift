import DiffusionDSL
import DiffusionIO
import Foundation
import Testing

@Suite struct TableTests {
  static let species = Category("species", of: ["Adelie", "Chin, strap", "Gentoo"])
  static let sex = Binary("sex", "female", "male")
  static let bill = Continuous("bill")
  static let schema = Schema(species, sex, bill)

  private func table(_ text: String, _ schema: Schema = TableTests.schema) throws -> Table {
    try Table(data: Data(text.utf8), name: "t.csv", schema: schema)
  }

  private func withFile(_ body: (URL) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url)
  }

  /// A byte order mark, CRLF, quotes, missing cells, other columns, another order.
  @Test func columnsAreReadByTheirNames() throws {
    let table = try table(
      "\u{FEFF}bill,\"nest, no.\",species,sex\r\n"
        + "40.5,1,\"Chin, strap\",male\r\n,2,Gentoo,NA\r\n-1e2,\"a\"\"b\r\n\",Adelie,\"female\"\r\n n/a ,4,?,male")
    #expect(table.schema == TableTests.schema)
    #expect(table.column(TableTests.species) == ["Chin, strap", "Gentoo", "Adelie", nil])
    #expect(table.column(TableTests.sex) == ["male", nil, "female", "male"])
    #expect(table.column(TableTests.bill) == [40.5, nil, -100, nil])
  }

  @Test func readsAFile() throws {
    try withFile { url in
      try Data("sex\nmale\n\nfemale\n".utf8).write(to: url)
      let table = try Table(contentsOf: url, schema: Schema(TableTests.sex))
      #expect(table.column(TableTests.sex) == ["male", nil, "female"])
    }
  }

  @Test func labelsMayBeNumbersOrSpeltAsMissing() throws {
    let schema = Schema([Column("year", .category(["2007", "2008"])), Column("kind", .binary(["None", "Some"]))])
    let table = try table("year,kind\n2008,None\n2007.0,NA\n,Some\n", schema)
    #expect(table[0].numbers == [1, 0])
    #expect(table[1]["year"] == "2007" && table[1]["kind"] == nil)
    #expect(table[2]["year"] == nil && table[2]["kind"] == "Some")
  }

  static let refused: [(text: String, error: CSVError, message: String)] = [
    (
      "species,sex,bill\nAdelie,male,1\nGentoo,\"ma\nle\",2\n",
      .unknownLabel(file: "t.csv", name: "sex", cell: "ma\nle", line: 3, labels: ["female", "male"]),
      "'t.csv' column 'sex': line 3 holds 'ma le', which is none of its labels ('female', 'male'), so correct the "
        + "cell, or make it empty or NA."
    ),
    (
      "species,sex,bill\nAdelie,1,1\n",
      .unknownLabel(file: "t.csv", name: "sex", cell: "1", line: 2, labels: ["female", "male"]),
      "'t.csv' column 'sex': line 2 holds '1', which is none of its labels ('female', 'male'), so correct the cell, "
        + "or make it empty or NA."
    ),
    (
      "species,sex,bill\nAdelie,male,inf\n", .nonNumericColumn(file: "t.csv", name: "bill", cell: "inf", line: 2),
      "'t.csv' column 'bill' is not numeric: line 2 holds 'inf', so leave the column out, or make the cell a finite "
        + "number, empty or NA, or say that it is missing (missing:, --missing)."
    ),
    (
      "species,bill\nAdelie,1\n", .unknownColumn(file: "t.csv", name: "sex", available: ["species", "bill"]),
      "'t.csv' has no column 'sex': its columns are 'species', 'bill'."
    ),
    (
      "species,sex,bill,sex\nAdelie,male,1,male\n", .duplicateColumn(file: "t.csv", name: "sex", first: 2, second: 4),
      "'t.csv' names columns 2 and 4 both 'sex': rename one of them in line 1."
    ),
    ("species,sex,bill\n", .noRows(file: "t.csv"), "'t.csv' has a header and no rows: add rows of data below it."),
    (
      "", .empty(file: "t.csv"),
      "'t.csv' is empty: a header line with the columns' names and at least one row are needed."
    ),
    (
      "1,2\n3,4\n", .missingHeader(file: "t.csv", firstCells: ["1", "2"]),
      "'t.csv' has no header: line 1 holds numbers ('1', '2'), so add a first line with the columns' names, or, where "
        + "these are names, put them in quotes (or say so: hasHeader: true, --header)."
    ),
  ]

  @Test(arguments: refused.indices) func isRefusedWithItsPlace(_ index: Int) {
    let (text, error, message) = TableTests.refused[index]
    #expect(throws: error) { try table(text) }
    #expect("\(error)" == message)
  }

  @Test func faultySchemasAreRefused() {
    #expect(throws: CSVError.repeatedChoice(name: "sex")) {
      try table("sex\nmale\n", Schema(TableTests.sex, TableTests.sex))
    }
    #expect(throws: DataError.noColumns) { try table("sex\nmale\n", Schema([])) }
    #expect(throws: CSVError.self) { try Table(contentsOf: URL(fileURLWithPath: "/no/such.csv"), schema: Schema([])) }
  }

  /// All cells of a column may be missing where no model is trained.
  @Test func aColumnMayBeMissingAsAWhole() throws {
    #expect(try table("species,sex,bill\nAdelie,male,\n").column(TableTests.bill) == [nil])
  }

  @Test func whatIsWrittenReadsBack() throws {
    try withFile { url in
      let odd = Column("odd", .category(["", "NA", "N/A", " edge ", "a\"b", "c\r\nd", "e,f", "\u{E9}"]))
      let schema = Schema([odd, Column("x, y", .continuous), TableTests.species.column])
      let numbers = [0.1 + 0.2, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, 3, -0.0, 1e22, .pi, .nan]
      let cells = (0..<8).flatMap { [Double($0), numbers[$0], Double($0 % 3)] } + [.nan, .nan, .nan]
      let table = try Table(cells: cells, schema: schema)
      try table.write(csv: url)
      let text = try String(contentsOf: url, encoding: .utf8)
      #expect(text.hasPrefix("odd,\"x, y\",species\n,0.30000000000000004,Adelie\nNA,5e-324,\"Chin, strap\"\n"))
      #expect(text.hasSuffix("\u{E9},,\"Chin, strap\"\n#N/A,,\n"))
      let read = try Table(contentsOf: url, schema: schema)
      #expect(read == table)
      #expect(read.cells[13].sign == .minus)
      #expect(throws: CSVError.unwritable(file: "/no/such/t.csv", reason: "No such file or directory")) {
        try table.write(csv: URL(fileURLWithPath: "/no/such/t.csv"))
      }
    }
  }

  @Test func aLoneMissingCellReadsBack() throws {
    try withFile { url in
      let table = try Table(cells: [1, .nan, 0], schema: Schema(TableTests.sex))
      try CSVWriter.write(table, to: url)
      #expect(try String(contentsOf: url, encoding: .utf8) == "sex\nmale\n\"\"\nfemale\n")
      #expect(try Table(contentsOf: url, schema: table.schema) == table)
    }
  }

  @Test func rowsAreWrittenAndReadBack() throws {
    try withFile { url in
      let rows = try Rows(Table(cells: [0.1, 1, -3e200, 0], schema: Schema(TableTests.bill, TableTests.sex)))
      try rows.write(csv: url)
      #expect(try String(contentsOf: url, encoding: .utf8) == "x0,x1\n0.1,1\n-3e+200,0\n")
      #expect(try Rows(contentsOf: url) == rows)
      let schema = Schema(TableTests.bill, TableTests.sex)
      try rows.write(csv: url, schema: schema)
      #expect(try String(contentsOf: url, encoding: .utf8) == "bill,sex\n0.1,male\n-3e+200,female\n")
      #expect(try Rows(contentsOf: url, schema: schema) == rows)
    }
  }

  @Test func rowsWithGapsAreNotReadAsRows() throws {
    try withFile { url in
      try Data("a,b\n1,2\n3,NA\n".utf8).write(to: url)
      let error = #expect(throws: DataError.self) { try Rows(contentsOf: url) }
      #expect(
        error.map { "\($0)" }
          == "row 1, field 'b' is missing, and a value of Rows needs complete rows: leave the row out")
      #expect(throws: DataError.wrongDimensions(expected: 1, found: 2)) {
        try Rows(Table(cells: [1, 2], schema: Schema([Column("a", .continuous), Column("b", .continuous)])))
          .write(csv: url, schema: Schema(TableTests.bill))
      }
    }
  }
}
