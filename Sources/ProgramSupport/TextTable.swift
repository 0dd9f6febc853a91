/// A small table of text with aligned columns.
public struct TextTable: Sendable, CustomStringConvertible {
  /// The side of a column at which its cells begin or end.
  public enum Alignment: Sendable {
    /// Cells begin at the column's left edge, as words do.
    case left
    /// Cells end at the column's right edge, as numbers do.
    case right
  }

  private let headers: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// - Parameters:
  ///   - headers: One heading for each column.
  ///   - alignments: One for each column; columns beyond the last one given are aligned right, as numbers are.
  public init(_ headers: [String], alignments: [Alignment] = [.left]) {
    self.headers = headers
    self.alignments = alignments
  }

  /// Adds a row; cells that are missing stay empty, those beyond the last column are left out.
  public mutating func add(_ cells: String...) {
    add(cells)
  }

  /// Adds a row; cells that are missing stay empty, those beyond the last column are left out.
  public mutating func add(_ cells: [String]) {
    rows.append((0..<headers.count).map { $0 < cells.count ? cells[$0] : "" })
  }

  /// The headings, a rule and the rows, each on a line of its own, without spaces at the end.
  public var description: String {
    let widths = headers.indices.map { column in
      ([headers] + rows).map { $0[column].count }.max() ?? 0
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([headers, rule] + rows).map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = cells.indices.map { column in
      let space = String(repeating: " ", count: widths[column] - cells[column].count)
      let alignment = column < alignments.count ? alignments[column] : .right
      return alignment == .left ? cells[column] + space : space + cells[column]
    }
    let text = padded.joined(separator: "  ")
    return String(text.reversed().drop { $0 == " " }.reversed())
  }
}
