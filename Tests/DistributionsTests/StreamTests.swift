import CGSL
import CRandomStreams
import Foundation
import Testing

@testable import Distributions

@Suite struct PhiloxTests {
  struct KnownAnswer: Sendable {
    let counter: [UInt32]
    let key: [UInt32]
    let words: [UInt32]
  }

  // The known-answer vectors that Random123 publishes for philox4x32 with 10 rounds.
  static let knownAnswers = [
    KnownAnswer(
      counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    KnownAnswer(
      counter: [.max, .max, .max, .max], key: [.max, .max],
      words: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    KnownAnswer(
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], key: [0xa409_3822, 0x299f_31d0],
      words: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ]

  @Test(arguments: knownAnswers) func knownAnswer(_ answer: KnownAnswer) {
    var words = [UInt32](repeating: 0, count: 4)
    crs_philox_block(answer.counter, answer.key, &words)
    #expect(words == answer.words)
  }

  @Test func addressesAreCounters() {
    // Block 3 of a stream is Philox at (chain low, chain high, step, 3).
    let key: UInt64 = 0x0123_4567_89ab_cdef
    let chain: UInt64 = 0xfedc_ba98_7654_3210
    var stream = crs_stream_make(key, chain, 77)
    let words = (0..<16).map { _ in crs_stream_word(&stream) }
    var block = [UInt32](repeating: 0, count: 4)
    crs_philox_block([0x7654_3210, 0xfedc_ba98, 77, 3], [0x89ab_cdef, 0x0123_4567], &block)
    #expect(Array(words[12...]) == block)
  }
}

@Suite struct NoiseSourceTests {
  static func normals(
    _ source: NoiseSource, features: Int, lanes: Int, firstChain: UInt64, step: UInt32 = 5
  ) -> [Float] {
    var tile = [Float](repeating: .nan, count: features * lanes)
    source.fillNormals(&tile, features: features, lanes: lanes, firstChain: firstChain, step: step)
    return tile
  }

  static func uniforms(
    _ source: NoiseSource, features: Int, lanes: Int, firstChain: UInt64, step: UInt32 = 5
  ) -> [Float] {
    var tile = [Float](repeating: .nan, count: features * lanes)
    source.fillUniforms(&tile, features: features, lanes: lanes, firstChain: firstChain, step: step)
    return tile
  }

  /// The vector widths of the fills that this processor runs.
  static let levels = [crs_level_baseline, crs_level_avx2, crs_level_avx512].map(\.rawValue)
    .filter { $0 <= crs_best_level().rawValue }

  /// One chain's numbers are those of its lane, at every width and for any number of features.
  @Test func aChainsNumbersAreThoseOfItsLane() {
    for level in [crs_level_baseline, crs_level_avx2, crs_level_avx512] {
      let source = NoiseSource(seed: 3, purpose: "one chain", level: level)
      for features in [1, 2, 3, 5, 64, 1_023, 1_024, 1_025, 2_051] {
        for chain in [0, 9, UInt64(UInt32.max), UInt64.max] {
          let normals = Self.normals(source, features: features, lanes: 16, firstChain: chain &- 3)
          let uniforms = Self.uniforms(source, features: features, lanes: 16, firstChain: chain &- 3)
          var (some, others) = ([Float](repeating: .nan, count: features), [Float](repeating: .nan, count: features))
          source.fillNormals(&some, features: features, ofChain: chain, step: 5)
          source.fillUniforms(&others, features: features, ofChain: chain, step: 5)
          #expect(some == (0..<features).map { normals[16 * $0 + 3] })
          #expect(others == (0..<features).map { uniforms[16 * $0 + 3] })
        }
      }
    }
  }

  @Test(arguments: levels) func tilesEqualStreams(_ level: UInt32) throws {
    // Odd sizes reach every tail; the chains cross 2^32 and 2^64.
    let source = NoiseSource(seed: 3, purpose: "tiles", level: crs_level(level))
    for (features, lanes) in [(1, 1), (2, 64), (3, 17), (7, 300), (20, 33)] {
      for firstChain in [0, 0xffff_fff7, UInt64.max - 5] as [UInt64] {
        let normals = Self.normals(source, features: features, lanes: lanes, firstChain: firstChain)
        let uniforms = Self.uniforms(source, features: features, lanes: lanes, firstChain: firstChain)
        var indices = [Int32](repeating: -1, count: lanes)
        try source.fillIndices(&indices, count: lanes, below: 1_000_003, firstChain: firstChain, step: 5)
        for lane in 0..<lanes {
          let chain = firstChain &+ UInt64(lane)
          var one = source.stream(chain: chain, step: 5)
          var other = source.stream(chain: chain, step: 5)
          for feature in 0..<features {
            #expect(one.nextNormal() == normals[feature * lanes + lane])
            #expect(other.nextUniform() == uniforms[feature * lanes + lane])
          }
          var third = source.stream(chain: chain, step: 5)
          let product = third.next().multipliedFullWidth(by: 1_000_003)
          #expect(Int32(product.high) == indices[lane])
        }
      }
    }
  }

  @Test func tilesDoNotMatter() {
    let source = NoiseSource(seed: 8, purpose: "split")
    let whole = Self.normals(source, features: 5, lanes: 512, firstChain: 1_000)
    for cut in [1, 16, 255, 256, 257] {
      let left = Self.normals(source, features: 5, lanes: cut, firstChain: 1_000)
      let right = Self.normals(source, features: 5, lanes: 512 - cut, firstChain: 1_000 + UInt64(cut))
      for feature in 0..<5 {
        let rest = 512 - cut
        let joined = left[feature * cut..<(feature + 1) * cut] + right[feature * rest..<(feature + 1) * rest]
        #expect(Array(joined) == Array(whole[feature * 512..<(feature + 1) * 512]))
      }
    }
    // Nor does the number of features.
    #expect(Self.normals(source, features: 2, lanes: 512, firstChain: 1_000) == Array(whole[..<1_024]))
  }

  @Test func everyPartOfAnAddressCounts() {
    let base = NoiseSource(seed: 1, purpose: "a").stream(chain: 2, step: 3)
    var streams = [
      base, NoiseSource(seed: 2, purpose: "a").stream(chain: 2, step: 3),
      NoiseSource(seed: 1, purpose: "b").stream(chain: 2, step: 3),
      NoiseSource(seed: 1, purpose: "a").stream(chain: 3, step: 3),
      NoiseSource(seed: 1, purpose: "a").stream(chain: 2 + 1 << 32, step: 3),
      NoiseSource(seed: 1, purpose: "a").stream(chain: 2, step: 2),
      NoiseSource(seed: 1, purpose: Purpose("a").appending("b")).stream(chain: 2, step: 3),
    ]
    let words = streams.indices.map { streams[$0].next() }
    #expect(Set(words).count == words.count)
  }

  @Test func keysStay() {
    // Fixed for good: a saved seed must give the same numbers in another process and in a later version.
    #expect(Purpose("training noise").key(seed: 1) == 6_462_383_928_643_089_693)
    var stream = RandomStream(seed: 1, purpose: "training noise", chain: 2, step: 3)
    #expect(stream.next() == 3_346_359_134_147_589_356)
  }

  @Test func normalsAreNormal() {
    let tile = Self.normals(NoiseSource(seed: 4, purpose: "normals"), features: 20, lanes: 10_000, firstChain: 0)
      .map(Double.init)
    for power in 1...4 {
      let (mean, error) = meanAndError(tile.map { pow($0, Double(power)) })
      #expect(abs(mean - [0, 1, 0, 3][power - 1]) < 5 * error)
    }
    #expect(kolmogorovStatistic(tile) { gsl_cdf_ugaussian_P($0) } < kolmogorovLimit)
    // The coordinates of one point of Box-Muller are uncorrelated, and so are their squares.
    for shift in [10_000, 20_000, 1] {
      let products = zip(tile, tile.dropFirst(shift)).map { $0 * $1 }
      let squares = zip(tile, tile.dropFirst(shift)).map { ($0 * $0 - 1) * ($1 * $1 - 1) }
      for (mean, error) in [meanAndError(products), meanAndError(squares)] { #expect(abs(mean) < 5 * error) }
    }
  }

  @Test func normalsFollowTheirFormula() {
    // Box-Muller in Double from the same words: the polynomials and roundings cost less than 2e-6.
    let key = Purpose("accuracy").key(seed: 6)
    let source = NoiseSource(seed: 6, purpose: "accuracy")
    let tile = Self.normals(source, features: 2, lanes: 20_000, firstChain: 0)
    var worst = 0.0
    for lane in 0..<20_000 {
      var stream = crs_stream_make(key, UInt64(lane), 5)
      let (first, second) = (crs_stream_word(&stream), crs_stream_word(&stream))
      let radius = (-2 * log((Double(first >> 1) + 0.5) * 0x1p-31)).squareRoot()
      let angle = Double(Int32(bitPattern: second) >> 1) * 0x1p-30 * .pi / 2
      let sign: Double = second & 1 == 0 ? 1 : -1
      worst = max(worst, abs(Double(tile[lane]) - sign * radius * cos(angle)))
      worst = max(worst, abs(Double(tile[20_000 + lane]) - radius * sin(angle)))
    }
    #expect(worst < 2e-6, "\(worst)")
  }

  @Test func uniformsAreUniform() {
    let floats = Self.uniforms(NoiseSource(seed: 5, purpose: "uniforms"), features: 20, lanes: 10_000, firstChain: 0)
    #expect(floats.allSatisfy { $0 > 0 && $0 < 1 })
    let tile = floats.map(Double.init)
    for power in 1...3 {
      let (mean, error) = meanAndError(tile.map { pow($0, Double(power)) })
      #expect(abs(mean - 1 / Double(power + 1)) < 5 * error)
    }
    #expect(kolmogorovStatistic(tile) { $0 } < kolmogorovLimit)
  }

  @Test func uniformsNeverTouchTheEnds() {
    // The extreme words, through the same arithmetic: a stream whose block holds them.
    for (word, expected) in [(UInt32.min, Float(0x1p-24)), (.max, 1 - 0x1p-24)] {
      var stream = crs_stream_make(0, 0, 0)
      stream.words = (word, word, word, word)
      stream.used = 0
      #expect(crs_stream_uniform(&stream) == expected)
      stream.used = 0
      #expect(crs_stream_normal(&stream).isFinite)
    }
  }

  @Test func indicesAreUniform() throws {
    let source = NoiseSource(seed: 9, purpose: "indices")
    var indices = [Int32](repeating: 0, count: 70_000)
    try source.fillIndices(&indices, count: indices.count, below: 7, firstChain: 0, step: 0)
    var counts = [Double](repeating: 0, count: 7)
    for index in indices { counts[Int(index)] += 1 }
    let statistic = counts.reduce(0) { $0 + ($1 - 10_000) * ($1 - 10_000) / 10_000 }
    #expect(gsl_cdf_chisq_Q(statistic, 6) > 1e-6)
    try source.fillIndices(&indices, count: 100, below: 1, firstChain: 0, step: 0)
    #expect(indices[..<100].allSatisfy { $0 == 0 })
  }

  @Test func boundsOutOfRangeAreRefused() {
    let source = NoiseSource(seed: 9, purpose: "indices")
    for bound in [0, -3, Int(Int32.max) + 1] {
      var indices: [Int32] = [0]
      let error = #expect(throws: DistributionError.self) {
        try source.fillIndices(&indices, count: 1, below: bound, firstChain: 0, step: 0)
      }
      #expect(
        error?.description
          == "NoiseSource.fillIndices: bound is \(bound); give a bound from 1 to 2147483647.")
    }
  }
}

@Suite struct RandomStreamTests {
  @Test func copiesGiveTheSameNumbers() throws {
    for name in [RandomStream.defaultGenerator, "mt19937", "ranlxd2"] {
      var stream = try RandomStream(generator: name, seed: 1, purpose: "copy")
      _ = stream.next()
      var copy = stream
      let first = (0..<10).map { _ in stream.next() }
      let second = (0..<10).map { _ in copy.next() }
      #expect(first == second)
      #expect(stream.generator == name)
    }
  }

