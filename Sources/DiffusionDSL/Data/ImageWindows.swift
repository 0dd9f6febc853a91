// Parts of pictures, and pictures seen from the other side.

extension ImageSet {
  /// Windows of all pictures, each a picture: every place from the upper left corner on in steps of `stride` pixels across
  /// and down, as far as windows are whole.
  ///
  ///     let patches = try photographs.windows(width: 32, height: 32, stride: 16)
  ///
  /// They lie picture by picture, and in each row by row. Labels are those of the pictures.
  ///
  /// - Parameters:
  ///   - width: pixels in a row of a window, 1 to the pictures' width.
  ///   - height: rows of a window, 1 to the pictures' height.
  ///   - stride: pixels from a window to the next, 1 or more.
  /// - Throws: `DataError` for a size or stride that is not possible, or windows of more than 2^34 numbers in all.
  public func windows(width: Int, height: Int, stride step: Int) throws(DataError) -> ImageSet {
    try DataError.check("the width of a window", width, limit: self.width)
    try DataError.check("the height of a window", height, limit: self.height)
    try DataError.check("the stride of windows", step, limit: Int(Int32.max))
    let (across, down) = ((self.width - width) / step + 1, (self.height - height) / step + 1)
    let (total, overflow) = count.multipliedReportingOverflow(by: across * down)
    guard !overflow, total <= Int(Int32.max) else { throw .tooManyRows(overflow ? Int.max : total) }
    let size = channels * height * width
    guard total <= ImageSet.mostNumbers / size else {
      throw .tooMany(
        what: "the number of windows of \(width) x \(height)", value: total, limit: ImageSet.mostNumbers / size)
    }
    var places: [WindowPlace] = []
    places.reserveCapacity(total)
    for image in 0..<count {
      for row in 0..<down {
        for column in 0..<across { places.append(WindowPlace(image: image, row: row * step, column: column * step)) }
      }
    }
    return windows(at: places, height: height, width: width)
  }

  /// The same part of every picture.
  ///
  /// - Parameters:
  ///   - rows: of pixels, from the top, one or more.
  ///   - columns: from the left, one or more.
  /// - Throws: `DataError.invalidCount` or `.tooMany` for rows or columns that are not there.
  public func cropped(rows: Range<Int>, columns: Range<Int>) throws(DataError) -> ImageSet {
    for (what, part, extent) in [("rows", rows, height), ("columns", columns, width)] {
      guard part.lowerBound >= 0 else { throw .invalidCount(what: "the first of the \(what)", value: part.lowerBound) }
      guard part.upperBound <= extent else {
        throw .tooMany(what: "the end of the \(what)", value: part.upperBound, limit: extent)
      }
      try DataError.check("the number of \(what) of a part", part.count, limit: extent)
    }
    return windows(
      at: (0..<count).map { WindowPlace(image: $0, row: rows.lowerBound, column: columns.lowerBound) },
      height: rows.count, width: columns.count)
  }

  /// The pictures with left and right exchanged: photographs of things are as likely so.
  public var mirrored: ImageSet {
    let width = width
    func turned<Number>(_ values: [Number]) -> [Number] {
      var turned: [Number] = []
      turned.reserveCapacity(values.count)
      for row in stride(from: 0, to: values.count, by: width) { turned += values[row..<row + width].reversed() }
      return turned
    }
    return rearranged(storage.mapped(turned, turned, turned))
  }

  /// The pictures with top and bottom exchanged: textures are nearly as likely so.
  ///
  /// Where they are not, a model that has learned both ways loses one bit a picture at most.
  public var flipped: ImageSet {
    let (width, plane) = (width, height * width)
    func turned<Number>(_ values: [Number]) -> [Number] {
      var turned: [Number] = []
      turned.reserveCapacity(values.count)
      for channel in stride(from: 0, to: values.count, by: plane) {
        for row in stride(from: channel + plane - width, through: channel, by: -width) {
          turned += values[row..<row + width]
        }
      }
      return turned
    }
    return rearranged(storage.mapped(turned, turned, turned))
  }

  /// Pictures of the same size, range and labels.
  private func rearranged(_ storage: Storage) -> ImageSet {
    ImageSet(checked: storage, count, (channels, height, width), range: range, labels: labels)
  }

  /// The pictures of two sets of one size and range in one.
  ///
  /// Labels stay where both have them.
  ///
  /// - Throws: `DataError.unlikeImages` for other channels, heights, widths, ranges or kinds of numbers.
  public func appending(_ other: ImageSet) throws(DataError) -> ImageSet {
    let joined: Storage? =
      switch (storage, other.storage) {
      case (.bytes(let left), .bytes(let right)): .bytes(left + right)
      case (.words(let left), .words(let right)): .words(left + right)
      case (.floats(let left), .floats(let right)): .floats(left + right)
      default: nil
      }
    let isAlike = (channels, height, width) == (other.channels, other.height, other.width) && range == other.range
    guard let joined, isAlike else { throw .unlikeImages("\(self)", "\(other)") }
    guard count + other.count <= Int(Int32.max) else { throw .tooManyRows(count + other.count) }
    return ImageSet(
      checked: joined, count + other.count, (channels, height, width), range: range,
      labels: labels.flatMap { labels in other.labels.map { labels + $0 } })
  }

  /// More windows than this, which lie beside each other in memory, are no data set for one machine.
  private static let mostNumbers = 1 << 34

  /// Where a window's upper left corner is.
  private struct WindowPlace {
    let image: Int
    let row: Int
    let column: Int
  }

  /// Windows that lie within their pictures.
  private func windows(at places: [WindowPlace], height: Int, width: Int) -> ImageSet {
    let (dimensions, plane, line) = (dimensions, self.height * self.width, self.width)
    func cut<Number>(_ values: [Number]) -> [Number] {
      var part: [Number] = []
      part.reserveCapacity(places.count * channels * height * width)
      for place in places {
        for channel in 0..<channels {
          let corner = place.image * dimensions + channel * plane + place.row * line + place.column
          for row in 0..<height { part += values[corner + row * line..<corner + row * line + width] }
        }
      }
      return part
    }
    return ImageSet(
      checked: storage.mapped(cut, cut, cut), places.count, (channels, height, width), range: range,
      labels: labels.map { labels in places.map { labels[$0.image] } })
  }
}
