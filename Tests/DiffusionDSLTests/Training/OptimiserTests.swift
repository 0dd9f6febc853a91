import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// Updates and averages against the same recurrences in plain Double.
@Suite struct OptimiserTests {
  /// Parameters that every step updates (w), and some of which a step updates only slices (table).
  static let slices = 6
  static let width = 5

  static func program(_ precision: Precision) throws -> TileProgram {
    var layout = ParameterLayout()
    layout.append("w", shape: [3])
    layout.append("table", shape: [slices, width])
    let table = Formula.parameter("table", shape: [slices, width]).atStep()
    let loss = sum(square(table * .input("x", shape: .scalar))) + sum(Formula.parameter("w", shape: [3]))
    return try TileProgram(outputs: [], loss: loss, layout: layout, precision: precision)
  }

  /// One number's history, as the papers write it.
  struct Plain {
    var value: Double
    var average: Double
    var first = 0.0
    var second = 0.0
    var updates = 0

    mutating func update(_ optimiser: any Optimiser, rate: Double, gradient g: Double) {
      updates += 1
      switch optimiser {
      case let adam as Adam:
        let (beta1, beta2, epsilon) = (adam.beta1, adam.beta2, adam.epsilon)
        first = beta1 * first + (1 - beta1) * g
        second = beta2 * second + (1 - beta2) * g * g
        let mean = first / (1 - pow(beta1, Double(updates)))
        let square = second / (1 - pow(beta2, Double(updates)))
        value -= rate * (mean / (square.squareRoot() + epsilon) + adam.weightDecay * value)
      case let rmsprop as RMSprop:
        let (decay, momentum, epsilon) = (rmsprop.decay, rmsprop.momentum, rmsprop.epsilon)
        second = decay * second + (1 - decay) * g * g
        first = momentum * first + g / (second.squareRoot() + epsilon)
        value -= rate * first
      case let descent as GradientDescent:
        first = descent.momentum * first + g
        value -= rate * first
      default: Issue.record("no recurrence for \(optimiser)")
      }
    }
  }

  static let optimisers: [any Optimiser] = [
    .adam(rate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3), .adam(), .rmsprop(rate: 0.02),
    .rmsprop(rate: 0.02, decay: 0.9, momentum: 0.7, epsilon: 1e-2), .sgd(rate: 0.1, momentum: 0), .sgd(),
    .adam(rate: 0.1, weightDecay: 2),
  ]

  /// An elementwise optimiser at work, told its gradients.
  struct Updates {
    let begin: (_ gradient: AlignedBuffer, _ step: Int, _ rate: Double, _ scale: Double) -> Void
    let apply: (_ touched: [[Int]]) -> Void
  }

  static func updates(_ optimiser: any Optimiser, of parameters: TrainedParameters) throws -> Updates {
    func updates(_ optimiser: some ElementwiseOptimiser) throws -> Updates {
      let updates = try ElementwiseUpdates(optimiser, parameters)
      return Updates(begin: updates.begin, apply: updates.apply)
    }
    let elementwise = try #require(optimiser as? any ElementwiseOptimiser)
    return try updates(elementwise)
  }

