import Foundation
import Testing

@testable import DiffusionDSL

/// A product of bits, classes and a number against sums over its states.
@Suite struct ProductBoundTests {
  /// K without a draw, from the model's own formulas.
  private func bound(_ trained: TrainedDiffusion, _ row: [Double]) throws -> Double {
    let model = trained.model
    let inputs = [DiffusionModel.data: [row]]
    var loss = try ModelProbe(trained, [model.ends().losses.total], rows: 1).values(step: 1, inputs)[0][0]
    let x0 = model.states(of: row)
    let reverse = model.reverse(of: model.stateInput)
    let losses = zip(model.parts, reverse).map { part, reverse in
      reverse.loss(
        Formula(x0)[part.features].broadcast(to: [part.features.count], stage: .row), model.stateInput[part.features])
    }
    let points = NormalRule(spacing: 0.25).points
    let probe = try ModelProbe(trained, [losses.total], rows: 12 * points.count)
    for t in stride(from: model.firstReverseStep, through: trained.steps, by: 1) {
      let left = trained.betas[0..<t].reduce(1.0) { $0 * (1 - $1) }
      var (states, weights) = ([[Double]](), [Double]())
      for state in ProductOracle.discrete {
        let bits = zip(zip(state.bits, row), ProductOracle.means).reduce(1.0) { product, item in
          let ((now, data), p) = item
          let one = data * left + (1 - left) * p
          return product * (now == 1 ? one : 1 - one)
        }
        let kind = (Double(state.kind) == row[2] ? left : 0) + (1 - left) * ProductOracle.shares[state.kind]
        for point in points {
          states.append(
            state.bits.map(Double.init) + (0..<3).map { $0 == state.kind ? 1 : 0 }
              + [left.squareRoot() * row[3] + (1 - left).squareRoot() * point.x])
          weights.append(bits * kind * point.weight)
        }
      }
      let values = probe.values(step: t, [DiffusionModel.state: states])
      loss += zip(values, weights).reduce(0) { $0 + $1.0[0] * $1.1 }
    }
    return -loss
  }

  static let sizes = [-0.9, 0.2, 1.4]
  static func row(_ state: ProductOracle.Discrete, _ size: Double) -> [Double] {
    state.bits.map(Double.init) + [Double(state.kind), size]
  }

