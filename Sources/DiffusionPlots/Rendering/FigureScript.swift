import Foundation

/// A figure as a gnuplot script.
struct FigureScript {
  enum Format {
    case png, svg
  }

  private let figure: Figure
  private let layout: FigureLayout
  private let body: String

  /// - Throws: `PlotError` for what cannot be drawn.
  init(_ figure: Figure) throws {
    guard let columns = figure.panels.first?.count, columns > 0,
      figure.panels.allSatisfy({ $0.count == columns }),
      figure.panels.count <= 1_000, columns <= 1_000
    else { throw PlotError.emptyGrid }
    let sizes = 1.0...100_000
    guard sizes.contains(figure.panelSize.width), sizes.contains(figure.panelSize.height) else {
      throw PlotError.badSize(width: figure.panelSize.width, height: figure.panelSize.height)
    }
    self.figure = figure
    layout = FigureLayout(figure)
    var text = ""
    for (row, panels) in figure.panels.enumerated() {
      for (column, panel) in panels.enumerated() {
        guard let panel else { continue }
        let script = try PanelScript(panel, row: row, column: column, size: figure.panelSize)
        text += script.text(at: layout.places[row][column], width: layout.width, height: layout.height)
      }
    }
    body = text
  }

  func text(for format: Format) -> String {
    let (width, height) = (Int(layout.width.rounded(.up)), Int(layout.height.rounded(.up)))
    var lines = ["set encoding utf8"]
    switch format {
    case .png:
      lines.append(
        "set terminal pngcairo noenhanced color size \(2 * width),\(2 * height) font 'sans,10' "
          + "fontscale 2 linewidth 2 pointscale 2 dashlength 1.5 background rgb '#FFFFFF'")
    case .svg:
      lines.append(
        "set terminal svg noenhanced size \(width),\(height) font 'Helvetica,Arial,sans-serif,12' "
          + "linewidth 1 background rgb '#FFFFFF'")
    }
    lines.append("set output 'figure'")
    lines.append("set multiplot")
    let script = lines.joined(separator: "\n") + "\n" + body + frameWords + "unset multiplot\nunset output\n"
    // Whatever shows an SVG has fonts of its own.
    return format == .png ? Glyphs.shown(script) : script
  }

  /// The title and the headings stand in a last plot that has nothing else.
  private var frameWords: String {
    var lines = [
      "unset title; unset xlabel; unset ylabel; unset key; unset border; unset xtics; unset ytics; unset arrow",
      "unset label; unset logscale",
      "set lmargin at screen 0; set rmargin at screen 1; set bmargin at screen 0; set tmargin at screen 1",
      "set xrange [0:\(layout.width)]; set yrange [0:\(layout.height)]",
    ]
    let ink = GnuplotText.color(.ink)
    if let title = figure.title {
      lines.append(
        "set label \(GnuplotText.quoted(title)) at \(layout.width / 2),\(layout.height - 18) center "
          + "font ',13' tc \(ink)")
    }
    for heading in figure.headings {
      let columns = heading.columns.clamped(to: 0..<(layout.places.first?.count ?? 0))
      guard let first = columns.first, let last = columns.last, let row = layout.places.first else { continue }
      lines.append(
        "set label \(GnuplotText.quoted(heading.text)) at \((row[first].left + row[last].right) / 2),"
          + "\(layout.headingsAt) center font ',11' tc \(ink)")
    }
    for (text, row) in zip(figure.rowHeadings, layout.places) {
      guard let place = row.first else { continue }
      lines.append(
        "set label \(GnuplotText.quoted(text)) at \(layout.rowHeadingsAt),\((place.top + place.bottom) / 2) "
          + "center rotate by 90 font ',11' tc \(ink)")
    }
    lines.append("plot NaN notitle")
    return lines.joined(separator: "\n") + "\n"
  }
}
