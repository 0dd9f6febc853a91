import DiffusionDSL
import Foundation
import Testing

/// A kernel family from outside beside a field of the library: missing cells, files, adaptation to data, training.
@Suite struct OrdinalProductTests {
  static let grade = Ordinal("grade", ["low", "middle", "high"])
  static let size = Continuous("size", mean: 0, scale: 1)
  static let betas = [0.3, 0.5, 0.8]
  static let leanings: [[Double]] = [[1.5, 0.2, -1], [0.4, 1.2, 0.3], [-0.8, 0, 1.6]]
  static let centres = [-0.9, 0.1, 1.1]
  /// 10 rows low, 20 in the middle, 14 high: pi is (10.5, 20.5, 14.5) / 45.5.
  static let data: [[Double]] = (0..<44).map { [$0 < 10 ? 0 : $0 < 30 ? 1 : 2, 0.1 * Double($0)] }

  static let undetermined = Diffusion {
    ProductKernel {
      grade
      size
    }
    Fixed(betas)
    ReverseFunction(features: 4, lastStep: .learned()) { x, step in
      let leanings = affine(Formula(leanings.flatMap { $0 }, shape: [3, 3]), x[0..<3])
      return [
        OrdinalStep(dataProbabilities: softmax(leanings)),
        GaussianStep(mean: x[3..<4] * 0.6 + sum(x[0..<3] * Formula(centres)), variance: 0.3),
      ]
    }
  }

  static func trained() throws -> TrainedDiffusion {
    try TrainedDiffusion(undetermined.adapted(to: Dataset(data)))
  }

  // MARK: - The same by sums over paths

  /// p(x_0 = level, y) as a mixture of normals, one for each path of the level: each level's weights and means, and the
  /// variance of all.
  static let paths: (components: [[(weight: Double, mean: Double)]], variance: Double) = {
    let shares = [10.5, 20.5, 14.5].map { $0 / 45.5 }
    let chain = OrdinalChain(pi: shares, leap: 0.2, betas: betas, isPaper: false) { state, _, _ in
      OrdinalKernelTests.chances(leanings.map { $0[state] })
    }
    var components: [[(weight: Double, mean: Double)]] = shares.map { [($0, 0)] }
    var variance = 1.0
    for t in stride(from: betas.count, through: 1, by: -1) {
      components = (0..<3).map { j in
        (0..<3).flatMap { i in
          components[i].map { ($0.weight * chain.reverse[t - 1][i][j], 0.6 * $0.mean + centres[i]) }
        }
      }
      variance = 0.36 * variance + 0.3
    }
    return (components, variance)
  }()

  /// p(x_0 = level, y) for each level.
  static func joint(_ y: Double) -> [Double] {
    paths.components.map { components in
      components.reduce(0.0) { total, component in
        let misfit = y - component.mean
        return total + component.weight * exp(-misfit * misfit / (2 * paths.variance))
          / (2 * Double.pi * paths.variance).squareRoot()
      }
    }
  }

  // MARK: - Missing cells