  @Test func gslGeneratorsAreSeededFromTheAddress() throws {
    var words: Set<UInt64> = []
    let addresses = [(1, "a", 0, 0), (2, "a", 0, 0), (1, "b", 0, 0), (1, "a", 1, 0), (1, "a", 0, 1)]
    for (seed, purpose, chain, step) in addresses {
      var stream = try RandomStream(
        generator: "taus2", seed: UInt64(seed), purpose: Purpose(purpose), chain: UInt64(chain), step: UInt32(step))
      words.insert(stream.next())
    }
    #expect(words.count == 5)
  }

  @Test func everyGeneratorOfGSLDraws() throws {
    #expect(RandomStream.generatorNames.count > 50)
    for name in RandomStream.generatorNames {
      var stream = try RandomStream(generator: name, seed: 1, purpose: "all")
      let uniforms = (0..<100).map { _ in stream.nextUniform() }
      #expect(uniforms.allSatisfy { $0 > 0 && $0 < 1 }, "\(name)")
      #expect(stream.nextNormal().isFinite)
    }
  }

  @Test(arguments: [RandomStream.defaultGenerator, "mt19937", "ranlux389"])
  func wordsAreUniform(_ name: String) throws {
    var stream = try RandomStream(generator: name, seed: 2, purpose: "words")
    let sample = (0..<50_000).map { _ in Double(stream.next()) * 0x1p-64 }
    #expect(kolmogorovStatistic(sample) { $0 } < kolmogorovLimit)
    let low = (0..<50_000).map { _ in Double(stream.next() & 0xffff_ffff) * 0x1p-32 }
    #expect(kolmogorovStatistic(low) { $0 } < kolmogorovLimit)
    let normals = (0..<50_000).map { _ in Double(stream.nextNormal()) }
    #expect(kolmogorovStatistic(normals) { gsl_cdf_ugaussian_P($0) } < kolmogorovLimit)
  }

