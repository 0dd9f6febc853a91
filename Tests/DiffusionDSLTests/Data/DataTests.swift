import Testing

@testable import DiffusionDSL

/// Data that cannot be used is refused with its place, and data in any unit can be.
@Suite struct DataTests {
  static let nan = Double.nan
  static let infinity = Double.infinity

  /// What is refused when rows are taken up.
  static let refused: [(rows: [[Double]], error: DataError, message: String)] = [
    ([], .empty, "the data has no rows: give at least one"),
    ([[], []], .noColumns, "the rows have no numbers: give at least one column"),
    (
      [[1, 2], [3, .nan], [.nan, 0]], .notFinite(row: 1, column: 1, value: "nan"),
      "row 1, column 1 is nan: give a finite number, nil for a missing cell, or leave the row out"
    ),
    (
      [[1, 2], [3, 4], [-.infinity, 0]], .notFinite(row: 2, column: 0, value: "-inf"),
      "row 2, column 0 is -inf: give a finite number, nil for a missing cell, or leave the row out"
    ),
    (
      [[1, 2], [3], [1, .nan]], .ragged(row: 1, expected: 2, found: 1),
      "row 1 has 1 numbers where row 0 has 2: give every row as many"
    ),
    (
      [[1], [1, 2]], .ragged(row: 1, expected: 1, found: 2),
      "row 1 has 2 numbers where row 0 has 1: give every row as many"
    ),
  ]

  @Test(arguments: refused.indices) func isRefusedWithItsPlace(_ index: Int) {
    let (rows, error, message) = DataTests.refused[index]
    #expect(throws: error) { _ = try Dataset(rows) }
    #expect("\(error)" == message)
  }

  /// One long row and many short ones do not ask for the memory of as many long ones.
  @Test func oneLongRowIsNoReasonToSetMemoryAside() {
    var rows = Array(repeating: [0.0], count: 4_000_000)
    rows[0] = Array(repeating: 0, count: 40_000_000)
    #expect(throws: DataError.ragged(row: 1, expected: 40_000_000, found: 1)) { _ = try Dataset(rows) }
  }