  @Test(arguments: optimisers.indices, [1, 10, 300])
  func followsThePapersRecurrence(_ index: Int, _ steps: Int) throws {
    let optimiser = OptimiserTests.optimisers[index]
    for (precision, tolerance) in [(Precision.double, 1e-12), (.single, 2e-5)] {
      for averaging in [nil, 0, 0.5, 0.99] {
        let program = try OptimiserTests.program(precision)
        let layout = program.layout
        let parameters = AlignedBuffer(count: layout.count, precision: precision)
        var numbers = Deviates(seed: UInt64(index))
        let used = layout.entries.flatMap { $0.offset..<$0.offset + $0.shape.count }
        for position in used { parameters[position] = numbers.next() }
        var plain = Dictionary(
          uniqueKeysWithValues: used.map { ($0, Plain(value: parameters[$0], average: parameters[$0])) })
        let trained = TrainedParameters(program: program, buffer: parameters, level: .best)
        let updates = try OptimiserTests.updates(optimiser, of: trained)
        let average = ParameterAverage(of: trained, averaging: averaging)
        let gradient = AlignedBuffer(count: layout.count, precision: precision)
        let w = try #require(layout["w"])
        let table = try #require(layout["table"])
        for step in 0..<steps {
          let touched = (0..<OptimiserTests.slices).filter { _ in numbers.next() > 0.2 }
          // Slices that were not touched hold what an earlier step left there.
          var now = Array(w.offset..<w.offset + 3)
          for slice in touched {
            let start = table.offset + slice * OptimiserTests.width
            now += start..<start + OptimiserTests.width
          }
          for position in now { gradient[position] = numbers.next() }
          let rate = 0.05 / Double(1 + step)
          let scale = step % 3 == 0 ? 0.5 : 1
          average.catchUp([touched])
          updates.begin(gradient, step, rate, scale)
          updates.apply([touched])
          average.follow([touched], step: step)
          for position in now { plain[position]?.update(optimiser, rate: rate, gradient: gradient[position] * scale) }
          if let averaging {
            let decay = min(averaging, Double(1 + step) / Double(10 + step))
            for position in used {
              guard let value = plain[position]?.value, let average = plain[position]?.average else { continue }
              plain[position]?.average = decay * average + (1 - decay) * value
            }
          }
        }
        let result = average.result()
        for position in used {
          let expected = try #require(plain[position])
          #expect(
            (parameters[position] - expected.value).magnitude <= tolerance * max(1, expected.value.magnitude),
            "\(precision), position \(position)")
          let outcome = averaging == nil ? expected.value : expected.average
          // The result is in Float.
          #expect(
            (Double(result[position]) - outcome).magnitude <= max(tolerance, 1e-7) * max(1, outcome.magnitude),
            "\(precision), averaging \(String(describing: averaging)), position \(position)")
        }
      }
    }
  }

  /// Training itself, with its own gradients: the average of the parameters that each step left.
  @Test(arguments: SmallModel.all) func theAverageIsThatOfTheParametersAfterEachStep(_ model: SmallModel) throws {
    let steps = 60
    let averaging = 0.8
    var average: [Double] = []
    for step in 0...steps {
      // Averaging does not change training, so a prefix is the whole training's past.
      let trainer = try model.trainer(steps: max(1, step), options: TrainingOptions(batchSize: 64))
      if step > 0 { try trainer.run(report: { _ in }) }
      let parameters = try #require(trainer.trained().state).parameters.map(Double.init)
      if step == 0 {
        average = parameters
      } else {
        let decay = min(averaging, Double(step) / Double(9 + step))
        average = zip(average, parameters).map { decay * $0 + (1 - decay) * $1 }
      }
    }
    let averaged = try model.trained(steps: steps, options: TrainingOptions(batchSize: 64, averaging: averaging))
    for (value, expected) in zip(averaged.parameters, average) {
      #expect((Double(value) - expected).magnitude <= 1e-5 * max(1, expected.magnitude))
    }
    #expect(averaged.parameters != averaged.state?.parameters)
  }

  @Test(arguments: SmallModel.all) func clippingBoundsTheUpdate(_ model: SmallModel) throws {
    // With rate 1 and no momentum the update is the gradient.
    func update(_ clipping: Double?) throws -> [Double] {
      let options = TrainingOptions(batchSize: 64, clipping: clipping)
      let start = try #require(model.trainer(.sgd(rate: 1, momentum: 0), steps: 1, options: options).trained().state)
      let end = try #require(model.trained(.sgd(rate: 1, momentum: 0), steps: 1, options: options).state)
      return zip(end.parameters, start.parameters).map { Double($0) - Double($1) }
    }
    func norm(_ values: [Double]) -> Double { values.map { $0 * $0 }.reduce(0, +).squareRoot() }
    let free = try update(nil)
    #expect(norm(free) > 0.1)
    for limit in [0.05, 0.5 * norm(free), 2 * norm(free)] {
      let clipped = try update(limit)
      let factor = min(1, limit / norm(free))
      // Updates are differences of parameters of size 1 in Float.
      #expect((norm(clipped) - factor * norm(free)).magnitude <= 1e-5 * max(1, norm(free)))
      for (a, b) in zip(clipped, free) { #expect((a - factor * b).magnitude <= 1e-6 * max(1, norm(free))) }
    }
  }

  @Test func learningRatesAreWhatTheySay() {
    func rates(_ rate: LearningRate, _ steps: [Int], of total: Int = 100) -> [Double] {
      steps.map { rate.rate(at: $0, of: total) }
    }
    func isNear(_ left: [Double], _ right: [Double]) -> Bool {
      zip(left, right).allSatisfy { ($0 - $1).magnitude <= 1e-13 }
    }
    #expect(rates(0.5, [0, 7, 99]) == [0.5, 0.5, 0.5])
    #expect(rates(2, [0, 7]) == [2, 2])
    #expect(rates(.constant(0.25), [0, 1_000]) == [0.25, 0.25])
    #expect(rates(.steps(1, factor: 0.5, every: 10), [0, 9, 10, 19, 20, 35]) == [1, 1, 0.5, 0.5, 0.25, 0.125])
    #expect(
      isNear(
        rates(.cosine(1), [0, 25, 50, 75, 100]), [1, (2 + 2.0.squareRoot()) / 4, 0.5, (2 - 2.0.squareRoot()) / 4, 0]))
    #expect(isNear(rates(.cosine(2, final: 0.1), [0, 50, 100]), [2, 1.1, 0.2]))
    #expect(isNear(rates(.cosine(1, final: 0.5, period: 10), [0, 5, 10, 99]), [1, 0.75, 0.5, 0.5]))
    #expect(
      isNear(rates(.cosine(1, period: 1_000_000_000, warmup: 4), [0, 1, 2, 3, 4, 50]), [0.25, 0.5, 0.75, 1, 1, 1]))
    #expect(
      isNear(
        rates(.cosine(1, warmup: 50), [24, 49, 50, 100]),
        [
          0.5 * 0.5 * (1 + cos(0.24 * Double.pi)), 0.5 * (1 + cos(0.49 * Double.pi)), 0.5, 0,
        ]))
  }
}

/// Numbers between -1 and 1, of a generator of its own.
struct Deviates {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    // A Float, so that both precisions begin alike.
    return Double(Float(Int64(bitPattern: state) >> 24) / 0x1p39)
  }
}
