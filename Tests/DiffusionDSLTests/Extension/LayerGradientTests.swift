import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// The gradient of a model's loss with respect to the parameters of layers that are not the library's.
@Suite struct LayerGradientTests {
  /// Rows of data and noise for a loss, the same at each call.
  private final class Feed: TileFeeder {
    let inputs: [String: [[Double]]]

    init(_ inputs: [String: [[Double]]]) { self.inputs = inputs }

    func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step: Int) {
      for (name, table) in inputs {
        guard let offset = workspace.program.input(name).offset else { continue }
        for feature in table[0].indices {
          for lane in 0..<lanes {
            workspace.lanes[(offset + feature) * lanes + lane] = table[firstRow + min(lane, rows - 1)][feature]
          }
        }
      }
      guard let offset = workspace.program.input(TileProgram.rowWeight).offset else { return }
      for lane in 0..<lanes { workspace.lanes[offset * lanes + lane] = lane < rows ? 1 : 0 }
    }
  }

  /// Reverse-mode gradients in Double against central differences of the loss, at steps 1 to 6.
  @Test func gradientsAreCentralDifferences() throws {
    let model = try DiffusionModel(
      Diffusion {
        GaussianKernel(dimensions: 2)
        Geometric(steps: 6, firstVariance: 0.05)
        ReverseNetwork(lastStep: .learned()) {
          Average {
            Dense(3, activation: .tanh)
            Chain {
              Dense(3, activation: .silu)
              Gate()
            }
          }
          Gate()
          Readout(.shared)
        }
      })
    let program = try TileProgram(
      outputs: [], loss: model.trainingLoss, layout: model.layout, precision: .double)
    // Six tiles of 16 rows, one for each step.
    let rows = 96
    let feed = Feed([
      DiffusionModel.data: (0..<rows).map { [cos(Double($0) * 1.3), sin(Double($0) * 0.7)] },
      DiffusionModel.normals: (0..<rows).map { [sin(Double($0) * 2.9) * 1.4, cos(Double($0) * 5.3) * 1.4] },
    ])
    var values = (0..<model.layout.count).map { 0.6 * sin(Double($0 * $0) * 0.37 + 1) }
    func run() -> (loss: Double, gradient: [Double]) {
      let buffer = AlignedBuffer(count: values.count, precision: .double)
      for (index, value) in values.enumerated() { buffer[index] = value }
      let runner = GradientRunner(
        shared: SharedValues(program: program, parameters: buffer, level: .best), pool: WorkerPool(threads: 1),
        tileRows: 16, batch: rows, stepCount: 6)
      let loss = runner.run(feeder: feed, stepOfTile: { $0 + 1 })
      return (loss, values.indices.map { runner.gradient[$0] })
    }
    let gradient = run().gradient
    let own = model.layout.entries.filter { $0.name.hasPrefix("network.") }
    #expect(own.map(\.name).contains("network.1.2.1.2.weight") && own.map(\.name).contains("network.2.weight"))
    for entry in own {
      for position in entry.offset..<entry.offset + entry.shape.count {
        let (start, width) = (values[position], 1e-5)
        values[position] = start + width
        let above = run().loss
        values[position] = start - width
        let below = run().loss
        values[position] = start
        let difference = (above - below) / (2 * width)
        #expect(abs(gradient[position] - difference) < 1e-6 * (1 + abs(difference)), "\(entry.name) at \(position)")
      }
    }
    #expect(own.allSatisfy { entry in abs(gradient[entry.offset]) > 1e-6 })
  }
}
