import DiffusionDSL
import Foundation

/// Pictures read from a file, several files or a folder, with what was read and what was not.
///
///     let reading = try ImageReading(contentsOf: folder)
///     print(reading.images, reading.passedOver)
///
/// What a file is, is told by its content and not by its name:
///
/// - PNG, of all kinds: gray and colour, with and without opacity, palettes, 1 to 16 bits, interlaced;
/// - PGM and PPM (P2, P3, P5, P6);
/// - IDX as the MNIST database has it, the first axis counting images;
/// - binary batches of CIFAR-10, with their labels;
/// - NPY of three axes [image][row][column], or of four with colour first or last; and such an entry of an NPZ archive;
/// - each of these compressed with gzip.
///
/// A folder's files are read in the order of their names and have to be alike: one size, one number of channels, one
/// range of values.
///
/// A PNG or PGM picture keeps the levels of its file: 0 and 1 for 1 bit. Numbers of 16 bits that are all multiples of
/// 257 are bytes that were widened, and become bytes again. Arrays say nothing of what their numbers mean: those that
/// are all 0 or 1 are bits, whole numbers to 255 bytes, and fractions that are all 255ths are bytes too.
public struct ImageReading: Sendable {
  /// The pictures, in the order of `files`.
  public let images: ImageSet
  /// The files that were read.
  public let files: [String]
  /// The files of a folder that hold no pictures.
  public let passedOver: [PassedOverFile]

  /// Reads a file, or the files of a folder.
  ///
  /// - Parameters:
  ///   - url: a file or a folder; folders in it are passed over.
  ///   - options: what bytes do not tell.
  /// - Throws: `ImageFileError`, and `CancellationError` if the task is cancelled.
  public init(contentsOf url: URL, options: ImageReadingOptions = .init()) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      try self.init(folder: url, options)
    } else {
      self.init(try ImageFormats.read(FileBytes(contentsOf: url), options), url.path)
    }
  }

  /// Reads several files, such as the batches of CIFAR-10, one behind the other.
  ///
  /// - Throws: `ImageFileError`, also for files that are not alike, and `CancellationError` if the task is cancelled.
  public init(contentsOf urls: [URL], options: ImageReadingOptions = .init()) throws {
    var gathered = GatheredImages()
    for url in urls {
      try Task.checkCancellation()
      gathered.add(try ImageFormats.read(FileBytes(contentsOf: url), options), url.path)
    }
    images = try gathered.images(of: "the files")
    (files, passedOver) = (urls.map(\.path), [])
  }

  /// Reads a file's bytes; `name` is what errors call it.
  ///
  /// - Throws: `ImageFileError`.
  public init(data: Data, name: String, options: ImageReadingOptions = .init()) throws(ImageFileError) {
    self.init(try ImageFormats.read(FileBytes(file: name, bytes: [UInt8](data)), options), name)
  }

  private init(_ decoded: DecodedImages, _ name: String) {
    (images, files, passedOver) = (decoded.images, [name], [])
  }

  private init(folder url: URL, _ options: ImageReadingOptions) throws {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    } catch {
      throw ImageFileError.unreadable(file: url.path, reason: systemReason(error))
    }
    var (gathered, files, passedOver) = (GatheredImages(), [String](), [PassedOverFile]())
    // By bytes, so that the order is the same everywhere.
    for name in names.sorted(by: { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) {
      try Task.checkCancellation()
      switch try ImageReading.member(url.appendingPathComponent(name), name, options) {
      case .success(let decoded):
        gathered.add(decoded, name)
        files.append(name)
      case .failure(let reason): passedOver.append(PassedOverFile(file: name, reason: reason.text))
      }
    }
    if files.isEmpty { throw ImageFileError.noImages(folder: url.path, passedOver: passedOver) }
    images = try gathered.images(of: url.path)
    (self.files, self.passedOver) = (files, passedOver)
  }

  private struct Reason: Error {
    let text: String
  }

  /// A folder's file, or why it is passed over. One that is, or is named as, a picture and cannot be read is an error:
  /// to pass it over would lose data with a word that is easily missed.
  private static func member(
    _ url: URL, _ name: String, _ options: ImageReadingOptions
  ) throws(ImageFileError) -> Result<DecodedImages, Reason> {
    // A pipe would be waited for.
    let type = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)[.type]
    switch type as? FileAttributeType {
    case .typeDirectory: return .failure(Reason(text: "it is a folder"))
    case .typeRegular: break
    default: return .failure(Reason(text: "it is no file"))
    }
    let file = try FileBytes(contentsOf: url)
    let isNamedAsPicture = ["png", "pgm", "ppm"].contains(url.pathExtension.lowercased())
    do {
      return .success(try ImageFormats.read(file, options))
    } catch .otherKind(_, _, let kind) where !kind.holdsPictures && !isNamedAsPicture {
      return .failure(Reason(text: "it is \(kind)"))
    } catch .unknownKind where !isNamedAsPicture {
      return .failure(Reason(text: file.bytes.isEmpty ? "it is empty" : "it is no picture"))
    }
  }
}

extension ImageSet {
  /// Reads pictures from a file or a folder; `ImageReading` says which kinds, and also which files were passed over.
  ///
  ///     let digits = try ImageSet(contentsOf: URL(fileURLWithPath: "train-images-idx3-ubyte.gz"))
  ///
  /// - Throws: `ImageFileError`, and `CancellationError` if the task is cancelled.
  public init(contentsOf url: URL, options: ImageReadingOptions = .init()) throws {
    self = try ImageReading(contentsOf: url, options: options).images
  }
}

/// The formats that are known.
enum ImageFormats {
  private static let all: [any ImageFormat.Type] = [
    PNGFormat.self, NPYFormat.self, NPZFormat.self, IDXFormat.self, CIFARFormat.self, NetpbmFormat.self,
  ]

  /// - Throws: `ImageFileError`.
  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    let file = Gzip.matches(file) ? try Gzip.unpacked(file) : file
    if let format = all.first(where: { $0.matches(file) }) { return try format.read(file, options) }
    if let kind = FileKind(file) { throw .otherKind(file: file.file, part: file.part, kind: kind) }
    if let damage = CIFARFormat.damage(file) { throw damage }
    throw .unknownKind(file: file.file, part: file.part)
  }
}
