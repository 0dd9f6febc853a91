internal import CPNGFile
import DiffusionDSL
import Foundation

extension ImageSet {
  /// The bytes of one picture as a PNG file: gray, colour, or either with opacity.
  ///
  /// Bits and numbers of 2, 4, 8 and 16 bits are kept as they are, of 2 and 4 bits where they are gray; others are
  /// spread over 8 bits, or 16 where there are more than 256 levels, and rounded.
  ///
  /// - Parameter image: counted from 0.
  /// - Throws: `ImageFileError.notWritableAs` for more than 4 channels, or a picture that is not there.
  public func png(image: Int = 0) throws(ImageFileError) -> Data {
    guard (1...4).contains(channels) else {
      throw .notWritableAs(format: "PNG", problem: "there are \(channels) channels")
    }
    let (numbers, bits) = try samples(image, "PNG", depths: channels == 1 ? [1, 2, 4, 8, 16] : [8, 16])
    let joined = Planes.joined(numbers, channels: channels)
    let pixels: [UInt8] =
      bits < 16
      ? joined.map { UInt8(truncatingIfNeeded: $0) } : joined.withUnsafeBytes { Array($0) }
    var (file, count, report) = (UnsafeMutablePointer<UInt8>?.none, 0, cpf_report())
    let status = pixels.withUnsafeBufferPointer { input in
      cpf_write(
        input.baseAddress, UInt32(width), UInt32(height), Int32(channels), Int32(bits), &file, &count, &report)
    }
    guard status == 0, let file else { throw .notWritableAs(format: "PNG", problem: report.text) }
    defer { free(file) }
    return Data(bytes: file, count: count)
  }

  /// The bytes of one picture as a PGM (gray) or PPM (colour) file, with the levels that it has.
  ///
  /// - Parameter image: counted from 0.
  /// - Throws: `ImageFileError.notWritableAs` for other than 1 or 3 channels, or a picture that is not there.
  public func netpbm(image: Int = 0) throws(ImageFileError) -> Data {
    guard channels == 1 || channels == 3 else {
      throw .notWritableAs(format: "PGM or PPM", problem: "there are \(channels) channels")
    }
    let (numbers, _) = try samples(image, "PGM", depths: [])
    let maximum = levels.map { $0 - 1 } ?? 255
    var data = Data("P\(channels == 1 ? 5 : 6)\n\(width) \(height)\n\(maximum)\n".utf8)
    for number in Planes.joined(numbers, channels: channels) {
      if maximum > 255 { data.append(UInt8(number >> 8)) }
      data.append(UInt8(truncatingIfNeeded: number))
    }
    return data
  }

  /// Writes one picture as a PNG file, which appears whole or not at all; see `png(image:)`.
  ///
  /// - Throws: `ImageFileError.notWritableAs`, `.unwritable`.
  public func write(png url: URL, image: Int = 0) throws(ImageFileError) {
    try ImageFileError.write(png(image: image), to: url)
  }

  /// Writes one picture as a PGM or PPM file, which appears whole or not at all; see `netpbm(image:)`.
  ///
  /// - Throws: `ImageFileError.notWritableAs`, `.unwritable`.
  public func write(netpbm url: URL, image: Int = 0) throws(ImageFileError) {
    try ImageFileError.write(netpbm(image: image), to: url)
  }

  /// The numbers of a picture, [channel][row][column], and how many bits they have: as they are where the maximum is
  /// that of a depth, or where there are no depths to choose from, and spread over bytes elsewhere.
  private func samples(
    _ image: Int, _ format: String, depths: [Int]
  ) throws(ImageFileError) -> (numbers: [UInt16], bits: Int) {
    guard image >= 0, image < count else {
      throw .notWritableAs(format: format, problem: "there is no image \(image) among \(count)")
    }
    let exact = depths.first { levels == 1 << $0 }
    let isKept = levels != nil && (exact != nil || depths.isEmpty)
    let bits = exact ?? (levels.map { $0 > 256 } == true ? 16 : 8)
    let (least, span, top) = (range.lowerBound, range.upperBound - range.lowerBound, Double(1 << bits - 1))
    let numbers = self[image].map { number in
      UInt16(isKept ? number : ((number - least) / span * top).rounded())
    }
    return (numbers, bits)
  }
}

extension ImageFileError {
  fileprivate static func write(_ data: Data, to url: URL) throws(ImageFileError) {
    do {
      try DurableFile.write(to: url) { try $0.write(data) }
    } catch ModelFileError.notWritable(let file, let reason) {
      throw .unwritable(file: file, reason: reason)
    } catch {
      throw .unwritable(file: url.path, reason: systemReason(error))
    }
  }
}

extension NPYArray {
  /// Pictures as an array: [image][row][column] where they are gray, else [image][row][column][channel], or with the
  /// channels before rows and columns.
  public init(_ images: ImageSet, channelAxis: ImageReadingOptions.ChannelAxis = .last) throws(NPYError) {
    let (height, width, channels) = (images.height, images.width, images.channels)
    let isLast = channelAxis == .last
    let ofOne = channels == 1 ? [height, width] : isLast ? [height, width, channels] : [channels, height, width]
    try self.init(
      values: images.flatMap { isLast ? Planes.joined($0, channels: channels) : $0 }, shape: [images.count] + ofOne)
  }
}
