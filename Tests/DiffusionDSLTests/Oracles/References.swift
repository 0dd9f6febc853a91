import Foundation
import Testing

/// The tables that the programs in `References` wrote, in nats.
enum References {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("References")

  static func read<Table: Decodable>(_ name: String, as type: Table.Type = Table.self) throws -> Table {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Table.self, from: Data(contentsOf: folder.appendingPathComponent(name)))
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
      /// The exact reverse step is N(slope[t - 1] x + offset[t - 1], variance[t - 1]).
      let slope: [Double]
      let offset: [Double]
      let variance: [Double]
      let bound: ByLastStep<Bounds>
      let examples: [Example]

      enum CodingKeys: String, CodingKey {
        case schedule, steps, m, s, beta, examples
        case slope = "A"
        case offset = "B"
        case variance = "C"
        case bound = "K"
      }

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
      let bound: Gaussian.ByLastStep<Double>
      let moments: [Moments]

      enum CodingKeys: String, CodingKey {
        case mixture, steps, beta, moments
        case bound = "K"
      }

      var testDescription: String { "\(mixture), T = \(steps)" }
    }
    let mixtures: [String: GaussianMixture]
    let cases: [Case]
  }

  /// schedule_optimum.json
  struct ScheduleOptima: Decodable, Sendable {
    struct Trial: Decodable, Sendable {
      let beta2: Double
      let beta3: Double
      let bound: Double

      enum CodingKeys: String, CodingKey {
        case beta2, beta3
        case bound = "K"
      }
    }
    struct Optimum: Decodable, Sendable {
      let beta2: Double
      let beta3: Double
      let bound: Double
      let interior: Bool
      /// How far each logit may move before the bound falls by 1e-4 nats.
      let tolerance: [Double]?

      enum CodingKeys: String, CodingKey {
        case beta2, beta3, interior, tolerance
        case bound = "K"
      }
    }
    struct Case: Decodable, Sendable {
      let `case`: String
      let lastStep: String
      let variance: String
      let at: [Trial]
      let optimum: Optimum?
    }
    let beta1: Double
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
    let kBits: Double
    let kStandardError: Double
    let noise: Double
    let steps: Int
    let reverse: [Reverse]
  }
}
