import Foundation
import Testing

@testable import DiffusionIO

private func records(_ text: String, chunk: Int? = nil) throws -> [[String]] {
  try records(Data(text.utf8), chunk: chunk)
}

/// Reads in chunks of the given size, so that every place where a chunk can end is tried.
private func records(_ data: Data, chunk: Int? = nil) throws -> [[String]] {
  var result: [[String]] = []
  let keep: (borrowing CSVRecord) -> Void = { record in
    result.append((0..<record.count).map { record.text($0) })
  }
  guard let chunk else {
    try CSVReader(data: data, name: "t.csv").forEachRecord(keep)
    return result
  }
  var decoding = TextDecoding(name: "t.csv", encoding: nil)
  var parser = RecordParser(name: "t.csv")
  let bytes = [UInt8](data)
  for start in stride(from: 0, to: bytes.count, by: chunk) {
    let part = Array(bytes[start..<min(start + chunk, bytes.count)])
    try part.withUnsafeBytes { try decoding.take($0) { try parser.consume($0, keep) } }
  }
  try decoding.finish { try parser.consume($0, keep) }
  try parser.finish(keep)
  return result
}

@Suite struct CSVReaderTests {
  @Test(arguments: [nil, 1, 2, 3, 7]) func readsWhatPythonsCSVModuleReads(chunk: Int?) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("References")
    let expected = try JSONDecoder().decode(
      [[String]].self, from: Data(contentsOf: folder.appendingPathComponent("tricky.json")))
    let data = try Data(contentsOf: folder.appendingPathComponent("tricky.csv"))
    #expect(try records(data, chunk: chunk) == expected)
  }

  @Test(arguments: ["a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4", "\u{FEFF}a,b\n1,2\n\n3,4\n\n"])
  func lineBreaksAndByteOrderMark(text: String) throws {
    #expect(try records(text) == [["a", "b"], ["1", "2"], ["3", "4"]])
  }

  @Test func partOfAByteOrderMarkIsData() {
    #expect(throws: CSVError.invalidUTF8(file: "t.csv", line: 1, column: 1)) {
      try records(Data([0xEF, 0xBB]))
    }
  }

  @Test func blanksAroundCells() throws {
    #expect(try records("a , b\n 1,\t2\n \"x y \" ,\" z\"\n") == [["a", "b"], ["1", "2"], ["x y ", " z"]])
  }

  @Test func emptyCellsAtTheEdges() throws {
    #expect(
      try records("a,b,c\n,,\n,2,\n\"\",,3") == [["a", "b", "c"], ["", "", ""], ["", "2", ""], ["", "", "3"]])
  }

  @Test func linesCountThoseInsideQuotes() throws {
    var lines: [Int] = []
    let text = "a,b\r\n\"1\r\n\r\n\",2\r\n\r\n3,\"\n\n\"\r4,5\n"
    try CSVReader(data: Data(text.utf8), name: "t.csv").forEachRecord { lines.append($0.line) }
    #expect(lines == [1, 2, 6, 9])
  }

  @Test(arguments: [
    ("a,b\n1\n", CSVError.raggedRow(file: "t.csv", line: 2, cells: 1, expected: 2)),
    ("a,b\n1,2\n1,2,3\n", .raggedRow(file: "t.csv", line: 3, cells: 3, expected: 2)),
    ("a,b\n1,\"2\n3,4\n", .unterminatedQuote(file: "t.csv", line: 2, column: 2)),
    ("a,b\n1,2\"3\n", .strayQuote(file: "t.csv", line: 2, column: 2)),
    ("a,b\n\"1\"2,3\n", .strayQuote(file: "t.csv", line: 2, column: 1)),
    ("a,b\n\"1\" \"2\",3\n", .strayQuote(file: "t.csv", line: 2, column: 1)),
  ])
  func faultsAreNamed(text: String, error: CSVError) {
    #expect(throws: error) { try records(text) }
  }

  @Test func invalidUTF8IsNamed() {
    #expect(throws: CSVError.invalidUTF8(file: "t.csv", line: 2, column: 2)) {
      try records(Data("a,b\n1,".utf8) + [0xE9, 0x0A])
    }
  }

  @Test func aMissingFileAndADirectoryAreNamed() {
    #expect(throws: CSVError.unreadable(file: "/nowhere/x.csv", reason: "No such file or directory")) {
      try CSVReader(contentsOf: URL(fileURLWithPath: "/nowhere/x.csv")).forEachRecord { _ in }
    }
    #expect(throws: CSVError.unreadable(file: "/", reason: "it is a directory")) {
      try CSVReader(contentsOf: URL(fileURLWithPath: "/")).forEachRecord { _ in }
    }
  }
}
