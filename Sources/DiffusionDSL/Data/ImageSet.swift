/// Pictures of one size, kept as they are stored in files: whole numbers from 0 up, in bytes where these hold them, or
/// floating-point numbers.
///
/// 60,000 pictures of 28 x 28 bytes take 47 MB. The numbers lie as [image][channel][row][column]; the set is a
/// collection of rows of `dimensions` numbers in that order, each made as `Double` when it is asked for.
///
///     let digits = try ImageSet(bytes: pixels, height: 28, width: 28)
///     digits[0]                      // 784 numbers from 0 to 255
///     digits.images(at: 0..<100)     // the first hundred pictures
public struct ImageSet: RandomAccessCollection, Hashable, Sendable {
  /// How the numbers are kept, all pictures one behind the other.
  public enum Storage: Hashable, Sendable {
    /// Whole numbers to 255.
    case bytes([UInt8])
    /// Whole numbers to 65535.
    case words([UInt16])
    /// Any finite numbers.
    case floats([Float])
  }

  /// Numbers of a pixel: 1 for gray, 2 with opacity, 3 for red, green and blue, 4 with opacity.
  public let channels: Int
  /// Rows of pixels.
  public let height: Int
  /// Pixels of a row.
  public let width: Int
  /// The least and the largest value that a number could have, 0...255 for bytes; not those that occur.
  public let range: ClosedRange<Double>
  /// The numbers.
  public let storage: Storage
  /// The class of each picture, 0 or more; nil where there are none.
  public private(set) var labels: [Int]?

  /// The first picture.
  public let startIndex = 0
  /// Behind the last picture: how many there are.
  public let endIndex: Int
  /// Numbers of a picture: `channels * height * width`.
  public var dimensions: Int { channels * height * width }
  /// How many values a number can have, 256 for bytes; nil for floating-point numbers.
  public var levels: Int? { if case .floats = storage { nil } else { Int(range.upperBound) + 1 } }

  /// Pictures in bytes.
  ///
  /// - Parameters:
  ///   - bytes: [image][channel][row][column].
  ///   - maximum: the largest value that a byte can have, 1...255; 1 for bits.
  ///   - labels: the class of each picture, 0 or more.
  /// - Throws: `DataError` for no pictures, a last one that is not whole, a size or maximum that is not possible, a
  ///   byte above the maximum, or labels that are not one a picture.
  public init(
    bytes: [UInt8], channels: Int = 1, height: Int, width: Int, maximum: Int = 255, labels: [Int]? = nil
  ) throws(DataError) {
    try DataError.check("the largest value of a byte", maximum, limit: 255)
    let count = try ImageSet.count(bytes.count, channels: channels, height: height, width: width)
    try self.init(.bytes(bytes), count, (channels, height, width), range: 0...Double(maximum), labels)
    if maximum < 255 { try check(bytes) { Int($0) <= maximum } }
  }

  /// Pictures in numbers of 16 bits.
  ///
  /// - Parameters:
  ///   - words: [image][channel][row][column].
  ///   - maximum: the largest value that a number can have, 1...65535.
  ///   - labels: the class of each picture, 0 or more.
  /// - Throws: `DataError`, as for bytes.
  public init(
    words: [UInt16], channels: Int = 1, height: Int, width: Int, maximum: Int = 65_535, labels: [Int]? = nil
  ) throws(DataError) {
    try DataError.check("the largest value of a number of 16 bits", maximum, limit: 65_535)
    let count = try ImageSet.count(words.count, channels: channels, height: height, width: width)
    try self.init(.words(words), count, (channels, height, width), range: 0...Double(maximum), labels)
    if maximum < 65_535 { try check(words) { Int($0) <= maximum } }
  }

