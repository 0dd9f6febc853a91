import DiffusionDSL
import Foundation
import Testing

@testable import DiffusionPlots

/// A model with steps written by hand, whose estimates rise.
enum Examples {
  static func model() throws -> (TrainedDiffusion, Dataset) {
    let definition = Diffusion {
      GaussianKernel(dimensions: 1)
      ConstantErasure(steps: 10)
      ReverseFunction(dimensions: 1) { x, step in
        GaussianStep(mean: x * 0.8, variance: 0.5 * step.beta)
      }
    }
    return (try TrainedDiffusion(definition), try Dataset(complete: normals(20), dimensions: 1))
  }
}

@Suite struct BuilderTests {
  private func layers(_ figure: Figure, _ row: Int, _ column: Int) -> [PlotLayer] {
    figure.panels[row][column]?.layers ?? []
  }

  @Test func densitiesOfGroupsAddUpToThatOfAll() throws {
    let values = normals(90)
    let groups = Figure.RowGroups(
      ["a", "b"], data: (0..<90).map { $0 < 60 ? 0 : 1 }, samples: Array(repeating: 1, count: 90))
    let figure = try Figure.pairPlot(columns: ["x"], data: values, samples: values, groups: groups)
    let all = try Figure.pairPlot(columns: ["x"], data: values, samples: values)
    func densities(_ layer: PlotLayer?) -> [Double] {
      if case .histogram(_, let densities, _)? = layer?.kind { densities } else { [] }
    }
    let parts = layers(figure, 0, 0)
    #expect(parts.count == 2 && parts.map(\.color.rgb) == PlotColor.palette.prefix(2).map(\.rgb))
    let sum = zip(densities(parts[0]), densities(parts[1])).map { $0 + $1 }
    for (one, other) in zip(sum, densities(layers(all, 0, 0).first)) { #expect(abs(one - other) < 1e-12) }
    #expect(!sum.isEmpty)
    // The samples' side shows the data's groups lightly, and its own as outlines.
    #expect(layers(figure, 0, 1).count == 4)
  }

  @Test func pointsTakeTheirGroupsColours() throws {
    let groups = Figure.RowGroups(["a", "b"], data: [0, 1, 1, 7], samples: [1, 1, 0, 0])
    let figure = try Figure.pairPlot(
      columns: ["x", "y"], data: [1, 10, 2, 20, 3, 30, 4, 40], samples: [1, 10, 2, 20, 3, 30, 4, 40], groups: groups)
    let kinds = layers(figure, 1, 0).map(\.kind)
    #expect(kinds == [.scatter(x: [1], y: [10], size: 0.75), .scatter(x: [2, 3], y: [20, 30], size: 0.75)])
    // The legend stands in the upper right place of the samples' triangle, which is empty otherwise.
    #expect(layers(figure, 0, 3).map(\.label) == ["a", "b"] && figure.panels[0][1] == nil)
  }

  @Test func groupsOfAnotherNumberOfRowsAreNamed() {
    let groups = Figure.RowGroups(["a"], data: [0, 0, 0], samples: [0, 0])
    #expect(throws: PlotError.groupMismatch(rows: 2, groups: 3)) {
      try Figure.pairPlot(columns: ["x"], data: [1, 2], samples: [1, 2], groups: groups)
    }
    #expect(throws: PlotError.groupMismatch(rows: 1, groups: 2)) {
      try Figure.shares(of: [.init("x", labels: ["l"], data: [0, 0, 0], samples: [0])], by: groups)
    }
  }

  @Test func sharesAreOfTheCellsThatAreThere() throws {
    let groups = Figure.RowGroups(["a", "b"], data: [0, 0, 0, 1], samples: [0, 0, 0, 0])
    let figure = try Figure.shares(
      of: [.init("x", labels: ["l", "m"], data: [0, 1, -1, 1], samples: [0, 0, 0, 1])], by: groups)
    let bars = layers(figure, 0, 0).map { layer -> [Double] in
      if case .histogram(_, let densities, _) = layer.kind { densities } else { [] }
    }
    // Group a: data l, m; samples l, m; then group b, of which there is no sample.
    #expect(bars == [[0.5], [0.5], [0.75], [0.25], [0], [1], [0], [0]])
    #expect(figure.panels[0][0]?.x.marks == [.init(0, "l"), .init(1, "m")])
  }

  @Test func stackedSharesStandOnEachOther() throws {
    let panel = Panel.stackedShares(
      of: [.init("a", shares: [0.25, 0.75, 9], known: 1), .init("b", shares: [1])], labels: ["l", "m"])
    let bars = panel.layers.compactMap { layer -> [Double]? in
      if case .histogram(_, let densities, _) = layer.kind { densities } else { nil }
    }
    // Behind, what both labels have; in front of it what the first has.
    #expect(bars == [[1, 0, 1, 0], [0.25, 0, 1, 0]])
    #expect(panel.layers.prefix(2).map(\.label) == ["m", "l"] && panel.x.marks == [.init(1, "a"), .init(2, "b")])
    #expect(panel.layers.last?.kind == .scatter(x: [1], y: [1.06], size: 1.6))
    _ = try FigureScript(Figure(panels: [[panel, .stackedShares(of: [], labels: [])]]))
  }

  @Test func theRiseStandsOnK() throws {
    let (model, data) = try Examples.model()
    let estimate = try model.logProbability(of: data, trajectories: 16, seed: 1)
    let bound = try model.lowerBound(on: data, seed: 1)
    let figure = Figure.rise(of: estimate, bound: bound)
    let all = layers(figure, 0, 0)
    #expect(all.first?.kind == .horizontal(y: bound.bits) && all.first?.label == "K")
    guard case .line(let x, let y, let lower?, let upper?, _, _) = all[1].kind else {
      Issue.record("no line with a band")
      return
    }
    #expect(x == [1, 2, 4, 8, 16] && zip(y, y.dropFirst()).allSatisfy { $0 < $1 })
    for (point, rise) in zip(y, estimate.rise) { #expect(abs(point - rise.nats / M_LN2) < 1e-12) }
    for (index, rise) in estimate.rise(above: bound).enumerated() {
      #expect(abs(upper[index] - lower[index] - 2 * rise.standardErrorNats / M_LN2) < 1e-12)
    }
  }

  @Test func marksStandInPlaceOfRoundValues() throws {
    let panel = Panel(
      x: .init("x", range: 0...3, marks: [.init(1, "it's"), .init(2, "two"), .init(.nan, "no")]),
      y: .init(range: 0...1), layers: [])
    let script = try FigureScript(Figure(panels: [[panel]])).text(for: .svg)
    #expect(script.contains("set xtics ('it'.\"'\".'s' 1.0, 'two' 2.0)"), "\(script)")
  }
}
