import Foundation
import Testing

@testable import DiffusionPlots

@Suite(.enabled(if: gnuplotIsThere, "gnuplot is not installed, so nothing can be drawn"))
struct FigureTests {
  private func check(_ figure: Figure, _ name: String, texts: [String] = []) throws {
    try withFolder { folder in
      let files = try figure.write(to: folder.appendingPathComponent(name))
      let svg = try SVGReader(files.svg)
      #expect(svg.isValid)
      #expect(svg.size.count == 2 && svg.size.allSatisfy { $0 > 100 })
      let doubled = svg.size.map { 2 * $0 }
      #expect(try pngSize(files.png) == doubled)
      for text in texts {
        #expect(svg.texts.contains(text), "'\(text)' is not among \(svg.texts)")
      }
    }
  }

  @Test func everyKindOfLayer() throws {
    let x = (0..<50).map { Double($0) / 10 }
    let wave = x.map { sin($0) }
    let figure = Figure(
      title: "Every kind of layer", headings: [.init("left", columns: 0..<1), .init("right", columns: 1..<2)],
      panels: [
        [
          Panel(
            title: "lines", x: .init("x"), y: .init("sin x"), legend: .topRight,
            layers: [
              .line(x: x, y: wave, band: (wave.map { $0 - 0.2 }, wave.map { $0 + 0.2 }), label: "sine"),
              .line(x: x, y: wave.map { -$0 }, color: .vermilion, dashed: true, label: "minus"),
              .horizontal(0.5, label: "half"), .vertical(3, label: "three"), .note("two\nlines", x: 0.05, y: 0.2),
            ]),
          Panel(
            title: "histograms", x: .init("value"), y: .init("density"), legend: .topLeft,
            layers: [
              .histogram(normals(2000), color: .ink.opacity(0.25), label: "data"),
              .histogram(normals(2000, 0.3), color: .blue, filled: false, label: "samples"),
            ]),
        ],
        [
          Panel(
            title: "logarithmic", x: .init("x", scale: .logarithmic), y: .init("y", scale: .logarithmic),
            layers: [.scatter(x: x, y: x.map { $0 * $0 })]),
          nil,
        ],
      ])
    try check(figure, "layers", texts: ["Every kind of layer", "left", "right", "sine", "half", "three", "density"])
  }

  @Test func trainingCurve() throws {
    let x = (0..<100).map { Double($0) * 200 }
    let y = x.map { -2.2 - 4 * exp(-$0 / 2000) }
    let held = stride(from: 0, to: 100, by: 10).map { $0 }
    let figure = Figure.trainingCurve(
      title: "Swiss roll, T = 40",
      series: [
        .init("training", x: x, y: zip(y, normals(100)).map { $0 + 0.05 * $1 }),
        .init(
          "held out", x: held.map { x[$0] }, y: held.map { y[$0] - 0.02 }, standardErrors: held.map { _ in 0.03 }),
      ],
      references: [("ceiling", -1.635), ("paper", -2.0)])
    try check(figure, "training", texts: ["training", "held out", "ceiling", "training step"])
  }

  @Test func slices() throws {
    let angle: [Double] = spread(400).map { 1.5 * .pi * (1 + 2 * $0) }
    let roll: ([Double], [Double]) = (angle.map { $0 * cos($0) / 6.6 - 0.3 }, angle.map { $0 * sin($0) / 6.95 })
    let side: [Double] = (0..<15).map { 0.31 * Double($0) - 2.2 }
    let grid: [(x: Double, y: Double)] = side.flatMap { y in side.map { (x: $0, y: y) } }
    var slices: [Figure.Slice] = []
    for (label, noise) in zip(["t = 0", "t = T/2", "t = T"], [0.05, 0.5, 1.0]) {
      let keep: Double = (1 - noise * noise).squareRoot()
      let x: [Double] = zip(roll.0, normals(400, noise)).map { keep * $0 + noise * $1 }
      let y: [Double] = zip(roll.1, normals(400, noise / 2)).map { keep * $0 + noise * $1 }
      let dx: [Double] = grid.map { 0.1 * $0.y - 0.3 * noise * $0.x }
      let dy: [Double] = grid.map { -0.2 * $0.y }
      slices.append(
        .init(label: label, forward: (x, y), reverse: (y, x), drift: (grid.map(\.x), grid.map(\.y), dx, dy)))
    }
    try check(Figure.slices(slices), "slices", texts: ["forward", "reverse", "drift", "t = T/2"])
  }

