import DiffusionDSL
import ExampleSupport
import Foundation

/// Which part of a picture is known.
enum KnownPart: CaseIterable, Sendable {
  /// The left half.
  case half
  /// The upper left quarter.
  case quarter

  /// What people call it.
  var name: String { self == .half ? "half" : "quarter" }

  /// One for each pixel, [row][column].
  var mask: [Bool] {
    let side = UnitPixels.side
    return (0..<UnitPixels.size).map { place in
      let (row, column) = (place / side, place % side)
      return column < side / 2 && (self == .half || row < side / 2)
    }
  }
}

/// Pictures of which a part was known, with what the model made of the rest.
struct Completions: Sendable {
  let part: KnownPart
  /// The pictures as they were, in the middles of their levels: 0.5 for byte 0.
  let truth: [[Double]]
  let labels: [Int]
  /// For each picture, some completions; the known pixels are the picture's.
  let drawn: [Rows]
  /// For each picture, that of the nearest picture learned from, by the known pixels, in place of the hidden ones.
  let nearest: [[Double]]
  /// For each picture, what the particles are worth as independent draws.
  let effectiveSizes: [Double]
  /// How many particles each picture had.
  let particles: Int

  /// The mean effective size.
  var meanEffectiveSize: Double { effectiveSizes.reduce(0, +) / Double(max(1, effectiveSizes.count)) }

  /// The share of completions that the classifier takes for the digit that was hidden in part, with its standard error
  /// over pictures.
  func accuracy(by classifier: Classifier) -> (value: Double, standardError: Double) {
    let shares = zip(drawn, labels).map { rows, label in
      classifier.accuracy(on: UnitPixels(levels: rows), rows.map { _ in label })
    }
    let moments = Moments(of: shares)
    return (moments.mean, moments.standardError)
  }

  /// The same for the nearest neighbours.
  func neighbourAccuracy(by classifier: Classifier) -> Double {
    classifier.accuracy(on: UnitPixels(levels: nearest), labels)
  }

  /// The same for the whole pictures.
  func wholeAccuracy(by classifier: Classifier) -> Double {
    classifier.accuracy(on: UnitPixels(levels: truth), labels)
  }
}
