import DiffusionDSL

/// Arrays as pictures: which axis is which, and what the numbers mean.
struct ArrayImages {
  let file: FileBytes
  let layout: NumberLayout

  /// Extents of the pictures, and by how many numbers a step to the next image, channel, row and column moves.
  private struct Axes {
    var count = 0
    var channels = 1
    var height = 1
    var width = 1
    var strides = [0, 0, 0, 0]

    /// The image that a number of the array is of, and its place in it.
    func place(of index: Int) -> (image: Int, place: Int) {
      let extents = [count, channels, height, width]
      let places = zip(extents, strides).map { extent, stride in stride == 0 ? 0 : index / stride % extent }
      return (places[0], (places[1] * height + places[2]) * width + places[3])
    }
  }

  /// The pictures of an array [image][row][column], or one of four axes with colour first or last.
  ///
  /// Whole numbers up to 255 are bytes, up to 65535 words, and those that are all 0 or 1 bits; fractions that are
  /// 255ths are bytes too, so that one picture is the same in each of these forms.
  ///
  /// - Throws: `ImageFileError.wrongAxes`, `.ambiguousChannels`, `.notImages`.
  func read(_ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    let axes = try axes(options.channelAxis)
    if layout.count == 0 { throw .notImages(file: file.file, part: file.part, problem: .empty) }
    let statistics = try Statistics(self, axes)
    let meaning = statistics.meaning(layout.element)
    do throws(DataError) {
      return DecodedImages(try images(axes, meaning), values: meaning.description)
    } catch {
      throw .notImages(file: file.file, part: file.part, problem: error)
    }
  }

  private func images(_ axes: Axes, _ meaning: Meaning) throws(DataError) -> ImageSet {
    let (channels, height, width) = (axes.channels, axes.height, axes.width)
    switch meaning {
    case .bytes(let scale, let maximum):
      let bytes =
        layout.element == .uint8
        ? gathered(axes) { $0 } : numbers(axes) { UInt8(clamping: Int(($0 * scale).rounded())) }
      return try ImageSet(bytes: bytes, channels: channels, height: height, width: width, maximum: maximum)
    case .words(let scale):
      let words = numbers(axes) { UInt16(clamping: Int(($0 * scale).rounded())) }
      return try ImageSet(words: words, channels: channels, height: height, width: width)
    case .floats(let range):
      let floats = numbers(axes) { Float($0) }
      return try ImageSet(floats: floats, channels: channels, height: height, width: width, range: range)
    }
  }

  /// Single bytes in the order of pictures.
  private func gathered(_ axes: Axes, _ convert: (UInt8) -> UInt8) -> [UInt8] {
    if axes.strides == [axes.channels * axes.height * axes.width, axes.height * axes.width, axes.width, 1] {
      return Array(file.bytes[layout.start..<layout.start + layout.count])
    }
    return places(axes) { file.bytes[layout.start + $0] }
  }

  private func numbers<Number>(_ axes: Axes, _ convert: (Double) -> Number) -> [Number] {
    file.bytes.withUnsafeBytes { bytes in
      places(axes) { index in
        // The numbers have all been read once.
        if case .success(let value) = layout.value(bytes, index) { convert(value) } else { convert(0) }
      }
    }
  }

  private func places<Number>(_ axes: Axes, _ number: (Int) -> Number) -> [Number] {
    var numbers: [Number] = []
    numbers.reserveCapacity(layout.count)
    for image in 0..<axes.count {
      for channel in 0..<axes.channels {
        for row in 0..<axes.height {
          let start = image * axes.strides[0] + channel * axes.strides[1] + row * axes.strides[2]
          for column in 0..<axes.width { numbers.append(number(start + column * axes.strides[3])) }
        }
      }
    }
    return numbers
  }

  private func axes(_ choice: ImageReadingOptions.ChannelAxis?) throws(ImageFileError) -> Axes {
    let shape = layout.shape
    guard shape.count == 3 || shape.count == 4 else {
      throw .wrongAxes(file: file.file, part: file.part, shape: shape)
    }
    // An array without numbers is refused for that; its strides could be any.
    let strides = layout.count == 0 ? [0, 0, 0, 0] : layout.strides
    if shape.count == 3 {
      return Axes(
        count: shape[0], channels: 1, height: shape[1], width: shape[2],
        strides: [strides[0], 0, strides[1], strides[2]])
    }
    let isColour = [1, 3, 4].contains
    guard let axis = choice ?? (isColour(shape[1]) == isColour(shape[3]) ? nil : isColour(shape[1]) ? .first : .last)
    else { throw .ambiguousChannels(file: file.file, part: file.part, shape: shape) }
    let (channel, row, column) = axis == .first ? (1, 2, 3) : (3, 1, 2)
    return Axes(
      count: shape[0], channels: shape[channel], height: shape[row], width: shape[column],
      strides: [strides[0], strides[channel], strides[row], strides[column]])
  }
}

