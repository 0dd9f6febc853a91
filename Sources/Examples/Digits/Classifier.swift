import Distributions
import Foundation

/// A classifier of pictures: one hidden layer of rectified units and a softmax, by stochastic gradient descent with
/// momentum on the cross entropy.
///
/// It judges completions, which are to look like the digit that was hidden in part.
struct Classifier: Sendable {
  private static let hidden = 128
  private typealias Lanes = SIMD16<Float>
  /// [pixel][unit / 16]
  private var first: [Lanes]
  private var firstBias: [Lanes]
  /// [class][unit / 16]
  private var second: [Lanes]
  private var secondBias: [Float]
  /// The number of classes.
  let classes: Int

  private static let blocks = hidden / Lanes.scalarCount

  /// What a picture's pass through the network leaves.
  private struct Activity {
    var hidden: [Lanes]
    /// Probabilities of the classes.
    var classes: [Float]
  }

  /// Learns.
  ///
  /// - Parameters:
  ///   - pictures: to learn from, one or more.
  ///   - labels: their classes from 0, one a picture.
  ///   - passes: how often each picture is used.
  ///   - progress: told the share that is done.
  /// - Throws: `CancellationError` when the task is cancelled.
  init(
    _ pictures: UnitPixels, _ labels: [Int], passes: Int, seed: UInt64, progress: (Double) -> Void
  ) throws {
    classes = (labels.max() ?? 0) + 1
    var stream = RandomStream(seed: seed, purpose: "digits classifier")
    func normals(_ count: Int, deviation: Double) -> [Lanes] {
      (0..<count).map { _ in
        var lanes = Lanes.zero
        for lane in lanes.indices { lanes[lane] = Float(deviation) * stream.nextNormal() }
        return lanes
      }
    }
    first = normals(UnitPixels.size * Classifier.blocks, deviation: (2 / 100.0).squareRoot())
    firstBias = Array(repeating: .zero, count: Classifier.blocks)
    second = normals(classes * Classifier.blocks, deviation: (2 / Double(Classifier.hidden)).squareRoot())
    secondBias = Array(repeating: 0, count: classes)

    let updates = pictures.count * passes
    for update in 0..<updates {
      if update.isMultiple(of: 256) {
        try Task.checkCancellation()
        progress(Double(update) / Double(updates))
      }
      let picture = Int.random(in: 0..<pictures.count, using: &stream)
      // One picture at a time, with a rate that falls to 0: noise of single pictures averages out towards the end.
      let rate = 0.02 * Float(1 - Double(update) / Double(updates))
      learn(pictures.values, start: picture * UnitPixels.size, label: labels[picture], rate: rate)
    }
  }

  /// The most probable class of a picture.
  ///
  /// - Parameter picture: 784 numbers from 0 to 1.
  func callAsFunction(_ picture: ArraySlice<Float>) -> Int {
    let activity = activity(Array(picture), start: 0)
    return activity.classes.indices.max { activity.classes[$0] < activity.classes[$1] } ?? 0
  }

  /// The share of pictures whose class is found.
  func accuracy(on pictures: UnitPixels, _ labels: [Int]) -> Double {
    let size = UnitPixels.size
    let found = labels.indices.count { self(pictures.values[$0 * size..<($0 + 1) * size]) == labels[$0] }
    return Double(found) / Double(max(1, labels.count))
  }

  private func activity(_ values: [Float], start: Int) -> Activity {
    let blocks = Classifier.blocks
    var hidden = firstBias
    // Most pixels of a digit are 0 and need no work.
    for pixel in 0..<UnitPixels.size where values[start + pixel] != 0 {
      let value = values[start + pixel]
      for block in 0..<blocks { hidden[block] += first[pixel * blocks + block] * value }
    }
    for block in 0..<blocks { hidden[block].replace(with: 0, where: hidden[block] .< 0) }
    var logits = secondBias
    for digit in 0..<classes {
      var sum = Lanes.zero
      for block in 0..<blocks { sum += second[digit * blocks + block] * hidden[block] }
      logits[digit] += sum.sum()
    }
    let largest = logits.max() ?? 0
    let weights = logits.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return Activity(hidden: hidden, classes: weights.map { $0 / total })
  }

  private mutating func learn(_ values: [Float], start: Int, label: Int, rate: Float) {
    let blocks = Classifier.blocks
    let activity = activity(values, start: start)
    var back = Array(repeating: Lanes.zero, count: blocks)
    for digit in 0..<classes {
      let error = activity.classes[digit] - (digit == label ? 1 : 0)
      secondBias[digit] -= rate * error
      for block in 0..<blocks {
        back[block] += second[digit * blocks + block] * error
        second[digit * blocks + block] -= activity.hidden[block] * (rate * error)
      }
    }
    for block in 0..<blocks { back[block].replace(with: 0, where: activity.hidden[block] .<= 0) }
    for block in 0..<blocks { firstBias[block] -= back[block] * rate }
    for pixel in 0..<UnitPixels.size where values[start + pixel] != 0 {
      let step = rate * values[start + pixel]
      for block in 0..<blocks { first[pixel * blocks + block] -= back[block] * step }
    }
  }
}
