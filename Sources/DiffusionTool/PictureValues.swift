import DiffusionDSL
import Foundation

/// What a model's numbers mean for a picture's.
enum PictureValues: Equatable, Sendable {
  /// 0 and 1, for pictures with two values.
  case bits
  /// Numbers from b to b + 1 for byte b.
  case levels
  /// Numbers within a range, from black to white.
  case numbers(ClosedRange<Double>)

  /// What pictures are modelled as: bits where only the least and the largest value occur, levels for bytes.
  init(of images: ImageSet) {
    if images.hasTwoValues {
      self = .bits
    } else if case .bytes = images.storage {
      self = .levels
    } else {
      self = .numbers(images.range)
    }
  }

  /// What a trained model's numbers mean.
  ///
  /// Files of models do not say it, but numbers within a range with mean m have a variance of at most the product of m's
  /// distances from its ends (Bhatia, Davis 2000): the narrowest of the usual ranges that allows the data's mean and
  /// variance is taken.
  init(of trained: TrainedDiffusion) {
    guard trained.schema.columns.first?.labels == nil, trained.schema.columns.first?.kind == .continuous else {
      self = .bits
      return
    }
    let count = Double(max(1, trained.dimensions))
    let mean = trained.scaling.mean.reduce(0, +) / count
    let scale = trained.scaling.scale.reduce(0, +) / count
    func allows(_ range: ClosedRange<Double>) -> Bool {
      range.contains(mean) && (mean - range.lowerBound) * (range.upperBound - mean) >= scale * scale * 0.999
    }
    if allows(0...1) {
      self = .numbers(0...1)
    } else if allows(-1...1) {
      self = .numbers(-1...1)
    } else if !allows(0...256), allows(0...65_535) {
      self = .numbers(0...65_535)
    } else {
      self = .levels
    }
  }

  /// What a picture's numbers are called.
  var description: String {
    switch self {
    case .bits: "bits"
    case .levels: "bytes"
    case .numbers(let range): "numbers from \(decimals(range.lowerBound)) to \(decimals(range.upperBound))"
    }
  }

  private func decimals(_ number: Double) -> String { String(format: "%g", number) }

  /// Pictures as rows of the model.
  ///
  /// - Throws: `PictureError` for a model of bits and pictures that have other values than two.
  func dataset(of images: ImageSet, name: String) throws -> Dataset {
    let schema = Schema([])
    switch self {
    case .levels:
      if case .bytes = images.storage { return try Dequantised(images).dataset(for: schema) }
      return try Dequantised(inBytes(images)).dataset(for: schema)
    case .bits:
      guard let bits = images.asBits else {
        throw PictureError(
          "'\(name)' has pictures of more than two values, and the model's are bits: set each pixel to black or white.")
      }
      return try bits.dataset(for: schema)
    case .numbers(let range) where images.range == range: return try images.dataset(for: schema)
    case .numbers(let range):
      let (low, span) = (images.range.lowerBound, images.range.upperBound - images.range.lowerBound)
      let numbers = images.flatMap { row in
        row.map { Float(range.lowerBound + ($0 - low) / span * (range.upperBound - range.lowerBound)) }
      }
      return try Dataset(complete: numbers, dimensions: images.dimensions)
    }
  }

  private func inBytes(_ images: ImageSet) throws -> ImageSet {
    try ImageSet(
      rounding: images.flatMap { $0 }, channels: images.channels, height: images.height, width: images.width,
      range: images.range)
  }

  /// A model's rows as pictures that can be drawn.
  ///
  /// - Parameter numbers: [picture][channel][row][column], in the model's units.
  func pictures(_ numbers: [Double], _ shape: ImageShape) throws -> ImageSet {
    switch self {
    case .bits:
      try ImageSet(
        rounding: numbers, channels: shape.channels, height: shape.height, width: shape.width, maximum: 1)
    case .levels:
      try ImageSet(levels: numbers, shape: shape)
    case .numbers(let range):
      try ImageSet(
        rounding: numbers, channels: shape.channels, height: shape.height, width: shape.width, range: range)
    }
  }
}

extension ImageSet {
  /// Whether each number is the least or the largest possible one.
  var hasTwoValues: Bool {
    switch storage {
    case .bytes(let values):
      let top = UInt8(range.upperBound)
      return values.allSatisfy { $0 == 0 || $0 == top }
    case .words(let values):
      let top = UInt16(range.upperBound)
      return values.allSatisfy { $0 == 0 || $0 == top }
    case .floats(let values):
      let (low, top) = (Float(range.lowerBound), Float(range.upperBound))
      return values.allSatisfy { $0 == low || $0 == top }
    }
  }

  /// The pictures as bits: 1 where a number is the largest possible one; nil where there are other values.
  var asBits: ImageSet? {
    guard hasTwoValues else { return nil }
    return try? ImageSet(
      rounding: flatMap { $0 }, channels: channels, height: height, width: width, range: range, maximum: 1)
  }
}
