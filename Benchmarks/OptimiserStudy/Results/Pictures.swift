import DiffusionPlots
import Foundation

extension Figure {
  /// For each problem K against passes over the data, and against seconds of training.
  init(comparing comparisons: [Comparison]) {
    let rows = comparisons.enumerated().map { place, comparison in
      [
        // Lines rise to the right, and so leave this corner free.
        comparison.panel(x: comparison.passAxis, legend: place == 0 ? .topLeft : .none) { Double($0.passes) },
        comparison.panel(x: comparison.secondsAxis, legend: .none) { $0.seconds },
      ]
    }
    self.init(
      title: "K of held-out rows, in bits a row; dashed: small minibatches", panelSize: (430, 270),
      rowHeadings: comparisons.map(\.problem.name.rawValue), panels: rows)
  }
}

extension Comparison {
  /// One line for each contender.
  fileprivate func panel(x: Panel.Axis, legend: Panel.Legend, _ position: (Trial.Point) -> Double) -> Panel {
    func layers(_ entry: Entry, label: String?) -> [PlotLayer] {
      let (points, method) = (entry.best.points, entry.contender.method)
      let (x, y) = (points.map(position), points.map(\.bits))
      return [
        .line(
          x: x, y: y, color: method.color, width: method.hasRate ? 1.5 : 2.4, dashed: entry.contender.isSmallBatch,
          label: label),
        .scatter(x: x, y: y, color: method.color, size: 1.6),
      ]
    }
    // Rates and sizes of minibatches differ from problem to problem; one legend serves for all. What comes first in it is
    // drawn once more, to be on top.
    let all = entries.flatMap { layers($0, label: $0.contender.isSmallBatch ? nil : $0.contender.method.title) }
    let top = entries.filter { !$0.contender.method.hasRate }.flatMap { layers($0, label: nil) }
    return Panel(x: x, y: .init(range: shownRange), legend: legend, layers: all + top)
  }

  fileprivate var passAxis: Panel.Axis {
    let marks = Comparison.marks(problem.passes)
    // The last two may be too near to each other to be told apart.
    let shown = marks.filter { $0 == problem.passes || Double($0) * 1.5 < Double(problem.passes) }
    return .init(
      "passes over the data", scale: .logarithmic, marks: shown.map { Panel.Axis.Mark(Double($0), grouped($0)) })
  }

  fileprivate var secondsAxis: Panel.Axis {
    let seconds = entries.flatMap { $0.best.points.map(\.seconds) }.filter { $0 > 0 }
    guard let least = seconds.min(), let most = seconds.max() else {
      return .init("seconds of training", scale: .logarithmic)
    }
    let decades = Int(floor(log10(least)))...Int(floor(log10(most)))
    // There is room for a dozen numbers at most, and few decades would leave it empty.
    let factors = log10(most / least) > 2.2 ? [1.0] : [1.0, 2, 5]
    let marks = decades.flatMap { decade in factors.map { $0 * pow(10, Double(decade)) } }
    return .init(
      "seconds of training", scale: .logarithmic,
      marks: marks.map { Panel.Axis.Mark($0, String(format: "%g", $0)) })
  }

  /// The upper part of what was reached: where all begin is so far below that it would flatten the rest.
  private var shownRange: ClosedRange<Double>? {
    let ends = entries.compactMap { $0.best.points.last?.bits }.filter(\.isFinite)
    let all = entries.flatMap { $0.best.points.map(\.bits) }.filter(\.isFinite).sorted()
    guard let least = all.first, let high = all.last, let worstEnd = ends.min(), least < high else { return nil }
    // All ends are shown, and of the rest the half that is higher in at least a third of the height.
    let low = max(least, min(worstEnd, high - 3 * (high - all[all.count / 2])))
    guard low < high else { return nil }
    return low - 0.06 * (high - low)...high + 0.06 * (high - low)
  }
}

extension Method {
  fileprivate var color: PlotColor {
    switch self {
    case .sumOfFunctions: .vermilion
    case .adam: .blue
    case .rmsprop: .green
    case .sgd: .orange
    }
  }
}
