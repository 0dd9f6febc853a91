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
  ///   - points: At most about so many rows of each are drawn, evenly picked.
  /// - Throws: `PlotError.shapeMismatch`.
  public static func pairPlot(
    columns: [String], data: [Double], samples: [Double], title: String? = nil, points: Int = 1_500
  ) throws -> Figure {
    let names = columns.prefix(mostPairPlotColumns)
    let dataColumns = try split(data, columns.count)
    let sampleColumns = try split(samples, columns.count)
    let ranges = names.indices.map { range(dataColumns[$0] + sampleColumns[$0]) }
    let rows = names.indices.map { row in
      [false, true].flatMap { isSamples in
        names.indices.map { column -> Panel? in
          guard column <= row else { return nil }
          let x = Panel.Axis(
            row == names.count - 1 ? names[column] : nil, range: ranges[column],
            showsValues: row == names.count - 1)
          if column == row {
            return marginal(
              dataColumns[row], isSamples ? sampleColumns[row] : nil, x: x,
              name: row == 0 && names.count > 1 ? names[row] : nil)
          }
          let source = isSamples ? sampleColumns : dataColumns
          return Panel(
            x: x,
            y: .init(column == 0 ? names[row] : nil, range: ranges[row], showsValues: column == 0),
            layers: [
              .scatter(
                x: thinned(source[column], points), y: thinned(source[row], points),
                color: (isSamples ? PlotColor.blue : .ink).opacity(0.45), size: 0.75)
            ])
        }
      }
    }
    let side = names.count == 1 ? 320.0 : max(110, 520 / Double(names.count))
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
  private static func marginal(_ data: [Double], _ samples: [Double]?, x: Panel.Axis, name: String?) -> Panel {
    let shade = PlotColor.ink.opacity(samples == nil ? 0.6 : 0.25)
    let light = Layer.histogram(data, bins: 24, over: x.range, color: shade)
    let outline = samples.map { Layer.histogram($0, bins: 24, over: x.range, color: .blue, filled: false) }
    return Panel(
      x: x, y: .init(name, showsValues: false), frame: .baseline, layers: [light] + (outline.map { [$0] } ?? []))
  }

  private static func split(_ values: [Double], _ columns: Int) throws -> [[Double]] {
    guard columns > 0, values.count.isMultiple(of: columns) else {
      throw PlotError.shapeMismatch(values: values.count, columns: columns)
    }
    return (0..<columns).map { column in stride(from: column, to: values.count, by: columns).map { values[$0] } }
  }

  private static func range(_ values: [Double]) -> ClosedRange<Double>? {
    let finite = values.filter(\.isFinite).sorted()
    guard let low = finite.first, let high = finite.last, low < high else { return nil }
    let margin = 0.04 * (high - low)
    return low - margin...high + margin
  }

  private static func thinned(_ values: [Double], _ most: Int) -> [Double] {
    guard values.count > max(1, most) else { return values }
    let step = (values.count + most - 1) / max(1, most)
    return stride(from: 0, to: values.count, by: step).map { values[$0] }
  }
}
