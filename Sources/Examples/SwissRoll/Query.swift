import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

/// The roll given its first coordinate: a posterior of several branches, beside the model's own samples nearby.
struct Query: Sendable {
  /// What is observed of the first coordinate.
  static let observed = 0.3
  /// Samples whose first coordinate is this near count as observed.
  static let reach = 0.02

  let answer: PosteriorAnswer
  /// Second coordinates of the model's samples near what is observed, and of how many they are.
  let near: [Double]
  let sampled: Int
  /// Between these lie the branches of the curve, in ascending order.
  let borders: [Double]

  /// A branch's share of the posterior and of the samples nearby.
  struct Branch: Equatable, Sendable {
    var range: ClosedRange<Double>
    var posterior: PosteriorAnswer.Estimate
    var near: Double
  }

  var branches: [Branch] {
    let ends = [-Double.infinity] + borders + [.infinity]
    return zip(ends, ends.dropFirst()).map { lower, upper in
      func isInside(_ y: Double) -> Bool { y >= lower && y < upper }
      return Branch(
        range: lower...upper, posterior: answer.probability { isInside($0[1]) },
        near: Double(near.count(where: isInside)) / Double(max(1, near.count)))
    }
  }
}

extension SwissRoll {
  /// Where the curve without noise meets a first coordinate, and the middles between these places.
  func borders(at x: Double) -> [Double] {
    let count = 20_000
    let curve = (0...count).map { SwissRoll.curve(Double($0) / Double(count)) }
    let crossings = zip(curve, curve.dropFirst()).compactMap { before, after in
      (before.x < x) != (after.x < x) ? (before.y + after.y) / 2 : nil
    }.sorted()
    return zip(crossings, crossings.dropFirst()).map { ($0 + $1) / 2 }
  }
}

extension Study {
  /// Asks the model for its posterior.
  func query(_ model: TrainedDiffusion) throws -> Query {
    let computation = ComputeOptions(threads: options.threads)
    let answer = try model.posterior { Observe(0, equals: Query.observed) }.sample(
      1_000, method: .particles(options.quick ? 500 : 4_096, repeats: options.quick ? 4 : 30), seed: options.seed,
      options: computation)
    let sampled = options.quick ? 20_000 : 1_000_000
    let samples = try model.sample(sampled, seed: options.seed &+ 1, options: computation)
    let near = samples.filter { abs($0[0] - Query.observed) < Query.reach }.map { $0[1] }
    return Query(answer: answer, near: near, sampled: sampled, borders: roll.borders(at: Query.observed))
  }

  /// The posterior in words.
  func results(_ query: Query) -> String {
    var table = TextTable(["x_2 given x_1 = \(Query.observed)", "posterior", "std. error", "samples nearby"])
    for (index, branch) in query.branches.enumerated() {
      table.add(
        "branch \(index + 1)", decimals(branch.posterior.value), decimals(branch.posterior.standardError ?? .nan),
        decimals(branch.near))
    }
    let error = query.answer.logEvidenceStandardError ?? .nan
    return "\(table)\n\nlog p(x_1 = \(Query.observed)) = \(decimals(query.answer.logEvidence)) +- "
      + "\(decimals(error, 4)) nats; \(query.near.count) of \(query.sampled) samples lie within \(Query.reach)."
  }

  /// The model's samples with the line that is observed; and the second coordinate there.
  func conditional(_ query: Query, of model: TrainedDiffusion) throws -> Figure {
    let shown = try samples(4_000, from: model)
    let posterior = query.answer.samples
    // Room above the roll for the legend.
    let range = -2.8...2.8
    let plane = Panel(
      x: .init("x_1", range: range), y: .init("x_2", range: range), equalAspect: true, frame: .box,
      legend: .topLeft,
      layers: [
        .scatter(
          x: shown.column(0), y: shown.column(1), color: .ink.opacity(0.35), size: 0.5, label: "the model's samples"),
        .scatter(
          x: posterior.column(0), y: posterior.column(1), color: .vermilion.opacity(0.6), size: 0.9,
          label: "its posterior"),
      ])
    let line = Panel(
      x: .init("x_2 given x_1 = \(Query.observed)", range: range), y: .init("density"), legend: .topRight,
      layers: [
        .histogram(
          query.near, bins: 112, over: range, color: .ink.opacity(0.35), label: "\(query.near.count) samples nearby"),
        .histogram(
          posterior.column(1), bins: 112, over: range, color: .vermilion, filled: false, label: "posterior"),
      ])
    return Figure(panelSize: (340, 340), panels: [[plane, line]])
  }
}
