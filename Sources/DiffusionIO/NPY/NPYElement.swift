import Foundation

/// The elements of an NPY array that can be read and written: plain numbers. They are written with the least
/// significant byte first, and read in either order.
public enum NPYElement: String, CaseIterable, Sendable {
  /// Floating-point numbers of 2 bytes (`<f2`).
  case float16 = "<f2"
  /// Floating-point numbers of 4 bytes (`<f4`).
  case float32 = "<f4"
  /// Floating-point numbers of 8 bytes (`<f8`).
  case float64 = "<f8"
  /// Signed integers of 1 byte (`|i1`).
  case int8 = "|i1"
  /// Signed integers of 2 bytes (`<i2`).
  case int16 = "<i2"
  /// Signed integers of 4 bytes (`<i4`).
  case int32 = "<i4"
  /// Signed integers of 8 bytes (`<i8`).
  case int64 = "<i8"
  /// Unsigned integers of 1 byte (`|u1`).
  case uint8 = "|u1"
  /// Unsigned integers of 2 bytes (`<u2`).
  case uint16 = "<u2"
  /// Unsigned integers of 4 bytes (`<u4`).
  case uint32 = "<u4"
  /// Unsigned integers of 8 bytes (`<u8`).
  case uint64 = "<u8"
  /// Truth values, which are read as 0 and 1.
  case bool = "|b1"

  /// - Parameter description: NumPy's: byte order, kind and size. Single bytes have no order, whatever is written.
  init?(description: String) {
    if let element = NPYElement(rawValue: description) {
      self = element
      return
    }
    let kind = description.dropFirst()
    if description.hasPrefix("<") || description.hasPrefix(">"), let element = NPYElement(rawValue: "|" + kind) {
      self = element
      return
    }
    guard description.hasPrefix(">"), let element = NPYElement(rawValue: "<" + kind) else { return nil }
    self = element
  }

  /// Bytes of an element.
  var size: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The element that begins at a byte; or, where no `Double` holds it, how it is written.
  ///
  /// - Parameter isBigEndian: whether the most significant byte comes first.
  func value(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, isBigEndian: Bool = false
  ) -> Result<Double, Inexact> {
    func load<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer {
      let integer = bytes.loadUnaligned(fromByteOffset: offset, as: type)
      return isBigEndian ? Integer(bigEndian: integer) : Integer(littleEndian: integer)
    }
    func exact(_ integer: some FixedWidthInteger) -> Result<Double, Inexact> {
      Double(exactly: integer).map { .success($0) } ?? .failure(Inexact(text: "\(integer)"))
    }
    switch self {
    case .float16: return .success(HalfFloat(bits: load(UInt16.self)).value)
    case .float32: return .success(Double(Float(bitPattern: load(UInt32.self))))
    case .float64: return .success(Double(bitPattern: load(UInt64.self)))
    case .int8: return exact(load(Int8.self))
    case .int16: return exact(load(Int16.self))
    case .int32: return exact(load(Int32.self))
    case .int64: return exact(load(Int64.self))
    case .uint8: return exact(load(UInt8.self))
    case .uint16: return exact(load(UInt16.self))
    case .uint32: return exact(load(UInt32.self))
    case .uint64: return exact(load(UInt64.self))
    case .bool: return .success(load(UInt8.self) == 0 ? 0 : 1)
    }
  }

  /// Appends an element; false where the value is not one.
  func append(_ value: Double, to data: inout Data) -> Bool {
    func put(_ integer: (some FixedWidthInteger)?) -> Bool {
      guard let integer else { return false }
      withUnsafeBytes(of: integer.littleEndian) { data.append(contentsOf: $0) }
      return true
    }
    switch self {
    case .float16: return put(HalfFloat(value).bits)
    case .float32: return put(Float(value).bitPattern)
    case .float64: return put(value.bitPattern)
    case .int8: return put(Int8(exactly: value))
    case .int16: return put(Int16(exactly: value))
    case .int32: return put(Int32(exactly: value))
    case .int64: return put(Int64(exactly: value))
    case .uint8: return put(UInt8(exactly: value))
    case .uint16: return put(UInt16(exactly: value))
    case .uint32: return put(UInt32(exactly: value))
    case .uint64: return put(UInt64(exactly: value))
    case .bool: return put(value == 0 || value == 1 ? UInt8(value) : nil)
    }
  }

  /// An integer beyond what a `Double` holds exactly.
  struct Inexact: Error {
    let text: String
  }
}
