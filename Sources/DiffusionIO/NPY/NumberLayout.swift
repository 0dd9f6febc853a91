import Foundation

/// Where the numbers of an array lie in bytes, and how each is stored.
struct NumberLayout {
  let element: NPYElement
  /// Whether a number's most significant byte comes first.
  let isBigEndian: Bool
  /// The extent of each axis, outermost first.
  let shape: [Int]
  /// Whether the first axis runs fastest (Fortran order) and not the last (C order).
  let isColumnMajor: Bool
  /// Where the first number begins.
  let start: Int
  /// How many numbers there are.
  let count: Int

  init?(element: NPYElement, isBigEndian: Bool, shape: [Int], isColumnMajor: Bool = false, start: Int) {
    guard let count = NumberLayout.count(shape), count <= Int.max / 16 else { return nil }
    (self.element, self.isBigEndian, self.shape) = (element, isBigEndian, shape)
    (self.isColumnMajor, self.start, self.count) = (isColumnMajor, start, count)
  }

  /// The array of an NPY file, which the bytes hold as a whole.
  ///
  /// - Throws: `NPYError`.
  init(npy bytes: UnsafeRawBufferPointer, file: String) throws(NPYError) {
    let header = try NPYHeader(bytes, file: file)
    guard let element = NPYElement(description: header.descr) else {
      throw .unsupportedType(file: file, type: header.descr)
    }
    guard
      let layout = NumberLayout(
        element: element, isBigEndian: header.descr.hasPrefix(">"), shape: header.shape,
        isColumnMajor: header.fortranOrder, start: header.end)
    else { throw .damagedHeader(file: file, problem: "'shape' is larger than any memory") }
    let (size, room) = (layout.count * element.size, bytes.count - header.end)
    if room < size { throw .truncated(file: file, expectedBytes: header.end + size, actualBytes: bytes.count) }
    if room > size { throw .trailingBytes(file: file, count: room - size) }
    self = layout
  }

  /// By how many numbers a step along each axis moves.
  var strides: [Int] {
    var (strides, step) = (shape, 1)
    for axis in isColumnMajor ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = step
      step *= shape[axis]
    }
    return strides
  }

  /// The number at a place in the bytes' order; or, where no `Double` holds it, how it is written.
  func value(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Result<Double, NPYElement.Inexact> {
    element.value(bytes, at: start + index * element.size, isBigEndian: isBigEndian)
  }

  /// Numbers that lie as here, brought into C order: the last axis runs fastest.
  func rowMajor<Number>(_ numbers: [Number]) -> [Number] {
    guard isColumnMajor, shape.count > 1, !numbers.isEmpty else { return numbers }
    let strides = strides
    var ordered: [Number] = []
    ordered.reserveCapacity(numbers.count)
    // A counter of places, the last axis fastest.
    var place = [Int](repeating: 0, count: shape.count)
    var index = 0
    while true {
      ordered.append(numbers[index])
      var axis = shape.count - 1
      while axis >= 0, place[axis] == shape[axis] - 1 {
        index -= place[axis] * strides[axis]
        place[axis] = 0
        axis -= 1
      }
      if axis < 0 { return ordered }
      place[axis] += 1
      index += strides[axis]
    }
  }

  /// How many numbers a shape has; nil where no integer counts them.
  static func count(_ shape: [Int]) -> Int? {
    if shape.contains(0) { return 0 }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }
}
