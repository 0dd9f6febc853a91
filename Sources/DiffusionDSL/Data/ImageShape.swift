import Formulas

/// The extent of an image: a state of `channels * height * width` numbers, in that order.
public struct ImageShape: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Pixels in a row of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  /// Numbers of a pixel.
  public let channels: Int

  /// - Parameters:
  ///   - width: pixels in a row of pixels, 1 or more.
  ///   - height: rows of pixels, 1 or more.
  ///   - channels: numbers of a pixel, 1 or more.
  public init(width: Int, height: Int, channels: Int = 1) {
    self.width = width
    self.height = height
    self.channels = channels
  }

  public var description: String { "\(width) x \(height) with \(channels.counted("channel"))" }

  /// How many numbers an image has; `Int.max` where they are too many to count.
  var count: Int { saturatingProduct([width, height, channels]) }

  /// The shape of a state.
  var shape: Shape { [channels, height, width] }

  /// The extent as it would be written.
  var sourceText: String { ".init(width: \(width), height: \(height), channels: \(channels))" }

  /// What is wrong with it; nil where nothing is.
  var fault: String? {
    width < 1 || height < 1 || channels < 1 ? "an image of \(self) has no pixels: give extents of 1 or more" : nil
  }
}
