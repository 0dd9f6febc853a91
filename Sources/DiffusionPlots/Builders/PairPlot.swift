extension Figure {
  /// So many columns a pair plot shows.
  public static let mostPairPlotColumns = 6

  /// Data and samples side by side: for each a triangle of scatter plots of all pairs of columns, with the marginal
  /// densities on the diagonal. The samples' diagonal shows the data's densities too.
  ///
  /// - Parameters:
  ///   - columns: The columns' names; the first `mostPairPlotColumns` are shown.
  ///   - data: Rows of as many values, one after the other.
  ///   - samples: The same.
  ///   - steps: For each column whose values lie on a grid, the grid's step: its histograms have a whole number of the
  ///     grid's places to a bin, as bins of another width would hold unequal numbers of them. Nil for other columns;
  ///     columns beyond the last one given have no grid.
  ///   - points: At most about so many rows of each are drawn, evenly picked.
  /// - Throws: `PlotError.shapeMismatch`.
  public static func pairPlot(
    columns: [String], data: [Double], samples: [Double], steps: [Double?] = [], title: String? = nil,
    points: Int = 1_500
  ) throws -> Figure {
    let shown = columns.prefix(mostPairPlotColumns)
    let side = shown.count == 1 ? 320.0 : max(110, 520 / Double(shown.count))
    // Longer ones would run into their neighbours.
    let names = shown.map { $0.shortened(to: PanelScript.characters(in: side)) }
    let dataColumns = try split(data, columns.count)
    let sampleColumns = try split(samples, columns.count)
    let bins = names.indices.map { column in
      Bins(dataColumns[column] + sampleColumns[column], step: column < steps.count ? steps[column] : nil)
    }
    let rows = names.indices.map { row in
      [false, true].flatMap { isSamples in
        names.indices.map { column -> Panel? in
          guard column <= row else { return nil }
          let x = Panel.Axis(
            row == names.count - 1 ? names[column] : nil, range: bins[column]?.shown,
            showsValues: row == names.count - 1)
          if column == row {
            return marginal(
              dataColumns[row], isSamples ? sampleColumns[row] : nil, bins[row], x: x,
              name: row == 0 && names.count > 1 ? names[row] : nil)
          }
          let source = isSamples ? sampleColumns : dataColumns
          return Panel(
            x: x,
            y: .init(column == 0 ? names[row] : nil, range: bins[row]?.shown, showsValues: column == 0),
            layers: [
              .scatter(
                x: thinned(source[column], points), y: thinned(source[row], points),
                color: (isSamples ? PlotColor.blue : .ink).opacity(0.45), size: 0.75)
            ])
        }
      }
    }
    let count = names.count
    return Figure(
      title: title, panelSize: (side, side),
      headings: [
        Heading("data (\(counted(data, columns)) rows)", columns: 0..<count),
        Heading("samples (\(counted(samples, columns)) rows)", columns: count..<2 * count),
      ],
      blockStarts: [count], panels: rows)
  }

  private static func counted(_ values: [Double], _ columns: [String]) -> Int {
    values.count / max(1, columns.count)
  }

  /// Densities need no scale: only their shapes are compared.
  private static func marginal(
    _ data: [Double], _ samples: [Double]?, _ bins: Bins?, x: Panel.Axis, name: String?
  ) -> Panel {
    let shade = PlotColor.ink.opacity(samples == nil ? 0.6 : 0.25)
    let light = PlotLayer.histogram(data, bins: bins?.count ?? 1, over: bins?.range, color: shade)
    let outline = samples.map {
      PlotLayer.histogram($0, bins: bins?.count ?? 1, over: bins?.range, color: .blue, filled: false)
    }
    return Panel(
      x: x, y: .init(name, showsValues: false), frame: .baseline, layers: [light] + (outline.map { [$0] } ?? []))
  }

  private static func split(_ values: [Double], _ columns: Int) throws -> [[Double]] {
    guard columns > 0, values.count.isMultiple(of: columns) else {
      throw PlotError.shapeMismatch(values: values.count, columns: columns)
    }
    return (0..<columns).map { column in stride(from: column, to: values.count, by: columns).map { values[$0] } }
  }

  private static func thinned(_ values: [Double], _ most: Int) -> [Double] {
    let most = max(1, most)
    guard values.count > most else { return values }
    let step = (values.count + most - 1) / most
    return stride(from: 0, to: values.count, by: step).map { values[$0] }
  }
}

/// The bins of a column's histograms, and the part of the axis that is shown.
private struct Bins {
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
