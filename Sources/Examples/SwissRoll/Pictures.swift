import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

extension Study {
  private static let points = 1_000
  private static let arrows = 250

  /// Figure 1 of the paper: the forward and reverse processes and the drift at t = 0, T/2, T.
  ///
  /// No reverse step leads away from t = 0, so that column shows the drift of the first step that the network takes.
  func trajectories(of model: TrainedDiffusion) throws -> Figure {
    let times = [0, model.steps / 2, model.steps]
    let firstStep = network.learnsLastStep ? 1 : 2
    var forward: [Int: Rows] = [:]
    for slice in try model.forwardTrajectory(
      of: Dataset(complete: shownData(Study.points), dimensions: 2), seed: options.seed)
    {
      try Task.checkCancellation()
      if times.contains(slice.step) { forward[slice.step] = slice.states }
    }
    var reverse: [Int: TrajectorySlice] = [:]
    for slice in try model.reverseTrajectory(count: Study.points, seed: options.seed) {
      try Task.checkCancellation()
      if times.contains(slice.step) || slice.step == firstStep { reverse[slice.step] = slice }
    }

    let states = forward.values.map(\.flat) + times.compactMap { reverse[$0]?.states.flat }
    let side = Study.reach(states)
    var titles: [String] = []
    let slices = times.compactMap { time -> Figure.Slice? in
      let driftTime = max(time, firstStep)
      guard let states = forward[time], let slice = reverse[time], let drift = reverse[driftTime] else { return nil }
      let arrows = legible(
        from: coordinates(drift.states.flat, Study.arrows), by: coordinates(drift.drift.flat, Study.arrows),
        across: 2 * side)
      titles.append("drift at t = \(driftTime), arrows \u{00D7} \(arrows.factor)")
      return Figure.Slice(
        label: label(time, of: model.steps), forward: coordinates(states.flat),
        reverse: coordinates(slice.states.flat), drift: arrows.drift)
    }
    var figure = Figure.slices(slices, range: -side...side)
    for (column, title) in titles.enumerated() { figure.panels[2][column]?.title = title }
    for (column, slice) in slices.enumerated() {
      for (row, points) in [slice.forward, slice.reverse].enumerated() {
        figure.panels[row][column]?.layers += Study.noteOfPointsOutside(points, side)
      }
    }
    return figure
  }

  /// The half-width of axes about 0 that show all points, or all but one in a hundred where outliers would make the
  /// rest too small.
  static func reach(_ states: [[Double]]) -> Double {
    let distances = states.joined().filter(\.isFinite).map(abs).sorted()
    guard let farthest = distances.last, farthest > 0 else { return 1 }
    let usual = distances[distances.count * 99 / 100]
    let shown = usual > 0 && farthest > 2.5 * usual ? 1.5 * usual : farthest
    return 1.05 * shown
  }

  private static func noteOfPointsOutside(_ points: (x: [Double], y: [Double]), _ reach: Double)
    -> [PlotLayer]
  {
    let outside = zip(points.x, points.y).count { !(abs($0) <= reach && abs($1) <= reach) }
    return outside > 0 ? [.note("\(counted(outside, "point")) outside")] : []
  }

  /// Arrows lengthened or shortened by a round factor, so that most are about as long as they are apart: drifts near
  /// t = 0 would be dots, and those near T would cross.
  private func legible(
    from: (x: [Double], y: [Double]), by: (x: [Double], y: [Double]), across width: Double
  ) -> (drift: (x: [Double], y: [Double], dx: [Double], dy: [Double]), factor: String) {
    let lengths = zip(by.x, by.y).map { hypot($0, $1) }.filter(\.isFinite).sorted()
    let long = lengths.isEmpty ? 0 : lengths[lengths.count * 9 / 10]
    let wanted = long > 0 ? 1.2 * width / Double(from.x.count).squareRoot() / long : 1
    let power = pow(10, floor(log10(wanted)))
    let factor = power * ([5, 2].first { $0 * power <= wanted } ?? 1)
    return (
      (from.x, from.y, by.x.map { factor * $0 }, by.y.map { factor * $0 }),
      String(format: "%g", factor)
    )
  }

  /// What training reached, beneath what it could.
  func trainingCurve(_ record: TrainingRecord, _ bound: LowerBound) -> Figure {
    var references: [(name: String, value: Double)] = []
    if let ceiling { references.append((name: network.learnsLastStep ? "-H" : "ceiling", value: ceiling)) }
    return .trainingCurve(
      series: [
        record.trainingSeries, record.heldOutSeries("\(recipe.watchedRows) held-out rows, while training"),
        .init("\(recipe.scoredRows) held-out rows, at the end", x: [Double(recipe.steps)], y: [bound.bits]),
      ].filter { !$0.x.isEmpty },
      references: references)
  }

  /// The model's samples beside the data and over it.
  func scatter(of model: TrainedDiffusion) throws -> Figure {
    let count = 4_000
    let data = coordinates(shownData(count))
    let samples = coordinates(try self.samples(count, from: model).flat)
    let reach = Study.reach([data.x, data.y, samples.x, samples.y])
    let outside = Study.noteOfPointsOutside(samples, reach)
    func panel(_ layers: [PlotLayer], first: Bool = false) -> Panel {
      Panel(
        x: .init(range: -reach...reach), y: .init(range: -reach...reach, showsValues: first), equalAspect: true,
        frame: .box,
        layers: layers)
    }
    func points(_ rows: (x: [Double], y: [Double]), _ color: PlotColor) -> PlotLayer {
      .scatter(x: rows.x, y: rows.y, color: color, size: 0.5)
    }
    return Figure(
      panelSize: (300, 300),
      headings: ["data", "samples", "samples over data"].enumerated().map { .init($1, columns: $0..<$0 + 1) },
      panels: [
        [
          panel([points(data, .ink.opacity(0.5))], first: true),
          panel([points(samples, .blue.opacity(0.5))] + outside),
          panel([points(data, .ink.opacity(0.35)), points(samples, .blue.opacity(0.35))]),
        ]
      ])
  }

  private func label(_ time: Int, of steps: Int) -> String {
    switch time {
    case 0: "t = 0"
    case steps: "t = T = \(steps)"
    default: "t = T/2 = \(time)"
    }
  }

  private func coordinates(_ numbers: [Double], _ most: Int = .max) -> (x: [Double], y: [Double]) {
    let count = min(numbers.count / 2, most)
    return ((0..<count).map { numbers[2 * $0] }, (0..<count).map { numbers[2 * $0 + 1] })
  }
}
