internal import CRandomStreams

/// Random numbers for tiles, addressed by (seed, purpose, chain, step, feature).
///
/// A tile holds `features` rows of `lanes` numbers, feature-major: `out[feature * lanes + lane]`. Lane `l` belongs to
/// chain `firstChain + l`, and a number depends on its chain, its step and its feature alone: how chains are cut into
/// tiles, and which thread fills them, changes nothing. `stream(chain:step:)` gives the same numbers one by one, bit
/// for bit, whatever the processor's vector width.
///
/// Behind an address stands Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
/// 3", 2011): the counter is (chain, step, feature / 4), the key comes from the seed and the purpose. One address
/// gives one kind of number; normals and uniforms at the same address share their bits, so give them different
/// purposes.
///
/// ```swift
/// let source = NoiseSource(seed: 7, purpose: "a tile's noise")
/// var tile = [Float](repeating: 0, count: 2 * 64)
/// source.fillNormals(&tile, features: 2, lanes: 64, firstChain: 0, step: 1)
/// ```
public struct NoiseSource: Hashable, Sendable {
  /// A part of every number's address, usually chosen by the program's user.
  public let seed: UInt64
  /// A part of every number's address: what the numbers are for.
  public let purpose: Purpose
  private let key: UInt64
  /// The vector width that tiles are filled at, which changes no bit of what they hold.
  private let level: crs_level.RawValue

  /// All numbers of a seed for a purpose.
  ///
  /// - Parameters:
  ///   - seed: Any number.
  ///   - purpose: What the numbers are for; one for each kind of number that is needed.
  public init(seed: UInt64, purpose: Purpose) {
    self.init(seed: seed, purpose: purpose, level: crs_best_level())
  }

  /// All numbers of a seed for a purpose, with tiles filled at a given vector width: for tests.
  init(seed: UInt64, purpose: Purpose, level: crs_level) {
    self.seed = seed
    self.purpose = purpose
    self.key = purpose.key(seed: seed)
    self.level = level.rawValue
  }

  /// Fills a tile with standard normals.
  ///
  /// Box-Muller in `Float`: features 4k and 4k+1, and 4k+2 and 4k+3, are the two coordinates of one point. Magnitudes
  /// end at 6.66, beyond which lies 3e-11 of the distribution.
  ///
  /// - Parameters:
  ///   - out: Room for `features * lanes` numbers.
  ///   - features: How many numbers for each lane.
  ///   - lanes: How many chains.
  ///   - firstChain: The chain of lane 0.
  ///   - step: The time step, or whatever else counts within a chain.
  public func fillNormals(
    _ out: UnsafeMutablePointer<Float>, features: Int, lanes: Int, firstChain: UInt64, step: UInt32
  ) {
    crs_fill_normals(crs_level(level), out, Int64(features), Int64(lanes), key, firstChain, step)
  }

  /// Fills a tile with uniforms on the open interval (0, 1): the middles of 2^23 equal cells.
  ///
  /// - Parameters:
  ///   - out: Room for `features * lanes` numbers.
  ///   - features: How many numbers for each lane.
  ///   - lanes: How many chains.
  ///   - firstChain: The chain of lane 0.
  ///   - step: The time step, or whatever else counts within a chain.
  public func fillUniforms(
    _ out: UnsafeMutablePointer<Float>, features: Int, lanes: Int, firstChain: UInt64, step: UInt32
  ) {
    crs_fill_uniforms(crs_level(level), out, Int64(features), Int64(lanes), key, firstChain, step)
  }

  /// Fills in the standard normals of one chain, `out[feature]`: those that `fillNormals` gives its lane of a tile.
  ///
  /// - Parameters:
  ///   - out: Room for `features` numbers.
  ///   - features: How many numbers.
  ///   - chain: Whose numbers.
  ///   - step: The time step, or whatever else counts within a chain.
  package func fillNormals(_ out: UnsafeMutablePointer<Float>, features: Int, ofChain chain: UInt64, step: UInt32) {
    crs_fill_normals_of_chain(crs_level(level), out, Int64(features), key, chain, step)
  }

  /// Fills in the uniforms of one chain, `out[feature]`: those that `fillUniforms` gives its lane of a tile.
  ///
  /// - Parameters:
  ///   - out: Room for `features` numbers.
  ///   - features: How many numbers.
  ///   - chain: Whose numbers.
  ///   - step: The time step, or whatever else counts within a chain.
  package func fillUniforms(_ out: UnsafeMutablePointer<Float>, features: Int, ofChain chain: UInt64, step: UInt32) {
    crs_fill_uniforms_of_chain(crs_level(level), out, Int64(features), key, chain, step)
  }

  /// Fills `count` integers uniform on `0..<bound`, one for each chain.
  ///
  /// 64 random bits are multiplied by the bound and shifted, so the probability of each integer differs from
  /// `1 / bound` by less than 2^-64.
  ///
  /// - Parameters:
  ///   - out: Room for `count` integers.
  ///   - count: How many integers.
  ///   - bound: From 1 to `Int32.max`.
  ///   - firstChain: The chain of the first integer.
  ///   - step: The time step, or whatever else counts within a chain.
  /// - Throws: `DistributionError` if `bound` is out of range; nothing is written then.
  public func fillIndices(
    _ out: UnsafeMutablePointer<Int32>, count: Int, below bound: Int, firstChain: UInt64, step: UInt32
  ) throws(DistributionError) {
    guard bound >= 1, bound <= Int(Int32.max) else {
      throw DistributionError(
        of: "NoiseSource.fillIndices", parameter: "bound", value: bound,
        remedy: "give a bound from 1 to \(Int32.max)")
    }
    crs_fill_indices(crs_level(level), out, Int64(count), UInt32(bound), key, firstChain, step)
  }

  /// The numbers of one chain at one step, one by one, as the fills give them to features 0, 1, 2, ...
  public func stream(chain: UInt64, step: UInt32) -> RandomStream {
    RandomStream(key: key, chain: chain, step: step)
  }
}
