import Foundation

/// Held-out densities of several methods on the same rows.
struct CrossValidation {
  /// A difference of two methods' densities over the same rows.
  struct Difference {
    var mean: Double
    var standardError: Double
  }

  /// The rows that were scored, by their places in the table.
  private(set) var places: [Int] = []
  /// For each method, the log2 density of each scored row under the fit that had not seen it.
  private(set) var scores: [[Double]]
  private(set) var notes: [String] = []

  /// - Parameter mostScored: The most rows that are scored, the same for every method.
  init(
    _ rows: RowMatrix, columns: [String], methods: [any DensityMethod], folds: Int, options: FitOptions,
    mostScored: Int,
    progress: @escaping @Sendable (String) -> Void
  ) async throws {
    scores = methods.map { _ in [] }
    var shuffled = Array(0..<rows.count)
    var generator = generator(seed: options.seed, purpose: 1)
    shuffled.shuffle(using: &generator)
    let mostPerFold = max(1, mostScored / folds)
    for fold in 0..<folds {
      let training = rows.picked(shuffled.indices.lazy.filter { $0 % folds != fold }.map { shuffled[$0] })
      let heldOut = Array(stride(from: fold, to: shuffled.count, by: folds).map { shuffled[$0] }.prefix(mostPerFold))
      let test = rows.picked(heldOut)
      for (index, method) in methods.enumerated() {
        try Task.checkCancellation()
        let place = "fold \(fold + 1) of \(folds), \(method.name)"
        progress(place)
        let fitted = try await method.fit(training, columns: columns, options: options) { progress("\(place): \($0)") }
        scores[index] += try await fitted.log2Density(of: test)
        for note in fitted.notes where !notes.contains(note) { notes.append(note) }
      }
      places += heldOut
    }
  }

  func mean(_ method: Int) -> Double {
    scores[method].reduce(0, +) / Double(max(1, places.count))
  }

  /// The standard error of `mean`, in bits per row.
  func standardError(_ method: Int) -> Double {
    CrossValidation.spread(scores[method]).standardError
  }

  /// How much better `method` is than `other`, in bits per row, with the standard error of the rows' differences.
  func difference(_ method: Int, minus other: Int) -> Difference {
    CrossValidation.spread(zip(scores[method], scores[other]).map { $0 - $1 })
  }

  private static func spread(_ values: [Double]) -> Difference {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, count - 1)
    return Difference(mean: mean, standardError: (variance / count).squareRoot())
  }

  /// The scored rows, in the order of the table, whose density some method cannot put into a number.
  var withoutNumber: [Int] {
    places.indices.filter { place in scores.contains { !$0[place].isFinite } }.map { places[$0] }.sorted()
  }

  /// The scored rows with the lowest densities under a method, the lowest first.
  func leastLikely(_ count: Int, method: Int) -> [(place: Int, bits: Double)] {
    zip(places, scores[method]).sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count).map { ($0.0, $0.1) }
  }
}
