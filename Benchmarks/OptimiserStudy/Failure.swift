import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation

/// Rows that are at hand but are something else: one sentence with the remedy.
struct UnusableData: Error, CustomStringConvertible {
  let description: String
}

/// A directory that cannot be made or written to.
struct OutputError: Error, CustomStringConvertible {
  let description: String
}

/// What a failed run tells its caller: an exit status and one sentence.
struct Failure {
  /// 64 wrong usage, 65 bad data, 1 any other.
  let status: Int32
  let sentence: String

  /// Maps an error of the work.
  init(_ error: any Error) {
    switch error {
    case is UnusableData, is MissingData, is DataError, is ImageFileError: self.init(status: 65, "\(error)")
    case let error as any CustomStringConvertible where !(error is NSError): self.init(status: 1, error.description)
    default: self.init(status: 1, error.localizedDescription)
    }
  }

  /// Maps an error of the command line.
  init(usage error: any Error) {
    let message = OptimiserStudy.message(for: error)
    let isSentence = message.last.map { ".?!".contains($0) } == true
    self.init(
      status: OptimiserStudy.exitCode(for: error).rawValue,
      message + (isSentence ? " See" : "; see") + " 'optimiser-study --help'.")
  }

  private init(status: Int32, _ sentence: String) {
    self.status = status
    self.sentence = sentence.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
