/// What a set of random numbers is for: a part of their address, so that numbers drawn for one thing never coincide
/// with those drawn for another under the same seed.
///
/// ```swift
/// let noise = NoiseSource(seed: 1, purpose: "training noise")
/// ```
public struct Purpose: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name that stands for it; equal names are the same purpose.
  public let name: String

  /// A purpose of this name.
  public init(_ name: String) { self.name = name }

  /// A purpose of this name.
  public init(stringLiteral value: String) { self.name = value }

  /// The name.
  public var description: String { name }

  /// A purpose within this one, for example a layer's or a field's.
  public func appending(_ part: String) -> Purpose { Purpose(name + "/" + part) }

  /// The key of the numbers for this purpose under a seed.
  ///
  /// The seed and the hash of the name's bytes both go through splitmix64's finaliser, so that neighbouring seeds and
  /// similar names give unrelated keys. For one purpose, different seeds never share a key.
  func key(seed: UInt64) -> UInt64 {
    var hash = FNV1a()
    var name = name
    name.withUTF8 { hash.add(UnsafeRawBufferPointer($0)) }
    return finalised(finalised(seed &+ goldenGamma) ^ finalised(hash.value))
  }
}

let goldenGamma: UInt64 = 0x9e37_79b9_7f4a_7c15

/// The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): a
/// bijection in which every input bit moves about half of the output bits.
func finalised(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
