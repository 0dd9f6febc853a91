/// Where a figure's panels lie, in pixels from the lower left corner.
struct FigureLayout {
  struct Place {
    var left, right, bottom, top: Double
    /// The middle of the words beside the vertical axis.
    var label: Double
  }

  let width: Double
  let height: Double
  /// By row, then column.
  let places: [[Place]]
  /// The height of the middle of the headings.
  let headingsAt: Double
  let rowHeadingsAt: Double

  init(_ figure: Figure) {
    let rows = figure.panels
    let columnCount = rows.first?.count ?? 0
    let titleHeight = figure.title == nil ? 0.0 : 34
    let headingHeight = figure.headings.isEmpty ? 0.0 : 26
    let rowHeadingWidth = figure.rowHeadings.isEmpty ? 0.0 : 26

    // Gutters belong to whole rows and columns, so that axes line up.
    let lefts = (0..<columnCount).map { column in
      let panels = rows.compactMap { $0[column] }
      let values = hasValues(rows, column) ? valueWidth : 4
      let label = panels.contains { $0.y.label != nil } ? 20.0 : 0
      let block = column > 0 && figure.blockStarts.contains(column) ? 34.0 : 0
      return values + label + block
    }
    let tops = rows.map { $0.contains { $0?.title != nil } ? 28.0 : 6 }
    let bottoms = rows.map { row in
      let values = row.contains { $0?.x.showsValues == true && $0?.frame.hasLowerAxis == true } ? 24.0 : 4
      return values + (row.contains { $0?.x.label != nil } ? 26.0 : 0)
    }
    let gap = 12.0
    let (panelWidth, panelHeight) = figure.panelSize

    width = rowHeadingWidth + lefts.reduce(0) { $0 + $1 + panelWidth + gap } + 6
    height = titleHeight + headingHeight + zip(tops, bottoms).reduce(0) { $0 + $1.0 + panelHeight + $1.1 } + 10

    var top = height - titleHeight - headingHeight
    headingsAt = top + headingHeight / 2 - 4
    rowHeadingsAt = rowHeadingWidth / 2 + 2
    places = rows.indices.map { row in
      top -= tops[row]
      defer { top -= panelHeight + bottoms[row] }
      var left = rowHeadingWidth
      return (0..<columnCount).map { column in
        left += lefts[column]
        defer { left += panelWidth + gap }
        let label = left - (hasValues(rows, column) ? valueWidth : 4) - 8
        return Place(left: left, right: left + panelWidth, bottom: top - panelHeight, top: top, label: label)
      }
    }
  }
}

/// What values beside a vertical axis take: six characters.
private let valueWidth = 50.0

/// Whether values stand beside the vertical axis of some panel in the column.
private func hasValues(_ rows: [[Panel?]], _ column: Int) -> Bool {
  rows.contains { row in
    row[column].map { $0.y.showsValues && $0.frame.hasLeftAxis } ?? false
  }
}
