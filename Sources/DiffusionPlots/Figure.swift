import DiffusionIO
import Foundation

/// A grid of panels, written as PNG and SVG.
public struct Figure: Equatable, Sendable {
  /// Words above some columns of panels.
  public struct Heading: Equatable, Sendable {
    /// The words.
    public var text: String
    /// The columns of panels that they stand above, counted from 0.
    public var columns: Range<Int>

    /// Words above columns.
    public init(_ text: String, columns: Range<Int>) {
      self.text = text
      self.columns = columns
    }
  }

  /// The files that a figure was written to.
  public struct Files: Equatable, Sendable {
    /// The picture in dots, twice `panelSize` to a side.
    public var png: URL
    /// The picture in lines.
    public var svg: URL
  }

  /// Words above everything.
  public var title: String?
  /// Rows of panels, from the top; nil leaves a place empty.
  public var panels: [[Panel?]]
  /// The width and height of every panel's axes, in pixels of the SVG; the PNG has twice as many.
  public var panelSize: (width: Double, height: Double) {
    get { (panelWidth, panelHeight) }
    set { (panelWidth, panelHeight) = newValue }
  }
  /// Words above columns.
  public var headings: [Heading]
  /// Words beside each row, read upwards; fewer than rows leave the lower rows bare.
  public var rowHeadings: [String]
  /// Columns that begin a new block stand a little apart.
  public var blockStarts: Set<Int>

  private var panelWidth: Double
  private var panelHeight: Double

  /// A figure with its parts; see the properties of the same names.
  ///
  /// - Parameters:
  ///   - title: Words above everything; nil for none.
  ///   - panelSize: The width and height of every panel's axes, in pixels of the SVG.
  ///   - headings: Words above columns.
  ///   - rowHeadings: Words beside each row.
  ///   - blockStarts: Columns that begin a new block.
  ///   - panels: Rows of panels, from the top; nil leaves a place empty.
  public init(
    title: String? = nil, panelSize: (width: Double, height: Double) = (420, 300), headings: [Heading] = [],
    rowHeadings: [String] = [], blockStarts: Set<Int> = [], panels: [[Panel?]]
  ) {
    self.title = title
    self.panels = panels
    self.headings = headings
    self.rowHeadings = rowHeadings
    self.blockStarts = blockStarts
    (panelWidth, panelHeight) = panelSize
  }

  /// Writes `base`.png and `base`.svg; each appears whole or not at all.
  ///
  /// - Parameters:
  ///   - base: The files' common path, without extension.
  ///   - gnuplot: The program that draws; by default the one found in `GNUPLOT` or on the `PATH`.
  /// - Throws: `PlotError`. In `.gnuplotMissing` the data are written to `base`.csv.
  @discardableResult
  public func write(to base: URL, using gnuplot: Gnuplot? = .found) throws -> Files {
    let script = try FigureScript(self)
    guard let gnuplot else {
      let data = base.appendingPathExtension("csv")
      try writeData(to: data)
      throw PlotError.gnuplotMissing(data: data)
    }
    let files = Files(png: base.appendingPathExtension("png"), svg: base.appendingPathExtension("svg"))
    try gnuplot.draw([(script.text(for: .png), files.png), (script.text(for: .svg), files.svg)])
    return files
  }

  /// Writes what the panels show as a long table: panel, layer, and up to four numbers a point.
  ///
  /// - Throws: `PlotError.unwritable`.
  public func writeData(to url: URL) throws {
    var records: [[String]] = []
    for (row, panels) in panels.enumerated() {
      for (column, panel) in panels.enumerated() {
        guard let panel else { continue }
        for layer in panel.layers {
          let (kind, values) = layer.table
          for index in 0..<(values.map(\.count).max() ?? 0) {
            let numbers = values.map { index < $0.count ? CSVWriter.cell($0[index]) : "" }
            let padding = Array(repeating: "", count: 4 - numbers.count)
            records.append(["\(row)", "\(column)", kind, layer.label ?? ""] + numbers + padding)
          }
        }
      }
    }
    do {
      try CSVWriter.write(
        columns: ["row", "column", "kind", "label", "x", "y", "a", "b"], records: records, to: url)
    } catch let CSVError.unwritable(file, reason) {
      throw PlotError.unwritable(file: file, reason: reason)
    }
  }
}

extension PlotLayer {
  /// The layer's name and its columns of numbers, all equally long, at most four.
  var table: (kind: String, columns: [[Double]]) {
    switch kind {
    case .scatter(let x, let y, _): ("scatter", [x, y])
    case .line(let x, let y, let lower?, let upper?, _, _): ("line", [x, y, lower, upper])
    case .line(let x, let y, _, _, _, _): ("line", [x, y])
    case .arrows(let x, let y, let dx, let dy): ("arrows", [x, y, dx, dy])
    case .histogram(let edges, let densities, _):
      ("histogram", [Array(edges.dropLast()), densities, Array(edges.dropFirst())])
    case .horizontal(let y): ("horizontal", [[.nan], [y]])
    case .vertical(let x): ("vertical", [[x]])
    case .note(let x, let y): ("note", [[x], [y]])
    }
  }
}
