import Foundation
import Testing

@testable import density

/// What scipy makes of the same rows; see References/generate.py.
private struct Reference: Decodable {
  var dimensions: Int
  var training: [Double]
  var test: [Double]
  var gaussian: [Double]
  var bandwidth: Double
  var kernels: [Double]

  static func load() throws -> Reference {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("References")
    return try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: folder.appendingPathComponent("densities.json")))
  }

  var trainingRows: RowMatrix { RowMatrix(values: training, dimensions: dimensions) }
  var testRows: RowMatrix { RowMatrix(values: test, dimensions: dimensions) }
}

private let names = ["a", "b", "c"]

@Suite struct BaselineTests {
  @Test func gaussianAgreesWithSciPy() throws {
    let reference = try Reference.load()
    let bits = try GaussianDensity(reference.trainingRows, columns: names).log2Density(of: reference.testRows)
    for (ours, theirs) in zip(bits, reference.gaussian) { #expect(abs(ours - theirs) < 1e-9 * abs(theirs)) }
    #expect(bits.count == reference.gaussian.count)
  }

  @Test func kernelsAgreeWithSciPyAtEqualBandwidth() throws {
    let reference = try Reference.load()
    let whitening = try GaussianDensity(reference.trainingRows, columns: names)
    let centres = (0..<reference.trainingRows.count).flatMap { whitening.whitened(reference.trainingRows[$0]) }
    let density = KernelDensity(whitening: whitening, centres: centres, bandwidth: reference.bandwidth)
    let bits = try density.log2Density(of: reference.testRows)
    for (ours, theirs) in zip(bits, reference.kernels) { #expect(abs(ours - theirs) < 1e-9 * abs(theirs)) }
    #expect(bits.count == reference.kernels.count)
  }

  @Test func theBandwidthIsTheLeaveOneOutOptimum() async throws {
    let reference = try Reference.load()
    let fitted = try await KernelMethod().fit(
      reference.trainingRows, columns: names, options: FitOptions(seed: 1), progress: { _ in })
    let density = try #require(fitted as? KernelDensity)
    #expect(abs(density.bandwidth / reference.bandwidth - 1) < 1e-3)
    #expect(density.notes.isEmpty)
  }

  @Test func manyRowsAreThinnedAndSaid() async throws {
    let reference = try Reference.load()
    let fitted = try await KernelMethod(mostCentres: 50, mostForBandwidth: 20).fit(
      reference.trainingRows, columns: names, options: FitOptions(seed: 1), progress: { _ in })
    let density = try #require(fitted as? KernelDensity)
    #expect(density.centres.count == 150 && density.notes.count == 1)
  }

  /// Five standard errors: a false alarm in less than one of a million runs, were the seed to change.
  @Test func samplesHaveTheMomentsOfTheDensity() async throws {
    let reference = try Reference.load()
    let training = reference.trainingRows
    let gaussian = try GaussianDensity(training, columns: names)
    let kernels = try await KernelMethod().fit(
      training, columns: names, options: FitOptions(seed: 1), progress: { _ in })
    let count = 20_000
    let bandwidth = try #require(kernels as? KernelDensity).bandwidth
    for (samples, spread) in [
      (gaussian.sample(count, seed: 3), 1), (try await kernels.sample(count, seed: 3), 1 + bandwidth * bandwidth),
    ] {
      for column in 0..<3 {
        let data = training.column(column)
        let mean = data.reduce(0, +) / Double(data.count)
        let variance = spread * data.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(data.count)
        let values = samples.column(column)
        let squares = values.map { ($0 - mean) * ($0 - mean) }
        let sampleMean = values.reduce(0, +) / Double(count)
        let sampleVariance = squares.reduce(0, +) / Double(count)
        #expect(abs(sampleMean - mean) < 5 * (variance / Double(count)).squareRoot())
        // No fourth moment of these densities exceeds a Gaussian's by much.
        #expect(abs(sampleVariance - variance) < 5 * variance * (2.5 / Double(count)).squareRoot())
      }
    }
  }

  @Test func columnsWithoutADensityAreNamed() {
    func fit(_ rows: [[Double]]) throws {
      _ = try GaussianDensity(RowMatrix(values: rows.flatMap { $0 }, dimensions: 3), columns: names)
    }
    let some: [(Double, Double)] = [(1, 4), (2, 2), (3, 5), (4, 1), (5, 9)]
    #expect(throws: DensityError.constantColumn(name: "c", value: 7)) { try fit(some.map { [$0.0, $0.1, 7] }) }
    #expect(throws: DensityError.collinear(name: "c", of: ["a", "b"])) {
      try fit(some.map { [$0.0, $0.1, 1e6 * ($0.0 - $0.1) + 3] })
    }
    #expect(throws: DensityError.tooLarge(name: "b")) { try fit(some.map { [$0.0, 1e200 * $0.1, $0.1] }) }
    #expect(throws: DensityError.tooSmall(name: "b")) { try fit(some.map { [$0.0, 1e-300 * $0.1, $0.1] }) }
    #expect(throws: DensityError.tooFarFromZero(name: "c", value: 1e16 + 2)) {
      try fit(some.map { [$0.0, $0.1, 1e16 + 2 * $0.0] })
    }
    #expect(throws: DensityError.collinear(name: "c", of: ["b"])) { try fit(some.map { [$0.0, $0.1, -$0.1] }) }
  }
}

