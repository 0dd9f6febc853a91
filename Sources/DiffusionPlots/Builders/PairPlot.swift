extension Figure {
  /// The most columns that a pair plot shows.
  public static let mostPairPlotColumns = 6

  /// Data and samples side by side: for each a triangle of scatter plots of all pairs of columns, with the marginal
  /// densities on the diagonal. The samples' diagonal shows the data's densities too.
  ///
  /// - Parameters:
  ///   - columns: The columns' names; the first `mostPairPlotColumns` are shown.
  ///   - data: Rows of as many values, one after the other; points with a value that is not finite are left out.
  ///   - samples: The same.
  ///   - steps: For each column whose values lie on a grid, the grid's step: its histograms have a whole number of the
  ///     grid's places to a bin, as bins of another width would hold unequal numbers of them. Nil for other columns;
  ///     columns beyond the last one given have no grid.
  ///   - groups: The groups that rows are of; their densities add up to that of all. Nil: data and samples have
  ///     a colour each.
  ///   - points: About how many rows of each are drawn at most, evenly picked.
  /// - Throws: `PlotError.shapeMismatch`, also for groups of another number of rows.
  public static func pairPlot(
    columns: [String], data: [Double], samples: [Double], steps: [Double?] = [], groups: RowGroups? = nil,
    title: String? = nil, points: Int = 1_500
  ) throws -> Figure {
    let shown = columns.prefix(mostPairPlotColumns)
    let side = shown.count == 1 ? 320.0 : max(110, 520 / Double(shown.count))
    // Longer ones would run into their neighbours.
    let names = shown.map { $0.shortened(to: PanelScript.characters(in: side)) }
    let sources = [
      try PairSource(data, columns.count, groups?.names, groups?.data, color: .ink),
      try PairSource(samples, columns.count, groups?.names, groups?.samples, color: .blue),
    ]
    let bins = names.indices.map { column in
      Bins(sources.flatMap { $0.columns[column] }, step: column < steps.count ? steps[column] : nil)
    }
    let rows = names.indices.map { row in
      sources.indices.flatMap { block in
        names.indices.map { column -> Panel? in
          guard column <= row else {
            return row == 0 && column == names.count - 1 && block == 1 ? groups?.legend(.topRight) : nil
          }
          let x = Panel.Axis(
            row == names.count - 1 ? names[column] : nil, range: bins[column]?.shown,
            showsValues: row == names.count - 1)
          if column == row {
            return Panel(
              x: x, y: .init(row == 0 && names.count > 1 ? names[row] : nil, showsValues: false), frame: .baseline,
              layers: marginals(sources, column, bins[row], isSamples: block == 1))
          }
          return Panel(
            x: x,
            y: .init(column == 0 ? names[row] : nil, range: bins[row]?.shown, showsValues: column == 0),
            layers: sources[block].scatters(column, row, most: points))
        }
      }
    }
    let count = names.count
    return Figure(
      title: title, panelSize: (side, side),
      headings: [
        Heading("data (\(sources[0].count) rows)", columns: 0..<count),
        Heading("samples (\(sources[1].count) rows)", columns: count..<2 * count),
      ],
      blockStarts: [count], panels: rows)
  }

  /// Densities need no scale: only their shapes are compared.
  private static func marginals(
    _ sources: [PairSource], _ column: Int, _ bins: Bins?, isSamples: Bool
  ) -> [PlotLayer] {
    let opacity = isSamples ? 0.25 : 0.6
    let light = sources[0].histograms(column, bins, filled: true) { $0.opacity(opacity) }
    return light + (isSamples ? sources[1].histograms(column, bins, filled: false) { $0 } : [])
  }
}
