/// What is wrong with an NPY file, and what to do about it.
public enum NPYError: Error, Equatable, Sendable {
  /// The file cannot be opened or read; `reason` is the system's.
  case unreadable(file: String, reason: String)
  /// The file does not begin as an NPY file does.
  case notNPY(file: String)
  /// A version of the format that is none of 1.0, 2.0 and 3.0.
  case unsupportedVersion(file: String, major: Int, minor: Int)
  /// The header is not what the format says.
  case damagedHeader(file: String, problem: String)
  /// Elements that are no plain numbers; `type` is NumPy's description of them.
  case unsupportedType(file: String, type: String)
  /// The file ends before what its header announces.
  case truncated(file: String, expectedBytes: Int, actualBytes: Int)
  /// There are bytes behind the array.
  case trailingBytes(file: String, count: Int)
  /// An integer that no `Double` holds exactly; `index` counts elements in the order of the file.
  case inexact(file: String, index: Int, value: String)
  /// Values that do not fill an array of the shape.
  case shapeMismatch(values: Int, shape: [Int])
  /// A value that the elements to be written cannot hold.
  case notRepresentable(index: Int, value: Double, type: String)
  /// The file cannot be written; `reason` is the system's.
  case unwritable(file: String, reason: String)
}

extension NPYError: CustomStringConvertible {
  /// One sentence with the file, what is wrong with it and the remedy.
  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "cannot read '\(file)' (\(reason)); check the name and the permissions."
    case .notNPY(let file):
      "'\(file)' is not an NPY file: write it with numpy.save."
    case .unsupportedVersion(let file, let major, let minor):
      "'\(file)' has NPY version \(major).\(minor), and versions 1.0 to 3.0 can be read: save it with numpy.save."
    case .damagedHeader(let file, let problem):
      "'\(file)' has a damaged NPY header (\(OneLine.shown(problem))): write it anew with numpy.save."
    case .unsupportedType(let file, let type):
      "'\(file)' holds elements of type '\(OneLine.shown(type))': convert the array with astype('<f8') before saving it."
    case .truncated(let file, let expected, let actual):
      "'\(file)' is cut short, with \(actual) bytes where \(expected) are needed: copy it again from a complete one."
    case .trailingBytes(let file, let count):
      "'\(file)' has \(count) bytes behind its array: write one array into one file with numpy.save."
    case .inexact(let file, let index, let value):
      "'\(file)' element \(index) is \(value), which is too large for a 64-bit floating-point number: "
        + "scale the array down before saving it."
    case .shapeMismatch(let values, let shape):
      "\(values) values do not fill an array of shape \(shape): give as many as the shape's extents multiply to."
    case .notRepresentable(let index, let value, let type):
      "element \(index) is \(value), which elements of type '\(type)' cannot hold: write them as float64."
    case .unwritable(let file, let reason):
      "cannot write '\(file)' (\(reason)); check the directory and its free space."
    }
  }
}
