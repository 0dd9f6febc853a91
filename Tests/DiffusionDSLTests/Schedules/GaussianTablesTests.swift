import Formulas
import Foundation
import Testing

@testable import DiffusionDSL

/// A schedule's tables against formulas in which nothing cancels.
@Suite struct GaussianTablesTests {
  static let schedules: [AnySchedule] = [
    AnySchedule(ConstantErasure(steps: 10)), AnySchedule(ConstantErasure(steps: 1_000)),
    AnySchedule(Linear(steps: 40)), AnySchedule(Cosine(steps: 10)), AnySchedule(Cosine(steps: 1_000)),
    AnySchedule(Geometric(steps: 50, firstVariance: 1e-9, lastVariance: 0.9999)), AnySchedule(Fixed([0.3])),
    AnySchedule(SignalToNoise(steps: 50, firstVariance: 1e-9, lastVariance: 0.9999)),
    AnySchedule(Fixed([1])), AnySchedule(Fixed([1e-7, 2e-7, 1e-3, 0.9])),
    AnySchedule(LearnedSchedule(steps: 30, firstVariance: 1e-6)),
  ]

  private func values(_ tables: GaussianTables, parameters: [Double], _ precision: Precision) throws -> [[Double]] {
    var layout = ParameterLayout()
    if !parameters.isEmpty { layout.append("logits", shape: [parameters.count]) }
    let buffer = AlignedBuffer(count: layout.count, precision: .double)
    for (index, value) in parameters.enumerated() { buffer[index] = value }
    let outputs = [
      tables.alphaBar, tables.noise, tables.noiseBefore, tables.posteriorOfData, tables.posteriorOfState,
      tables.posteriorVariance, exp(tables.logPosteriorVariance(first: Formula([0]))),
    ].map { tables.now($0) }
    let program = try TileProgram(outputs: outputs, layout: layout, precision: precision)
    let exact = AlignedBuffer(buffer.values, precision: precision)
    let space = TileWorkspace(shared: SharedValues(program: program, parameters: exact), maximumRows: 1)
    return (1...tables.steps).map { t in
      space.run(lanes: 16, step: t)
      return outputs.indices.map { space.lanes[program.outputOffset($0) * 16] }
    }
  }

  private func references(_ betas: [Double]) -> [[Double]] {
    let oracle = GaussianOracle(betas: betas, m: 0, s: 1)
    return (1...betas.count).map { t in
      let (beta, noise, before) = (betas[t - 1], oracle.noises[t], oracle.noises[t - 1])
      return [
        oracle.alphaBars[t], noise, before, oracle.alphaBars[t - 1].squareRoot() * beta / noise,
        (1 - beta).squareRoot() * before / noise, beta * before / noise, t == 1 ? 1 : beta * before / noise,
      ]
    }
  }

  @Test(arguments: schedules) func tablesMatchTheirFormulas(_ schedule: AnySchedule) throws {
    let logits: [Double] =
      schedule.isLearned ? schedule.betas.dropFirst().map { log($0) - log1p(-$0) } : []
    let formula = logits.isEmpty ? nil : Formula.parameter("logits", shape: [logits.count])
    let tables = GaussianTables(schedule, logits: formula)
    let expected = references(schedule.betas)
    for (precision, tolerance) in [(Precision.double, 1e-12), (.single, 3e-7)] {
      // A learned schedule's parameters are themselves rounded in Float.
      if precision == .single, schedule.isLearned { continue }
      for (t, (found, right)) in zip(try values(tables, parameters: logits, precision), expected).enumerated() {
        for index in right.indices {
          // abar_t is known to an absolute error: its logarithm is what carries digits.
          let scale = max(abs(right[index]), index == 0 || index == 3 ? 1e-3 : 0)
          let slack = max(tolerance * scale, precision == .single ? 1e-38 : 0)
          #expect(
            abs(found[index] - right[index]) <= slack,
            "\(precision), table \(index), t = \(t + 1): \(found[index]) where \(right[index]) is right")
        }
      }
    }
  }

  /// 1 - abar_t near t = 1 is small: by subtraction in Float it would have one digit, or none.
  @Test func smallNoiseKeepsItsDigitsInFloat() throws {
    let betas = [1e-7, 3e-8, 1e-7, 0.5]
    let found = try values(GaussianTables(AnySchedule(Fixed(betas)), logits: nil), parameters: [], .single)
    for (t, right) in references(betas).enumerated() {
      for index in [1, 2, 5] where right[index] != 0 {
        #expect(abs(found[t][index] / right[index] - 1) < 3e-7)
      }
    }
  }

  /// Where the last beta is 1 nothing of x_0 is left, and no logarithm of 0 comes through.
  @Test(arguments: MeanParameterisation.allCases, [VarianceParameterisation.learned, .forward, .posterior])
  func nothingIsInfiniteWhereTheLastBetaIsOne(_ mean: MeanParameterisation, _ variance: VarianceParameterisation) throws
  {
    for lastStep in LastStep.both {
      let definition = Diffusion {
        GaussianKernel(dimensions: 2)
        ConstantErasure(steps: 5)
        ReverseNetwork(mean: mean, variance: variance, lastStep: lastStep) { Readout(.perStep) }
      }
      let model = try DiffusionModel(definition)
      let data = try normalRows(20, means: [1, -1], deviations: [1, 0.5], seed: 1)
      let scaling = Scaling.identity(2)
      let trained = TrainedDiffusion(
        model: model, parameters: model.initialParameters(seed: 1, data: data, scaling: scaling), scaling: scaling,
        state: nil)
      for precision in [Precision.single, .double] {
        let options = ComputeOptions(precision: precision)
        #expect(try trained.lowerBound(on: data, options: options).rowNats.allSatisfy(\.isFinite))
        #expect(try trained.sample(20, seed: 1, options: options).flat.allSatisfy(\.isFinite))
      }
    }
  }
}
