import Foundation

/// What is wrong with a file of a saved model, and what to do about it. `file` is its path.
public enum ModelFileError: Error, Hashable, Sendable {
  /// The file cannot be opened or read; `reason` is the system's.
  case notReadable(file: String, reason: String)
  /// The file is of some other kind.
  case notSafeTensors(file: String, reason: String)
  /// The file ends before what its own header announces; `expectedBytes` is the least that it should have.
  case truncated(file: String, expectedBytes: Int, actualBytes: Int)
  /// The header breaks the rules of the format or does not fit the data.
  case corruptedHeader(file: String, problem: String)
  /// A tensor's element type is not among those that can be read, or is not the one that the model has there.
  case unsupportedElementType(file: String, tensor: String, type: String, supported: [String])
  /// The model has a tensor that the file has not.
  case missingTensor(file: String, name: String)
  /// A tensor's shape differs from that of the model's tensor of the same name.
  case wrongShape(file: String, tensor: String, expected: [Int], actual: [Int])
  /// A later version of this library wrote the file, in a format that this one does not know.
  case newerFormat(file: String, found: Int, supported: Int)
  /// The model's definition, kept in the file's metadata, cannot be understood.
  case invalidDefinition(file: String, message: String)
  /// The file has a part of a type that is not the library's and was not handed to the loader; `part` names it.
  case unknownType(file: String, part: String)
  /// The model is not of the definition that was expected; `difference` names the first thing that differs.
  case otherDefinition(file: String, difference: String)
  /// The file is whole, but its contents are not those that were saved.
  case altered(file: String)
  /// The file cannot be written; `reason` is the system's. What was there before is still there, unless it says so.
  case notWritable(file: String, reason: String)
}

extension ModelFileError: CustomStringConvertible {
  /// One sentence with the file, what is wrong with it and the remedy.
  public var description: String {
    switch self {
    case .notReadable(let file, let reason):
      "cannot read '\(file)' (\(reason)): check the name and the permissions."
    case .notSafeTensors(let file, let reason):
      "'\(file)' is not a .safetensors file (\(reason)): give one that was written by saving a model."
    case .truncated(let file, let expected, let actual):
      "'\(file)' is cut short, with \(actual) bytes where at least \(expected) are needed: "
        + "copy it again from a complete one, or save the model again."
    case .corruptedHeader(let file, let problem):
      "'\(file)' has a damaged header (\(problem)): copy it again from an intact one, or save the model again."
    case .unsupportedElementType(let file, let tensor, let type, let supported):
      "'\(file)' holds the tensor \(Self.quoted(tensor)) as \(Self.quoted(type)): "
        + "convert it to \(supported.joined(separator: " or "))."
    case .missingTensor(let file, let name):
      "'\(file)' has no tensor \(Self.quoted(name)), which the model needs: "
        + "give a file that was saved from the same definition."
    case .wrongShape(let file, let tensor, let expected, let actual):
      "'\(file)' holds the tensor \(Self.quoted(tensor)) with shape \(Self.listed(actual)) "
        + "where the model has \(Self.listed(expected)): "
        + "give a file that was saved from the same definition."
    case .newerFormat(let file, let found, let supported):
      "'\(file)' has format version \(found), and this version of DiffusionDSL reads up to \(supported): "
        + "update DiffusionDSL, or save the model with the older one."
    case .invalidDefinition(let file, let message):
      "'\(file)' holds a model's definition that cannot be used (\(message)): "
        + "copy the file again from an intact one, or save the model again."
    case .altered(let file):
      "'\(file)' was altered since it was saved: copy it again from an intact one, or, if it was altered on purpose, set "
        + "its metadata's checksum to none."
    case .unknownType(let file, let part):
      "'\(file)' needs a type of its program's own: \(part), as in "
        + "TrainedDiffusion(contentsOf: url, types: [Gate.self]). The file itself is whole."
    case .otherDefinition(let file, let difference):
      "'\(file)' holds another model: \(difference). Give the file of the model that is declared, or train it anew."
    case .notWritable(let file, let reason):
      "cannot write '\(file)' (\(reason)): check that its folder exists, may be written to and has space."
    }
  }

  /// A name out of a file, which may be long or hold line breaks, fit for one line of a message.
  static func quoted(_ name: String) -> String {
    (name.count > 80 ? name.prefix(77) + "..." : name).debugDescription
  }

  /// A shape out of a file, which may have any number of extents, fit for one line of a message.
  static func listed(_ numbers: [Int]) -> String {
    let head = numbers.prefix(8).map(String.init) + (numbers.count > 8 ? ["..."] : [])
    return "[\(head.joined(separator: ", "))]"
  }
}

extension ModelFileError: LocalizedError {
  /// The description, which `localizedDescription` then gives.
  public var errorDescription: String? { description }
}
