import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

/// How results are written.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  case csv, npy, json, png
}

/// Where results go, and in which format.
struct OutputOptions: ParsableArguments, Sendable {
  @Option(help: "How results are written (default: by the ending of --output, else csv); png is for pictures.")
  var format: OutputFormat?

  @Flag(help: "Short for --format json: one object with the columns' names and the rows as lists.")
  var json = false

  @Option(name: [.short, .long], help: .init("File for the results; '-' is standard output.", valueName: "file"))
  var output = "-"

  func validate() throws {
    if json, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one of them")
    }
    if output.isEmpty { throw ValidationError("--output needs the name of a file") }
  }

  var effectiveFormat: OutputFormat {
    if json { return .json }
    if let format { return format }
    return OutputFormat.allCases.first { output.lowercased().hasSuffix(".\($0.rawValue)") } ?? .csv
  }

  /// Checks before the work, which would be lost otherwise, that there is a directory to write to.
  ///
  /// - Throws: `OutputFileError`.
  func check() throws(OutputFileError) { if output != "-" { try OutputFile.check(output) } }

  /// Checks before the work that results which are no pictures are not to be drawn.
  ///
  /// - Throws: `PictureError`.
  func checkNoPicture(_ what: String) throws(PictureError) {
    if effectiveFormat == .png {
      throw PictureError("\(what), which a PNG cannot show: write csv, npy or json.")
    }
  }

  /// The same for what a model draws.
  ///
  /// - Throws: `PictureError` for a model that has no pictures.
  func check(for model: TrainedDiffusion) throws(PictureError) {
    if model.definition.image == nil {
      try checkNoPicture("the model has no pictures but rows of \(model.definition.kernel)")
    }
  }

  /// Writes results.
  ///
  /// - Parameters:
  ///   - pictures: the same as pictures, where they are such.
  ///   - beside: what the JSON object has beside the rows.
  /// - Throws: `OutputFileError`, `PictureError`.
  func write(
    _ table: ResultTable, pictures: PictureResults? = nil, beside: [String: JSONValue] = [:], on console: Console
  ) throws {
    let data: Data
    switch effectiveFormat {
    case .csv: data = try table.csv()
    case .npy: data = try pictures?.npy() ?? table.npy()
    case .json: data = try Console.json(table.object(beside))
    case .png:
      guard let pictures else { throw PictureError("the results are no pictures: write csv, npy or json.") }
      data = try pictures.png()
    }
    try Task.checkCancellation()
    if output == "-" { console.write(data) } else { try OutputFile.write(data, to: output) }
  }
}

/// A file that cannot be written.
struct OutputFileError: Error, CustomStringConvertible, Equatable {
  var file: String
  var reason: String

  var description: String { "cannot write '\(file)' (\(reason)); name another file with --output." }
}

/// Writes files whole or not at all, through links, and devices and pipes as they are.
enum OutputFile {
  /// - Throws: `OutputFileError` where there is no directory that can be written to.
  static func check(_ path: String) throws(OutputFileError) {
    let url = URL(fileURLWithPath: path)
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), isDirectory.boolValue {
      throw OutputFileError(file: path, reason: "it is a directory")
    }
    if DurableFile.isSpecial(url) {
      guard access(url.path, W_OK) == 0 else {
        throw OutputFileError(file: path, reason: systemReason(errno))
      }
      return
    }
    let folder = DurableFile.followed(url).deletingLastPathComponent().path
    guard access(folder, W_OK | X_OK) == 0 else {
      throw OutputFileError(file: path, reason: systemReason(errno))
    }
  }

  /// - Throws: `OutputFileError`.
  static func write(_ data: Data, to path: String) throws(OutputFileError) {
    do {
      try DurableFile.write(to: URL(fileURLWithPath: path)) { try $0.write(data) }
    } catch ModelFileError.notWritable(_, let reason) {
      throw OutputFileError(file: path, reason: reason)
    } catch {
      throw OutputFileError(file: path, reason: error.localizedDescription)
    }
  }
}
