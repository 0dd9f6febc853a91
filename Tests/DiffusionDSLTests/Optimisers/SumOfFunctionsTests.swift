import Distributions
import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// The sum of functions optimiser on functions whose minimum is known.
struct SumOfFunctionsTests {
  private static func start(_ dimensions: Int) -> [Double] { (0..<dimensions).map { 3 + Double($0 % 3) } }

  private static func minimiser(_ sum: QuadraticSum, history: Int = 10) -> SumOfFunctionsMinimiser {
    SumOfFunctionsMinimiser(from: start(sum.dimensions), functions: sum.count, history: history)
  }

  /// Logarithms of sums of squares: their curvature is negative away from their centres.
  private static func bent(_ function: Int, _ x: [Double], _ gradient: inout [Double]) -> Double {
    var value = 0.0
    gradient = x.indices.map { index in
      let change = x[index] - sin(Double(7 * function + index))
      value += log(1 + change * change)
      return 2 * change / (1 + change * change)
    }
    return value
  }

  @Test(arguments: [(10, 20), (10, 8), (25, 40)])
  func aSumOfQuadraticsIsMinimisedToTheLastPlaces(count: Int, dimensions: Int) throws {
    let sum = QuadraticSum(count: count, dimensions: dimensions, seed: 3)
    var minimiser = SumOfFunctionsTests.minimiser(sum)
    let first = sum.gradientNorm(at: minimiser.position)
    var evaluations = 0
    for _ in 0..<25 * count {
      try minimiser.step {
        evaluations += 1
        return sum.evaluate($0, at: $1, gradient: &$2)
      }
    }
    #expect(sum.gradientNorm(at: minimiser.position) < 1e-13 * first)
    // Next to no step went too far.
    #expect(evaluations < 26 * count)
  }

  /// First steps of lambda 1e5 are shorter than what single precision tells from 0 beside parameters of this size.
  @Test func parametersFarFromZeroMoveInSinglePrecision() throws {
    let sum = QuadraticSum(count: 10, dimensions: 20, seed: 3)
    var minimiser = SumOfFunctionsMinimiser(
      from: (0..<20).map { $0 % 2 == 0 ? 40.0 : -40 }, functions: 10, history: 10)
    minimiser.rounding = 1e-6
    let first = sum.gradientNorm(at: minimiser.position)
    for _ in 0..<300 {
      try minimiser.step { function, position, gradient in
        // What an evaluation in single precision sees of the position, and what it gives.
        let value = sum.evaluate(function, at: position.map { Double(Float($0)) }, gradient: &gradient)
        gradient = gradient.map { Double(Float($0)) }
        return Double(Float(value))
      }
    }
    #expect(minimiser.functions.allSatisfy { !$0.pairs.isEmpty })
    #expect(sum.gradientNorm(at: minimiser.position) < 1e-4 * first)
  }