  @Test func aMissingLevelIsDrawnGivenTheNumber() throws {
    let (copies, y) = (60, 0.7)
    let rows: [[Double?]] = Array(repeating: [nil, y], count: copies)
    let imputation = try Self.trained().impute(rows, draws: 200, particles: 512, seed: 6)
    let joint = Self.joint(y)
    for level in 0..<3 {
      let (mean, error) = OrdinalKernelTests.average(
        try (0..<copies).map { try #require(imputation[$0, Self.grade]).probabilities[level] })
      let truth = joint[level] / joint.reduce(0, +)
      #expect(abs(mean - truth) < 5 * error, "level \(level): \(mean) +- \(error), \(truth)")
      #expect(error < 0.01)
    }
  }

  @Test func aMissingNumberIsDrawnGivenTheLevel() throws {
    let copies = 60
    let rows: [[Double?]] = Array(repeating: [2, nil], count: copies)
    let imputation = try Self.trained().impute(rows, draws: 200, particles: 512, seed: 7)
    let (mean, error) = OrdinalKernelTests.average(
      try (0..<copies).map { try #require(imputation[$0, Self.size]).mean })
    let components = Self.paths.components[2]
    let truth = components.reduce(0) { $0 + $1.weight * $1.mean } / components.reduce(0) { $0 + $1.weight }
    #expect(abs(mean - truth) < 5 * error, "\(mean) +- \(error), \(truth)")
    #expect(error < 0.02)
  }

  @Test func scoresOfARowWithoutTheLevelAreOfTheNumberAlone() throws {
    let y = 0.7
    let copies = 500
    let rows: [[Double?]] = Array(repeating: [nil, y], count: copies)
    let data = try Dataset(rows)
    let trained = try Self.trained()
    let truth = log(Self.joint(y).reduce(0, +))
    let found = try trained.logProbability(of: Dataset([rows[0]]), trajectories: 16_384, seed: 1).rows[0]
    #expect(abs(found.nats - truth) < 5 * found.standardErrorNats, "\(found), \(truth)")
    #expect(found.standardErrorNats < 0.05)
    let (bound, error) = OrdinalKernelTests.average(try trained.lowerBound(on: data, seed: 2).rowNats)
    #expect(bound < truth + 5 * error)
  }

  @Test func evidenceOfAConditionIsThatOfSums() throws {
    let answer = try Self.trained().posterior {
      Observe(Self.grade, equals: "high")
      Near(Self.size, to: 0.2, standardDeviation: 0.5)
    }.sample(50, method: .particles(4_096), seed: 3)
    let variance = Self.paths.variance + 0.25
    let truth = Self.paths.components[2].reduce(0.0) { total, component in
      let misfit = 0.2 - component.mean
      return total + component.weight * exp(-misfit * misfit / (2 * variance)) / (2 * Double.pi * variance).squareRoot()
    }
    let error = try #require(answer.logEvidenceStandardError)
    #expect(abs(answer.logEvidence - log(truth)) < 5 * error, "\(answer.logEvidence) +- \(error), \(log(truth))")
    #expect(error < 0.005)
  }

  // MARK: - Files

  @Test func aFileIsReadByWhoeverKnowsTheFamily() throws {
    let trained = try Self.trained()
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try trained.save(to: url)
    let types = DefinitionTypes([OrdinalKernel.self])
    let loaded = try TrainedDiffusion(contentsOf: url, types: types)
    #expect(loaded.definition == trained.definition)
    #expect(loaded.definition.hashValue == trained.definition.hashValue)
    #expect(try loaded.sample(20, seed: 1) == trained.sample(20, seed: 1))
    #expect(loaded.definition.kernel.sourceText.contains(#"Ordinal("grade", ["low", "middle", "high"])"#))

    let error = #expect(throws: ModelFileError.self) { try TrainedDiffusion(contentsOf: url) }
    #expect(error?.description.contains("'ordinal'") == true, "\(error?.description ?? "")")
  }

  @Test func aDefinitionNamesTheFamily() throws {
    let text = String(decoding: try JSONEncoder().encode(OrdinalKernelTests.definition(.paper)), as: UTF8.self)
    #expect(text.contains(#""kernel":{"ordinal":{"#))
    let decoder = JSONDecoder()
    decoder.userInfo[.definitionTypes] = DefinitionTypes([OrdinalKernel.self])
    #expect(try decoder.decode(Diffusion.self, from: Data(text.utf8)) == OrdinalKernelTests.definition(.paper))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Diffusion.self, from: Data(text.utf8)) }
  }

  // MARK: - Faults

  @Test func faultsAreThoseOfTheFamily() throws {
    func faults(_ kernel: OrdinalKernel, _ step: any ReverseStep) -> [String] {
      let definition = Diffusion {
        kernel
        Fixed([0.5])
        ReverseFunction(features: 3) { _, _ in [step] }
      }
      let error = #expect(throws: DefinitionError.self) { try TrainedDiffusion(definition) }
      return error?.faults.map(\.message) ?? []
    }
    let step = OrdinalStep(dataProbabilities: Formula([0.2, 0.3, 0.5]))
    let shares = [0.2, 0.3, 0.5]
    #expect(
      faults(OrdinalKernel(levels: 3, shares: shares, leap: 0), step) == ["the leap is 0.0: give a chance above 0"])
    #expect(
      faults(OrdinalKernel(levels: 3, shares: shares), CategoricalStep(probabilities: Formula(shares))) == [
        "the reverse function is for another kind of kernel: return the step of this one"
      ])
    #expect(
      faults(OrdinalKernel(levels: 3, shares: shares), OrdinalStep(dataProbabilities: Formula([1, 0]))) == [
        "the reverse function's probabilities has shape [2] where [3] is needed"
      ])
    #expect(throws: DataError.notAClass(row: 0, column: ColumnPlace(0, name: "grade"), value: 3, classes: 3)) {
      try Self.trained().lowerBound(on: [[3, 0.5]])
    }
  }

