import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

/// What files of pictures do not tell.
struct PictureOptions: ParsableArguments, Sendable {
  enum Axis: String, CaseIterable, ExpressibleByArgument, Sendable {
    case first, last
  }

  @Option(help: "Where arrays of four axes have their colours (default: at the axis of 1, 3 or 4).")
  var channelAxis: Axis?

  @Option(help: .init("Which array of an NPZ archive is meant (default: the only one).", valueName: "name"))
  var entry: String?

  var reading: ImageReadingOptions {
    ImageReadingOptions(channelAxis: channelAxis.map { $0 == .first ? .first : .last }, entry: entry)
  }
}

/// What files hold.
enum FoundInput {
  case pictures(PictureInput)
  /// One file that is no picture, read already: standard input can be read only once.
  case table(Input)

  /// - Parameter paths: files of pictures, or one folder, or one table; `-` is standard input.
  /// - Throws: `ImageFileError`; `PictureError` for an array that needs an option to be read; `CSVError.unreadable`,
  ///   `.otherKind` for what is neither.
  init(_ paths: [String], _ options: PictureOptions, _ tables: TableOptions) throws {
    do {
      switch try PictureInput.reading(paths, options.reading) {
      case .images(let reading):
        let name = paths.count == 1 ? Input.name(paths[0]) : "the \(paths.count) files"
        try tables.checkUnused(for: "\(paths.count == 1 ? "'\(name)' holds" : "\(name) hold") pictures")
        self = .pictures(PictureInput(name: name, images: reading.images, passedOver: reading.passedOver))
      case .other(let data): self = .table(try Input(data, name: Input.name(paths.first ?? "-"), tables))
      }
    } catch ImageFileError.ambiguousChannels(let file, _, let shape) {
      throw PictureError(
        "'\(file)' has the shape \(shape), whose colours may be its second axis or its last: say which with "
          + "--channel-axis first or --channel-axis last.")
    } catch ImageFileError.noEntry(let file, let name, let available) {
      throw PictureError(
        "'\(file)' has \(name.map { "no array '\($0)'" } ?? "several arrays"): name one with --entry, of "
          + "\(available.prefix(20).joined(separator: ", ")).")
    }
  }
}

/// Pictures from files, a folder or standard input.
struct PictureInput: Sendable {
  /// What messages call it.
  let name: String
  let images: ImageSet
  let passedOver: [PassedOverFile]

  fileprivate enum Reading {
    case images(ImageReading)
    /// The bytes of one file that is no picture and may be a table.
    case other(Data)
  }

  fileprivate static func reading(_ paths: [String], _ options: ImageReadingOptions) throws -> Reading {
    if paths.count != 1 {
      return .images(try ImageReading(contentsOf: paths.map { URL(fileURLWithPath: $0) }, options: options))
    }
    let path = paths[0]
    var isFolder: ObjCBool = false
    if path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return .images(
        try ImageReading(contentsOf: URL(fileURLWithPath: path, isDirectory: true), options: options))
    }
    let data = try Input.bytes(path)
    func read() throws -> Reading { .images(try ImageReading(data: data, name: Input.name(path), options: options)) }
    if NPYArray.isNPY(data) {
      do {
        return try read()
      } catch ImageFileError.wrongAxes {
        return .other(data)
      } catch ImageFileError.damaged {
        // What is wrong with an array is said where it is read as a table.
        return .other(data)
      } catch ImageFileError.unsupported {
        return .other(data)
      }
    }
    let kind = FileKind(of: data)
    if kind?.holdsPictures == true { return try read() }
    // Compressed pictures, and batches without a mark that are cut short, show only when they are read.
    guard Input.isGzip(data) || (kind == nil && Input.isBinary(data)) else { return .other(data) }
    do {
      return try read()
    } catch ImageFileError.unknownKind {
      return .other(data)
    }
  }

  /// The pictures as those of a model of an extent: an opacity that says nothing is left out.
  ///
  /// - Throws: `PictureError` for another size or other channels, with both.
  func conformed(to shape: ImageShape) throws -> ImageSet {
    var images = images
    if images.channels == shape.channels + 1, images.isOpaque {
      images = try images.selecting(channels: 0..<shape.channels)
    }
    guard images.shape == shape else {
      throw PictureError(
        "'\(name)' has pictures of \(images.shape.inWords), and the model's are \(shape.inWords): give pictures of that size."
      )
    }
    return images
  }
}

/// Pictures that do not suit what they are for.
struct PictureError: BadData, Equatable {
  let description: String

  init(_ description: String) { self.description = description }
}

extension ImageShape {
  /// `28 x 28 with 1 channel`: width, height.
  var inWords: String { "\(width) x \(height) with \(counted(channels, "channel"))" }
}
