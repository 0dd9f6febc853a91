/// FNV-1a of 64 bits (Fowler, Noll, Vo): a hash of bytes that is the same in every process and on every platform, which
/// Swift's `Hasher` is not. It guards against accidents, not against intent.
package struct FNV1a: Sendable {
  /// The hash of the bytes so far.
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of no bytes.
  package init() {}

  /// Goes on with more bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
}
