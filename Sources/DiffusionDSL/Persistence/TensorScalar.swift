/// A number with a fixed layout of bytes, whose order in a file is little-endian whatever the machine's.
protocol StoredScalar: BitwiseCopyable, Sendable {
  static var zero: Self { get }
  /// The same bytes in the opposite order.
  var byteSwapped: Self { get }
}

extension StoredScalar {
  /// Turns values between the machine's order of bytes and the file's; both ways are the same.
  static func reorder(_ values: inout [Self]) {
    guard !hostIsLittleEndian else { return }
    for index in values.indices { values[index] = values[index].byteSwapped }
  }
}

private let hostIsLittleEndian = UInt16(1).littleEndian == 1

/// A number that a tensor can hold.
protocol TensorScalar: StoredScalar {
  static var element: SafeTensorsFile.Element { get }
  static func wrap(_ values: [Self]) -> SafeTensorsFile.Values
  /// The values, if they are of this type.
  static func unwrap(_ values: SafeTensorsFile.Values) -> [Self]?
}

extension UInt8: StoredScalar {}

extension Float: TensorScalar {
  static var element: SafeTensorsFile.Element { .float32 }
  var byteSwapped: Float { Float(bitPattern: bitPattern.byteSwapped) }
  static func wrap(_ values: [Float]) -> SafeTensorsFile.Values { .float32(values) }
  static func unwrap(_ values: SafeTensorsFile.Values) -> [Float]? {
    if case .float32(let values) = values { values } else { nil }
  }
}

extension Double: TensorScalar {
  static var element: SafeTensorsFile.Element { .float64 }
  var byteSwapped: Double { Double(bitPattern: bitPattern.byteSwapped) }
  static func wrap(_ values: [Double]) -> SafeTensorsFile.Values { .float64(values) }
  static func unwrap(_ values: SafeTensorsFile.Values) -> [Double]? {
    if case .float64(let values) = values { values } else { nil }
  }
}

extension Int64: TensorScalar {
  static var element: SafeTensorsFile.Element { .int64 }
  static func wrap(_ values: [Int64]) -> SafeTensorsFile.Values { .int64(values) }
  static func unwrap(_ values: SafeTensorsFile.Values) -> [Int64]? {
    if case .int64(let values) = values { values } else { nil }
  }
}

extension UInt64: TensorScalar {
  static var element: SafeTensorsFile.Element { .uint64 }
  static func wrap(_ values: [UInt64]) -> SafeTensorsFile.Values { .uint64(values) }
  static func unwrap(_ values: SafeTensorsFile.Values) -> [UInt64]? {
    if case .uint64(let values) = values { values } else { nil }
  }
}
