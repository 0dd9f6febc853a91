import DiffusionDSL
import Foundation

/// A command line that makes no sense for what the files turned out to be: exit status 64.
public struct WrongUsage: Error, CustomStringConvertible, Equatable {
  /// One sentence, with its full stop.
  public let description: String

  /// - Parameter sentence: without its full stop.
  public init(_ sentence: String) { description = sentence + "." }
}

/// What a failed run tells its caller: an exit status and one sentence.
public struct Failure: Equatable, Sendable {
  /// 64 wrong usage, 65 bad data, 130 interrupted, 1 any other.
  public var status: Int32
  /// One sentence for standard error, without the program's name and without a line break.
  public var sentence: String

  /// A failure with its exit status; line breaks of the sentence become spaces.
  public init(status: Int32, sentence: String) {
    self.status = status
    self.sentence = Failure.onOneLine(sentence)
  }

  /// The work was cancelled: by Ctrl-C, or by a signal that asks the program to end.
  public static let interrupted = Failure(status: 130, sentence: "interrupted before the end.")

  /// Maps any error thrown by a program's work.
  public init(_ error: any Error) {
    switch error {
    case let error as Cancelled:
      self.init(status: 130, sentence: "interrupted: \(error).")
    case is CancellationError:
      self = .interrupted
    case let error as ModelFileError:
      // Where a model cannot be written the model is not at fault.
      let isUnwritable = if case .notWritable = error { true } else { false }
      self.init(status: isUnwritable ? 1 : 65, sentence: error.description)
    case let wrong as WrongUsage:
      self.init(status: 64, sentence: wrong.description)
    case let bad as any BadData:
      self.init(status: 65, sentence: bad.description)
    case let localized as any LocalizedError where localized.errorDescription != nil:
      self.init(status: 1, sentence: localized.errorDescription ?? "")
    case is CocoaError, is POSIXError, is URLError:
      self.init(status: 1, sentence: error.localizedDescription)
    case let described as any CustomStringConvertible where !(type(of: error) is NSError.Type):
      self.init(status: 1, sentence: described.description)
    default:
      // A Swift enum without a description would print as source code, so only its type is named.
      self.init(
        status: 1,
        sentence: "the work failed with an error of type \(type(of: error)); please report it with the command used.")
    }
  }

  private static func onOneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
      .joined(separator: " ")
  }
}
