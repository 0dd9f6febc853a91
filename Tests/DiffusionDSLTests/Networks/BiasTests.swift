import Foundation
import Testing

@testable import DiffusionDSL

/// Biases of layers that depend on the step.
@Suite struct BiasTests {
  private static let image = ImageShape(width: 2, height: 2)
  private static let steps = 6
  private static let schedule = SignalToNoise(steps: steps, firstVariance: 1e-2)

  /// A kind of bias with the share of each of its copies at each step, [T][copies].
  private struct Case: CustomTestStringConvertible, Sendable {
    let bias: Bias
    let shares: [[Double]]
    var testDescription: String { "\(shares.first?.count ?? 0) copies" }
  }

  private static var cases: [Case] {
    /// Bumps at places that are even, by their definition (eq. 63).
    func bumps(_ count: Int, at places: [Double], from first: Double, to last: Double) -> [[Double]] {
      let distance = (last - first) / Double(count - 1)
      return places.map { place in
        let weights = (0..<count).map { exp(-pow((place - first) / distance - Double($0), 2) / 2) }
        return weights.map { $0 / weights.reduce(0, +) }
      }
    }
    let ratios = (1...steps).map { t in
      let kept = schedule.betas[..<t].reduce(1.0) { $0 * (1 - $1) }
      return log(kept / (1 - kept))
    }
    return [
      Case(bias: .constant, shares: Array(repeating: [1], count: steps)),
      Case(bias: .perStep, shares: (0..<steps).map { t in (0..<steps).map { $0 == t ? 1 : 0 } }),
      Case(bias: .bumps(3), shares: bumps(3, at: (1...steps).map(Double.init), from: 0, to: Double(steps))),
      Case(
        bias: .bumps(4, spacing: .signalToNoise), shares: bumps(4, at: ratios, from: ratios[steps - 1], to: ratios[0])),
    ]
  }

  /// Layers that are the same function of a pixel, with a bias of two numbers; the last is of all pixels.
  private static func layers(_ bias: Bias) -> [any NetworkLayer] {
    [
      PerPixel(2, activation: .tanh, bias: bias),
      Convolution(channels: 2, kernel: 1, activation: .tanh, bias: bias),
      MultiScaleConvolution(channels: 2, kernel: 1, scales: 1, activation: .tanh, bias: bias),
      Dense(2, activation: .tanh, bias: bias),
    ]
  }

  private static func trained(_ layer: any NetworkLayer, _ schedule: some DiffusionSchedule) async throws
    -> TrainedDiffusion
  {
    let rows: [[Double]] = (0..<64).map { row in (0..<4).map { sin(Double(row * 5 + $0 * $0)) } }
    return try await Diffusion {
      GaussianKernel(image: image)
      schedule
      ReverseNetwork(mean: .direct, variance: .forward) {
        [layer]
        Readout(.bumps(1))
      }
    }.fit(to: rows, using: .adam(rate: 0.05), steps: 40, seed: 3, options: TrainingOptions(batchSize: 32))
  }

