/// Pictures as levels of a quantised signal: value b of a pixel stands for the numbers from b to b + 1, and uniform noise
/// within the level is drawn anew each time that it is used.
///
///     let trained = try await model.fit(
///       to: Dequantised(pictures), steps: 10_000, seed: 1, options: .init(scaling: .whole))
///     let bound = try trained.lowerBound(on: Dequantised(heldOut), seed: 2)
///     print(bound.bitsPerDim ?? 0)
///
/// Without it a density could put all its weight on whole numbers, and its bits would have no bound (Uria, Murray,
/// Larochelle 2013, section 5.1; Theis, van den Oord, Bethge 2016, section 3.1). The pictures stay in their bytes. The
/// pictures themselves, an ``ImageSet``, are rows too: whole numbers, for kernels over bits.
public struct Dequantised: RowSource, Hashable, Sendable {
  /// The pictures.
  public let images: ImageSet

  /// - Parameter images: pictures in bytes.
  public init(_ images: ImageSet) { self.images = images }

  /// The pictures as levels, a row each, [channel][row][column].
  ///
  /// - Throws: `DataError.notLevels` for pictures that are not kept in bytes.
  public func dataset(for schema: Schema) throws(DataError) -> Dataset {
    guard case .bytes(let bytes) = images.storage else { throw .notLevels("\(images)") }
    return try Dataset(levels: bytes, dimensions: images.dimensions)
  }
}

extension ImageSet: RowSource {
  /// The pictures' numbers as they are, a row each, [channel][row][column]; bytes stay bytes.
  public func dataset(for schema: Schema) throws(DataError) -> Dataset {
    switch storage {
    case .bytes(let bytes): try Dataset(bytes: bytes, dimensions: dimensions)
    case .words(let words): try Dataset(complete: words.map { Float($0) }, dimensions: dimensions)
    case .floats(let floats): try Dataset(complete: floats, dimensions: dimensions)
    }
  }

  /// Samples of a model of levels as pictures in bytes: a number from b to b + 1 is byte b, as in ``Dequantised``, and
  /// numbers beyond 0 and 256 are the nearest byte.
  ///
  /// - Parameters:
  ///   - numbers: [image][channel][row][column], finite.
  ///   - shape: the extent of the pictures.
  /// - Throws: `DataError` for a number that is not finite, no numbers, or a last picture that is not whole.
  public init(levels numbers: [Double], shape: ImageShape) throws(DataError) {
    try self.init(
      rounding: numbers, channels: shape.channels, height: shape.height, width: shape.width, range: 0.5...255.5)
  }

  /// The extent of the pictures, for a kernel over them.
  public var shape: ImageShape { ImageShape(width: width, height: height, channels: channels) }
}
