internal import CGSL
internal import CRandomStreams

/// The random numbers of one chain at one step, one by one: a value, so that a copy gives the same numbers again.
///
/// A stream is named by (seed, purpose, chain, step); nothing else that happens in the process changes what it gives.
/// It feeds Swift's own `random(in:using:)`, shuffles and `sample(using:)` of every `Distribution`. After 2^34 words
/// it repeats.
///
/// ```swift
/// var random = RandomStream(seed: 7, purpose: "shuffle", chain: 3)
/// let order = (0..<10).shuffled(using: &random)
/// let normal = random.nextNormal()
/// ```
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var philox: crs_stream
  private var other: GSLGenerator?

  /// Philox 4x32-10 at an address (Salmon, Moraes, Dror, Shaw 2011).
  ///
  /// - Parameters:
  ///   - seed: Any number.
  ///   - purpose: What the numbers are for.
  ///   - chain: A row, a sample, or whatever else runs in parallel.
  ///   - step: A time step, or whatever else counts within a chain.
  public init(seed: UInt64, purpose: Purpose, chain: UInt64 = 0, step: UInt32 = 0) {
    self.init(key: purpose.key(seed: seed), chain: chain, step: step)
  }

  /// Any generator of GSL by its GSL name, such as `mt19937`, `ranlxd2` or `taus2`, seeded from the address.
  ///
  /// GSL's generators take no address, so it is hashed to one of 2^31 - 2 seeds, which all of them accept: two
  /// addresses can meet. `philox4x32-10`, where they can't, is the stream that `init(seed:purpose:chain:step:)` gives.
  ///
  /// - Throws: `GSLError` if GSL has no generator of that name.
  public init(
    generator name: String, seed: UInt64, purpose: Purpose, chain: UInt64 = 0, step: UInt32 = 0
  ) throws(GSLError) {
    self.init(seed: seed, purpose: purpose, chain: chain, step: step)
    if name != RandomStream.defaultGenerator {
      var word = purpose.key(seed: seed)
      for part in [chain, UInt64(step)] { word = finalised(word &+ goldenGamma) ^ finalised(part &+ goldenGamma) }
      other = try GSLGenerator(name: name, seed: finalised(word))
    }
  }

  init(key: UInt64, chain: UInt64, step: UInt32) {
    philox = crs_stream_make(key, chain, step)
  }

  /// The name of the generator that streams use unless told otherwise.
  public static let defaultGenerator = "philox4x32-10"

  /// The names of all generators that a stream can use, in alphabetical order.
  public static var generatorNames: [String] { (GSLGenerator.types.keys + [defaultGenerator]).sorted() }

  /// The name of this stream's generator.
  public var generator: String { other?.name ?? RandomStream.defaultGenerator }

  /// 64 random bits.
  public mutating func next() -> UInt64 {
    if other == nil { return crs_stream_two_words(&philox) }
    return withGSL { generator in
      // Few of GSL's generators give whole words: take bytes from the middle of their range.
      (0..<8).reduce(0) { word, _ in word << 8 | UInt64(gsl_rng_uniform_int(generator, 256)) }
    }
  }

  /// The next uniform on the open interval (0, 1). From the start of a stream these are what
  /// `NoiseSource.fillUniforms` gives features 0, 1, 2...
  public mutating func nextUniform() -> Float {
    if other == nil { return crs_stream_uniform(&philox) }
    return withGSL { generator in
      // The middle of one of 2^23 cells, as above; `zuf` can give 1.
      (Float(min(Int32(gsl_rng_uniform(generator) * 0x1p23), 0x7f_ffff)) + 0.5) * 0x1p-23
    }
  }

  /// The next standard normal. From the start of a stream these are what `NoiseSource.fillNormals` gives features
  /// 0, 1, 2...
  public mutating func nextNormal() -> Float {
    if other == nil { return crs_stream_normal(&philox) }
    return withGSL { generator in Float(gsl_ran_gaussian_ziggurat(generator, 1)) }
  }

  /// Calls `body` with a GSL generator that draws from this stream. It must not outlive the call.
  mutating func withGSL<Result>(_ body: (UnsafeMutablePointer<gsl_rng>) -> Result) -> Result {
    if var generator = other {
      // Dropped here first, so that a stream with a generator of its own isn't taken for a copy.
      other = nil
      if !isKnownUniquelyReferenced(&generator) { generator = GSLGenerator(copying: generator) }
      defer { other = generator }
      return generator.withGSL(body)
    }
    return withUnsafeMutablePointer(to: &philox) { state in
      var generator = gsl_rng(type: crs_gsl_philox, state: UnsafeMutableRawPointer(state))
      return withUnsafeMutablePointer(to: &generator, body)
    }
  }
}
