import DiffusionPlots
import ExampleSupport
import Foundation

/// What is said about a table and the methods' densities of it.
extension Study {
  /// The most characters of a line of the least likely rows.
  private static let lineWidth = 100
  private static let nameWidth = 20
  /// The most left-out columns that get a sentence each.
  private static let mostLeftOut = 4

  /// Which columns were left out and why, for standard error. Those that had numbers first: they may have been left out
  /// for one bad cell.
  var leftOutSentences: [String] {
    let columns = table.leftOut.filter(\.hasNumber) + table.leftOut.filter { !$0.hasNumber }
    let sentences = columns.prefix(Study.mostLeftOut).map { "left out \($0)." }
    let rest = columns.count - sentences.count
    return sentences + (rest > 0 ? ["left out \(rest) more \(rest == 1 ? "column" : "columns")."] : [])
  }

  func present(_ validation: CrossValidation, methods: [any DensityMethod], on console: Console) {
    var results = TextTable(["method", "bits per row", "std. error", "minus Gaussian", "std. error of difference"])
    for (index, method) in methods.enumerated() {
      let difference = validation.difference(index, minus: 0)
      results.add([
        method.name, decimals(validation.mean(index)), decimals(validation.standardError(index)),
        index == 0 ? "" : decimals(difference.mean), index == 0 ? "" : decimals(difference.standardError),
      ])
    }
    console.print("\n\(results)")
    if validation.places.count < table.count {
      console.print("Scored on \(validation.places.count) random held-out rows of \(table.count).")
    }
    for note in validation.notes { console.print("Note: \(note)") }
    if let verdict = Study.verdict(validation, methods: methods, quick: options.quick) { console.print(verdict) }
    console.print("\n\(leastLikely(validation, method: methods.count - 1, name: methods.last?.name ?? ""))\n")
  }

  /// A sentence if some method scores better than the last one, which the others are there to judge.
  static func verdict(
    _ validation: CrossValidation, methods: [any DensityMethod], quick: Bool
  ) -> String? {
    let main = methods.count - 1
    guard let best = methods.indices.max(by: { validation.mean($0) < validation.mean($1) }), best != main else {
      return nil
    }
    let gain = validation.difference(best, minus: main)
    let doubt = gain.mean < 2 * gain.standardError ? ", which may be chance" : ""
    let excuse = quick ? "; with --quick it was trained for a moment only" : ""
    // The name up to a comma, behind which it says what kind of method it is.
    let name = methods[best].name.prefix { $0 != "," }
    return "The \(name) describes these rows better than the \(methods[main].name) model, by "
      + "\(decimals(gain.mean)) bits per row (standard error \(decimals(gain.standardError)))\(doubt)\(excuse)."
  }

  /// The rows with the lowest densities, with as many columns as a line holds.
  func leastLikely(_ validation: CrossValidation, method: Int, name: String) -> String {
    let least = validation.leastLikely(5, method: method)
    let width = table.columns.count
    var rows = least.map { ["\(table.lineNumbers[$0.place])", decimals($0.bits)] }
    var headers = ["line", "bits"]
    var used = zip(headers.indices, headers).reduce(0) { sum, header in
      sum + 2 + max(header.1.count, rows.map { $0[header.0].count }.max() ?? 0)
    }
    for (column, full) in table.columns.enumerated() {
      let header = full.shortened(to: Study.nameWidth)
      let format = cellFormat(column)
      let cells = least.map { String(format: format, table.rows[$0.place * width + column]) }
      used += 2 + ([header] + cells).reduce(0) { max($0, $1.count) }
      // One column is shown however wide it is.
      if column > 0, used > Study.lineWidth { break }
      headers.append(header)
      for index in rows.indices { rows[index].append(cells[index]) }
    }
    var text = TextTable(headers, alignments: [])
    for row in rows { text.add(row) }
    let shown = headers.count - 2
    let rest = shown < width ? ", first \(shown) of \(width) columns" : ""
    return "Least likely rows (\(name), held out\(rest)):\n\(text)"
  }

  /// Enough digits to tell a column's values apart, six or more.
  private func cellFormat(_ column: Int) -> String {
    let values = RowMatrix(values: table.rows, dimensions: table.columns.count).column(column)
    guard let low = values.min(), let high = values.max(), low < high else { return "%.6g" }
    let digits = log10(max(abs(low), abs(high)) / (high - low)).rounded(.up) + 4
    return "%.\(digits.isFinite ? Int(min(17, max(6, digits))) : 17)g"
  }
}
