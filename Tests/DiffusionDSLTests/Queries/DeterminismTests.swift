import Formulas
import Testing

@testable import DiffusionDSL

/// Results that depend on neither the number of threads nor how rows are cut into batches.
@Suite struct DeterminismTests {
  static let precisions = [Precision.single, .double]

  @Test(arguments: SmallModel.all, precisions)
  func trainingDoesNotDependOnThreads(_ model: SmallModel, _ precision: Precision) throws {
    for batch in [1, 100, 1_024] {
      let results = try [1, 2, 7].map { threads in
        try model.trained(
          steps: 50,
          options: TrainingOptions(batchSize: batch, averaging: 0.9, clipping: 1, threads: threads).with {
            $0.precision = precision
          })
      }
      let first = results[0].parameters.map(\.bitPattern)
      #expect(first.contains { $0 != 0 })
      for other in results.dropFirst() {
        #expect(other.parameters.map(\.bitPattern) == first, "batch \(batch)")
        #expect(isSame(other.state, results[0].state), "batch \(batch)")
      }
      // And the seed does something.
      let unlike = try model.trained(
        steps: 50, seed: 6, options: TrainingOptions(batchSize: batch).with { $0.precision = precision })
      #expect(unlike.parameters.map(\.bitPattern) != first)
    }
  }

  private func options(_ precision: Precision, _ level: VectorLevel, threads: Int = 2, tileRows: Int = 128)
    -> ComputeOptions
  {
    var options = ComputeOptions(threads: threads, precision: precision, vectorLevel: level)
    options.tileRows = tileRows
    return options
  }

  @Test(arguments: SmallModel.all, precisions)
  func samplesDependOnTheirChainAlone(_ model: SmallModel, _ precision: Precision) throws {
    let trained = try model.trained(steps: 50)
    let count = 1_000
    for level in VectorLevel.allCases where level.isAvailable {
      let whole = try trained.sample(count, seed: 9, options: options(precision, level))
      #expect(whole.flat.allSatisfy { $0.isFinite })
      for threads in [1, 7] {
        #expect(try trained.sample(count, seed: 9, options: options(precision, level, threads: threads)) == whole)
      }
      for batch in [1, 3, 64, 1_000] {
        let inside = try trained.sample(count, seed: 9, options: options(precision, level, tileRows: batch))
        #expect(inside == whole, "tiles of \(batch), \(level)")
        // Batches of one row as calls of their own take long; a few show as much.
        let total = min(count, 40 * batch)
        var calls: [Double] = []
        for first in stride(from: 0, to: total, by: batch) {
          calls += try trained.sample(
            min(batch, total - first), seed: 9, firstChain: UInt64(first), options: options(precision, level)
          ).flat
        }
        #expect(calls == Array(whole.flat.prefix(calls.count)), "calls of \(batch), \(level)")
      }
    }
    #expect(try trained.sample(10, seed: 10) != trained.sample(10, seed: 9))
  }

  @Test(arguments: SmallModel.all, precisions)
  func boundsDependOnTheirRowAndChainAlone(_ model: SmallModel, _ precision: Precision) throws {
    let trained = try model.trained(steps: 50)
    let count = 1_000
    let flat = model.rows(count, seed: 2)
    let data = try Dataset(complete: flat, dimensions: trained.dimensions)
    for level in VectorLevel.allCases where level.isAvailable {
      let whole = try trained.lowerBound(on: data, seed: 4, draws: 2, options: options(precision, level))
      #expect(whole.rowNats.allSatisfy { $0.isFinite })
      for threads in [1, 7] {
        let other = try trained.lowerBound(
          on: data, seed: 4, draws: 2, options: options(precision, level, threads: threads))
        #expect(other.rowNats == whole.rowNats, "\(threads) threads")
        // The sums over rows, too.
        #expect(other.terms.map(\.nats) == whole.terms.map(\.nats), "\(threads) threads")
        #expect(other.nullNats == whole.nullNats, "\(threads) threads")
      }
      for batch in [1, 3, 64, 1_000] {
        let inside = try trained.lowerBound(
          on: data, seed: 4, draws: 2, options: options(precision, level, tileRows: batch))
        #expect(inside.rowNats == whole.rowNats, "tiles of \(batch), \(level)")
        let total = min(count, 40 * batch)
        var calls: [Double] = []
        for first in stride(from: 0, to: total, by: batch) {
          let rows = first * trained.dimensions..<min(total, first + batch) * trained.dimensions
          calls += try trained.lowerBound(
            on: Dataset(complete: Array(flat[rows]), dimensions: trained.dimensions), seed: 4, draws: 2,
            firstChain: UInt64(first), options: options(precision, level)
          ).rowNats
        }
        #expect(calls == Array(whole.rowNats.prefix(calls.count)), "calls of \(batch), \(level)")
      }
    }
  }

  /// Few rows are spread over the threads, whose number must not show in a sum.
  @Test(arguments: [1, 17, 90, 333]) func aFewRowsAreSummedInOneOrder(_ count: Int) throws {
    let trained = try SmallModel.perStep.trained(steps: 20)
    let data = try SmallModel.perStep.data(count, seed: 8)
    let bounds = try [1, 2, 3, 7].map { try trained.lowerBound(on: data, options: ComputeOptions(threads: $0)) }
    for bound in bounds.dropFirst() {
      #expect(bound.rowNats == bounds[0].rowNats)
      #expect(bound.terms.map(\.nats) == bounds[0].terms.map(\.nats))
      #expect(bound.nullNats == bounds[0].nullNats)
    }
  }

  @Test(arguments: SmallModel.all) func trajectoriesEndInTheSamples(_ model: SmallModel) throws {
    let trained = try model.trained(steps: 30)
    let samples = try trained.sample(150, seed: 3, firstChain: 70)
    let slices = Array(try trained.reverseTrajectory(count: 150, seed: 3, firstChain: 70))
    #expect(slices.map(\.step) == Array((0...trained.steps).reversed()))
    #expect(slices.last?.states == samples)
  }
}