@Suite struct GridTests {
  private func tied(_ count: Int, _ value: (Int) -> Double) -> [Double] {
    (0..<count).map { value(($0 * $0 * 7 + 3 * $0) % 41) }
  }

  @Test func stepsAreFound() {
    #expect(Grid(of: tied(200) { Double($0) }) == .step(1))
    #expect(Grid(of: tied(200) { 2700 + 25 * Double($0) }) == .step(25))
    #expect(Grid(of: tied(200) { (300 + Double($0)) / 10 }) == .step(0.1))
    #expect(Grid(of: tied(200) { Double($0) + 0.5 }) == .step(1))
    #expect(Grid(of: tied(200) { -0.25 * Double($0) }) == .step(0.25))
    #expect(Grid(of: tied(200) { Double($0 % 2) }) == .step(1))
    #expect(Grid(of: tied(200) { 1e7 * Double($0) }) == .step(1e7))
  }

  @Test func stepsThatAreNoDecimalsAreFound() throws {
    for values in [
      tied(200) { (Double($0) / 3 * 1e6).rounded() / 1e6 }, tied(200) { Double($0) / 3 }, tied(200) { Double($0) / 7 },
    ] {
      let unit = try #require(values.filter { $0 > 0 }.min())
      guard case .step(let step) = Grid(of: values) else {
        Issue.record("no step")
        continue
      }
      let parts = (unit / step).rounded()
      #expect(parts >= 1 && parts <= 10)
      #expect(abs(step * parts / unit - 1) < 1e-4)
    }
  }

  @Test func freeValuesAreLeftAlone() {
    let free = (1...500).map { (Double($0) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) }
    #expect(Grid(of: free) == .none)
    #expect(Grid(of: free.map { ($0 * 1e6).rounded() / 1e6 }) == .none)
    #expect(Grid(of: []) == .none)
    #expect(Grid(of: [1]) == .none)
    #expect(Grid(of: free + free) == .tiesWithoutStep(share: 0.5))
  }

  @Test func noiseStaysWithinTheStepAndIsUndone() {
    let rows = RowMatrix(values: tied(400) { 10 + 0.1 * Double($0) }.map { ($0 * 10).rounded() / 10 }, dimensions: 2)
    var generator = generator(seed: 4, purpose: 2)
    let grids: [Grid] = [.step(0.1), .none]
    let spread = rows.dequantised(grids, using: &generator)
    #expect(spread.column(1) == rows.column(1))
    let moves = zip(spread.column(0), rows.column(0)).map { $0 - $1 }
    #expect(moves.allSatisfy { abs($0) <= 0.05000001 })
    #expect(moves.contains { abs($0) > 0.04 } && Set(moves).count > 150)
    #expect(spread.quantised(grids, origin: rows) == rows)
  }

  @Test func roundedValuesStayWithinWhatWasObserved() {
    let observed = RowMatrix(values: [0, 5, 1, 6], dimensions: 2)
    let drawn = RowMatrix(values: [-0.7, 9, 0.4, 5.2, 1.9, 4], dimensions: 2)
    #expect(drawn.quantised([.step(1), .none], origin: observed).values == [0, 9, 0, 5.2, 1, 4])
  }
}

@Suite struct CrossValidationTests {
  /// Scores a row by the number of training rows that equal it: held out properly, always zero.
  private struct Leak: DensityMethod {
    struct Fitted: FittedDensity {
      let training: RowMatrix
      func log2Density(of rows: RowMatrix) -> [Double] {
        (0..<rows.count).map { row in Double((0..<training.count).count { training[$0] == rows[row] }) }
      }
      func sample(_ count: Int, seed: UInt64) -> RowMatrix { training }
    }
    let name = "leak"
    func fit(
      _ training: RowMatrix, columns: [String], options: FitOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> any FittedDensity { Fitted(training: training) }
  }

  @Test func everyRowIsScoredOnceUnseen() async throws {
    let rows = RowMatrix(values: (0..<46).map { Double($0 * $0 % 101) + Double($0) / 100 }, dimensions: 2)
    let methods: [any DensityMethod] = [GaussianMethod(), Leak()]
    let validation = try await CrossValidation(
      rows, columns: ["a", "b"], methods: methods, folds: 5, options: FitOptions(seed: 1), mostScored: 1_000,
      progress: { _ in })
    #expect(validation.places.sorted() == Array(0..<23))
    #expect(validation.scores[1].allSatisfy { $0 == 0 })
    let gaussian = validation.scores[0]
    let mean = gaussian.reduce(0, +) / 23
    #expect(abs(validation.mean(0) - mean) < 1e-12)
    let difference = validation.difference(1, minus: 0)
    let variance = gaussian.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 22
    #expect(abs(difference.mean + mean) < 1e-12)
    #expect(abs(difference.standardError - (variance / 23).squareRoot()) < 1e-12)
    #expect(abs(validation.standardError(0) - difference.standardError) < 1e-12)
    let least = validation.leastLikely(2, method: 0)
    #expect(least.first?.bits == gaussian.min() && least.count == 2)
  }

  @Test func largeTablesAreScoredInPart() async throws {
    let rows = RowMatrix(values: (0..<200).map { Double($0 * $0 % 101) }, dimensions: 1)
    let validation = try await CrossValidation(
      rows, columns: ["a"], methods: [GaussianMethod()], folds: 5, options: FitOptions(seed: 1), mostScored: 50,
      progress: { _ in })
    #expect(validation.places.count == 50 && Set(validation.places).count == 50)
  }
}
