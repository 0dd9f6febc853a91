import Foundation

/// One panel as part of a gnuplot script.
struct PanelScript {
  private let panel: Panel
  private let name: String
  private let size: (width: Double, height: Double)
  private var x: AxisRange
  private var y: AxisRange

  init(_ panel: Panel, row: Int, column: Int, size: (width: Double, height: Double)) throws {
    self.panel = panel
    self.size = size
    name = "d_\(row)_\(column)"
    var xs: [Double] = []
    var ys: [Double] = []
    for (index, layer) in panel.layers.enumerated() {
      if let lengths = layer.mismatchedLengths {
        throw PlotError.lengthMismatch(row: row, column: column, layer: index, lengths: lengths)
      }
      let extent = layer.extent
      xs += extent.x
      ys += extent.y
    }
    let hasHistogram = panel.layers.contains { if case .histogram = $0.kind { true } else { false } }
    x = AxisRange(panel.x, values: xs, startsAtZero: false)
    y = AxisRange(panel.y, values: ys, startsAtZero: hasHistogram)
    for (axis, range) in [("x", x), ("y", y)] where !range.isValid {
      throw PlotError.badRange(row: row, column: column, axis: axis, low: range.low, high: range.high)
    }
    if panel.equalAspect, panel.x.scale == .linear, panel.y.scale == .linear {
      let unit = max((x.high - x.low) / size.width, (y.high - y.low) / size.height)
      x.widen(to: unit * size.width)
      y.widen(to: unit * size.height)
    }
  }

  /// How many characters of an axis's label fit into a number of pixels, on average.
  static func characters(in pixels: Double) -> Int { max(4, Int(pixels / 7.2)) }

  func text(at place: FigureLayout.Place, width: Double, height: Double) -> String {
    var blocks: [String] = []
    var plots: [String] = []
    var decorations: [String] = []
    for (index, layer) in panel.layers.enumerated() {
      let drawing = LayerScript(layer, block: "$\(name)_\(index)", showsLabel: panel.legend != .none)
      blocks += drawing.blocks
      plots += drawing.plots
      decorations += drawing.decorations
    }
    if plots.isEmpty { plots = ["NaN notitle"] }
    let margins = [
      "set lmargin at screen \(place.left / width)", "set rmargin at screen \(place.right / width)",
      "set bmargin at screen \(place.bottom / height)", "set tmargin at screen \(place.top / height)",
    ]
    if let label = label(of: panel.y, y, pixels: size.height, isDrawn: panel.frame.hasLeftAxis) {
      // gnuplot would place it by the widest of this panel's values, so that a column's labels would not line up.
      decorations.append(
        "set label \(GnuplotText.quoted(label)) at screen \(place.label / width),"
          + "\((place.bottom + place.top) / 2 / height) center rotate by 90 font ',10' tc \(GnuplotText.color(.ink))")
    }
    let lines =
      blocks + ["unset label; unset arrow; unset logscale"] + margins + words + axes + decorations
      + ["plot " + plots.joined(separator: ", \\\n  ")]
    return lines.joined(separator: "\n") + "\n"
  }

  private var words: [String] {
    let ink = GnuplotText.color(.ink)
    func set(_ what: String, _ text: String?, _ options: String) -> String {
      text.map { "set \(what) \(GnuplotText.quoted($0)) \(options) tc \(ink)" } ?? "unset \(what)"
    }
    let key =
      switch panel.legend {
      case .none: "unset key"
      case .topLeft: "set key top left Left reverse"
      case .topRight: "set key top right"
      case .bottomLeft: "set key bottom left Left reverse"
      case .bottomRight: "set key bottom right"
      }
    return [
      set("title", panel.title, "font ',11' offset 0,-0.3"),
      set(
        "xlabel", label(of: panel.x, x, pixels: size.width, isDrawn: panel.frame.hasLowerAxis),
        "font ',10' offset 0,0.4"),
      "unset ylabel",
      panel.legend == .none ? key : key + " samplen 1.5 spacing 1.15 font ',9' tc \(ink)",
    ]
  }

  /// An axis's label, with what the values beside the axis are short of: `year - 2000000`.
  private func label(of axis: Panel.Axis, _ range: AxisRange, pixels: Double, isDrawn: Bool) -> String? {
    guard let label = axis.label, isDrawn, axis.showsValues, let offset = range.offset else { return axis.label }
    let text = " \(offset < 0 ? "+" : "\u{2212}") \(PanelScript.short(abs(offset)))"
    let room = max(4, PanelScript.characters(in: pixels) - text.count)
    return label.shortened(to: room) + text
  }

  /// The number in as few characters as tell it.
  private static func short(_ value: Double) -> String {
    let rounded = String(format: "%g", value)
    guard Double(rounded) == value else { return String(format: "%.15g", value) }
    return rounded.replacingOccurrences(of: "e+0", with: "e").replacingOccurrences(of: "e+", with: "e")
  }

  private var axes: [String] {
    let line = "lw 0.8 lc rgb '#666666'"
    let border =
      switch panel.frame {
      case .axes: "set border 3 \(line)"
      case .box: "set border 15 \(line)"
      case .baseline: "set border 1 \(line)"
      case .none: "unset border"
      }
    return [border]
      + axis("x", x, panel.x, isDrawn: panel.frame.hasLowerAxis, pixels: size.width, spacing: 52)
      + axis("y", y, panel.y, isDrawn: panel.frame.hasLeftAxis, pixels: size.height, spacing: 42)
  }

  private func axis(
    _ name: String, _ range: AxisRange, _ axis: Panel.Axis, isDrawn: Bool, pixels: Double, spacing: Double
  ) -> [String] {
    var lines = ["set \(name)range [\(range.low):\(range.high)]"]
    if axis.scale == .logarithmic { lines.append("set logscale \(name)") }
    guard isDrawn else { return lines + ["unset \(name)tics"] }
    let format = axis.showsValues ? "'%g'" : "''"
    let offset = axis.label == nil ? nil : range.offset
    let marks = axis.marks?.filter { $0.value.isFinite }.map { mark in
      (axis.showsValues ? GnuplotText.quoted(mark.text) : "''") + " \(GnuplotText.number(mark.value))"
    }
    let ticks = range.ticks(pixels: pixels, spacing: spacing).map { ticks in
      let words = ticks.map { tick in
        guard let offset, axis.showsValues else { return GnuplotText.number(tick) }
        return String(format: "'%g' ", tick - offset) + GnuplotText.number(tick)
      }
      return "(" + words.joined(separator: ", ") + ")"
    }
    let places = marks.map { "(" + $0.joined(separator: ", ") + ")" } ?? ticks
    lines.append("set format \(name) \(format)")
    lines.append(
      "set \(name)tics \(places ?? "autofreq") nomirror out scale 0.5,0.25 font ',9' tc rgb '#444444'")
    return lines
  }
}