  @Test(arguments: LastStep.both) func theBoundIsThatOfSums(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(lastStep))
    let oracle = ProductOracle(isPaper: lastStep == .paper)
    let marginals = oracle.marginals(at: Self.sizes)
    // What the grid is good for.
    #expect(abs(marginals.integrated.values.reduce(0, +) - 1) < 1e-7)
    for (index, size) in Self.sizes.enumerated() {
      for state in ProductOracle.discrete {
        let expected = oracle.bound(of: state, size: size)
        let found = try bound(trained, Self.row(state, size))
        #expect(abs(found - expected) < 1e-9 * max(1, abs(expected)), "\(state), \(size): \(found), not \(expected)")
        #expect(expected < log(marginals.at[index][state] ?? 0))
      }
    }
  }

  @Test(arguments: LastStep.both) func theEstimatesAreThoseOfSums(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(lastStep))
    let oracle = ProductOracle(isPaper: lastStep == .paper)
    let size = Self.sizes[1]
    let marginals = oracle.marginals(at: [size])
    for state in ProductOracle.discrete {
      let row = Self.row(state, size)
      let bound = try trained.lowerBound(on: Dataset(Array(repeating: row, count: 4_000)), seed: 2)
      let expected = oracle.bound(of: state, size: size)
      #expect(
        abs(bound.nats - expected) < standardErrors(comparisons: 48) * bound.standardErrorNats, "\(state)")
      // Fields have names, parts without one are what they are; together they are K.
      #expect(bound.parts == ["2 bits", "kind", "size"])
      let parts = bound.parts.compactMap { bound.nats(of: $0) }
      #expect(abs(parts.reduce(0, +) - bound.nats) < 1e-5 && parts.count == 3)
      let truth = log(marginals.at[0][state] ?? 0)
      try expectUnbiasedEstimates(
        trained, of: row, truth: truth, seed: 5, comparisons: 48, "\(lastStep), \(state)")
    }
    let bracket = try trained.logProbabilityBracket(samples: 4_000, trajectories: 16, seed: 3)
    #expect(bracket.upper.bits > bracket.lower.bits)
  }

  /// Any pattern of missing cells: K stays below log p of the observed ones, and eq. 9 reaches it.
  @Test(arguments: LastStep.both) func missingCellsAreLeftOutOfTheScore(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(lastStep))
    let oracle = ProductOracle(isPaper: lastStep == .paper)
    let state = ProductOracle.discrete[6]
    let size = Self.sizes[2]
    let row = Self.row(state, size)
    let marginals = oracle.marginals(at: [size])
    for pattern in 1..<15 {
      let cells = row.indices.map { pattern >> $0 & 1 == 1 ? row[$0] : nil }
      let table = cells[3] == nil ? marginals.integrated : marginals.at[0]
      let truth = log(
        table.reduce(0.0) { total, entry in
          let other = Self.row(entry.key, size)
          return zip(cells, other).allSatisfy { $0 == nil || $0 == $1 } ? total + entry.value : total
        })
      let bound = try trained.lowerBound(on: Dataset(Array(repeating: cells, count: 4_000)), seed: 2)
      #expect(bound.nats - 5 * bound.standardErrorNats < truth, "\(cells)")
      let found = try trained.logProbability(of: Dataset([cells]), trajectories: 40_000, seed: 3).rows[0]
      #expect(
        abs(found.nats - truth) < standardErrors(comparisons: 28) * found.standardErrorNats + 1e-4,
        "\(cells): \(found.nats) where \(truth) is right")
    }
    // Nothing is known of a row without a cell, and it is scored so.
    let nothing = try trained.lowerBound(on: Dataset([[Double?](repeating: nil, count: 4)]))
    #expect(nothing.nats == 0)
  }

  /// Samples have the model's own distribution, field by field and together.
  @Test(arguments: LastStep.both) func samplesHaveTheModelsDistribution(_ lastStep: LastStep) throws {
    let trained = try TrainedDiffusion(ProductOracle.definition(lastStep))
    let marginals = ProductOracle(isPaper: lastStep == .paper).marginals(at: [0])
    let count = 40_000
    let samples = try trained.sample(count, seed: 3)
    for (state, chance) in marginals.integrated {
      let wanted = Array(Self.row(state, 0).dropLast())
      let found = Double(samples.count { Array($0.dropLast()) == wanted })
      let error = (Double(count) * chance * (1 - chance)).squareRoot()
      #expect(abs(found - Double(count) * chance) < standardErrors(comparisons: 24) * error, "\(state)")
    }
  }

  /// A definition of a product is a value that files keep.
  @Test func itIsStored() async throws {
    let rows = (0..<60).map { row -> [Double?] in
      let kind: Double? = row % 7 == 0 ? nil : Double(row % 3)
      return [Double(row % 2), kind, Double(row % 5)]
    }
    let trained = try await Diffusion {
      ProductKernel {
        Binary("flag")
        Category("kind", of: ["a", "b", "c"])
        Continuous("size", mean: 2, scale: 3)
      }
      ConstantErasure(steps: 6)
      ReverseNetwork {
        Dense(8, activation: .tanh)
        Readout(.shared)
      }
    }.fit(to: Dataset(rows), steps: 30, seed: 1, options: .init(batchSize: 32))
    #expect(trained.scaling == Scaling(mean: [0, 0, 2], scale: [1, 1, 3]))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try trained.save(to: file)
    let again = try TrainedDiffusion(contentsOf: file)
    #expect(again.definition == trained.definition)
    #expect(again.definition.schema == trained.definition.schema)
    #expect(again.scaling == trained.scaling)
    // Training goes on as if it had not stopped, missing cells' latest draws included.
    let whole = try await trained.resume(on: Dataset(rows), totalSteps: 70)
    let resumed = try await again.resume(on: Dataset(rows), totalSteps: 70)
    #expect(whole.parameters == resumed.parameters)
    #expect(try again.sample(50, seed: 1) == trained.sample(50, seed: 1))
  }
}
