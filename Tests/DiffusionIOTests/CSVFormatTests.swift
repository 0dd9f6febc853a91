import DiffusionDSL
import Foundation
import Testing

@testable import DiffusionIO

/// CSV as other programs write it: the same cells whatever the dialect.
@Suite struct CSVFormatTests {
  static let header = ["weight", "score", "kind"]
  static let rows: [[String]] = (0..<200).map { row in
    [
      String(format: "%.2f", 1000 + 7.31 * Double(row)), String(format: "%.4f", 0.01 * Double(row) - 1),
      row % 3 == 0 ? "é" : "o",
    ]
  }

  static func text(
    _ delimiter: String = ",", end: String = "\n", isQuoted: Bool = false, header: [String] = header,
    rows: [[String]] = rows
  ) -> String {
    ([header] + rows).map { cells in
      cells.map { isQuoted ? "\"\($0)\"" : $0 }.joined(separator: delimiter) + end
    }.joined()
  }

  static func commas(_ rows: [[String]]) -> [[String]] {
    rows.map { $0.map { $0.replacingOccurrences(of: ".", with: ",") } }
  }

  static func gzip(_ data: Data) throws -> Data {
    // Of a stored block: what a gzip file is, without a compressor.
    var file = Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    var rest = data
    repeat {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(0xFFFF)
      let size = UInt16(block.count)
      file +=
        [rest.isEmpty ? 1 : 0, UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8)] + block
    } while !rest.isEmpty
    let sum = UInt32(CRC32.of([UInt8](data)[...]))
    for number in [sum, UInt32(data.count)] { file += (0..<4).map { UInt8(number >> (8 * $0) & 255) } }
    return file
  }

  /// The cells as they were meant: numbers, and texts.
  struct Cells: Equatable {
    var names: [String] = []
    var numbers: [[Double?]] = []
    var texts: [String] = []
  }

  static func cells(_ data: Data, _ format: CSVFormat = CSVFormat()) throws -> Cells {
    var cells = Cells()
    try CSVReader(data: data, name: "t.csv", format: format).forEachRecord { record in
      if cells.names.isEmpty {
        cells.names = (0..<record.count).map { record.text($0) }
      } else {
        cells.numbers.append([record.number(0), record.number(1)])
        cells.texts.append(record.text(2))
      }
    }
    return cells
  }

  static let meant = Cells(
    names: header, numbers: rows.map { [Double($0[0]), Double($0[1])] }, texts: rows.map { $0[2] })

  static let latin1: Data = text().data(using: .isoLatin1) ?? Data()

  /// Each with what has to be said of it, if anything.
  static let dialects: [(name: String, data: Data, format: CSVFormat)] = [
    ("commas", Data(text().utf8), CSVFormat()),
    ("quotes", Data(text(isQuoted: true).utf8), CSVFormat()),
    ("semicolons", Data(text(";").utf8), CSVFormat()),
    ("semicolons, decimal commas", Data(text(";", rows: commas(rows)).utf8), CSVFormat()),
    ("commas, decimal commas in quotes", Data(text(isQuoted: true, rows: commas(rows)).utf8), CSVFormat()),
    ("tabs", Data(text("\t").utf8), CSVFormat()),
    ("tabs with blanks", Data(text(" \t ").utf8), CSVFormat()),
    ("bars", Data(text("|").utf8), CSVFormat()),
    ("colons", Data(text(":").utf8), CSVFormat(delimiter: CSVDelimiter(":"))),
    ("named", Data(("sep=;\n" + text(";")).utf8), CSVFormat()),
    ("named in quotes", Data(("\"sep=|\"\r\n" + text("|", end: "\r\n")).utf8), CSVFormat()),
    ("comments", Data(("# made by a program, today\r\n#\r\n" + text(end: "\r\n")).utf8), CSVFormat()),
    (
      "a delimiter behind each row",
      Data((header.joined(separator: ",") + "\n" + text(end: ",\n").drop { $0 != "\n" }.dropFirst()).utf8), CSVFormat()
    ),
    ("UTF-8 with a mark", [0xEF, 0xBB, 0xBF] + Data(text().utf8), CSVFormat()),
    ("UTF-16, less significant first", [0xFF, 0xFE] + (text().data(using: .utf16LittleEndian) ?? Data()), CSVFormat()),
    ("UTF-16, more significant first", [0xFE, 0xFF] + (text().data(using: .utf16BigEndian) ?? Data()), CSVFormat()),
    ("UTF-16 without a mark", text().data(using: .utf16LittleEndian) ?? Data(), CSVFormat(encoding: .utf16)),
    ("Latin-1", latin1, CSVFormat(encoding: .latin1)),
  ]

  @Test(arguments: 0..<dialects.count) func theSameCellsInEveryDialect(_ index: Int) throws {
    let (name, data, format) = CSVFormatTests.dialects[index]
    #expect(try CSVFormatTests.cells(data, format) == CSVFormatTests.meant, "\(name)")
    #expect(try CSVFormatTests.cells(CSVFormatTests.gzip(data), format) == CSVFormatTests.meant, "\(name), gzip")
  }

  /// Wherever a chunk of the file ends.
  @Test(arguments: [1, 2, 3, 5]) func textIsDecodedInChunksOfAnySize(_ chunk: Int) throws {
    let letters = "a,b\n1,\u{1F600}\né,€\n"
    let utf16 = try #require(letters.data(using: .utf16BigEndian))
    let latin = try #require("1,é€\n".data(using: .windowsCP1252))
    let plain = Data(letters.utf8)
    let gzip = try CSVFormatTests.gzip(plain)
    let cases: [(Data, TextEncoding?, String)] = [
      ([0xFE, 0xFF] + utf16, nil, letters), (utf16.prefix(0), nil, ""), (latin, .latin1, "1,é€\n"),
      (plain, nil, letters),
      ([0xEF, 0xBB, 0xBF] + plain, .latin1, letters), (Data([0x31]), nil, "1"),
      (gzip, nil, letters), (gzip + gzip, nil, letters + letters), (gzip + Data(count: 100), nil, letters),
    ]
    for (data, encoding, expected) in cases {
      var decoded: [UInt8] = []
      var decoding = TextDecoding(name: "t.csv", encoding: encoding)
      let bytes = [UInt8](data)
      for start in stride(from: 0, to: bytes.count, by: chunk) {
        let part = Array(bytes[start..<min(start + chunk, bytes.count)])
        try part.withUnsafeBytes { try decoding.take($0) { decoded += $0 } }
      }
      try decoding.finish { decoded += $0 }
      #expect(String(decoding: decoded, as: UTF8.self) == expected)
    }
  }

  @Test func whatCannotBeDecodedIsNamed() throws {
    let gzip = try CSVFormatTests.gzip(Data(CSVFormatTests.text().utf8))
    for end in [3, 12, 1_000, gzip.count - 1] {
      #expect(throws: CSVError.damagedGzip(file: "t.csv", reason: "its compressed content is cut short")) {
        try CSVFormatTests.cells(gzip.prefix(end))
      }
    }
    #expect(
      throws: CSVError.damagedGzip(file: "t.csv", reason: "what stands behind its compressed content is not gzip's")
    ) {
      try CSVFormatTests.cells(gzip + Data(count: 3) + [7])
    }
    var altered = gzip
    altered[gzip.count - 6] ^= 1
    #expect(throws: CSVError.self) { try CSVFormatTests.cells(altered) }
    #expect(throws: CSVError.invalidUTF8(file: "t.csv", line: 2, column: 3)) {
      try CSVFormatTests.cells(CSVFormatTests.latin1)
    }
    #expect(throws: CSVError.zeroByte(file: "t.csv", line: 2, column: 2)) {
      try CSVFormatTests.cells(Data("a,b\n1,2\0\n".utf8))
    }
    for (text, kind) in [
      ("  {\"a\": 1}\n", "a JSON text"), ("[{\"a\": 1}]", "a JSON text"), ("[[1, 2]]", "a JSON text"),
      ("<!DOCTYPE html><p>", "an HTML or XML page"), ("\n<HTML>", "an HTML or XML page"),
    ] {
      for data in [Data(text.utf8), try CSVFormatTests.gzip(Data(text.utf8))] {
        #expect {
          try CSVFormatTests.cells(data)
        } throws: { error in
          guard case .otherKind(_, let found, _) = error as? CSVError else { return false }
          return found == kind
        }
      }
    }
    // Brackets in a name are none of JSON.
    #expect(try CSVFormatTests.cells(Data("[a],{b},c\n1,2,x\n".utf8)).names == ["[a]", "{b}", "c"])
  }

  /// Commas with three digits behind them may separate thousands, so nothing is taken for granted.
  @Test func commasThatMayBeThousandsAreNoDecimalMarks() throws {
    func decimal(_ cells: [String]) throws -> DecimalMark? {
      let text = "x;y\n" + cells.map { "\($0);1\n" }.joined()
      return try CSVReader(data: Data(text.utf8), name: "t.csv").found().decimal
    }
    #expect(try decimal(["1,234", "5,678"]) == .point)
    #expect(try decimal(["1,234", "5,67"]) == .comma)
    #expect(try decimal(["1,5", "2.5"]) == .point)
    #expect(try decimal(["0,123", "1234,567"]) == .comma)
    #expect(try decimal(["0,123", "0,500"]) == .comma)
    // A thousand with a point among them, or another column with points, does not change that.
    #expect(try decimal(["12,50", "987,25", "1.234"]) == .comma)
    let other = "Betrag;version\n12,50;2.1\n987,25;2.2\n"
    #expect(try CSVReader(data: Data(other.utf8), name: "t.csv").found().decimal == .comma)
    // Lists of answers between commas.
    let answers = "id,answers\n1,\"1,3\"\n2,\"2,4\"\n3,\"1,2\"\n"
    #expect(try CSVReader(data: Data(answers.utf8), name: "t.csv").found().decimal == .point)
    #expect(try decimal(["1", "2"]) == .point)
    let guess = try GuessedSchema(data: Data("x;y\n1,234;1\n2,345;2\n9;3\n".utf8), name: "t.csv")
    #expect(guess.leftOut == [LeftOutColumn(name: "x", reason: .notation("1,234", line: 2), hasNumber: true)])
    let loose = CSVFormat(numbers: .loose)
    let table = try NumericTable(data: Data("x;y\n1,234;1\n2,345;2\n9;3\n".utf8), name: "t.csv", format: loose)
    #expect(table.rows == [1_234, 1, 2_345, 2, 9, 3])
  }

  @Test func aDelimiterIsOneByWhichLinesAgree() throws {
    func delimiter(_ text: String) throws -> CSVDelimiter? {
      try CSVReader(data: Data(text.utf8), name: "t.csv").found().delimiter
    }
    // Lists in cells, and a name with a semicolon.
    #expect(try delimiter("a,b\n1;2,3\n4;5,6\n") == .comma)
    #expect(try delimiter("a;x,b\n1,2\n3,4\n") == .comma)
    // As many cells by either: those that are numbers decide.
    #expect(try delimiter("a,x;b,y;c\n1,2;3,4;5\n") == .semicolon)
    #expect(try delimiter("City, State\tPop\nBoise, ID\t235684\n") == .tab)
    // A name with a mark that parts no line below.
    #expect(try delimiter("temperature; deg C\n12.5\n13.1\n") == .comma)
    // One column.
    #expect(try delimiter("a\n1\n2\n") == .comma)
    // Lines that do not agree: the header's.
    #expect(try delimiter("a;b\n1;2;3\n") == .semicolon)
    #expect(throws: CSVError.raggedRow(file: "t.csv", line: 2, cells: 3, expected: 2, delimiter: .semicolon)) {
      try NumericTable(data: Data("a;b\n1;2;3\n".utf8), name: "t.csv")
    }
    for character in "1a\"'.+-_# \n" { #expect(CSVDelimiter(character) == nil) }
    #expect(CSVDelimiter("é") == nil && CSVDelimiter("^") != nil && CSVDelimiter("\t") == .tab)
  }

  @Test func linesOfCommentsAreNone() throws {
    func names(_ text: String) throws -> [String] {
      var names: [String] = []
      try CSVReader(data: Data(text.utf8), name: "t.csv").forEachRecord { record in
        if names.isEmpty { names = (0..<record.count).map { record.text($0) } }
      }
      return names
    }
    let comments = String(repeating: "##contig=<ID=1,length=2>\n", count: 3_000)
    for (text, expected) in [
      ("#id,x\n1,2\n", ["#id", "x"]), ("# x\n1.0\n2.0\n", ["# x"]), ("# name\nalice\nbob\n", ["# name"]),
      ("# note\n#id,x\n1,2\n", ["#id", "x"]), ("# title\n\n# units\na,b\n1,2\n", ["a", "b"]),
      ("# made by me, today\na,b\n1,2\n", ["a", "b"]), ("# made by me\n# today\nname\nalice\n", ["name"]),
      ("# weights\nx\n1\n2\n", ["x"]), (comments + "#CHROM,POS\n1,2\n", ["#CHROM", "POS"]), ("# only\n", ["# only"]),
    ] {
      #expect(try names(text) == expected, "\(text.prefix(40))")
    }
    // Lines are counted with those of comments.
    #expect(throws: CSVError.raggedRow(file: "t.csv", line: 4, cells: 1, expected: 2)) {
      try names("# a comment\n\na,b\n1\n")
    }
  }

  /// A header that is longer than what is looked at first.
  @Test func longLinesAreLookedAtWhole() throws {
    let genes = (0..<40_000).map { "gene\($0)" }
    let text = genes.joined(separator: "\t") + "\n" + genes.indices.map { "\($0),5" }.joined(separator: "\t") + "\n"
    #expect(text.utf8.count > 1 << 19)
    let found = try CSVReader(data: Data(text.utf8), name: "t.csv").found()
    #expect(found.delimiter == .tab && found.decimal == .comma)
  }

  @Test func yearsAreNamesWhereThatIsSaid() throws {
    let rows = "1,2\n3,4\n"
    for (text, format) in [("2019,2020\n", CSVFormat(hasHeader: true)), ("\"2019\",\"2020\"\n", CSVFormat())] {
      let table = try NumericTable(data: Data((text + rows).utf8), name: "t.csv", format: format)
      #expect(table.columns == ["2019", "2020"] && table.rows == [1, 2, 3, 4])
    }
    #expect(throws: CSVError.missingHeader(file: "t.csv", firstCells: ["2019", "2020"])) {
      try NumericTable(data: Data(("2019,2020\n" + rows).utf8), name: "t.csv")
    }
    // Fractions are no names, in quotes or not.
    #expect(throws: CSVError.missingHeader(file: "t.csv", firstCells: ["5.1", "3"])) {
      try NumericTable(data: Data("\"5.1\",\"3\"\n\"4.9\",\"2\"\n".utf8), name: "t.csv")
    }
  }

  @Test func numbersInNotationsOfTheirOwn() {
    let cases: [(String, DecimalMark, Double?)] = [
      ("1,234.50", .point, 1_234.5), ("1.234,50", .comma, 1_234.5), ("1 234,5", .comma, 1_234.5),
      ("1\u{202F}234\u{202F}567", .point, 1_234_567), ("1'234.5", .point, 1_234.5), ("12%", .point, 12),
      ("12 %", .point, 12), ("$5", .point, 5), ("-$5.25", .point, -5.25), ("$-5.25", .point, -5.25),
      ("5 €", .comma, 5), ("€1.208,66", .comma, 1_208.66), ("\u{2212}0.3269", .point, -0.3269),
      ("(1,234)", .point, -1_234),
      ("+7", .point, 7), ("1e3", .point, 1_000), (".5", .point, 0.5), ("1_000", .point, 1_000),
      // No numbers even so.
      ("12,34", .point, nil), ("1,2345", .point, nil), ("1,234,56", .point, nil), ("5%%", .point, nil),
      ("--5", .point, nil),
      ("", .point, nil), ("%", .point, nil), ("-", .point, nil), ("a5", .point, nil), ("5 or 6", .point, nil),
      ("0,123", .point, nil), ("1.2.3", .point, nil), ("inf", .point, nil), ("0x10", .point, nil),
      ("2024-01-05", .point, nil),
      ("(-5)", .point, nil),
      ("12:30", .point, nil), ("1,234'567", .point, nil), ("1e999", .point, nil),
    ]
    for (text, decimal, number) in cases { #expect(NumberText.loose(text, decimal) == number, "\(text)") }
  }

  // MARK: - Missing cells

  @Test func missingCellsAreSpeltAsIsSaid() throws {
    let text = Data("age,site,code\n-999,a,\"NA\"\n31,.,x\n-999.0,b,NA\n40,-,n/a\n".utf8)
    let format = CSVFormat(missing: MissingSpellings(everywhere: ["-"], ofColumns: ["age": ["-999"], "site": ["."]]))
    let schema = Schema([
      Column("age", .continuous), Column("site", .category(["a", "b", "-", "."])),
      Column("code", .binary(["NA", "x"])),
    ])
    let table = try Table(data: text, name: "t.csv", schema: schema, format: format)
    #expect(table.numbers(of: "age")?.map(\.isNaN) == [true, false, true, false])
    #expect(table.numbers(of: "site")?.map(\.isNaN) == [false, true, false, true])
    #expect(table.numbers(of: "code")?.map(\.isNaN) == [false, false, true, true])
    #expect(throws: CSVError.unknownColumn(file: "t.csv", name: "agee", available: ["age", "site", "code"])) {
      let misspelt = CSVFormat(missing: MissingSpellings(ofColumns: ["agee": ["-999"]]))
      return try Table(data: text, name: "t.csv", schema: schema, format: misspelt)
    }
    // Among numbers it is a missing cell in quotes too.
    let numbers = Data("\"x\",\"y\"\n\"1.5\",\"2\"\n\"NA\",\"3\"\n\"2.5\",\"4\"\n".utf8)
    #expect(try NumericTable(data: numbers, name: "t.csv").rows == [1.5, 2, 2.5, 4])
    let guessed = try GuessedSchema(data: numbers, name: "t.csv")
    #expect(guessed.notes == [ColumnNote(column: "x", content: .missingCells(1, of: 3))])
    #expect(
      try Table(data: numbers, name: "t.csv", schema: guessed.schema).cells.map(\.isNaN) == [
        false, false, true, false, false, false,
      ])
    // In quotes NA is a text.
    let texts = try GuessedSchema(
      data: Data("code,x\n\"NA\",1.5\nDE,2\n\"NA\",3\nDE,4\nNA,5\n".utf8), name: "t.csv")
    #expect(texts.schema.columns.first == Column("code", .binary(["DE", "NA"])))
    #expect(texts.notes == [ColumnNote(column: "code", content: .missingCells(1, of: 5))])
    let read = try Table(
      data: Data("code,x\n\"NA\",1.5\nDE,2\n\"NA\",3\nDE,4\nNA,5\n".utf8), name: "t.csv", schema: texts.schema)
    #expect(read.column(Binary("code", "DE", "NA")) == ["NA", "DE", "NA", "DE", nil])
  }

  @Test func whatSeemsToBeMissingIsSaid() throws {
    func notes(_ cells: [String]) throws -> [ColumnNote.Content] {
      let text = "x,keep\n" + cells.enumerated().map { "\($1),\($0 % 2)\n" }.joined()
      let guess = try GuessedSchema(data: Data(text.utf8), name: "t.csv")
      guard let kind = guess.schema.index(of: "x").map({ guess.schema.columns[$0].kind }) else { return [] }
      #expect(kind == .continuous)
      // What was guessed reads the file.
      _ = try Table(
        data: Data(text.utf8), name: "t.csv", schema: guess.schema, format: CSVFormat(missing: guess.missing))
      return guess.notes.filter { $0.column == "x" }.map(\.content)
    }
    let ages = (20..<60).map { "\($0).5" }
    #expect(try notes(ages) == [])
    #expect(try notes(ages + [".", "?"]) == [.missingCells(2, of: 42), .guessedMissing(".", count: 1)])
    #expect(try notes(ages + ["-999", "-999", "-999"]) == [.suspectedMissing(-999, count: 3)])
    #expect(
      try notes(ages + ["9999", "9999", "9999", ""]) == [.missingCells(1, of: 44), .suspectedMissing(9_999, count: 3)])
    // Once or twice is an outlier; 0 is a number like others; what lies near is no code.
    #expect(try notes(ages + ["-999", "-999"]) == [])
    #expect(try notes(ages.map { "1" + $0 } + ["0", "0", "0", "0"]) == [])
    #expect(try notes(ages + ["80", "80", "80"]) == [])
  }
}
