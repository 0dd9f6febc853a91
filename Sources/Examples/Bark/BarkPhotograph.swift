import ArgumentParser
import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// Which bark is learned.
enum BarkPhotograph: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// Deep furrows, with much fine detail: the most like the textures of the paper.
  case furrowed
  /// With moss on it.
  case mossy
  /// Burnt, and smooth in parts.
  case burnt
}

/// A photograph of a texture: what is learned, and what is kept apart.
struct TexturePhotograph: Sendable {
  /// What it is called.
  let name: String
  /// All but the right quarter, as one picture.
  let learned: ImageSet
  /// The right quarter, as one picture.
  let heldOut: ImageSet

  /// Reads a photograph.
  ///
  /// - Parameters:
  ///   - picture: a file; nil: the bark's own in the folder `bark` below `DIFFUSION_DATA`, or below `./data`.
  /// - Throws: `UnusableData`, `ImageFileError`.
  init(_ bark: BarkPhotograph, picture: String?) throws {
    let url = picture.map { URL(fileURLWithPath: $0) } ?? ExampleData.url("bark/\(bark.rawValue).png")
    guard picture != nil || FileManager.default.fileExists(atPath: url.path) else {
      throw UnusableData(
        sentence: "there is no '\(url.relativePath)': name a gray photograph of a texture with --picture.")
    }
    let image = try ImageSet(contentsOf: url)
    name = picture.map { URL(fileURLWithPath: $0).lastPathComponent } ?? bark.rawValue
    guard image.count == 1, image.channels == 1, image.levels == 256 else {
      throw UnusableData(sentence: "'\(url.relativePath)' holds \(image): give one gray picture in bytes.")
    }
    guard image.width >= 4 * TexturePhotograph.leastSide, image.height >= TexturePhotograph.leastSide else {
      throw UnusableData(
        sentence:
          "'\(url.relativePath)' has \(image.width) x \(image.height) pixels: its right quarter has to hold a hole of "
          + "100 x 100 with its surroundings, so give \(4 * TexturePhotograph.leastSide) x "
          + "\(TexturePhotograph.leastSide) or more.")
    }
    let edge = image.width - image.width / 4
    learned = try image.cropped(rows: 0..<image.height, columns: 0..<edge)
    heldOut = try image.cropped(rows: 0..<image.height, columns: edge..<image.width)
  }

  /// The hole of figure 5 and some pixels on each side of it.
  static let hole = 100
  static let leastSide = 120

  /// Squares of the part that is kept apart, as wide as that part or somewhat less: the middle one first, then one above
  /// and one below where there is room for holes that do not touch. Each has a hole in its middle.
  func surroundings() throws -> [ImageSet] {
    let side = min(heldOut.width, heldOut.height, 160) / 4 * 4
    let (top, left) = ((heldOut.height - side) / 2, (heldOut.width - side) / 2)
    let tops = top > TexturePhotograph.hole ? [top, 0, heldOut.height - side] : [top]
    return try tops.map { try heldOut.cropped(rows: $0..<$0 + side, columns: left..<left + side) }
  }
}
