/// The rows of one side of a pair plot.
struct PairSource {
  let columns: [[Double]]
  let count: Int
  /// The rows of each group, and its colour.
  private let groups: [(name: String?, rows: [Int], color: PlotColor)]

  /// - Parameter color: of all rows, where they are of no groups.
  init(_ values: [Double], _ width: Int, _ names: [String]?, _ memberships: [Int]?, color: PlotColor) throws {
    guard width > 0, values.count.isMultiple(of: width) else {
      throw PlotError.shapeMismatch(values: values.count, columns: width)
    }
    let count = values.count / width
    self.count = count
    columns = (0..<width).map { column in stride(from: column, to: values.count, by: width).map { values[$0] } }
    guard let names, let memberships else {
      groups = [(nil, Array(0..<count), color)]
      return
    }
    guard memberships.count == count else {
      throw PlotError.groupMismatch(rows: count, groups: memberships.count)
    }
    groups = names.enumerated().map { index, name in
      (name, (0..<count).filter { memberships[$0] == index }, PlotColor.series(index))
    }
  }

  /// The points of a panel, a layer for each group.
  func scatters(_ x: Int, _ y: Int, most: Int) -> [PlotLayer] {
    let step = max(1, (count + max(1, most) - 1) / max(1, most))
    return groups.map { group in
      let rows = stride(from: 0, to: group.rows.count, by: step).map { group.rows[$0] }
      return .scatter(
        x: rows.map { columns[x][$0] }, y: rows.map { columns[y][$0] }, color: group.color.opacity(0.45), size: 0.75)
    }
  }

  /// A column's densities, one for each group, which add up to that of all rows.
  func histograms(
    _ column: Int, _ bins: Bins?, filled: Bool, _ shade: (PlotColor) -> PlotColor
  ) -> [PlotLayer] {
    let total = columns[column].count(where: \.isFinite)
    return groups.map { group in
      let values = group.rows.map { columns[column][$0] }
      let layer = PlotLayer.histogram(
        values, bins: bins?.count ?? 1, over: bins?.range, color: shade(group.color), filled: filled)
      guard case .histogram(let edges, let densities, _) = layer.kind else { return layer }
      let share = Double(values.count(where: \.isFinite)) / Double(max(1, total))
      return PlotLayer(
        .histogram(edges: edges, densities: densities.map { $0 * share }, filled: filled), color: layer.color)
    }
  }
}

/// The bins of a column's histograms, and the part of the axis that is shown.
struct Bins {
  var range: ClosedRange<Double>
  var count: Int
  var shown: ClosedRange<Double>

  /// - Returns: Nil if no two values differ.
  init?(_ values: [Double], step: Double?) {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max(), low < high else { return nil }
    let margin = 0.04 * (high - low)
    shown = low - margin...high + margin
    (range, count) = (shown, 24)
    guard let step, step > 0 else { return }
    let places = ((high - low) / step).rounded() + 1
    let perBin = max(1, (places / 24).rounded(.up))
    let bins = (places / perBin).rounded(.up)
    range = low - step / 2...low - step / 2 + bins * perBin * step
    count = Int(bins)
    shown = min(shown.lowerBound, range.lowerBound)...max(shown.upperBound, range.upperBound)
  }
}