  @Test(arguments: [1, 2, 4, 8]) func pairPlot(columns: Int) throws {
    func rows(_ start: Double) -> [Double] {
      let base = normals(333, start)
      let parts: [[Double]] = (0..<columns).map { column in
        let own = normals(333, start + 0.1 * Double(column + 1))
        let scale: Double = pow(10, Double(column))
        let sign: Double = column.isMultiple(of: 2) ? 1 : -1
        return zip(base, own).map { scale * (5 + sign * $0 + 0.6 * $1) }
      }
      return (0..<333).flatMap { row in parts.map { $0[row] } }
    }
    let names = (0..<columns).map { ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"][$0 % 4] }
    let figure = try Figure.pairPlot(columns: names, data: rows(0), samples: rows(0.5))
    try check(figure, "pairs\(columns)", texts: ["data (333 rows)", "samples (333 rows)", "bill_length_mm"])
  }

  @Test func pairPlotOfGroups() throws {
    let groups = Figure.RowGroups(
      ["first", "second", "none of them"], data: (0..<200).map { $0 % 2 }, samples: (0..<300).map { $0 % 2 })
    func rows(_ count: Int) -> [Double] {
      zip(normals(3 * count), 0..<3 * count).map { $0 + ($1 / 3 % 2 == 0 ? 3 : -3) }
    }
    let figure = try Figure.pairPlot(columns: ["a", "b", "c"], data: rows(200), samples: rows(300), groups: groups)
    try check(figure, "groups", texts: ["data (200 rows)", "samples (300 rows)", "first", "second", "none of them"])
  }

  @Test func sharesOfLabels() throws {
    let groups = Figure.RowGroups(["one", "two"], data: [0, 0, 0, 1, 1], samples: [0, 1, 1])
    let figure = try Figure.shares(
      of: [
        .init("island", labels: ["Biscoe", "Dream"], data: [0, 1, -1, 1, 1], samples: [0, 0, 1]),
        .init("sex", labels: ["f", "m"], data: [0, 1, 1, 0, 0], samples: [1, 1, 1]),
      ], by: groups)
    try check(figure, "shares", texts: ["island", "sex", "Biscoe", "Dream", "one", "two", "data", "samples"])
  }

  @Test func riseOfTheEstimate() throws {
    let (model, data) = try Examples.model()
    let figure = try Figure.rise(
      of: model.logProbability(of: data, trajectories: 64, seed: 1), bound: model.lowerBound(on: data, seed: 1),
      references: [("exact", -2)])
    try check(figure, "rise", texts: ["K", "exact", "trajectories a row", "1", "2", "64"])
  }

  @Test func wordsCannotBreakOrCommand() throws {
    try withFolder { folder in
      let trap = folder.appendingPathComponent("trap").path
      let words = [
        "it's 'quoted' \"twice\"", "under_score^2 {/Bold x}", "back\\slash \\n", "`touch \(trap)`",
        "'; system('touch \(trap)'); set title '", "@macro $d # comment", "<b>&amp;", "ünïcode λ",
      ]
      for word in words + ["one\ntwo\r\n!touch \(trap)\nEND_OF_DATA"] {
        let figure = Figure(
          title: word, headings: [.init(word, columns: 0..<1)], rowHeadings: [word],
          panels: [
            [
              Panel(
                title: word, x: .init(word), y: .init(word), legend: .topRight,
                layers: [
                  .scatter(x: [1, 2], y: [1, 2], label: word), .horizontal(1.5, label: word),
                  .vertical(1.5, label: word), .note(word),
                ])
            ]
          ])
        let files = try figure.write(to: folder.appendingPathComponent("it's `odd`"))
        let svg = try SVGReader(files.svg)
        #expect(svg.isValid)
        if words.contains(word) {
          // Title, heading, row heading, panel title, two axes, legend, two lines, note.
          #expect(svg.texts.count { $0 == word } == 10, "\(word) in \(svg.texts)")
        }
        #expect(!FileManager.default.fileExists(atPath: trap))
      }
    }
  }

  @Test func pointsThatAreNotFiniteAndEmptyLayersAreLeftOut() throws {
    let panel = Panel(layers: [
      .scatter(x: [1, .nan, 3], y: [1, 2, .infinity]), .line(x: [], y: []), .histogram([]),
      .histogram([.nan]), .histogram([2, 2]), .arrows(x: [1], y: [1], dx: [.nan], dy: [0]), .horizontal(.nan),
    ])
    try check(Figure(panels: [[panel, Panel(layers: [])]]), "odd")
  }

  @Test func gnuplotsComplaintIsPassedOn() throws {
    try withFolder { folder in
      let gnuplot = try #require(Gnuplot.found)
      let file = folder.appendingPathComponent("x.png")
      #expect {
        try gnuplot.draw([("set nonsense\n", file)])
      } throws: { error in
        guard case .gnuplotFailed(let status, let message)? = error as? PlotError else { return false }
        return status != 0 && message.contains("nrecognized option")
      }
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    #expect {
      try Figure(panels: [[Panel(layers: [])]]).write(to: URL(fileURLWithPath: "/nowhere/x"))
    } throws: { error in
      guard case .unwritable(let file, _)? = error as? PlotError else { return false }
      return file == "/nowhere/x.png"
    }
  }
}
