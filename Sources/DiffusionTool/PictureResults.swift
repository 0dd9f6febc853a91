import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

/// Pictures that a model gave, and how they are written.
struct PictureResults: Sendable {
  let shape: ImageShape
  let values: PictureValues
  /// [picture][channel][row][column], in the model's units.
  var numbers: [Double]
  /// What a sheet shows before them; nil: they alone.
  var before: ImageSet?
  /// Pictures in a row of the sheet; nil: as many as rows.
  var columns: Int?

  /// The pictures on one sheet, enlarged where they are small.
  ///
  /// - Throws: `DataError`, `ImageFileError`.
  func png() throws -> Data {
    let drawn = try values.pictures(numbers, shape)
    let images = try before.map { try ImageSet.joined($0, drawn) } ?? drawn
    // A fifth channel and so on has no colour.
    let shown = shape.channels > 4 ? try images.selecting(channels: 0..<3) : images
    return try ContactSheet(
      shown, columns: columns, magnification: max(1, min(8, 64 / max(shape.width, shape.height)))
    ).image.png()
  }

  /// [picture, height, width], with colour as one axis more behind them.
  ///
  /// - Throws: `NPYError`.
  func npy() throws -> Data {
    let (plane, size) = (shape.width * shape.height, shape.width * shape.height * shape.channels)
    let count = numbers.count / max(1, size)
    if shape.channels == 1 { return try NPYArray(values: numbers, shape: [count, shape.height, shape.width]).data() }
    var joined: [Double] = []
    joined.reserveCapacity(numbers.count)
    for picture in 0..<count {
      for place in 0..<plane {
        for channel in 0..<shape.channels { joined.append(numbers[picture * size + channel * plane + place]) }
      }
    }
    return try NPYArray(values: joined, shape: [count, shape.height, shape.width, shape.channels]).data()
  }
}

extension ImageSet {
  /// Two sets of pictures in bytes, of one size, one behind the other.
  static func joined(_ first: ImageSet, _ second: ImageSet) throws -> ImageSet {
    func bytes(_ images: ImageSet) throws -> [UInt8] {
      let same = try ImageSet(
        rounding: images.flatMap { $0 }, channels: images.channels, height: images.height, width: images.width,
        range: images.range)
      if case .bytes(let bytes) = same.storage { return bytes }
      return []
    }
    return try ImageSet(
      bytes: bytes(first) + bytes(second), channels: second.channels, height: second.height, width: second.width)
  }
}
