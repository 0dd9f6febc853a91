import DiffusionDSL
import Foundation

/// The header of an IDX file: two bytes 0, the type of numbers, how many axes there are, and their extents.
///
/// The format is that of the MNIST database (LeCun, Cortes, Burges). The first axis counts images or labels.
struct IDXHeader {
  let layout: NumberLayout

  private static let elements: [UInt8: NPYElement] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]

  /// Whether a file has IDX's first bytes: two zeros, a type that there is, and 1 to 4 axes.
  static func matches(_ file: FileBytes) -> Bool {
    file.bytes.count >= 4 && file.has([0, 0]) && elements[file.bytes[2]] != nil && (1...4).contains(file.bytes[3])
  }

  /// - Throws: `ImageFileError.damaged`, `.unknownKind`.
  init(_ file: FileBytes) throws(ImageFileError) {
    guard IDXHeader.matches(file), let element = IDXHeader.elements[file.bytes[2]] else {
      throw .unknownKind(file: file.file, part: file.part)
    }
    let axes = Int(file.bytes[3])
    let start = 4 + 4 * axes
    var shape: [Int] = []
    for axis in 0..<axes {
      guard let extent = file.bigEndian(at: 4 + 4 * axis) else {
        throw file.damage(at: file.bytes.count, "it ends in its header, which has \(start) bytes")
      }
      shape.append(extent)
    }
    guard let layout = NumberLayout(element: element, isBigEndian: true, shape: shape, start: start) else {
      throw file.damage(at: 4, "it promises \(shape.map(String.init).joined(separator: " x ")) numbers")
    }
    let (promised, found) = (layout.count * element.size, file.bytes.count - start)
    guard found >= promised else {
      throw file.damage(at: file.bytes.count, "it ends there, and its header promises \(start + promised) bytes")
    }
    guard found == promised else {
      throw file.damage(at: start + promised, "\(found - promised) bytes stand behind the numbers")
    }
    self.layout = layout
  }
}

/// IDX files of pictures: [image][row][column], with two axes rows of one pixel's height, with four with colours.
enum IDXFormat: ImageFormat {
  /// A dark picture at the beginning of a CIFAR-10 batch may look like IDX's first bytes, but not like a whole header.
  static func matches(_ file: FileBytes) -> Bool {
    IDXHeader.matches(file) && (!CIFARFormat.matches(file) || (try? IDXHeader(file)) != nil)
  }

  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    var layout = try IDXHeader(file).layout
    if layout.shape.count == 1 {
      throw .otherKind(
        file: file.file, part: file.part,
        kind: FileKind("an IDX file of labels", "give the file of the images", holdsPictures: false))
    }
    if layout.shape.count == 2,
      let row = NumberLayout(
        element: layout.element, isBigEndian: true, shape: [layout.shape[0], 1, layout.shape[1]], start: layout.start)
    {
      layout = row
    }
    return try ArrayImages(file: file, layout: layout).read(options)
  }
}

/// Labels of pictures in a file of their own.
public enum ImageLabels {
  /// The labels of an IDX file (magic 0x801), plain or compressed with gzip.
  ///
  ///     let digits = try ImageSet(contentsOf: images).labelled(by: ImageLabels.read(labels))
  ///
  /// - Throws: `ImageFileError`.
  public static func read(_ url: URL) throws(ImageFileError) -> [Int] {
    try read(FileBytes(contentsOf: url))
  }

  /// The labels of a file's bytes; `name` is what errors call it.
  ///
  /// - Throws: `ImageFileError`.
  public static func read(data: Data, name: String) throws(ImageFileError) -> [Int] {
    try read(FileBytes(file: name, bytes: [UInt8](data)))
  }

  private static func read(_ file: FileBytes) throws(ImageFileError) -> [Int] {
    let file = Gzip.matches(file) ? try Gzip.unpacked(file) : file
    guard IDXHeader.matches(file) else {
      if let kind = FileKind(file) { throw .otherKind(file: file.file, part: file.part, kind: kind) }
      throw .unknownKind(file: file.file, part: file.part)
    }
    let layout = try IDXHeader(file).layout
    guard layout.shape.count == 1 else {
      throw .otherKind(
        file: file.file, part: file.part,
        kind: FileKind("an IDX file of images", "give the file of the labels", holdsPictures: true))
    }
    var labels: [Int] = []
    labels.reserveCapacity(layout.count)
    let isRead = file.bytes.withUnsafeBytes { bytes in
      (0..<layout.count).allSatisfy { index in
        guard case .success(let value) = layout.value(bytes, index), let label = Int(exactly: value), label >= 0 else {
          return false
        }
        labels.append(label)
        return true
      }
    }
    guard isRead else {
      throw file.damage(at: layout.start + labels.count * layout.element.size, "a label is no whole number from 0 on")
    }
    return labels
  }
}
