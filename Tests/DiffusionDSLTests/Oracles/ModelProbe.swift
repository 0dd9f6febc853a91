import Formulas
import Foundation

@testable import DiffusionDSL

/// Looks into a model: its formulas' values for inputs that the test chooses, so that nothing is random.
struct ModelProbe {
  let space: TileWorkspace
  let rows: Int

  init(_ trained: TrainedDiffusion, _ formulas: [Formula], rows: Int, precision: Precision = .double) throws {
    self.rows = rows
    space = TileWorkspace(
      shared: try trained.compile(formulas, precision: precision, level: .best), maximumRows: rows)
  }

  /// The values of output `index`, row by row.
  func values(_ index: Int = 0, width: Int = 1, step: Int, _ inputs: [String: [[Double]]]) -> [[Double]] {
    let lanes = TileWorkspace.padded(rows)
    for (name, table) in inputs {
      guard let offset = space.program.input(name).offset else { continue }
      for feature in table[0].indices {
        for lane in 0..<lanes {
          space.lanes[(offset + feature) * lanes + lane] = table[min(lane, rows - 1)][feature]
        }
      }
    }
    space.run(lanes: lanes, step: step)
    let start = space.program.outputOffset(index) * lanes
    return (0..<rows).map { row in (0..<width).map { space.lanes[start + $0 * lanes + row] } }
  }
}

/// Points and weights for the mean of a function of a standard normal: a trapezoidal sum, which for smooth functions
/// converges faster than any power of the spacing.
struct NormalRule {
  let points: [(x: Double, weight: Double)]

  init(spacing: Double = 0.5) {
    let count = Int(8.5 / spacing)
    points = (-count...count).map { index in
      let x = Double(index) * spacing
      return (x, spacing * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
    }
  }
}

extension DiffusionModel {
  /// p(x_{t-1} | x_t) of a Gaussian kernel.
  var normalReverse: NormalStates? { reverse(of: stateInput).first?.normalStates }
}

extension PartStep {
  /// The distribution of a Gaussian kernel's step.
  var normalStates: NormalStates? { (self as? FamilyStep<GaussianTransitions>)?.states }
}

extension TrainedDiffusion {
  /// K in nats for data on a line, averaged over weighted points x_0 and over the noise: no draw enters.
  func boundByQuadrature(
    _ data: [(x: Double, weight: Double)], noise: NormalRule = NormalRule(), precision: Precision = .double
  ) throws -> Double {
    let pairs = data.flatMap { x0 in noise.points.map { (x0.x, $0.x, x0.weight * $0.weight) } }
    let x0 = pairs.map { [$0.0] }
    let inputs = [DiffusionModel.data: x0, DiffusionModel.normals: pairs.map { [$0.1] }]
    let ends = try ModelProbe(
      self, [model.ends().losses.total], rows: pairs.count, precision: precision)
    let step = try ModelProbe(self, [model.stepLosses.total], rows: pairs.count, precision: precision)
    func average(_ values: [[Double]]) -> Double { zip(values, pairs).reduce(0) { $0 + $1.0[0] * $1.1.2 } }
    var loss = average(ends.values(step: 1, inputs))
    for t in stride(from: model.firstReverseStep, through: steps, by: 1) {
      loss += average(step.values(step: t, inputs))
    }
    return -loss - scaling.logVolume
  }

  /// K in nats averaged over N(m, s^2).
  func boundByQuadrature(m: Double, s: Double, precision: Precision = .double) throws -> Double {
    try boundByQuadrature(NormalRule().points.map { (m + s * $0.x, $0.weight) }, precision: precision)
  }
}