  /// Pictures in floating-point numbers.
  ///
  /// - Parameters:
  ///   - floats: [image][channel][row][column].
  ///   - range: what the numbers lie within, such as 0...1; finite, with ends that differ.
  ///   - labels: the class of each picture, 0 or more.
  /// - Throws: `DataError`, as for bytes, also for a number that is not finite.
  public init(
    floats: [Float], channels: Int = 1, height: Int, width: Int, range: ClosedRange<Double> = 0...1,
    labels: [Int]? = nil
  ) throws(DataError) {
    try ImageSet.check(range)
    let count = try ImageSet.count(floats.count, channels: channels, height: height, width: width)
    try self.init(.floats(floats), count, (channels, height, width), range: range, labels)
    let size = dimensions
    if let place = floats.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(row: place / size, column: ColumnPlace(place % size), value: "\(floats[place])")
    }
    try check(floats) { range.contains(Double($0)) }
  }

  /// Numbers as pictures in bytes: each is rounded, and set to the nearest value that there is.
  ///
  /// This is how samples of a model, which are no whole numbers, become pictures.
  ///
  /// - Parameters:
  ///   - numbers: [image][channel][row][column], finite.
  ///   - range: what of the numbers is 0 and what is the maximum; nil for 0...maximum.
  ///   - maximum: the largest value that a byte can have, 1...255.
  /// - Throws: `DataError`, as for bytes, also for a number that is not finite.
  public init(
    rounding numbers: [Double], channels: Int = 1, height: Int, width: Int, range: ClosedRange<Double>? = nil,
    maximum: Int = 255
  ) throws(DataError) {
    try DataError.check("the largest value of a byte", maximum, limit: 255)
    _ = try ImageSet.count(numbers.count, channels: channels, height: height, width: width)
    let size = channels * height * width
    let top = Double(maximum)
    let range = range ?? 0...top
    try ImageSet.check(range)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count)
    for (place, number) in numbers.enumerated() {
      guard number.isFinite else {
        throw .notFinite(row: place / size, column: ColumnPlace(place % size), value: "\(number)")
      }
      let share = (number - range.lowerBound) / (range.upperBound - range.lowerBound)
      bytes.append(UInt8(Swift.min(Swift.max(share * top, 0), top).rounded()))
    }
    try self.init(bytes: bytes, channels: channels, height: height, width: width, maximum: maximum)
  }

  private init(
    _ storage: Storage, _ count: Int, _ size: (channels: Int, height: Int, width: Int), range: ClosedRange<Double>,
    _ labels: [Int]?
  ) throws(DataError) {
    self.init(checked: storage, count, size, range: range)
    if let labels { try setLabels(labels) }
  }

  /// Pictures of numbers and labels that are known to be as many, and numbers within the range.
  init(
    checked storage: Storage, _ count: Int, _ size: (channels: Int, height: Int, width: Int),
    range: ClosedRange<Double>, labels: [Int]? = nil
  ) {
    (channels, height, width) = size
    (self.storage, self.range, endIndex) = (storage, range, count)
    self.labels = labels
  }

  /// One picture's numbers, [channel][row][column]; empty where there is none.
  public subscript(image: Int) -> [Double] {
    guard image >= 0, image < endIndex else { return [] }
    let part = image * dimensions..<(image + 1) * dimensions
    switch storage {
    case .bytes(let values): return values[part].map(Double.init)
    case .words(let values): return values[part].map(Double.init)
    case .floats(let values): return values[part].map(Double.init)
    }
  }

  /// Some of the pictures, with their labels; places where there is none are left out.
  ///
  ///     let heldOut = digits.images(at: 0..<100)
  public func images(at places: some Sequence<Int>) -> ImageSet {
    let places = places.filter { $0 >= 0 && $0 < endIndex }
    let size = dimensions
    func picked<Number>(_ values: [Number]) -> [Number] {
      var part: [Number] = []
      part.reserveCapacity(places.count * size)
      for place in places { part.append(contentsOf: values[place * size..<(place + 1) * size]) }
      return part
    }
    return ImageSet(
      checked: storage.mapped(picked, picked, picked), places.count, (channels, height, width), range: range,
      labels: labels.map { labels in places.map { labels[$0] } })
  }

  /// The same pictures with some of their channels: `0..<3` takes the opacity from red, green, blue and opacity.
  ///
  /// - Throws: `DataError.wrongChannels` for channels that are not there, or none.
  public func selecting(channels part: Range<Int>) throws(DataError) -> ImageSet {
    guard !part.isEmpty, part.lowerBound >= 0, part.upperBound <= channels else {
      throw .wrongChannels("\(part)", channels: channels)
    }
    let plane = height * width
    func picked<Number>(_ values: [Number]) -> [Number] {
      (0..<endIndex).flatMap { image in
        values[(image * channels + part.lowerBound) * plane..<(image * channels + part.upperBound) * plane]
      }
    }
    return ImageSet(
      checked: storage.mapped(picked, picked, picked), endIndex, (part.count, height, width), range: range,
      labels: labels)
  }

  /// The same pictures with labels.
  ///
  /// - Parameter labels: the class of each picture, 0 or more.
  /// - Throws: `DataError.wrongLabels`, `.invalidLabel`.
  public func labelled(by labels: [Int]) throws(DataError) -> ImageSet {
    var copy = self
    try copy.setLabels(labels)
    return copy
  }

  private mutating func setLabels(_ labels: [Int]) throws(DataError) {
    guard labels.count == endIndex else { throw .wrongLabels(expected: endIndex, found: labels.count) }
    if let image = labels.firstIndex(where: { $0 < 0 }) { throw .invalidLabel(image: image, label: labels[image]) }
    self.labels = labels
  }
}

