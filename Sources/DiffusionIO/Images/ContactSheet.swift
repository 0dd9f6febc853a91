import DiffusionDSL
import Foundation

/// Pictures side by side in one: a grid with gaps of a pixel between them.
///
///     try ContactSheet(samples.images(at: 0..<100), columns: 10).image.write(png: url)
public struct ContactSheet: Hashable, Sendable {
  /// The sheet as one picture, with the channels and range of those on it.
  public let image: ImageSet

  /// Pictures in rows of one length, from left to right and from top to bottom.
  ///
  /// - Parameters:
  ///   - images: one or more.
  ///   - columns: pictures in a row, 1 or more; nil: as many as there are rows, or one more.
  ///   - magnification: how many pixels, across and down, each of a picture's becomes; 1...64. Gaps stay one pixel
  ///     wide.
  /// - Throws: `DataError` for no pictures, numbers that are not possible, or a sheet that is too large.
  public init(_ images: ImageSet, columns: Int? = nil, magnification: Int = 1) throws(DataError) {
    let columns = columns ?? Int(Double(images.count).squareRoot().rounded(.up))
    if images.isEmpty { throw .empty }
    try ContactSheet.check("the number of columns", columns, most: 1_000_000)
    let starts = stride(from: 0, to: images.count, by: columns)
    try self.init(
      rows: starts.map { images.images(at: $0..<min(images.count, $0 + columns)) }, magnification: magnification)
  }

  /// Rows of pictures, each of its own length: data above, samples below.
  ///
  /// - Parameters:
  ///   - rows: pictures of one size and range; where some are gray and some colour, the sheet is colour.
  ///   - magnification: how many pixels, across and down, each of a picture's becomes; 1...64. Gaps stay one pixel
  ///     wide.
  /// - Throws: `DataError` for no pictures, pictures of different sizes, numbers that are not possible, or a sheet that
  ///   is too large.
  public init(rows: [ImageSet], magnification: Int = 1) throws(DataError) {
    guard let first = rows.first(where: { !$0.isEmpty }) else { throw .empty }
    try ContactSheet.check("the magnification", magnification, most: 64)
    try ContactSheet.check("the number of rows", rows.count, most: 1_000_000)
    let channels = rows.map(\.channels).max() ?? 1
    for row in rows {
      let isAlike = (row.height, row.width, row.range) == (first.height, first.width, first.range)
      guard isAlike, row.channels == channels || row.channels == 1 else {
        throw .unlikeImages(ContactSheet.size(of: first), ContactSheet.size(of: row))
      }
    }
    let grid = Grid(
      cell: (first.height * magnification, first.width * magnification),
      count: (rows.count, rows.map(\.count).max() ?? 0), channels: channels, magnification: magnification)
    image = try grid.filled(with: rows, first)
  }

  private static func size(of images: ImageSet) -> String {
    let range = images.range
    return "\(images.channels) x \(images.height) x \(images.width) from \(CSVWriter.cell(range.lowerBound)) to "
      + CSVWriter.cell(range.upperBound)
  }

  private static func check(_ what: String, _ value: Int, most: Int) throws(DataError) {
    if value < 1 { throw .invalidCount(what: what, value: value) }
    if value > most { throw .tooMany(what: what, value: value, limit: most) }
  }
}

/// Where pictures lie on a sheet.
private struct Grid {
  /// Extents of a magnified picture.
  let cell: (height: Int, width: Int)
  let count: (rows: Int, columns: Int)
  let channels: Int
  let magnification: Int

  /// A gap's colour: the middle of the range, which is told from both black and white.
  func filled(with rows: [ImageSet], _ first: ImageSet) throws(DataError) -> ImageSet {
    let (height, width) = (count.rows * (cell.height + 1) - 1, count.columns * (cell.width + 1) - 1)
    let (plane, overflow) = height.multipliedReportingOverflow(by: width)
    // More is no picture that any program shows.
    let most = 1 << 28
    guard !overflow, plane <= most / channels else {
      throw .tooMany(
        what: "the number of pixels of the sheet", value: overflow ? Int.max : plane, limit: most / channels)
    }
    let (least, largest) = (first.range.lowerBound, first.range.upperBound)
    let top = first.levels.map { $0 - 1 } ?? 255
    // Bits have no middle: a sheet of them is in bytes.
    let levels = top == 1 ? 255 : top
    var numbers = [UInt16](repeating: UInt16(levels / 2), count: plane * channels)
    for (row, images) in rows.enumerated() {
      for (column, picture) in images.enumerated() {
        let corner = (row * (cell.height + 1)) * width + column * (cell.width + 1)
        for channel in 0..<channels {
          let source = (images.channels == 1 ? 0 : channel) * first.height * first.width
          for line in 0..<cell.height {
            for place in 0..<cell.width {
              let number = picture[source + line / magnification * first.width + place / magnification]
              numbers[channel * plane + corner + line * width + place] =
                UInt16(((number - least) / (largest - least) * Double(levels)).rounded())
            }
          }
        }
      }
    }
    return levels < 256
      ? try ImageSet(
        bytes: numbers.map { UInt8(truncatingIfNeeded: $0) }, channels: channels, height: height, width: width,
        maximum: levels)
      : try ImageSet(words: numbers, channels: channels, height: height, width: width, maximum: levels)
  }
}
