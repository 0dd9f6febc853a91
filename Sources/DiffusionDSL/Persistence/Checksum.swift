import Distributions

/// Tells a file that was altered by accident from one that was not.
struct Checksum {
  private var hash = FNV1a()

  mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.add(bytes) }

  /// A text with its length, so that no two lists of texts look alike.
  mutating func add(_ text: String) {
    add(text.utf8.count)
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  mutating func add(_ number: Int) {
    withUnsafeBytes(of: UInt64(number).littleEndian) { add($0) }
  }

  var text: String {
    let digits = String(hash.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension SafeTensorsFile {
  /// Of the metadata but for one key, and of all tensors, in the order of their names: a file that another program
  /// writes anew with the same contents has the same.
  func checksum(without key: String) -> String {
    var checksum = Checksum()
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where name != key {
      checksum.add(name)
      checksum.add(value)
    }
    for (name, tensor) in tensors.sorted(by: { $0.name < $1.name }) {
      checksum.add(name)
      checksum.add(tensor.values.element.rawValue)
      checksum.add(tensor.shape.count)
      for extent in tensor.shape { checksum.add(extent) }
      // Every platform that this package builds on is little-endian, as the format is.
      switch tensor.values {
      case .float32(let values): values.withUnsafeBytes { checksum.add($0) }
      case .float64(let values): values.withUnsafeBytes { checksum.add($0) }
      case .int64(let values): values.withUnsafeBytes { checksum.add($0) }
      case .uint64(let values): values.withUnsafeBytes { checksum.add($0) }
      }
    }
    return checksum.text
  }
}