  @Test func gslSamplersDrawFromTheStream() {
    var stream = RandomStream(seed: 3, purpose: "samplers")
    let normals = (0..<50_000).map { _ in stream.withGSL { gsl_ran_gaussian_ziggurat($0, 1) } }
    #expect(kolmogorovStatistic(normals) { gsl_cdf_ugaussian_P($0) } < kolmogorovLimit)
    // The sampler moved the stream on.
    var fresh = RandomStream(seed: 3, purpose: "samplers")
    #expect(stream.next() != fresh.next())
    // GSL's uniforms have 53 bits.
    let uniforms = (0..<1_000).map { _ in stream.withGSL { gsl_rng_uniform($0) } }
    #expect(uniforms.contains { ($0 * 0x1p32).rounded() != $0 * 0x1p32 })
  }

  @Test func normalsAfterAnOddNumberOfDrawsUseFreshWords() {
    var stream = RandomStream(seed: 4, purpose: "odd")
    var reference = RandomStream(seed: 4, purpose: "odd")
    _ = stream.nextUniform()
    let normals = (0..<3).map { _ in stream.nextNormal() }
    let expected = (0..<5).map { _ in reference.nextNormal() }
    #expect(normals == Array(expected[2...]))
  }

  @Test func unknownGeneratorsAreRefused() {
    let error = #expect(throws: GSLError.self) {
      try RandomStream(generator: "mersenne", seed: 1, purpose: "x")
    }
    #expect(
      error?.description
        == "RandomStream(generator:) of mersenne: invalid argument supplied by user (GSL status 4); "
        + "use mt19937, ranlxd2, taus2 or another of RandomStream.generatorNames.")
  }
}
