import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

/// The sequences given two bits: what is left are the phases that fit them.
struct Query: Sendable {
  /// Bins, counted from 0, that are observed to have no pulse.
  static let silent = [0, 6]
  /// Phases without a pulse in either.
  static let fitting = (0..<Heartbeat.period).filter { phase in
    silent.allSatisfy { $0 % Heartbeat.period != phase }
  }

  let answer: PosteriorAnswer

  /// The posterior's share of each phase, and of sequences that are none of the five.
  var shares: (phases: [PosteriorAnswer.Estimate], none: PosteriorAnswer.Estimate) {
    (
      Heartbeat.sequences.map { sequence in answer.probability { $0 == sequence } },
      answer.probability { Heartbeat.phase(of: $0) == nil }
    )
  }
}

extension Study {
  /// Asks the model for its posterior.
  func query(_ model: TrainedDiffusion) throws -> Query {
    let posterior = model.posterior {
      for bin in Query.silent { Observe(bin, equals: 0) }
    }
    return Query(
      answer: try posterior.sample(
        200, method: .particles(options.quick ? 200 : 1_000, repeats: options.quick ? 3 : 10), seed: options.seed,
        options: ComputeOptions(threads: options.threads)))
  }

  /// The posterior in words.
  func results(_ query: Query) -> String {
    let bins = Query.silent.map { "\($0 + 1)" }.joined(separator: " and ")
    var table = TextTable(["given no pulse in bins \(bins)", "posterior", "std. error", "the data's"])
    let shares = query.shares
    for (phase, share) in shares.phases.enumerated() {
      let truth = Query.fitting.contains(phase) ? 1 / Double(Query.fitting.count) : 0
      table.add(
        "pulses in bins \(phase + 1), \(phase + 1 + Heartbeat.period), ...", decimals(share.value),
        decimals(share.standardError ?? .nan), decimals(truth))
    }
    table.add("none of the five", decimals(shares.none.value), decimals(shares.none.standardError ?? .nan), "0.000")
    let truth = log(Double(Query.fitting.count) / Double(Heartbeat.period))
    return "\(table)\n\nThe chance of two such bins: log Z = \(decimals(query.answer.logEvidence)) +- "
      + "\(decimals(query.answer.logEvidenceStandardError ?? .nan)) nats; the data's is \(decimals(truth))."
  }

  /// Samples of the posterior, ordered by phase, with the bins that were observed.
  func raster(_ query: Query, shown: Int = 50) -> Figure {
    let samples = query.answer.samples.prefix(shown).sorted {
      (Heartbeat.phase(of: $0) ?? Heartbeat.period) < (Heartbeat.phase(of: $1) ?? Heartbeat.period)
    }
    var (x, y): ([Double], [Double]) = ([], [])
    for (place, sample) in samples.enumerated() {
      for (bin, bit) in sample.enumerated() where bit == 1 {
        x.append(Double(bin + 1))
        y.append(Double(samples.count - place))
      }
    }
    return Figure(
      panelSize: (340, 420),
      panels: [
        [
          Panel(
            title: "samples given no pulse in the marked bins",
            x: .init("bin", range: 0...Double(Heartbeat.bins + 1)),
            y: .init("sample", range: 0...Double(samples.count + 1), showsValues: false), frame: .box,
            layers: Query.silent.map { .vertical(Double($0 + 1), color: .vermilion) }
              + [.scatter(x: x, y: y, color: .ink, size: 1.4)])
        ]
      ])
  }
}