  @Test func flatNumbersAreRefusedToo() {
    func error(_ flat: [Double], _ dimensions: Int) -> DataError? {
      do throws(DataError) {
        _ = try Dataset(complete: flat, dimensions: dimensions)
        return nil
      } catch { return error }
    }
    #expect(error([], 2) == .empty)
    #expect(error([1, 2, 3], 2) == .notWholeRows(numbers: 3, dimensions: 2))
    #expect(error([1, 2, 3], 0) == .notWholeRows(numbers: 3, dimensions: 0))
    #expect(error([1, 2, 3], -1) == .notWholeRows(numbers: 3, dimensions: -1))
    #expect(error([1, 2, 3, .infinity], 2) == .notFinite(row: 1, column: 1, value: "inf"))
    #expect(
      error([1, 2, 3], 2).map { "\($0)" }
        == "3 numbers are no whole number of rows of 2: give dimensions >= 1 that divide them")
    #expect(throws: DataError.notFinite(row: 0, column: 1, value: "inf")) {
      _ = try Dataset(complete: [Float(1), .infinity], dimensions: 2)
    }
    #expect(throws: DataError.empty) {
      _ = try Dataset(viewing: UnsafeBufferPointer(start: nil, count: 0), dimensions: 2, owner: nil)
    }
  }

  private func message(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return "none"
    } catch { return "\(error)" }
  }

  @Test func dataThatDoNotFitAModelAreRefused() async throws {
    let definition = SmallModel.perStep.definition
    let constant = [[1.0, 0.1], [2, 0.1], [4, 0.1]]
    #expect(
      await message { _ = try await definition.fit(to: constant, steps: 1, seed: 1) }
        == "column 1 is 0.1 in every row, so its density is infinite: leave it out, or train with scaling: .none")
    #expect(
      await message { _ = try await definition.fit(to: [[3.5, -1.25]], steps: 1, seed: 1) }
        == "1 row is too few for a standard deviation: give 2 or more, or, to train, scaling: .none")
    // As they are, they can be trained on.
    let options = TrainingOptions(batchSize: 32, scaling: .none)
    #expect(await message { _ = try await definition.fit(to: constant, steps: 3, seed: 1, options: options) } == "none")
    #expect(
      await message { _ = try await definition.fit(to: [[3.5, -1.25]], steps: 3, seed: 1, options: options) } == "none")

    let wrong = "the rows have 3 numbers where the model has 2 dimensions: make them equal"
    let wide = try SmallModel.bumps.data()
    let trained = try SmallModel.perStep.trained(steps: 2)
    #expect(await message { _ = try await definition.fit(to: wide, steps: 1, seed: 1) } == wrong)
    #expect(
      await message {
        _ = try await definition.fit(
          to: SmallModel.perStep.data(), steps: 1, seed: 1, options: TrainingOptions(heldOut: wide))
      } == "the heldOut rows have 3 numbers where the model has 2 dimensions: make them equal")
    #expect(await message { _ = try trained.lowerBound(on: wide) } == wrong)
    #expect(await message { _ = try trained.forwardTrajectory(of: wide, seed: 1) } == wrong)
    #expect(await message { _ = try trained.sample(0, seed: 1) } == "the number of samples is 0: give 1 or more")
    #expect(await message { _ = try trained.sample(-3, seed: 1) } == "the number of samples is -3: give 1 or more")
    #expect(
      await message { _ = try trained.sample(.max, seed: 1) }
        == "the number of samples is 9223372036854775807: give at most 1073741823")
    #expect(
      await message { _ = try trained.reverseTrajectory(count: 0, seed: 1) }
        == "the number of chains is 0: give 1 or more")
    #expect(
      await message { _ = try trained.reverseTrajectory(count: .max, seed: 1) }
        == "the number of chains is 9223372036854775807: give at most 1073741823")
    #expect(
      await message { _ = try trained.lowerBound(on: SmallModel.perStep.data(), draws: .max) }
        == "draws is 9223372036854775807: give at most 100000")
    #expect(
      await message { _ = try trained.lowerBound(on: SmallModel.perStep.data(), draws: 0) }
        == "draws is 0: give 1 or more")
  }

  // MARK: - Standardisation

  static func standardising(_ data: Dataset) throws(DataError) -> Scaling {
    try Scaling(GaussianKernel(dimensions: data.dimensions).definition, for: data, .standardise)
  }

  /// Numbers of an even spread: mean 0 and variance 1 in the limit.
  static func even(_ count: Int) -> [Double] {
    (0..<count).map { 12.0.squareRoot() * ((Double($0) + 0.5) / Double(count) - 0.5) }
  }

  @Test(arguments: [(1e9, 1e-3), (-1e9, 1e-3), (0, 1), (1e300, 1e297), (0, 1e-300), (1e-3, 1e9), (0, 1e300)])
  func standardisationKeepsItsDigits(_ mean: Double, _ deviation: Double) throws {
    let count = 100_000
    let rows = DataTests.even(count).map { mean + deviation * $0 }
    let scaling = try DataTests.standardising(Dataset(complete: rows, dimensions: 1))
    // As exact as the numbers themselves, each rounded to Double.
    let rounding = mean.ulp / deviation
    #expect((scaling.mean[0] - mean).magnitude / deviation <= rounding + 1e-12)
    #expect((scaling.scale[0] / deviation - 1).magnitude <= rounding + 1e-9)
    // And so is what becomes of them.
    let scaled = rows.map { ($0 - scaling.mean[0]) / scaling.scale[0] }
    for (value, expected) in zip(scaled, DataTests.even(count)) where (value - expected).magnitude > 2 * rounding + 1e-8
    {
      Issue.record("\(value) instead of \(expected)")
      break
    }
    #expect(scaled.reduce(0, +).magnitude / Double(count) <= rounding + 1e-12)
  }

  @Test func numbersTooFarApartAreRefused() {
    func error(_ flat: [Double], _ dimensions: Int) -> DataError? {
      do throws(DataError) {
        _ = try DataTests.standardising(Dataset(complete: flat, dimensions: dimensions))
        return nil
      } catch { return error }
    }
    #expect(error([1, 0, 2, 1.7e308, 3, -1.7e308], 2) == .outOfRange(row: 1, column: 1, value: 1.7e308))
    let subnormal = Double.leastNormalMagnitude / 64
    #expect(error([1, 0, 2, subnormal], 2) == .outOfRange(row: 1, column: 1, value: subnormal))
    #expect(
      "\(DataError.outOfRange(row: 2, column: 1, value: -1.7e308))"
        == "row 2, column 1 is -1.7e+308, and the column's standard deviation lies outside what can be divided by: "
        + "give the column in a unit that brings its numbers nearer to 1")
    #expect(error([0.3, 0.3, 0.3], 1) == .constantColumn(column: 0, value: 0.3))
    // Two neighbouring numbers are not one.
    #expect(error([1, 1.0.nextUp], 1) == nil)
  }

  /// A model in large units is the same model: its samples and bits are only given in other units.
  @Test func unitsOnlyChangeUnits() throws {
    let model = SmallModel.perStep
    let rows = model.rows(200)
    // A power of two changes no digit.
    let factor = 0x1p40
    let large = rows.map { $0 * factor }
    let plain = try model.trained(steps: 20, data: Dataset(complete: rows, dimensions: 2))
    let scaled = try model.trained(steps: 20, data: Dataset(complete: large, dimensions: 2))
    #expect(plain.parameters == scaled.parameters)
    #expect(try scaled.sample(50, seed: 1).flat == plain.sample(50, seed: 1).flat.map { $0 * factor })
    let bits = try [(plain, rows), (scaled, large)].map { try $0.lowerBound(on: Dataset(complete: $1, dimensions: 2)) }
    for (a, b) in zip(bits[0].rowBits, bits[1].rowBits) { #expect((a - b - 80).magnitude < 1e-9 * (80 + a.magnitude)) }
  }

  // MARK: - Ways to give data

  @Test func aViewOverMemoryIsWorthTheSameAsArrays() throws {
    final class Memory {
      let numbers: UnsafeMutableBufferPointer<Float>
      var onEnd: () -> Void
      init(_ values: [Float], onEnd: @escaping () -> Void) {
        numbers = .allocate(capacity: values.count)
        _ = numbers.initialize(from: values)
        self.onEnd = onEnd
      }
      deinit {
        numbers.deallocate()
        onEnd()
      }
    }
    let model = SmallModel.perStep
    let floats = model.rows(300).map { Float($0) }
    var isGone = false
    do {
      let memory = Memory(floats) { isGone = true }
      let view = try Dataset(viewing: UnsafeBufferPointer(memory.numbers), dimensions: 2, owner: memory)
      let ways: [Dataset] = try [
        view, Dataset(complete: floats, dimensions: 2), Dataset(complete: floats.map { Double($0) }, dimensions: 2),
        Dataset(stride(from: 0, to: floats.count, by: 2).map { Array(floats[$0..<$0 + 2]) }),
      ]
      let trained = try ways.map { try model.trained(steps: 30, data: $0) }
      let bounds = try ways.map { try trained[0].lowerBound(on: $0) }
      for index in ways.indices {
        #expect(ways[index].count == 300 && ways[index].dimensions == 2)
        #expect(ways[index][299] == ways[0][299] && ways[index][300] == [] && ways[index][-1] == [])
        #expect(trained[index].parameters == trained[0].parameters)
        #expect(trained[index].scaling == trained[0].scaling)
        #expect(bounds[index].rowNats == bounds[0].rowNats)
      }
      // A view sees its memory; nothing was copied.
      memory.numbers[598] = 123
      #expect(view[299][0] == 123)
      #expect(!isGone)
    }
    #expect(isGone)
  }
}
