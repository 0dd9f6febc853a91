import DiffusionDSL
import DiffusionIO
import Foundation
import Testing

@Suite struct GuessedSchemaTests {
  private func guess(_ text: String) throws -> GuessedSchema {
    try GuessedSchema(data: Data(text.utf8), name: "t.csv")
  }

  /// A column of its own from cells.
  private func guess(_ cells: [String]) throws -> GuessedSchema {
    let rows = cells.enumerated().map { index, cell in "\(cell),\(index % 2)\n" }
    return try guess("x,keep\n" + rows.joined())
  }

  private func kind(_ cells: [String]) throws -> Column.Kind? {
    let guess = try guess(cells)
    return guess.schema.index(of: "x").map { guess.schema.columns[$0].kind }
  }

  private func reason(_ cells: [String]) throws -> LeftOutColumn.Reason? { try guess(cells).leftOut.first?.reason }

  @Test func kindsOfColumns() throws {
    let rows = (0..<40).map { row -> String in
      let species = ["Gentoo", "Adelie", "Chinstrap"][row % 3]
      let sex = row == 5 ? "NA" : row % 2 == 0 ? "male" : "female"
      return "\(row + 1),\(species),\(sex),\(30 + row * 7 % 40).5,\(2007 + row % 3),tag \(row),,same,\(row % 2)"
    }
    let guess = try guess(",species,sex,bill,year,tag,none,flock,bit\n" + rows.joined(separator: "\n"))
    #expect(
      guess.schema
        == Schema([
          Column("species", .category(["Adelie", "Chinstrap", "Gentoo"])), Column("sex", .binary(["female", "male"])),
          Column("bill", .continuous), Column("year", .category(["2007", "2008", "2009"])),
          Column("bit", .binary(["0", "1"])),
        ]))
    #expect(
      guess.leftOut.map(\.description) == [
        "column 1: it has no name", "tag: its texts all differ", "none: it has only missing cells",
        "flock: each of its cells is 'same'",
      ])
  }

  @Test func numbersAreContinuousUnlessAFewComeAgain() throws {
    #expect(try kind((0..<40).map { "\($0 % 8)" }) == .category((0..<8).map(String.init)))
    #expect(try kind((0..<40).map { "\($0 % 9)" }) == .continuous)
    // Each comes about once: they were measured.
    #expect(try kind(["0.5", "1.5", "2.5", "1.5"]) == .continuous)
    #expect(try kind(["0.5", "1.5"]) == .continuous)
    #expect(try kind(["1", "1.0", "0", "1e0"]) == .binary(["0", "1"]))
    #expect(try kind(["10", "9", "10", "9", "-1", "-1"]) == .category(["-1", "9", "10"]))
  }

  @Test func textsAreLabelsUnlessTheyAreTooMany() throws {
    let many = (0..<60).map { "label \($0 % 21)" }
    #expect(try kind((0..<60).map { "label \($0 % 20)" }) == .category((0..<20).map { "label \($0)" }.sorted()))
    #expect(try reason(many) == .tooManyLabels(21, most: 20))
    #expect(
      try guess(many).leftOut.first?.description
        == "x: it has 21 labels, and more than 20 are a category only where that is chosen (--schema 'x=category')")
    let most = (0..<2_500).map { "label \($0 % 1_200)" }
    #expect(try guess(most).leftOut.first?.description == "x: it has more than 1000 labels")
    #expect(try reason((0..<60).map { "label \($0)" }) == .allDifferent)
    // The last one is the first that comes again.
    #expect(try reason((0..<60).map { "label \($0 % 59)" }) == .tooManyLabels(59, most: 20))
    #expect(try reason(["yes", "no"]) == .allDifferent)
    #expect(try kind(["yes", "no", "yes"]) == .binary(["no", "yes"]))
  }

  /// Codes are spelt as they are in the file.
  @Test func codesAreTexts() throws {
    func again(_ cells: [String]) -> [String] { (0..<12).flatMap { _ in cells } }
    #expect(try kind(again(["02139", "10001", "02139"])) == .binary(["02139", "10001"]))
    #expect(try kind(again(["100", "1E2", "2A7", "1E2"])) == .category(["100", "1E2", "2A7"]))
    #expect(try kind(again(["100", "1E2", "5"])) == .category(["5", "100", "1E2"]))
    let ids = ["1582218195625938945", "1582218195625938946", "1582218195625938947"]
    #expect(try kind(again(ids)) == .category(ids))
    #expect(try reason((0..<40).map { "0\(1_000 + $0)" }) == .allDifferent)
    // Numbers, however they are written.
    #expect(try kind((0..<40).map { "1e-0\($0 % 9 + 1)" }) == .continuous)
    #expect(try kind((0..<40).map { "\($0)e+05" }) == .continuous)
    #expect(try kind((0..<40).map { $0 == 3 ? "1E2" : "\($0).5" }) == .continuous)
    #expect(try kind((0..<40).map { "\($0 % 9 * 7)" } + ["0", "0.5"]) == .continuous)
    // Hours have two digits.
    #expect(try kind((0..<96).map { ($0 % 24 < 10 ? "0" : "") + "\($0 % 24)" }) == .continuous)
    let padded = (0..<60).map { $0 == 17 ? "007" : "\($0 / 2)" }
    #expect(
      try guess(padded).leftOut.first?.description
        == "x: line 19 holds '007', a code and no number (--schema 'x=continuous')")
    // Prices are no codes.
    let prices = "x,keep\n" + (0..<40).map { "$\($0 % 30),\($0 % 2)\n" }.joined()
    let loose = try GuessedSchema(data: Data(prices.utf8), name: "t.csv", format: CSVFormat(numbers: .loose))
    #expect(loose.schema.columns.first == Column("x", .continuous))
  }

  @Test func keysAndDatesAreLeftOut() throws {
    func keyReason(_ name: String, _ cells: [Int]) throws -> LeftOutColumn.Reason? {
      let rows = cells.enumerated().map { "\($1),\($0 % 2)\n" }
      return try guess("\(name),keep\n" + rows.joined()).leftOut.first?.reason
    }
    for name in ["id", "order_id", "orderId", "Row number", "KEY", "x.index"] {
      #expect(try keyReason(name, (0..<40).map { 100_001 + $0 }) == .key, "\(name)")
      #expect(try keyReason(name, (0..<40).map { 7 * $0 % 41 }) == .key, "\(name)")
      // So many different ones out of so many are no wonder; one that comes again is no key.
      #expect(try keyReason(name, (0..<40).map { $0 * $0 }) == nil)
      #expect(try keyReason(name, (0..<40).map { $0 == 7 ? 8 : $0 }) == nil)
    }
    // A year, a week and a dose differ from row to row too.
    for name in ["year", "week", "width", "nova", "keyed"] { #expect(try keyReason(name, Array(1_959..<2_020)) == nil) }
    #expect(try kind((0..<40).map { "\($0).5" }) == .continuous)
    for date in ["2024-01-", "2024/1/", "3.1.20", "2024-01-02 10:", "2024-01-02T08:00:", "12/31/20"] {
      #expect(try reason((10..<50).map { date + "\($0)" }) == .dates(date + "10"), "\(date)")
    }
    for text in ["1-2-3-", "a2024-01-", "1.2.3.", "2024-01-02x", "12345-1-"] {
      #expect(try reason((10..<50).map { text + "\($0)" }) == .allDifferent, "\(text)")
    }
  }

  /// A column of numbers with a bad cell is none of labels.
  @Test func badCellsAreNamed() throws {
    let cells = (0..<30).map { $0 == 17 ? "$5" : "\($0).5" }
    #expect(
      try guess(cells).leftOut == [LeftOutColumn(name: "x", reason: .notation("$5", line: 19), hasNumber: true)])
    let odd = (0..<30).map { $0 == 17 ? "5 or 6" : "\($0).5" }
    #expect(
      try guess(odd).leftOut == [LeftOutColumn(name: "x", reason: .cell("5 or 6", line: 19), hasNumber: true)])
    #expect(try kind(["1", "2", "3", "more", "1", "2", "3", "more"]) == .category(["1", "2", "3", "more"]))
  }

  /// What was guessed reads the file that it was guessed from.
  @Test func whatIsGuessedReads() throws {
    let text = Data("a,b,c\n1,x,0.25\n2.0,y,\n1,x,3\n2,y,-4\n".utf8)
    let guess = try GuessedSchema(data: text, name: "t.csv")
    let table = try Table(data: text, name: "t.csv", schema: guess.schema)
    #expect(table.column(Binary("a", "1", "2")) == ["1", "2", "1", "2"])
    #expect(table.column(Binary("b", "x", "y")) == ["x", "y", "x", "y"])
    #expect(table.column(Continuous("c")) == [0.25, nil, 3, -4])
  }

  @Test func filesWithoutAUsableColumnAreRefused() {
    #expect(throws: CSVError.empty(file: "t.csv")) { try guess("") }
    #expect(throws: CSVError.noRows(file: "t.csv")) { try guess("a,b\n") }
    let error = CSVError.noUsableColumn(
      file: "t.csv",
      leftOut: [LeftOutColumn(name: "a", reason: .allDifferent), LeftOutColumn(name: "b", reason: .onlyMissingCells)])
    #expect(throws: error) { try guess("a,b\nx,\ny,\n") }
    #expect(
      "\(error)"
        == "'t.csv' has no column that can be used (a: its texts all differ; b: it has only missing cells): a column "
        + "serves if it has a name and holds numbers, or a few labels that come again and again.")
    let delimited = CSVError.noUsableColumn(file: "t.csv", leftOut: [LeftOutColumn(name: "a;b", reason: .allDifferent)])
    #expect(throws: delimited) {
      try GuessedSchema(
        data: Data("a;b\n1;2\n3;4\n".utf8), name: "t.csv", format: CSVFormat(delimiter: .comma))
    }
    #expect("\(delimited)".contains("it seems to be delimited by something else"))
  }
}
