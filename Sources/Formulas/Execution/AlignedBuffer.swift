/// Zeroed memory for numbers of one precision, aligned to a cache line.
///
/// Whoever shares a buffer between threads keeps their parts apart.
package final class AlignedBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  package let count: Int
  package let precision: Precision
  private let start: UnsafeMutableRawPointer

  /// - Parameter margin: numbers before the first and behind the last that may be read too.
  package init(count: Int, precision: Precision, margin: Int = 0) {
    self.count = count
    self.precision = precision
    let before = (margin * precision.bytes + 63) / 64 * 64
    let bytes = max(64, count * precision.bytes) + 2 * before
    start = .allocate(byteCount: bytes, alignment: 64)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    pointer = start + before
  }

  package convenience init(_ values: [Double], precision: Precision) {
    self.init(count: values.count, precision: precision)
    for (index, value) in values.enumerated() { self[index] = value }
  }

  deinit {
    start.deallocate()
  }

  package subscript(index: Int) -> Double {
    get { precision == .single ? Double(floats[index]) : doubles[index] }
    set {
      if precision == .single { floats[index] = Float(newValue) } else { doubles[index] = newValue }
    }
  }

  package var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
  package var doubles: UnsafeMutablePointer<Double> { pointer.assumingMemoryBound(to: Double.self) }

  func zero() {
    zero(from: 0, count: count)
  }

  func zero(from offset: Int, count: Int) {
    pointer(at: offset).initializeMemory(as: UInt8.self, repeating: 0, count: count * precision.bytes)
  }

  func pointer(at offset: Int) -> UnsafeMutableRawPointer { pointer + offset * precision.bytes }

  package var values: [Double] { (0..<count).map { self[$0] } }
}
