import DiffusionDSL

/// What a format makes of a file.
struct DecodedImages {
  var images: ImageSet
  /// How the file stores the numbers: `bytes`, `fractions from 0 to 1`. Files of one folder have the same.
  let values: String
  /// Whether the file has 16 bits a number, though they may all be such as 8 bits hold.
  let isWide: Bool

  /// - Parameter values: nil: what the range says.
  init(_ images: ImageSet, values: String? = nil) {
    self.images = images.inBytesWherePossible
    isWide = if case .words = images.storage { true } else { false }
    let largest = self.images.range.upperBound
    self.values = values ?? (largest == 255 ? "bytes" : largest == 1 ? "bits" : "numbers to \(CSVWriter.cell(largest))")
  }
}

extension ImageSet {
  /// The factor from a byte to the number of 16 bits that is as bright.
  private static let wordOfByte: UInt16 = 257

  /// Numbers of 16 bits that are all what bytes are when they are widened, as bytes again; others as they are.
  var inBytesWherePossible: ImageSet {
    guard case .words(let words) = storage, range.upperBound == 65_535,
      words.allSatisfy({ $0.isMultiple(of: ImageSet.wordOfByte) })
    else { return self }
    let bytes = words.map { UInt8($0 / ImageSet.wordOfByte) }
    let narrow = try? ImageSet(bytes: bytes, channels: channels, height: height, width: width, labels: labels)
    return narrow ?? self
  }

  /// Bytes as the numbers of 16 bits that are as bright.
  var inWords: ImageSet {
    guard case .bytes(let bytes) = storage, range.upperBound == 255 else { return self }
    let words = bytes.map { UInt16($0) * ImageSet.wordOfByte }
    let wide = try? ImageSet(words: words, channels: channels, height: height, width: width, labels: labels)
    return wide ?? self
  }
}

/// A kind of file that holds pictures: told by its content, read from its bytes.
protocol ImageFormat: Sendable {
  /// Whether bytes are such a file's, sound or damaged.
  static func matches(_ file: FileBytes) -> Bool

  /// - Throws: `ImageFileError`, before any memory is taken for what a header promises and the file does not hold.
  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages
}

/// What a file's bytes do not tell.
public struct ImageReadingOptions: Hashable, Sendable {
  /// Where an array of four axes has its colours.
  public enum ChannelAxis: Hashable, Sendable {
    /// Before rows and columns: [image][channel][row][column].
    case first
    /// Behind rows and columns: [image][row][column][channel].
    case last
  }

  /// Where arrays of four axes have their colours; nil: at the axis of 1, 3 or 4.
  public var channelAxis: ChannelAxis?
  /// Which array of an NPZ archive is meant; nil: the only one.
  public var entry: String?

  /// Options; see the properties of the same names.
  public init(channelAxis: ChannelAxis? = nil, entry: String? = nil) {
    (self.channelAxis, self.entry) = (channelAxis, entry)
  }
}
