import Foundation
import Testing

@testable import DiffusionIO

private func table(_ text: String, columns: [String]? = nil) throws -> NumericTable {
  try NumericTable(data: Data(text.utf8), name: "t.csv", columns: columns)
}

@Suite struct NumericTableTests {
  let mixed = "id,name,x,y\n1,Ann,0.5,\n2,\"B, C\",-1e3,7\n3,,NA,8\n4,D,+.25,9\n"

  @Test func numericColumnsByDefault() throws {
    #expect(
      try table(mixed)
        == NumericTable(
          columns: ["id", "x", "y"], rows: [2, -1000, 7, 4, 0.25, 9], lineNumbers: [3, 5], dropped: 2,
          leftOut: [LeftOutColumn(name: "name", reason: .cell("Ann", line: 2))]))
  }

  @Test func onlyTheChosenColumnsDropRows() throws {
    #expect(
      try table(mixed, columns: ["y", "id"])
        == NumericTable(columns: ["y", "id"], rows: [7, 2, 8, 3, 9, 4], lineNumbers: [3, 4, 5], dropped: 1))
  }

  @Test func aColumnWithoutANameIsARowNumber() throws {
    let table = try table("\"\",x\n1,2.5\n2,3.5\n")
    #expect(table.columns == ["x"] && table.leftOut.map(\.description) == ["column 1: it has no name"])
  }

  @Test func aColumnOfMissingCellsIsLeftOut() throws {
    let table = try table("x,z\n1,NA\n2,\n")
    #expect(table.columns == ["x"] && table.leftOut == [LeftOutColumn(name: "z", reason: .onlyMissingCells)])
  }

  @Test(arguments: ["", " ", "NA", "na", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "None", "?"])
  func spellingsOfMissing(cell: String) throws {
    #expect(
      try table("x,y\n1,2\n3,\(cell)\n5,\"6\"\n")
        == NumericTable(columns: ["x", "y"], rows: [1, 2, 5, 6], lineNumbers: [2, 4], dropped: 1))
  }

  @Test(arguments: ["$5", "5%", "1,234"])
  func aNumberInANotationOfItsOwnIsNamed(cell: String) throws {
    let table = try table("x,y\n1,2\n3,\"\(cell)\"\n5,6\n")
    #expect(table.columns == ["x"] && table.count == 3)
    #expect(table.leftOut == [LeftOutColumn(name: "y", reason: .notation(cell, line: 3), hasNumber: true)])
    #expect(
      table.leftOut.first?.description
        == "y: line 3 holds '\(cell)', a number in a notation that is read where numbers are loose (numbers: .loose, "
        + "--numbers loose)"
        + (cell == "1,234" ? ", or where its comma is a decimal one (decimal: .comma, --decimal ,)" : ""))
  }

  @Test(arguments: ["inf", "-Infinity", "1e400", "0x1F", "5 or 6", "N.A.", "??", ".", "nul"])
  func oneBadCellIsNamedWithItsLine(cell: String) throws {
    let table = try table("x,y\n1,2\n3,\(cell)\n5,6\n")
    #expect(table.columns == ["x"] && table.count == 3)
    #expect(table.leftOut == [LeftOutColumn(name: "y", reason: .cell(cell, line: 3), hasNumber: true)])
    #expect(table.leftOut.first?.description == "y: line 3 holds '\(cell)'")
  }

  @Test func aBlankLineInASingleColumnIsAMissingCell() throws {
    #expect(try table("x\n1\n\n3\n") == NumericTable(columns: ["x"], rows: [1, 3], lineNumbers: [2, 4], dropped: 1))
  }

  @Test func wordsThatOtherReadersTakeForNumbersAreText() throws {
    for cell in ["inf", "0x10", "1_000", "1e999", "- 1", "1,5"] {
      let text = Data("x,y\n1,\"\(cell)\"\n".utf8)
      // A lone decimal comma would be found.
      let table = try NumericTable(data: text, name: "t.csv", format: CSVFormat(decimal: .point))
      #expect(table.columns == ["x"], "\(cell)")
    }
  }

  @Test(arguments: [
    ("", nil, CSVError.empty(file: "t.csv")),
    ("\n\r\n", nil, .empty(file: "t.csv")),
    ("a,b\n", nil, .noRows(file: "t.csv")),
    ("1,2.5\n3,4\n", nil, .missingHeader(file: "t.csv", firstCells: ["1", "2.5"])),
    ("Adelie,39.1,18.7\n", nil, .missingHeader(file: "t.csv", firstCells: ["Adelie", "39.1", "18.7"])),
    ("a,b,a\n1,2,3\n", nil, .duplicateColumn(file: "t.csv", name: "a", first: 1, second: 3)),
    ("a,b\n1,2\n", ["c"], .unknownColumn(file: "t.csv", name: "c", available: ["a", "b"])),
    ("a,b\n1,2\n", ["a", "a"], .repeatedChoice(name: "a")),
    ("a,b\n1,2\n1,x\n", ["b"], .nonNumericColumn(file: "t.csv", name: "b", cell: "x", line: 3)),
    ("a,b\n1,\n2,NA\n", ["b"], .emptyColumn(file: "t.csv", name: "b")),
    (
      "a,b\nx,NA\n", nil,
      .noNumericColumn(
        file: "t.csv",
        leftOut: [
          LeftOutColumn(name: "a", reason: .cell("x", line: 2)), LeftOutColumn(name: "b", reason: .onlyMissingCells),
        ])
    ),
  ])
  func faultsAreNamed(text: String, columns: [String]?, error: CSVError) {
    #expect(throws: error) { try table(text, columns: columns) }
  }

  @Test func everyMessageIsOneSentenceOnOneLine() {
    let errors: [CSVError] = [
      .unreadable(file: "f", reason: "r"), .empty(file: "f"), .noRows(file: "f"),
      .missingHeader(file: "f", firstCells: ["1"]), .duplicateColumn(file: "f", name: "a\nb", first: 1, second: 2),
      .raggedRow(file: "f", line: 1, cells: 1, expected: 2), .unterminatedQuote(file: "f", line: 1, column: 1),
      .otherKind(file: "f", kind: "an HTML page", remedy: "save the table"), .damagedGzip(file: "f", reason: "r"),
      .zeroByte(file: "f", line: 1, column: 1),
      .strayQuote(file: "f", line: 1, column: 1), .invalidUTF8(file: "f", line: 1, column: 1),
      .unknownColumn(file: "f", name: "a\r\nb", available: ["a\tb"]), .repeatedChoice(name: "a"),
      .nonNumericColumn(file: "f", name: "a", cell: String(repeating: "x\n", count: 500), line: 2),
      .emptyColumn(file: "f", name: "a"),
      .noNumericColumn(file: "f", leftOut: [LeftOutColumn(name: "a;b;c", reason: .cell("1;2;3", line: 2))]),
      .noNumericColumn(
        file: "f", leftOut: [String](repeating: "a\nb", count: 9).map { .init(name: $0, reason: .cell($0, line: 2)) }),
      .shapeMismatch(values: 3, columns: 2),
      .unwritable(file: "f", reason: "r"),
    ]
    for error in errors {
      let text = error.description
      #expect(!text.contains(where: \.isNewline) && text.hasSuffix(".") && text.count < 300, "\(text)")
    }
  }
}
