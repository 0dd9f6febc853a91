import Foundation

/// What a file is by its first bytes, whatever its name, and what to do with one that cannot be read.
///
///     FileKind(of: data)?.description     // a JPEG picture
public struct FileKind: Hashable, Sendable, CustomStringConvertible {
  /// What the file is, with its article: `a JPEG picture`.
  public let description: String
  /// What makes it readable: `convert it to PNG`.
  public let remedy: String
  /// Whether it holds pictures, readable or not.
  public let holdsPictures: Bool

  /// - Parameter data: the whole file; its beginning tells all kinds but CIFAR-10 batches.
  /// - Returns: nil for text and for what is not known.
  public init?(of data: Data) { self.init(FileBytes(file: "", bytes: [UInt8](data))) }

  init?(_ file: FileBytes) {
    guard let signature = Signature.all.first(where: { $0.matches(file) }) else { return nil }
    self = signature.kind
  }

  init(_ description: String, _ remedy: String, holdsPictures: Bool) {
    (self.description, self.remedy, self.holdsPictures) = (description, remedy, holdsPictures)
  }
}

/// How one kind of file is told.
private struct Signature: Sendable {
  let kind: FileKind
  let matches: @Sendable (FileBytes) -> Bool

  private init(
    _ description: String, _ remedy: String, pictures: Bool = false, _ matches: @escaping @Sendable (FileBytes) -> Bool
  ) {
    (kind, self.matches) = (FileKind(description, remedy, holdsPictures: pictures), matches)
  }

  private init(
    _ description: String, _ remedy: String, pictures: Bool = false, starts bytes: [UInt8], at offset: Int = 0
  ) {
    self.init(description, remedy, pictures: pictures) { $0.has(bytes, at: offset) }
  }

  private init(
    _ description: String, _ remedy: String, pictures: Bool = false, starts text: String, at offset: Int = 0
  ) {
    self.init(description, remedy, pictures: pictures, starts: Array(text.utf8), at: offset)
  }

  /// The first that matches counts.
  static let all: [Signature] = readable + pictures + archives + data

  private static let toPNG = "convert it to PNG"
  private static let toTable = "write its numbers as CSV or NPY"

  private static let readable: [Signature] = [
    Signature("a PNG picture", "write its numbers as rows", pictures: true) { PNGFormat.matches($0) },
    Signature("an IDX file", "write its numbers as rows", pictures: true) { IDXFormat.matches($0) },
    Signature("a PGM or PPM picture", "write its numbers as rows", pictures: true) { NetpbmHeader.isClearly($0) },
    Signature("a batch of CIFAR-10 pictures", "write its numbers as rows", pictures: true) { CIFARFormat.matches($0) },
    Signature("an archive of arrays", "save one with numpy.save", pictures: true) { NPZArchive.matches($0) },
  ]

  private static let pictures: [Signature] = [
    Signature("a JPEG picture", toPNG, pictures: true, starts: [0xFF, 0xD8, 0xFF]),
    Signature("a GIF picture", toPNG, pictures: true, starts: "GIF87a"),
    Signature("a GIF picture", toPNG, pictures: true, starts: "GIF89a"),
    Signature("a WebP picture", toPNG, pictures: true) { $0.has("RIFF") && $0.has("WEBP", at: 8) },
    // The reserved bytes are zero, which those of a text are not.
    Signature("a BMP picture", toPNG, pictures: true) { $0.has("BM") && $0.has([0, 0, 0, 0], at: 6) },
    Signature("a TIFF picture", toPNG, pictures: true, starts: [0x49, 0x49, 0x2A, 0]),
    Signature("a TIFF picture", toPNG, pictures: true, starts: [0x4D, 0x4D, 0, 0x2A]),
    Signature("an AVIF picture", toPNG, pictures: true, starts: "ftypavif", at: 4),
    Signature("a HEIC picture", toPNG, pictures: true, starts: "ftyphei", at: 4),
    Signature("a JPEG 2000 picture", toPNG, pictures: true, starts: [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    Signature("a JPEG XL picture", toPNG, pictures: true, starts: [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
    Signature("a JPEG XL picture", toPNG, pictures: true, starts: [0xFF, 0x0A]),
    Signature("a Photoshop picture", toPNG, pictures: true, starts: "8BPS"),
    Signature("an OpenEXR picture", toPNG, pictures: true, starts: [0x76, 0x2F, 0x31, 0x01]),
    Signature("a DICOM picture", toPNG, pictures: true, starts: "DICM", at: 128),
    Signature("a FITS file", toPNG, pictures: true, starts: "SIMPLE  ="),
    Signature("a PBM bitmap", "convert it to PNG or PGM", pictures: true) { NetpbmHeader.isBitmap($0) },
  ]

  private static let archives: [Signature] = [
    Signature("an Excel workbook", "save it as CSV") { $0.has("PK\u{3}\u{4}") && NPZArchive.holds("xl/", $0) },
    Signature("a ZIP archive", "unpack it", starts: "PK\u{3}\u{4}"),
    Signature("an empty ZIP archive", "put files into it, or give another", starts: "PK\u{5}\u{6}"),
    Signature("compressed with gzip", "unpack it with gunzip", starts: [0x1F, 0x8B]),
    Signature("compressed with bzip2", "unpack it with bunzip2") { file in
      // The letters could begin a text; the block size and the block's mark hardly.
      file.has("BZh") && file.has([0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4)
    },
    Signature("compressed with xz", "unpack it with unxz", starts: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
    Signature("compressed with zstd", "unpack it with unzstd", starts: [0x28, 0xB5, 0x2F, 0xFD]),
    Signature("a 7z archive", "unpack it", starts: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
    Signature("a RAR archive", "unpack it", starts: "Rar!\u{1A}"),
    Signature("a tar archive", "unpack it", starts: "ustar", at: 257),
  ]

  private static let data: [Signature] = [
    Signature("an HDF5 file", toTable, starts: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
    Signature("a PDF document", toTable, starts: "%PDF-"),
    Signature("an SQLite database", toTable, starts: "SQLite format 3\u{0}"),
    Signature("a Parquet file", toTable, starts: "PAR1"),
    Signature("an Arrow file", toTable, starts: "ARROW1"),
    Signature("a MATLAB file", toTable, starts: "MATLAB 5.0 MAT-file"),
    Signature("a document of an old Office program", "save it as CSV", starts: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1]),
    Signature("a Python pickle", toTable) { file in
      file.has([0x80]) && (2...5).contains(file.bytes.dropFirst().first ?? 0) && file.bytes.last == UInt8(ascii: ".")
    },
    Signature("a model file", "give rows of data") { file in
      file.has("{\"", at: 8) && (file.littleEndian(at: 4, size: 4) == 0)
    },
    Signature("a program", "give rows of data", starts: [0x7F, 0x45, 0x4C, 0x46]),
  ]
}
