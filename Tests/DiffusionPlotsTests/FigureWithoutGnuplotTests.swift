import Foundation
import Testing

@testable import DiffusionPlots

@Suite struct FigureWithoutGnuplotTests {
  @Test func theDataAreWrittenInstead() throws {
    try withFolder { folder in
      let base = folder.appendingPathComponent("figure")
      let data = folder.appendingPathComponent("figure.csv")
      let figure = Figure(panels: [
        [nil, Panel(layers: [.scatter(x: [1, 2], y: [3, 4.5], label: "a,b"), .horizontal(7)])]
      ])
      #expect(throws: PlotError.gnuplotMissing(data: data)) { try figure.write(to: base, using: nil) }
      let expected = """
        row,column,kind,label,x,y,a,b
        0,1,scatter,"a,b",1,3,,
        0,1,scatter,"a,b",2,4.5,,
        0,1,horizontal,,NA,7,,

        """
      let written = try String(contentsOf: data, encoding: .utf8)
      #expect(written == expected)
    }
  }

  @Test func gnuplotIsLookedForWhereTheEnvironmentSays() {
    #expect(Gnuplot.find(in: ["PATH": "/nowhere:/also/nowhere"]) == nil)
    #expect(Gnuplot.find(in: ["GNUPLOT": "/nowhere/gnuplot", "PATH": "/usr/bin"]) == nil)
    #expect(Gnuplot.find(in: ["GNUPLOT": "/bin/sh"])?.executable.path == "/bin/sh")
    #expect(Gnuplot.find(in: [:]) == nil)
  }

  @Test(arguments: [
    (
      Panel(layers: [.line(x: [1, 2], y: [1, 2], band: ([1], [2, 3]))]),
      PlotError.lengthMismatch(row: 0, column: 0, layer: 0, lengths: [2, 2, 1, 2])
    ),
    (
      Panel(layers: [.arrows(x: [1], y: [1], dx: [], dy: [1])]),
      .lengthMismatch(row: 0, column: 0, layer: 0, lengths: [1, 1, 0, 1])
    ),
    (
      Panel(x: .init(range: -1...1, scale: .logarithmic), layers: []),
      .badRange(row: 0, column: 0, axis: "x", low: -1, high: 1)
    ),
    (Panel(y: .init(range: 2...2), layers: []), .badRange(row: 0, column: 0, axis: "y", low: 2, high: 2)),
  ])
  func whatCannotBeDrawnIsNamed(panel: Panel, error: PlotError) {
    #expect(throws: error) { try FigureScript(Figure(panels: [[panel]])) }
  }

