import DiffusionDSL

/// What is wrong with files of pictures, where, and what to do about it. Bytes are counted from 0.
public enum ImageFileError: Error, Hashable, Sendable {
  /// The file or folder cannot be opened or read; `reason` is the system's.
  case unreadable(file: String, reason: String)
  /// The file cannot be written; `reason` is the system's.
  case unwritable(file: String, reason: String)
  /// What stands at a byte is not what the format says, or less is there than is promised.
  case damaged(FilePlace, problem: String)
  /// Something that the format has and this reader has not.
  case unsupported(FilePlace, problem: String, remedy: String)
  /// A file of another kind.
  case otherKind(file: String, part: String?, kind: FileKind)
  /// A file that is none of the kinds that are known.
  case unknownKind(file: String, part: String?)
  /// A file whose numbers are no pictures.
  case notImages(file: String, part: String?, problem: DataError)
  /// An array with a number of axes that pictures do not have.
  case wrongAxes(file: String, part: String?, shape: [Int])
  /// An array of four axes that may have its colours first or last.
  case ambiguousChannels(file: String, part: String?, shape: [Int])
  /// An archive's entry that was not named, or is not there; `name` is the one that was asked for.
  case noEntry(file: String, name: String?, available: [String])
  /// Files whose pictures are not alike: the commonest, of which `example` is one, and files of other kinds.
  case different(folder: String, common: String, example: String, others: [OtherImages])
  /// A folder without a picture.
  case noImages(folder: String, passedOver: [PassedOverFile])
  /// A picture that a format cannot hold.
  case notWritableAs(format: String, problem: String)

  /// A file whose pictures are not as the others'.
  public struct OtherImages: Hashable, Sendable {
    /// The file's name.
    public let file: String
    /// Size and range of its pictures.
    public let what: String

    /// A file; see the properties of the same names.
    public init(file: String, what: String) { (self.file, self.what) = (file, what) }
  }
}

/// A file of a folder that was not read, and why.
public struct PassedOverFile: Hashable, Sendable, CustomStringConvertible {
  /// The file's name.
  public let file: String
  /// Why it was passed over: `it is empty`.
  public let reason: String

  /// A file; see the properties of the same names.
  public init(file: String, reason: String) { (self.file, self.reason) = (file, reason) }

  /// `notes.txt: it is no picture`.
  public var description: String { "\(OneLine.shown(file)): \(reason)" }
}

extension ImageFileError: CustomStringConvertible {
  private static let again = "copy it again from a complete one"
  private static let readable = "PNG, PGM, PPM, IDX, CIFAR-10, NPY or NPZ"

  /// One sentence with the file, what is wrong with it and the remedy.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "cannot read '\(file)' (\(reason)); check the name and the permissions."
    case .unwritable(let file, let reason):
      "cannot write '\(file)' (\(reason)); check the directory and its free space."
    case .damaged(let place, let problem):
      "\(place) is damaged: \(OneLine.shown(problem, most: 150)); \(Self.again)."
    case .unsupported(let place, let problem, let remedy): "\(place) \(problem): \(remedy)."
    case .otherKind(let file, let part, let kind):
      "\(name(file, part)) is \(kind), which cannot be read: \(kind.remedy)."
    case .unknownKind(let file, let part):
      "\(name(file, part)) is no picture that can be read: convert it to \(Self.readable)."
    case .notImages(let file, let part, let problem): "\(name(file, part)) is no set of pictures: \(problem)."
    case .wrongAxes(let file, let part, let shape):
      "\(name(file, part)) has the shape \(shape), and pictures have three axes (image, row, column) or four, with "
        + "colour first or last: reshape it with numpy.reshape."
    case .ambiguousChannels(let file, let part, let shape):
      "\(name(file, part)) has the shape \(shape), whose colours may be its second axis or its last: say which with "
        + "channelAxis: .first or .last."
    case .noEntry(let file, let name, let available):
      "'\(file)' has \(name.map { "no entry '\(OneLine.shown($0))'" } ?? "several entries"): name one of "
        + "\(Self.list(available))."
    case .different(let folder, let common, let example, let others):
      "'\(folder)' has pictures that are not alike: '\(example)' is \(common), as most are, but "
        + Self.list(others.map { "'\($0.file)' is \($0.what)" }, most: 3, separator: ", ")
        + "; make them alike, or take the others out."
    case .noImages(let folder, let passedOver):
      "'\(folder)' has no picture that can be read"
        + (passedOver.isEmpty ? "" : " (\(Self.list(passedOver.map(\.description), most: 2, separator: "; ")))")
        + ": put pictures into it as \(Self.readable)."
    case .notWritableAs(let format, let problem): "\(problem), which \(format) cannot hold: write NPY instead."
    }
  }

  private func name(_ file: String, _ part: String?) -> String {
    "'\(file)'" + (part.map { ", \(OneLine.shown($0))," } ?? "")
  }

  private static func list(_ names: [String], most: Int = 20, separator: String = ", ") -> String {
    let head = names.prefix(most).map { OneLine.shown($0, most: 120) }.joined(separator: separator)
    return names.count > most ? head + " and \(names.count - most) more" : head
  }
}