  /// The mean of every step, against sums from the stored parameters; in a chain of some of the steps too.
  @Test(arguments: cases.indices) func itIsAddedAtItsStep(_ index: Int) async throws {
    let given = Self.cases[index]
    let state: [Double] = [0.3, -0.8, 1.1, 0.5]
    for layer in Self.layers(given.bias) {
      let trained = try await Self.trained(layer, Self.schedule)
      let suffix = layer is MultiScaleConvolution ? ".1" : ""
      let weight = try #require(trained.parameter("network.1.weight" + suffix)).map(Double.init)
      let bias = try #require(trained.parameter("network.1.bias")).map(Double.init)
      #expect(bias.count == 2 * given.shares[0].count)
      // The paper's last step asks nothing of the network, so what is for t = 1 alone has not been trained.
      #expect(bias.suffix(2).allSatisfy { $0 != 0 })
      let readout = try #require(trained.parameter("readout.weight")).map(Double.init)
      let ends = try #require(trained.parameter("readout.bias")).map(Double.init)
      func mean(pixel: Int, step: Int) -> Double {
        let hidden = (0..<2).map { unit -> Double in
          var sum = 0.0
          for (copy, share) in given.shares[step - 1].enumerated() { sum += share * bias[copy * 2 + unit] }
          if layer is Dense {
            for input in 0..<4 { sum += weight[unit * 4 + input] * state[input] }
          } else {
            sum += weight[unit] * state[pixel]
          }
          return tanh(sum)
        }
        let output = layer is Dense ? pixel : 0
        return ends[output] + readout[output * 2] * hidden[0] + readout[output * 2 + 1] * hidden[1]
      }
      let probe = try ModelProbe(trained, [try #require(trained.model.normalReverse).mean], rows: 1)
      for step in 1...Self.steps {
        let values = probe.values(width: 4, step: step, [DiffusionModel.state: [state]])[0]
        for pixel in 0..<4 { #expect(abs(values[pixel] - mean(pixel: pixel, step: step)) < 1e-5) }
      }
    }
  }

  @Test func aChainOfSomeStepsHasTheirBiases() async throws {
    // A chain that keeps all of its steps but the first is as the whole one there.
    for bias in [Bias.perStep, .bumps(4, spacing: .signalToNoise)] {
      let whole = try await Self.trained(PerPixel(2, activation: .tanh, bias: bias), Self.schedule)
      let later = try whole.strided(at: Array(2...Self.steps))
      let rows = [[0.2, -0.5, 0.9, 0.1]]
      let one = try ModelProbe(whole, [try #require(whole.model.normalReverse).mean], rows: 1)
      let other = try ModelProbe(later, [try #require(later.model.normalReverse).mean], rows: 1)
      for step in 3...Self.steps {
        let expected = one.values(width: 4, step: step, [DiffusionModel.state: rows])[0]
        let found = other.values(width: 4, step: step - 1, [DiffusionModel.state: rows])[0]
        for (a, b) in zip(expected, found) { #expect(abs(a - b) < 1e-5) }
      }
    }
  }

  @Test func itFollowsALearnedSchedule() async throws {
    let model = try await Self.trained(
      PerPixel(2, activation: .tanh, bias: .bumps(4, spacing: .signalToNoise)),
      LearnedSchedule(steps: Self.steps, firstVariance: 1e-2))
    #expect(try model.lowerBound(on: [[0.1, 0.2, 0.3, 0.4]], seed: 1).bits.isFinite)
  }

  @Test func filesKeepIt() async throws {
    for given in Self.cases {
      for layer in Self.layers(given.bias) {
        let stored = try JSONEncoder().encode(AnyLayer(layer))
        #expect(try JSONDecoder().decode(AnyLayer.self, from: stored) == AnyLayer(layer))
        // As in files from before biases depended on t.
        let text = String(decoding: stored, as: UTF8.self)
        #expect(text.contains("bias") == (given.bias != .constant))
        #expect(layer.sourceText.contains("bias") == (given.bias != .constant))
      }
    }
  }

  @Test func aBiasOfAFileCannotNeedFeaturesOfTheStep() throws {
    let layer = AnyLayer(PerPixel(2, bias: .perStep))
    let text = String(decoding: try JSONEncoder().encode(layer), as: UTF8.self)
    let shared = text.replacingOccurrences(of: "perStep", with: "shared")
    #expect(shared != text)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(AnyLayer.self, from: Data(shared.utf8)) }
  }

  @Test func mistakesAreFaultsOfTheLayer() {
    func message(_ layer: any NetworkLayer) -> String {
      do {
        _ = try TrainedDiffusion(
          Diffusion {
            GaussianKernel(image: Self.image)
            Self.schedule
            ReverseNetwork {
              [layer]
              Readout(.shared)
            }
          })
        return "no fault"
      } catch { return error.description }
    }
    for layer in Self.layers(.bumps(0)) {
      #expect(message(layer).contains("\(layer.sourceText) has no bumps; give 1 or more"), "\(message(layer))")
    }
    #expect(
      message(PerPixel(2, bias: .bumps(1 << 40))).contains("has too many bumps for 6 steps; give fewer"))
  }
}
