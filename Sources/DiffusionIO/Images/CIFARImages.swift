import DiffusionDSL

/// Binary batches of CIFAR-10 (Krizhevsky): for each picture its label, a byte from 0 to 9, and 3 planes of 32 x 32.
///
/// The format has no mark: a file is one whose size is a multiple of a record's and whose labels are all possible.
enum CIFARFormat: ImageFormat {
  private static let pixels = 3 * 32 * 32
  private static let record = 1 + pixels
  private static let classes = 10

  static func matches(_ file: FileBytes) -> Bool {
    !file.bytes.isEmpty && file.bytes.count.isMultiple(of: record)
      && stride(from: 0, to: file.bytes.count, by: record).allSatisfy { file.bytes[$0] < classes }
  }

  static func read(_ file: FileBytes, _ options: ImageReadingOptions) throws(ImageFileError) -> DecodedImages {
    var (bytes, labels) = ([UInt8](), [Int]())
    bytes.reserveCapacity(file.bytes.count)
    for start in stride(from: 0, to: file.bytes.count, by: record) {
      labels.append(Int(file.bytes[start]))
      bytes.append(contentsOf: file.bytes[start + 1..<start + record])
    }
    do throws(DataError) {
      return DecodedImages(try ImageSet(bytes: bytes, channels: 3, height: 32, width: 32, labels: labels))
    } catch {
      throw .notImages(file: file.file, part: file.part, problem: error)
    }
  }

  /// A file that would be a batch but for its end or one label; nil for what is none.
  static func damage(_ file: FileBytes) -> ImageFileError? {
    let whole = file.bytes.count / record
    guard whole >= 1 else { return nil }
    let rest = file.bytes.count % record
    let wrong = stride(from: 0, to: file.bytes.count, by: record).filter { file.bytes[$0] >= classes }
    if rest == 0, let first = wrong.first, wrong.count * 10 <= whole {
      return file.damage(at: first, "the label of CIFAR-10 picture \(first / record) is \(file.bytes[first])")
    }
    if rest > 0, wrong.isEmpty {
      return file.damage(
        at: file.bytes.count, "it ends there, \(rest) bytes into CIFAR-10 picture \(whole), which has \(record)")
    }
    return nil
  }
}
