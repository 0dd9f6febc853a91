import Foundation
import Testing

/// The tables that the programs in `References` wrote, in nats.
enum References {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("References")

  static func read<Table: Decodable>(_ name: String, as type: Table.Type = Table.self) throws -> Table {
    try JSONDecoder().decode(Table.self, from: Data(contentsOf: folder.appendingPathComponent(name)))
  }

  /// gaussian_reverse.json
  struct Gaussian: Decodable, Sendable {
    struct Schedule: Decodable, Sendable {
      let schedule: String
      let steps: Int
      /// Null where a beta would pass 1.
      let beta: [Double]?
    }
    struct Bounds: Decodable, Sendable {
      let exact: Double
      let forward: Double
      let posterior: Double
    }
    struct ByLastStep<Value: Decodable & Sendable>: Decodable, Sendable {
      let fixed: Value
      let learned: Value
    }
    /// K(x_0) with exact reverse steps.
    struct Example: Decodable, Sendable {
      let x0: Double
      let fixed: Double
      let learned: Double
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
      let schedule: String
      let steps: Int
      let m: Double
      let s: Double
      let beta: [Double]
      let A: [Double]
      let B: [Double]
      let C: [Double]
      let K: ByLastStep<Bounds>
      let examples: [Example]

      var testDescription: String { "\(schedule), T = \(steps), N(\(m), \(s)^2)" }
    }
    let schedules: [Schedule]
    let cases: [Case]
  }

  /// mixture_reverse.json
  struct Mixtures: Decodable, Sendable {
    struct Moments: Decodable, Sendable {
      let t: Int
      let x: [Double]
      let mean: [Double]
      let variance: [Double]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
      let mixture: String
      let steps: Int
      let beta: [Double]
      let K: Gaussian.ByLastStep<Double>
      let moments: [Moments]

      var testDescription: String { "\(mixture), T = \(steps)" }
    }
    let mixtures: [String: GaussianMixture]
    let cases: [Case]
  }

  /// schedule_optimum.json
  struct ScheduleOptima: Decodable, Sendable {
    struct Trial: Decodable, Sendable {
      let beta_2: Double
      let beta_3: Double
      let K: Double
    }
    struct Optimum: Decodable, Sendable {
      let beta_2: Double
      let beta_3: Double
      let K: Double
      let interior: Bool
      /// How far each logit may move before K falls by 1e-4 nats.
      let tolerance: [Double]?
    }
    struct Case: Decodable, Sendable {
      let `case`: String
      let last_step: String
      let variance: String
      let at: [Trial]
      let optimum: Optimum?
    }
    let beta_1: Double
    let cases: [Case]
  }

  /// swiss_roll_bound.json
  struct SwissRoll: Decodable, Sendable {
    struct Reverse: Decodable, Sendable {
      let t: Int
      let x: [Double]
      let mean: [Double]
      let variance: [Double]
    }
    let K_bits: Double
    let K_standard_error: Double
    let noise: Double
    let steps: Int
    let reverse: [Reverse]
  }
}
