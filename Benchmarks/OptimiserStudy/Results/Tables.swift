import DiffusionDSL
import Foundation

extension Comparison {
  /// What was compared, a line for each contender, and what a step costs.
  var table: String {
    let marks = Comparison.marks(problem.passes)
    var lines = [["", "minibatch", "rate", "seconds"] + marks.map { "K after \(grouped($0))" } + ["s.e."]]
    for entry in entries {
      let (best, last) = (entry.best, entry.best.points.last)
      var cells = [entry.contender.method.title, grouped(entry.contender.batch), best.rate.map(rateText) ?? "-"]
      cells.append(last.map { decimals($0.seconds, 1) } ?? "-")
      for mark in marks { cells.append(best.points.first { $0.passes == mark }.map { decimals($0.bits) } ?? "-") }
      cells.append(last.map { decimals($0.standardError) } ?? "-")
      lines.append(cells)
    }
    return ([introduction, ""] + Comparison.aligned(lines) + notes).joined(separator: "\n")
  }

  /// The problem in one line.
  var introduction: String {
    let parameters = entries.map(\.best.parameters).max() ?? 0
    return "\(problem.name.rawValue): \(problem.definition.kernel), T = \(problem.definition.steps), "
      + "\(counted(parameters, "parameter", "parameters")); \(grouped(problem.rows.count)) rows in "
      + "\(problem.minibatches) minibatches of \(grouped(problem.batch)), "
      + "\(grouped(problem.heldOut.count)) held-out rows; K in bits a row"
  }

  private var notes: [String] {
    let failures = entries.compactMap { entry in
      entry.best.failure.map { "\(entry.contender.method.title) failed at \(grouped(entry.contender.batch)): \($0)" }
    }
    guard let stepCost else { return failures }
    let sentence =
      "A step of the sum of functions optimiser took \(Comparison.milliseconds(stepCost.step)) ms, the gradient of a "
      + "minibatch as large \(Comparison.milliseconds(stepCost.gradient)) ms (SGD's step): "
      + "\(Comparison.milliseconds(stepCost.beside)) ms are its own."
    return failures + [sentence]
  }

  private static func milliseconds(_ seconds: Double) -> String { String(format: "%.3g", 1_000 * seconds) }

  /// Columns of text: the first begins at its left edge, the others, of numbers, end at their right one.
  private static func aligned(_ lines: [[String]]) -> [String] {
    let widths = (lines.first ?? []).indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      cells.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
  }
}