  @Test func itsInvariantsHoldAtEachStep() throws {
    let (count, dimensions) = (6, 50)
    var minimiser = SumOfFunctionsMinimiser(
      from: SumOfFunctionsTests.start(dimensions), functions: count, history: 3)
    var (collapses, negatives) = (0, 0)
    for _ in 0..<20 * count {
      let before = minimiser.basis.count
      try minimiser.step { SumOfFunctionsTests.bent($0, $1, &$2) }
      if minimiser.basis.count < before { collapses += 1 }
      negatives += minimiser.functions.reduce(0) { $0 + $1.signs.filter { $0 < 0 }.count }
      // The basis is orthonormal, and the position lies in its span.
      let directions = minimiser.basis.values
      let size = minimiser.basis.count
      func direction(_ index: Int) -> [Double] { Array(directions[index * dimensions..<(index + 1) * dimensions]) }
      for row in 0..<size {
        for column in 0...row {
          #expect((direction(row).dot(direction(column)) - (row == column ? 1 : 0)).magnitude < 1e-12)
        }
      }
      var position = Array(repeating: 0.0, count: dimensions)
      minimiser.basis.add(Array(minimiser.place.prefix(size)), to: &position)
      #expect(position.minus(minimiser.position).norm < 1e-12 * position.norm)
      // The total is what the functions' parts sum up to, symmetric and positive definite.
      let total = minimiser.total
      for row in 0..<size { for column in 0..<row { #expect(total[row, column] == total[column, row]) } }
      let probe = (0..<size).map { cos(Double($0)) }
      let parts = minimiser.functions.filter { $0.isActive && $0.evaluations > 0 }.reduce(
        into: Array(repeating: 0.0, count: size)
      ) { $0.add(1, $1.hessian(times: probe.padded(to: minimiser.basis.capacity))) }
      #expect(total.times(probe).minus(parts).norm < 1e-9 * parts.norm)
      #expect(try #require(total.eigensystem).values[0] > 0)
    }
    #expect(collapses > 1, "the subspace was full more than once")
    #expect(negatives > 0, "BFGS went below lambda somewhere")
  }

  @Test func aCollapseLeavesThePredictedGradientAsItWas() throws {
    let sum = QuadraticSum(count: 8, dimensions: 60, seed: 5)
    var minimiser = SumOfFunctionsTests.minimiser(sum)
    for _ in 0..<30 { try minimiser.step { sum.evaluate($0, at: $1, gradient: &$2) } }
    func gradient() -> [Double] {
      var gradient = Array(repeating: 0.0, count: sum.dimensions)
      minimiser.basis.add(Array(minimiser.predictedGradient.prefix(minimiser.basis.count)), to: &gradient)
      return gradient
    }
    let (before, size) = (gradient(), minimiser.basis.count)
    minimiser.collapse()
    #expect(minimiser.basis.count < size)
    let scale = minimiser.functions.reduce(0) { $0 + $1.gradient.norm }
    #expect(gradient().minus(before).norm < 1e-12 * scale)
    for function in minimiser.functions where function.isActive {
      #expect(function.position.count == minimiser.basis.capacity)
    }
  }

  @Test func aRotationRotatesThePath() throws {
    let sum = QuadraticSum(count: 5, dimensions: 12, seed: 7)
    let rotation = QuadraticSum.rotation(12, seed: 1)
    func turned(_ x: [Double]) -> [Double] { rotation.map { $0.dot(x) } }
    func back(_ x: [Double]) -> [Double] {
      rotation.indices.map { column in rotation.indices.reduce(0) { $0 + rotation[$1][column] * x[$1] } }
    }
    var minimiser = SumOfFunctionsTests.minimiser(sum)
    var other = SumOfFunctionsMinimiser(
      from: turned(SumOfFunctionsTests.start(12)), functions: 5, history: 10)
    for step in 0..<25 {
      try minimiser.step { sum.evaluate($0, at: $1, gradient: &$2) }
      try other.step { function, x, gradient in
        let value = sum.evaluate(function, at: back(x), gradient: &gradient)
        gradient = turned(gradient)
        return value
      }
      let apart = turned(minimiser.position).minus(other.position).norm
      #expect(apart < 1e-7 * other.position.norm, "step \(step)")
    }
  }

  @Test func whatIsKeptGoesOnBitForBit() throws {
    let sum = QuadraticSum(count: 4, dimensions: 30, seed: 9)
    var whole = SumOfFunctionsTests.minimiser(sum)
    for step in 0..<40 {
      if step % 7 == 6 {
        let restored = SumOfFunctionsMinimiser(whole.tensors, parameterCount: 30, functions: 4, history: 10)
        var copy = try #require(restored)
        #expect(copy.tensors == whole.tensors)
        try copy.step { sum.evaluate($0, at: $1, gradient: &$2) }
        try whole.step { sum.evaluate($0, at: $1, gradient: &$2) }
        #expect(copy.tensors == whole.tensors)
      } else {
        try whole.step { sum.evaluate($0, at: $1, gradient: &$2) }
      }
    }
    for name in whole.tensors.keys {
      var tensors = whole.tensors
      tensors[name] = nil
      #expect(SumOfFunctionsMinimiser(tensors, parameterCount: 30, functions: 4, history: 10) == nil, "\(name)")
      tensors[name] = StateTensor([1.0])
      #expect(SumOfFunctionsMinimiser(tensors, parameterCount: 30, functions: 4, history: 10) == nil, "\(name)")
    }
    #expect(SumOfFunctionsMinimiser(whole.tensors, parameterCount: 31, functions: 4, history: 10) == nil)
  }

  @Test func blocksAndThreadsMakeNoDifference() throws {
    // Several blocks of rows, on one thread, on three, and gone on with from what is kept.
    let sum = QuadraticSum(count: 3, dimensions: 4, seed: 13)
    let length = 3_000
    func evaluate(_ function: Int, _ x: [Double], _ gradient: inout [Double]) -> Double {
      // The four numbers of the quadratics are spread over all, with a curvature of their own for each.
      var small: [Double] = []
      let parts = (0..<4).map { part in
        stride(from: part, to: length, by: 4).reduce(0) { $0 + x[$1] } / Double(length / 4)
      }
      var value = sum.evaluate(function, at: parts, gradient: &small)
      gradient = x.indices.map { index in
        let stiffness = 1e-3 * Double(1 + index % 7)
        value += stiffness * x[index] * x[index] / 2
        return small[index % 4] / Double(length / 4) + stiffness * x[index]
      }
      return value
    }
    let start = (0..<length).map { sin(Double($0)) }
    var one = SumOfFunctionsMinimiser(from: start, functions: 3, history: 5)
    var three = SumOfFunctionsMinimiser(from: start, functions: 3, history: 5)
    three.basis.pool = WorkerPool(threads: 3)
    var gradient: [Double] = []
    let first = (0..<3).reduce(0) { $0 + evaluate($1, start, &gradient) }
    for step in 0..<30 {
      try one.step { evaluate($0, $1, &$2) }
      try three.step { evaluate($0, $1, &$2) }
      #expect(one.position == three.position, "step \(step)")
      if step == 17 {
        let kept = SumOfFunctionsMinimiser(one.tensors, parameterCount: length, functions: 3, history: 5)
        one = try #require(kept)
      }
    }
    #expect((0..<3).reduce(0) { $0 + evaluate($1, one.position, &gradient) } < 0.5 * first)
  }

  @Test func aWallIsStayedClearOf() throws {
    // Defined where |x| < 1 alone: a slope that ends at a steep wall, so that steps from where it is nearly straight go
    // far beyond.
    func evaluate(_ function: Int, _ x: [Double], _ gradient: inout [Double]) throws -> Double {
      var value = 0.0
      gradient = x.indices.map { index in
        let slope = 1 + 0.3 * sin(Double(5 * function + index))
        value -= slope * x[index] + 0.02 * log(1 - x[index] * x[index])
        return -slope + 0.04 * x[index] / (1 - x[index] * x[index])
      }
      guard value.isFinite else { throw NotFinite(timeStep: 1, place: "the wall") }
      return value
    }
    var (failures, gradient) = (0, [Double]())
    var minimiser = SumOfFunctionsMinimiser(
      from: Array(repeating: -0.3, count: 10), functions: 5, history: 10)
    func total(_ x: [Double]) throws -> Double {
      try (0..<5).reduce(0) { try $0 + evaluate($1, x, &gradient) }
    }
    let first = try total(minimiser.position)
    for _ in 0..<500 {
      try minimiser.step { function, x, gradient in
        do { return try evaluate(function, x, &gradient) } catch {
          failures += 1
          throw error
        }
      }
      #expect(minimiser.position.allSatisfy { $0.isFinite })
    }
    #expect(try total(minimiser.position) < first)
    // The sum's gradient is 0 there.
    var sum = Array(repeating: 0.0, count: 10)
    for function in 0..<5 {
      _ = try evaluate(function, minimiser.position, &gradient)
      sum.add(1, gradient)
    }
    #expect(sum.norm < 1e-6)

    #expect(failures > 0, "some steps went too far")
    // Where the start isn't finite there is nowhere to go back to.
    var lost = SumOfFunctionsMinimiser(from: Array(repeating: 2, count: 10), functions: 5, history: 10)
    #expect(throws: OptimiserError.self) { try lost.step { try evaluate($0, $1, &$2) } }
  }

  @Test func functionsBecomeActiveAsTheyAreNeeded() throws {
    // Alike, they need two; apart, all of them soon.
    func steps(until wanted: Int, _ evaluate: SumOfFunctionsMinimiser.Evaluation) throws -> Int {
      var minimiser = SumOfFunctionsMinimiser(from: SumOfFunctionsTests.start(4), functions: 20, history: 5)
      #expect(minimiser.functions.filter(\.isActive).count == 2)
      for step in 1...1_000 {
        try minimiser.step(evaluate)
        if minimiser.functions.filter(\.isActive).count >= wanted { return step }
      }
      return .max
    }
    let apart = QuadraticSum(count: 20, dimensions: 4, seed: 11)
    let noisy = try steps(until: 20) { apart.evaluate($0, at: $1, gradient: &$2) }
    let alike = try steps(until: 20) { apart.evaluate($0 * 0, at: $1, gradient: &$2) }
    #expect(noisy < alike)
    // After as many steps as are active, one more: 2 + 3 + ... + 19.
    #expect(alike <= 209)
  }

  // MARK: - In training

  @Test func aTrainingLowersTheLossAndDoesNotDependOnThreadsOrStops() async throws {
    let rows = OptimiserExtensionTests.rows()
    func options(_ threads: Int) -> TrainingOptions { TrainingOptions(batchSize: 64, threads: threads) }
    for readout in [Readout(.perStep), Readout(.bumps(3))] {
      let definition = Diffusion {
        GaussianKernel(dimensions: 2)
        Cosine(steps: 20)
        ReverseNetwork(mean: .noise) {
          Dense(6, activation: .tanh)
          readout
        }
      }
      func bits(_ model: TrainedDiffusion) throws -> Double { try model.lowerBound(on: rows, seed: 1).bits }
      let whole = try await definition.fit(
        to: rows, using: .sumOfFunctions(minibatches: 6, history: 4), steps: 90, seed: 2, options: options(1))
      let other = try await definition.fit(
        to: rows, using: .sumOfFunctions(minibatches: 6, history: 4), steps: 40, seed: 2, options: options(3))
      let resumed = try await other.resume(on: rows, totalSteps: 90, options: options(2))
      #expect(OptimiserExtensionTests.parameters(resumed) == OptimiserExtensionTests.parameters(whole))
      let short = try await definition.fit(
        to: rows, using: .sumOfFunctions(minibatches: 6), steps: 2, seed: 2, options: options(1))
      #expect(try bits(whole) > bits(short) + 0.2)
    }
  }

  @Test func faultsAreTold() {
    #expect(SumOfFunctions().faults.isEmpty)
    #expect(SumOfFunctions(minibatches: 1).faults == ["minibatches is 1; give a number from 2 to 1000"])
    #expect(SumOfFunctions(history: 0).faults == ["history is 0; give a number from 1 to 1000"])
    #expect(throws: OptimiserError.self) {
      try SumOfFunctions().makeRun(parameterCount: 3, state: ["basis": StateTensor([1.0])])
    }
  }
}