extension ImageSet {
  /// How many pictures of a size numbers are.
  private static func count(_ numbers: Int, channels: Int, height: Int, width: Int) throws(DataError) -> Int {
    for (what, extent) in [("the number of channels", channels), ("the height", height), ("the width", width)] {
      try DataError.check(what, extent, limit: Int(Int32.max))
    }
    if numbers == 0 { throw .empty }
    let (plane, isPlaneTooLarge) = height.multipliedReportingOverflow(by: width)
    let (size, isTooLarge) = plane.multipliedReportingOverflow(by: channels)
    guard !isPlaneTooLarge, !isTooLarge, numbers.isMultiple(of: size) else {
      throw .notWholeImages(numbers: numbers, size: "\(channels) x \(height) x \(width)")
    }
    guard numbers / size <= Int(Int32.max) else { throw .tooManyRows(numbers / size) }
    return numbers / size
  }

  /// A range has finite ends that differ, by a finite number.
  private static func check(_ range: ClosedRange<Double>) throws(DataError) {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else { throw .impossibleRange("\(range)") }
  }

  private func check<Number>(_ values: [Number], _ isInside: (Number) -> Bool) throws(DataError) {
    guard let place = values.firstIndex(where: { !isInside($0) }) else { return }
    throw .outsideRange(
      image: place / dimensions, column: ColumnPlace(place % dimensions), value: "\(values[place])",
      range: rangeText)
  }

  private var rangeText: String { "\(range.lowerBound.sixDigits)...\(range.upperBound.sixDigits)" }
}

extension ImageSet.Storage {
  /// The same storage of other numbers.
  func mapped(
    _ bytes: ([UInt8]) -> [UInt8], _ words: ([UInt16]) -> [UInt16], _ floats: ([Float]) -> [Float]
  ) -> ImageSet.Storage {
    switch self {
    case .bytes(let values): .bytes(bytes(values))
    case .words(let values): .words(words(values))
    case .floats(let values): .floats(floats(values))
    }
  }
}

extension ImageSet: CustomStringConvertible {
  /// How many pictures of which size and range: `60000 images of 1 x 28 x 28, 0...255, labelled`.
  public var description: String {
    "\(count.counted("image")) of \(channels) x \(height) x \(width), \(rangeText)"
      + (labels == nil ? "" : ", labelled")
  }
}
