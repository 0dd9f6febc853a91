import Foundation
import Testing

@testable import DiffusionIO

@Suite struct CSVWriterTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func numbersComeBackExactly() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("n.csv")
      let rows = [0.1, 1e-300, 3, .pi, -0.0, 1e22, 123456789.125, .leastNonzeroMagnitude]
      try CSVWriter.write(columns: ["a b", "c,\"d\""], rows: rows, to: url)
      let table = try NumericTable(contentsOf: url)
      #expect(table.rows == rows)
      #expect(table.columns == ["a b", "c,\"d\""])
      #expect(try String(contentsOf: url, encoding: .utf8).hasPrefix("a b,\"c,\"\"d\"\"\"\n0.1,1e-300\n3,3.14159"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["n.csv"])
    }
  }

  @Test func textsComeBackExactly() throws {
    try withFolder { folder in
      let url = folder.appendingPathComponent("t.csv")
      let records = [["plain", " edge "], ["a\nb", "c\r\nd"], ["q\"", "x,y"], ["", "é"]]
      try CSVWriter.write(columns: ["p", "q"], records: records, to: url)
      var read: [[String]] = []
      try CSVReader(contentsOf: url).forEachRecord { record in
        read.append((0..<record.count).map { record.text($0) })
      }
      #expect(read == [["p", "q"]] + records)
    }
  }

  @Test func notFiniteIsNotAvailable() {
    #expect(CSVWriter.cell(.nan) == "NA")
    #expect(CSVWriter.cell(-.infinity) == "NA")
  }

  @Test func faultsAreNamed() throws {
    let nowhere = URL(fileURLWithPath: "/nowhere/x.csv")
    #expect(throws: CSVError.shapeMismatch(values: 3, columns: 2)) {
      try CSVWriter.write(columns: ["a", "b"], rows: [1, 2, 3], to: nowhere)
    }
    #expect(throws: CSVError.unwritable(file: "/nowhere/x.csv", reason: "No such file or directory")) {
      try CSVWriter.write(columns: ["a"], rows: [1], to: nowhere)
    }
  }
}
