import ArgumentParser
import DiffusionDSL
import DiffusionIO
import Foundation
import ProgramSupport

/// The options of a posterior of a picture with a hole.
struct HoleOptions: ParsableArguments, Sendable {
  @Option(help: .init("A picture of which a part is known.", valueName: "file"))
  var picture: String?

  @Option(
    help: .init(
      "A picture of the same size: white, from half of the range on, where the hole to fill is, black where the picture is known.",
      valueName: "file"))
  var mask: String?

  func validate() throws {
    if (picture == nil) != (mask == nil) {
      throw ValidationError("--picture and --mask belong together: give both")
    }
  }
}

/// A picture with a hole in it, for a model of pictures.
struct PicturePosterior: Sendable {
  let shape: ImageShape
  let values: PictureValues
  /// Whether each number of a row is known.
  let known: [Bool]
  /// The row to observe, in the model's units.
  let row: [Double]
  /// The picture as it can be drawn.
  let picture: ImageSet

  /// - Throws: `PictureError` for a model without pictures, and for sizes that differ; `ImageFileError`.
  init(_ trained: TrainedDiffusion, picture path: String, mask maskPath: String) throws {
    guard let shape = trained.definition.image else {
      throw PictureError("--picture needs a model of pictures, and this is one of \(trained.definition.kernel).")
    }
    let (options, tables) = (try PictureOptions.parse([]), try TableOptions.parse([]))
    guard case .pictures(let pictures) = try FoundInput([path], options, tables),
      case .pictures(let masks) = try FoundInput([maskPath], options, tables)
    else {
      throw PictureError("'\(path)' and '\(maskPath)' have to be pictures: give PNG or PGM.")
    }
    let images = try pictures.conformed(to: shape)
    for input in [pictures, masks] where input.images.count != 1 {
      throw PictureError("'\(input.name)' has \(input.images.count) pictures: give one.")
    }
    let mask = masks.images
    guard (mask.width, mask.height) == (shape.width, shape.height) else {
      throw PictureError(
        "the mask is \(mask.width) x \(mask.height), and the picture is \(shape.width) x \(shape.height): give a mask of the picture's size."
      )
    }
    let plane = shape.width * shape.height
    // A mask in colour is as bright as its brightest colour; an opacity is none.
    let colours = mask.channels == 2 || mask.channels == 4 ? mask.channels - 1 : mask.channels
    let half = (mask.range.lowerBound + mask.range.upperBound) / 2
    let isKnown = (0..<plane).map { place in
      (0..<colours).allSatisfy { mask[0][$0 * plane + place] < half }
    }
    (self.shape, values) = (shape, PictureValues(of: trained))
    known = (0..<shape.channels).flatMap { _ in isKnown }
    // A level's middle stands for its byte.
    row = try values.dataset(of: images, name: pictures.name)[0]
    picture = try values.pictures(row, shape)
    if !isKnown.contains(true) {
      throw PictureError("the mask is white all over, so nothing is known: ask 'sample', or make black what is known.")
    }
    if !isKnown.contains(false) {
      throw PictureError("the mask is black all over, so there is no hole to fill: make it white where the hole is.")
    }
  }

  /// How much is known: `612 of 784 pixels known`.
  var summary: String {
    let pixels = known.count / max(1, shape.channels)
    return "\(known.count { $0 } / max(1, shape.channels)) of \(pixels) pixels known (black in the mask)"
  }

  var term: Observe { Observe(mask: known, equals: row) }

  /// The completions, with the known pixels exactly as they were given, behind the picture with its hole in gray.
  func results(_ samples: Rows, columns: Int?) throws -> PictureResults {
    let given: [Double] = values == .levels ? row.map { $0 - 0.5 } : row
    var numbers = samples.flat
    for start in stride(from: 0, to: numbers.count, by: known.count) {
      for place in known.indices where known[place] { numbers[start + place] = given[place] }
    }
    let bytes = try ImageSet.joined(picture, picture)[0]
    let holed = bytes.indices.map { known[$0] ? UInt8(bytes[$0]) : 127 }
    let before = try ImageSet(bytes: holed, channels: shape.channels, height: shape.height, width: shape.width)
    return PictureResults(shape: shape, values: values, numbers: numbers, before: before, columns: columns)
  }
}
