internal import CPNGFile
import DiffusionDSL
import Foundation

/// PNG pictures, read by libpng: gray stays gray, with the bits that it has; a palette becomes colours; transparency is
/// one more channel. Gamma and profiles change nothing.
enum PNGFormat: ImageFormat {
  /// A file whose signature is changed in some byte, as by a transfer as text, is a damaged PNG file and no other.
  static func matches(_ file: FileBytes) -> Bool {
    file.has([0x89, 0x50, 0x4E, 0x47]) || file.has("PNG\r\n\u{1A}\n", at: 1) || file.has("IHDR", at: 12)
  }

  /// Larger pictures are no data to train on.
  private static let mostNumbers = Int(Int32.max)

  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    let chunks = try PNGChunks(file)
    let layout = Layout(chunks)
    let numbers = chunks.width.multipliedReportingOverflow(by: chunks.height * layout.channels)
    guard !numbers.overflow, numbers.partialValue <= mostNumbers else {
      throw .unsupported(
        FilePlace(file: file.file, part: file.part, offset: 16),
        problem: "is a picture of \(chunks.width) x \(chunks.height) pixels, more than \(mostNumbers) numbers",
        remedy: "cut it into smaller ones")
    }
    let pixels = try decoded(file, chunks, layout)
    do throws(DataError) {
      return DecodedImages(try layout.images(pixels, chunks))
    } catch {
      throw .notImages(file: file.file, part: file.part, problem: error)
    }
  }

  /// The numbers as libpng gives them: bytes, or two of them in the machine's order.
  private static func decoded(
    _ file: FileBytes, _ chunks: PNGChunks, _ layout: Layout
  ) throws(ImageFileError) -> [UInt8] {
    let row = chunks.width * layout.channels * layout.size
    var report = cpf_report()
    var pixels = [UInt8](repeating: 0, count: row * chunks.height)
    let status = file.bytes.withUnsafeBufferPointer { input in
      pixels.withUnsafeMutableBufferPointer { output in
        cpf_read(input.baseAddress, input.count, output.baseAddress, row, UInt32(chunks.height), &report)
      }
    }
    guard status == 0 else { throw file.damage(at: report.offset, report.text) }
    return pixels
  }

  /// How libpng is asked to give the pixels.
  private struct Layout {
    /// Numbers of a pixel.
    let channels: Int
    /// Bytes of a number.
    let size: Int
    let maximum: Int

    init(_ chunks: PNGChunks) {
      let isPalette = chunks.colour == .palette
      channels = (isPalette ? 3 : chunks.colour.channels) + (chunks.hasTransparency ? 1 : 0)
      size = chunks.bits == 16 ? 2 : 1
      let bits = isPalette || (chunks.hasTransparency && chunks.bits < 8) ? 8 : chunks.bits
      maximum = 1 << bits - 1
    }

    func images(_ pixels: [UInt8], _ chunks: PNGChunks) throws(DataError) -> ImageSet {
      let (height, width) = (chunks.height, chunks.width)
      if size == 1 {
        return try ImageSet(
          bytes: Planes.separated(pixels, channels: channels), channels: channels, height: height, width: width,
          maximum: maximum)
      }
      let words = pixels.withUnsafeBytes { bytes in
        (0..<bytes.count / 2).map { bytes.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) }
      }
      return try ImageSet(
        words: Planes.separated(words, channels: channels), channels: channels, height: height, width: width)
    }
  }
}

extension cpf_report {
  /// libpng's message.
  var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
