import Foundation

/// One layer as data blocks, elements of a plot command and decorations.
struct LayerScript {
  private(set) var blocks: [String] = []
  private(set) var plots: [String] = []
  private(set) var decorations: [String] = []

  /// - Parameter block: A name for the layer's data, unique in the script.
  init(_ layer: PlotLayer, block: String, showsLabel: Bool) {
    let color = GnuplotText.color(layer.color)
    let title = showsLabel ? layer.label.map { "title \(GnuplotText.quoted($0))" } ?? "notitle" : "notitle"
    let rule = "nohead back lw 0.9 dt (6,4)"
    switch layer.kind {
    case .scatter(let x, let y, let size):
      plot(block, [x, y], "using 1:2 with points pt 7 ps \(0.32 * size) lc \(color) \(title)")
    case .line(let x, let y, let lower, let upper, let width, let dashed):
      if let lower, let upper {
        let shade = GnuplotText.color(layer.color.opacity(0.2 * layer.color.alpha))
        plot(block + "b", [x, lower, upper], "using 1:2:3 with filledcurves fs noborder lc \(shade) notitle")
      }
      plot(block, [x, y], "using 1:2 with lines lw \(width) dt \(dashed ? "(8,5)" : "1") lc \(color) \(title)")
    case .arrows(let x, let y, let dx, let dy):
      plot(
        block, [x, y, dx, dy],
        "using 1:2:3:4 with vectors head filled size graph 0.022,18,70 lw 0.9 lc \(color) \(title)")
    case .histogram(let edges, let densities, let filled):
      // One outline of all bars: bars side by side would show seams.
      var outline: (x: [Double], y: [Double]) = ([], [])
      for (bin, density) in densities.enumerated() {
        outline.x += [edges[bin], edges[bin + 1]]
        outline.y += [density, density]
      }
      if let first = edges.first, let last = edges.last {
        outline.x = [first] + outline.x + [last]
        outline.y = [0] + outline.y + [0]
      }
      let style = filled ? "filledcurves y1=0 fs noborder" : "lines lw 1.4"
      plot(block, [outline.x, outline.y], "using 1:2 with \(style) lc \(color) \(title)")
    case .horizontal(let y) where y.isFinite:
      decorations.append(
        "set arrow from graph 0, first \(y) to graph 1, first \(y) \(rule) lc \(color)")
      if let label = layer.label {
        decorations.append(
          "set label \(GnuplotText.quoted(label)) at graph 0.985, first \(y) right offset 0,0.5 "
            + "font ',9' front tc \(color)")
      }
    case .vertical(let x) where x.isFinite:
      decorations.append(
        "set arrow from first \(x), graph 0 to first \(x), graph 1 \(rule) lc \(color)")
      if let label = layer.label {
        decorations.append(
          "set label \(GnuplotText.quoted(label)) at first \(x), graph 0.97 left offset 0.5,0 "
            + "font ',9' front tc \(color)")
      }
    case .note(let x, let y):
      guard let label = layer.label, x.isFinite, y.isFinite else { return }
      decorations.append(
        "set label \(GnuplotText.quoted(label)) at graph \(x), graph \(y) left font ',9' front tc \(color)")
    case .horizontal, .vertical:
      break
    }
  }

  /// gnuplot refuses a block without points, so such a layer is left out.
  private mutating func plot(_ block: String, _ columns: [[Double]], _ style: String) {
    var lines: [String] = []
    for index in 0..<(columns.first?.count ?? 0) where columns.allSatisfy({ $0[index].isFinite }) {
      lines.append(columns.map { "\($0[index])" }.joined(separator: " "))
    }
    guard !lines.isEmpty else { return }
    blocks.append("\(block) << END_OF_DATA\n" + lines.joined(separator: "\n") + "\nEND_OF_DATA")
    plots.append("\(block) \(style)")
  }
}

extension PlotLayer {
  /// The coordinates' lengths, if they differ.
  var mismatchedLengths: [Int]? {
    let lengths =
      switch kind {
      case .line(let x, let y, let lower, let upper, _, _): [x, y, lower ?? y, upper ?? y].map(\.count)
      case .histogram(let edges, let densities, _): [max(0, edges.count - 1), densities.count]
      default: table.columns.map(\.count)
      }
    return Set(lengths).count > 1 ? lengths : nil
  }

  /// What an axis must show.
  var extent: (x: [Double], y: [Double]) {
    switch kind {
    case .scatter(let x, let y, _): (x, y)
    case .line(let x, let y, let lower, let upper, _, _): (x, y + (lower ?? []) + (upper ?? []))
    case .arrows(let x, let y, let dx, let dy): (x + zip(x, dx).map(+), y + zip(y, dy).map(+))
    case .histogram(let edges, let densities, _): (edges, densities + [0])
    case .horizontal(let y): ([], [y])
    case .vertical(let x): ([x], [])
    case .note: ([], [])
    }
  }
}