  @Test func gridsAndTablesMustBeFull() {
    let panel = Panel(layers: [])
    #expect(throws: PlotError.emptyGrid) { try FigureScript(Figure(panels: [])) }
    for size in [0, -1, 1e300, .infinity, .nan] as [Double] {
      #expect(throws: PlotError.self) { try FigureScript(Figure(panelSize: (size, 100), panels: [[panel]])) }
    }
    #expect(throws: PlotError.emptyGrid) { try FigureScript(Figure(panels: [[panel], [panel, nil]])) }
    #expect(throws: PlotError.shapeMismatch(values: 3, columns: 2)) {
      try Figure.pairPlot(columns: ["a", "b"], data: [1, 2, 3], samples: [])
    }
    #expect(throws: PlotError.shapeMismatch(values: 0, columns: 0)) {
      try Figure.pairPlot(columns: [], data: [], samples: [])
    }
  }

  @Test func aHistogramIntegratesToOne() {
    let layer = PlotLayer.histogram([0, 0.1, 0.5, 0.9, 1, .nan], bins: 4)
    #expect(
      layer.kind
        == .histogram(edges: [0, 0.25, 0.5, 0.75, 1], densities: [0.4, 0, 0.2, 0.4].map { 4 * $0 }, filled: true))
    let part = PlotLayer.histogram([0, 1, 2, 3], bins: 1, over: 0...1)
    #expect(part.kind == .histogram(edges: [0, 1], densities: [0.5], filled: true))
  }

  @Test func ticksAreRound() {
    func ticks(_ low: Double, _ high: Double) -> [Double]? {
      AxisRange(.init(range: low...high), values: [], startsAtZero: false).ticks(pixels: 240, spacing: 60)
    }
    #expect(ticks(-2, 2) == [-2, -1, 0, 1, 2])
    #expect(ticks(-0.05, 0.9) == [0, 0.25, 0.5, 0.75])
    #expect(ticks(2700, 6300) == [3000, 4000, 5000, 6000])
    // Steps of 50 would leave one value.
    #expect(ticks(168, 236) == [180, 200, 220] || ticks(168, 236) == [175, 200, 225])
    #expect(ticks(1e-9, 4.1e-9) == [1e-9, 2e-9, 3e-9, 4e-9])
  }

  @Test func valuesFarFromZeroLoseAnOffsetThatTheLabelNames() throws {
    let far = Panel(
      x: .init("far", range: 1e9 - 2.9...1e9 + 3), y: .init("near", range: 0...1), layers: [])
    let script = try FigureScript(Figure(panels: [[far]])).text(for: .svg)
    #expect(script.contains("set xlabel 'far \u{2212} 1e9'") && script.contains("'near'"))
    #expect(script.contains("'-2' 999999998.0, '-1' 999999999.0, '0' 1000000000.0"), "\(script)")
    let below = Panel(x: .init("far", range: -1e6...(-1e6) + 3), layers: [])
    #expect(try FigureScript(Figure(panels: [[below]])).text(for: .svg).contains("'far + 1e6'"))
  }

  @Test func longNamesOfColumnsAreShortened() throws {
    #expect("abcdefghij".shortened(to: 10) == "abcdefghij")
    #expect("abcdefghij".shortened(to: 7) == "abc\u{2026}hij" && "abcdefghij".shortened(to: 6) == "abc\u{2026}ij")
    let name = "a_name_that_is_far_too_long_for_a_panel_of_this_size_1"
    let values = (0..<60).map { Double($0 * $0 % 37) }
    let figure = try Figure.pairPlot(columns: (0..<6).map { "\(name)\($0)" }, data: values, samples: values)
    let labels = figure.panels.joined().compactMap { $0 }.flatMap { [$0.x.label, $0.y.label] }.compactMap { $0 }
    #expect(Set(labels).count == 6 && labels.allSatisfy { $0.count <= 15 && $0.contains("\u{2026}") })
  }

  @Test func histogramsOfAGridHaveWholeStepsToABin() throws {
    let data = (0..<100).map { Double($0 % 50) }
    let figure = try Figure.pairPlot(columns: ["a"], data: data, samples: data, steps: [1])
    guard case .histogram(let edges, let densities, _)? = figure.panels[0][0]?.layers.first?.kind else {
      Issue.record("no histogram")
      return
    }
    #expect(edges.first == -0.5 && zip(edges.dropFirst(), edges).allSatisfy { $0 - $1 == 3 })
    #expect(Set(densities.dropLast()).count == 1)
  }

  @Test func charactersThatNoFontHasBecomeQuestionMarks() throws {
    // A private character, which no font has.
    let word = "a\u{10FFFD}b"
    #expect(!Glyphs.canShow(word) && Glyphs.canShow("caf\u{E9} \u{2212}1\u{2026}"))
    let script = try FigureScript(Figure(title: word, panels: [[Panel(layers: [])]]))
    #expect(script.text(for: .png).contains("'a?b'") && script.text(for: .svg).contains("'\(word)'"))
  }

  @Test func aSeriesOfOnePointIsAMark() {
    let figure = Figure.trainingCurve(series: [.init("a", x: [1], y: [2]), .init("b", x: [1, 2], y: [2, 3])])
    let kinds = figure.panels[0][0]?.layers.map(\.kind) ?? []
    #expect(kinds.first == .scatter(x: [1], y: [2], size: 3) && kinds.count == 2)
  }

  @Test func theStartOfATrainingCurveDoesNotFlattenTheRest() throws {
    let x: [Double] = (0..<100).map(Double.init)
    let y: [Double] = x.map { -2 - 50 * exp(-$0) - 1 / ($0 + 1) }
    let figure = Figure.trainingCurve(series: [.init("a", x: x, y: y)])
    let range = try #require(figure.panels[0][0]?.y.range)
    #expect(range.lowerBound > -2.2 && range.lowerBound < -2.04 && range.upperBound > y[99], "\(range)")
  }

  @Test func noWordIsMarkup() throws {
    let script = try FigureScript(Figure(panels: [[nil]]))
    for format in [FigureScript.Format.png, .svg] {
      #expect(script.text(for: format).contains(/set terminal \w+ noenhanced/))
    }
  }

  @Test func equalAspectWidensTheShorterRange() throws {
    let panel = Panel(x: .init(range: 0...1), y: .init(range: 0...1), equalAspect: true, layers: [])
    let script = try FigureScript(Figure(panelSize: (400, 200), panels: [[panel]])).text(for: .svg)
    #expect(script.contains("set xrange [-0.5:1.5]") && script.contains("set yrange [0.0:1.0]"))
  }
}