extension ArrayImages {
  /// What numbers mean, told by those that there are.
  private enum Meaning: CustomStringConvertible {
    /// A number times the scale is a whole one up to the maximum.
    case bytes(scale: Double, maximum: Int)
    case words(scale: Double)
    case floats(ClosedRange<Double>)

    var description: String {
      switch self {
      case .bytes(1, 255): "bytes"
      case .bytes(1, _): "bits"
      case .words(1): "numbers to 65535"
      case .bytes, .words, .floats(0...1): "fractions from 0 to 1"
      case .floats(let range): "numbers from \(range.lowerBound) to \(range.upperBound)"
      }
    }
  }

  /// What all numbers of an array have in common.
  private struct Statistics {
    var least = Double.infinity
    var largest = -Double.infinity
    var areWhole = true
    /// The largest distance of a number times 255, or 65535, from a whole one.
    var distance255 = 0.0
    var distance65535 = 0.0

    /// - Throws: `ImageFileError.notImages` for a number that is not finite, or that no `Float` holds.
    init(_ array: ArrayImages, _ axes: Axes) throws(ImageFileError) {
      let layout = array.layout
      if layout.element == .uint8 {
        // Bytes are whole and in range, and there may be very many.
        let bytes = array.file.bytes[layout.start..<layout.start + layout.count]
        (least, largest) = (0, Double(bytes.max() ?? 0))
        return
      }
      let bad = array.file.bytes.withUnsafeBytes { bytes -> (index: Int, text: String)? in
        for index in 0..<layout.count {
          switch layout.value(bytes, index) {
          case .failure(let inexact): return (index, inexact.text)
          case .success(let value) where !Float(value).isFinite: return (index, "\(value)")
          case .success(let value): take(value)
          }
        }
        return nil
      }
      guard let bad else { return }
      let (image, place) = axes.place(of: bad.index)
      throw .notImages(
        file: array.file.file, part: array.file.part,
        problem: .notFinite(row: image, column: ColumnPlace(place), value: bad.text))
    }

    private mutating func take(_ value: Double) {
      least = min(least, value)
      largest = max(largest, value)
      if value.rounded() == value { return }
      areWhole = false
      // Scales are asked for where numbers are fractions only.
      guard value > 0, value < 1 else { return }
      distance255 = max(distance255, abs(value * 255 - (value * 255).rounded()))
      distance65535 = max(distance65535, abs(value * 65_535 - (value * 65_535).rounded()))
    }

    func meaning(_ element: NPYElement) -> Meaning {
      if areWhole, least >= 0 {
        if largest == 1 { return .bytes(scale: 1, maximum: 1) }
        if largest <= 255 { return .bytes(scale: 1, maximum: 255) }
        if largest <= 65_535 { return .words(scale: 1) }
        return .floats(0...Double(Float(largest)))
      }
      if least >= 0, largest <= 1 {
        // As far as fractions of the type are off by rounding, once or twice.
        let rounding = element == .float16 ? 0x1p-10 : 0x1p-22
        if distance255 <= 255 * rounding { return .bytes(scale: 255, maximum: 255) }
        if element != .float16, distance65535 <= 65_535 * rounding { return .words(scale: 65_535) }
        return .floats(0...1)
      }
      if least >= -1, largest <= 1 { return .floats(-1...1) }
      if least >= 0, largest <= 255 { return .floats(0...255) }
      // As the numbers will be rounded.
      let (low, high) = (Double(Float(least)), Double(Float(largest)))
      return .floats(low < high ? low...high : low...(low + max(1, abs(low))))
    }
  }
}

/// An NPY file of pictures.
enum NPYFormat: ImageFormat {
  static func matches(_ file: FileBytes) -> Bool { file.has(NPYHeader.magic) }

  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    let layout = file.bytes.withUnsafeBytes { bytes -> Result<NumberLayout, NPYError> in
      do throws(NPYError) {
        return .success(try NumberLayout(npy: bytes, file: file.file))
      } catch {
        return .failure(error)
      }
    }
    switch layout {
    case .success(let layout): return try ArrayImages(file: file, layout: layout).read(options)
    case .failure(let error): throw error.ofImages(file)
    }
  }
}

extension NPYError {
  /// The same as an error of a file of pictures, with its byte.
  fileprivate func ofImages(_ file: FileBytes) -> ImageFileError {
    switch self {
    case .truncated(_, let expected, let actual):
      file.damage(at: actual, "it ends there, and its header promises \(expected) bytes")
    case .trailingBytes(_, let count):
      file.damage(at: file.bytes.count - count, "\(count) bytes stand behind the array")
    case .unsupportedVersion(_, let major, let minor):
      file.damage(at: 6, "version \(major).\(minor) of the format is not known")
    case .unsupportedType(_, let type):
      .unsupported(
        FilePlace(file: file.file, part: file.part, offset: 10),
        problem: "has elements of type '\(OneLine.shown(type))'",
        remedy: "convert the array with astype('uint8') before saving it")
    case .damagedHeader(_, let problem): file.damage(at: 8, "the header is wrong, \(problem)")
    default: file.damage(at: 0, "it is no NPY file")
    }
  }
}
