// What pictures have in common that is worth a word before they are trained on.

extension ImageSet {
  /// Whether there is colour, and red, green and blue are equal in every pixel: the pictures are gray ones stored as
  /// colour, and their density in colour is infinite.
  public var hasEqualColours: Bool {
    guard channels >= 3, !isEmpty else { return false }
    switch storage {
    case .bytes(let values): return areColoursEqual(values)
    case .words(let values): return areColoursEqual(values)
    case .floats(let values): return areColoursEqual(values)
    }
  }

  /// Whether there are 2 or 4 channels and the last of them, the opacity, is the largest possible in every pixel.
  public var isOpaque: Bool {
    guard channels == 2 || channels == 4, !isEmpty else { return false }
    switch storage {
    case .bytes(let values): return isLastChannel(values, equalTo: UInt8(range.upperBound))
    case .words(let values): return isLastChannel(values, equalTo: UInt16(range.upperBound))
    case .floats(let values): return isLastChannel(values, equalTo: Float(range.upperBound))
    }
  }

  /// One sentence on channels that carry nothing and how to leave them out; nil where there are none.
  public var hint: String? {
    if hasEqualColours {
      return "red, green and blue are equal in every pixel, so their density is infinite: keep one of them, "
        + "selecting(channels: 0..<1)"
    }
    if isOpaque {
      return "the last channel, the opacity, is \(range.upperBound.sixDigits) in every pixel, so its density is "
        + "infinite: leave it out, selecting(channels: 0..<\(channels - 1))"
    }
    return nil
  }

  private func areColoursEqual<Number: Equatable>(_ values: [Number]) -> Bool {
    let plane = height * width
    return (0..<count).allSatisfy { image in
      let start = image * dimensions
      let red = values[start..<start + plane]
      return (1...2).allSatisfy { red.elementsEqual(values[start + $0 * plane..<start + ($0 + 1) * plane]) }
    }
  }

  private func isLastChannel<Number: Equatable>(_ values: [Number], equalTo top: Number) -> Bool {
    let plane = height * width
    return (1...count).allSatisfy { image in
      values[..<(image * dimensions)].suffix(plane).allSatisfy { $0 == top }
    }
  }
}
