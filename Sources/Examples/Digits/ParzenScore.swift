import Foundation

/// The log likelihood of test pictures under a Parzen window estimate: a normal of one width around each of a model's
/// samples (Goodfellow et al. 2014, appendix; Breuleux, Bengio, Vincent 2011).
///
/// It says little of a model whose bound can be had, and is what papers of 2014 and 2015 compare. Pictures are numbers
/// from 0 to 1. The width is the one, of ten from 0.1 to 1, that is best on pictures which are neither learned from nor
/// tested on.
struct ParzenScore: Sendable {
  /// The mean over the test pictures, in bits a picture.
  let bits: Double
  /// The standard error of that mean over the test pictures.
  let standardError: Double
  /// The width of the window.
  let width: Double

  /// The widths to choose from, even in their logarithm.
  static let widths = (0..<10).map { pow(10, -1 + Double($0) / 9) }

  /// - Parameters:
  ///   - samples: of the model, 1 or more.
  ///   - validation: pictures to choose the width by.
  ///   - test: pictures to score, 2 or more.
  ///   - threads: how many work at a time.
  /// - Throws: `CancellationError` when the task is cancelled.
  init(
    of samples: UnitPixels, validation: UnitPixels, test: UnitPixels, threads: Int
  ) async throws {
    let distances = SquaredDistances(to: samples)
    let tried = try await distances.map(validation.values, threads: threads) { _, squares in
      ParzenScore.widths.map { ParzenScore.logDensity(squares, width: $0) }
    }
    let means = ParzenScore.widths.indices.map { index in tried.reduce(0.0) { $0 + $1[index] } / Double(tried.count) }
    let best = means.indices.max { means[$0] < means[$1] } ?? 0
    let width = ParzenScore.widths[best]
    let scores = try await distances.map(test.values, threads: threads) { _, squares in
      ParzenScore.logDensity(squares, width: width)
    }
    let mean = scores.reduce(0, +) / Double(scores.count)
    let variance = scores.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scores.count)
    self.width = width
    bits = mean / M_LN2
    standardError = (variance / Double(scores.count)).squareRoot() / M_LN2
  }

  /// log of the mean of the windows' densities, in nats.
  ///
  /// - Parameter squares: the squared distances of a picture to the samples.
  static func logDensity(_ squares: [Float], width: Double) -> Double {
    let nearest = Double(squares.min() ?? 0)
    let scale = -0.5 / (width * width)
    let sum = squares.reduce(0.0) { $0 + exp(scale * (Double($1) - nearest)) }
    return scale * nearest + log(sum / Double(squares.count))
      - Double(UnitPixels.size) * log(width * (2 * Double.pi).squareRoot())
  }
}