  // MARK: - Training

  /// A network learns from rows with gaps what two fields have to do with each other: here they are the same.
  @Test func aNetworkLearnsFromRowsWithGaps() async throws {
    let rows = (0..<300).map { index -> [Double?] in
      let level = Double(index % 3)
      return [index % 7 == 0 ? nil : level, index % 5 == 0 ? nil : level]
    }
    let definition = Diffusion {
      ProductKernel {
        Self.grade
        Ordinal("other grade", ["a", "b", "c"])
      }
      ConstantErasure(steps: 10)
      ReverseNetwork(lastStep: .learned()) {
        Dense(8, activation: .silu)
        Readout(.shared)
      }
    }
    let trained = try await definition.fit(to: Dataset(rows), using: .adam(rate: 1e-2), steps: 400, seed: 1)
    let bound = try trained.lowerBound(on: (0..<300).map { [Double($0 % 3), Double($0 % 3)] }, seed: 1)
    // log(1/3) for whoever knows that they are the same; for whoever knows each field by itself, twice that.
    #expect(bound.nats > -1.5 * log(3.0), "\(bound.nats)")
  }

  /// With kept rows and the chance of a replacement as it starts, the reverse step is that of data with the density
  /// that the rows stand for.
  @Test func aRegressionOverRowsHasTheRowsDensity() async throws {
    let (shares, replacement, betas) = ([0.2, 0.5, 0.3], 0.1, [0.3, 0.4, 0.6, 0.9, 0.9, 0.9])
    let rows: [[Double]] = [[0], [1], [1], [2], [2], [2], [2]]
    let definition = Diffusion {
      OrdinalKernel(levels: 3, shares: shares, leap: 0.4)
      Fixed(betas)
      KernelRegression(replacement: replacement, lastStep: .learned())
    }
    let trained = try await definition.fit(to: Dataset(rows), using: .sgd(rate: 1e-9), steps: 1, seed: 1)
    let density = zip([1.0, 2, 4], shares).map { (1 - replacement) * $0 / 7 + replacement * $1 }
    let chain = OrdinalChain(pi: shares, leap: 0.4, betas: betas, isPaper: false) { state, t, chain in
      let joint = (0..<3).map { density[$0] * chain.marginal($0, t)[state] }
      return joint.map { $0 / joint.reduce(0, +) }
    }
    let found = try trained.logProbability(of: [[0.0], [1], [2]], trajectories: 8_192, seed: 5).rows
    for (row, chance) in zip(found, chain.chances) {
      #expect(abs(row.nats - log(chance)) < 5 * row.standardErrorNats, "\(row.nats), \(log(chance))")
    }
  }
}
