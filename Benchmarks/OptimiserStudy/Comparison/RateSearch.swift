import Foundation

/// Finds the best constant rate of a contender.
///
/// All rates of a grid are tried for an eighth of the passes, and further ones while the best lies at an end. The best then
/// goes on to the end, and so do its two neighbours, and theirs, until the best has a worse one on either side: since large
/// rates are ahead early and small ones late, an eighth alone would not tell.
struct RateSearch: Sendable {
  /// Rates that are tried first, by their places: 10^(place / 2).
  let grid: [Int]
  /// The places that the grid is widened to at most.
  static let limits = -14...4

  /// From 1e-4 to 1e-1, every half decade.
  static let full = RateSearch(grid: Array(-8...(-2)))
  /// Every decade from 1e-3 to 1e-1.
  static let quick = RateSearch(grid: [-6, -4, -2])

  /// Space between the grid's places.
  private var stride: Int { grid.count > 1 ? grid[1] - grid[0] : 1 }

  /// A rate by its place.
  static func rate(_ place: Int) -> Double { Double(String(format: "%.3g", pow(10, Double(place) / 2))) ?? 0 }

  /// Tries rates.
  ///
  /// - Parameter advance: takes a trial, anew or as it is, to marks of passes.
  /// - Returns: all trials, by rates ascending, and which of those that went to the end is best.
  func run(
    _ contender: Contender, marks: [Int], advance: (inout Trial, [Int]) async throws -> Void
  ) async throws -> (trials: [Trial], best: Int) {
    let early = marks.filter { $0 <= max(marks[0], (marks.last ?? 0) / 8) }
    var trials: [Int: Trial] = [:]
    func run(_ place: Int, to marks: [Int]) async throws {
      var trial = trials[place] ?? Trial(contender, rate: RateSearch.rate(place))
      try await advance(&trial, marks)
      trials[place] = trial
    }
    for place in grid { try await run(place, to: early) }
    while let next = RateSearch.beyond(trials.mapValues(\.bits), stride) { try await run(next, to: early) }

    var finished: Set<Int> = []
    var next = RateSearch.best(trials.mapValues(\.bits))
    while let place = next {
      try await run(place, to: marks)
      finished.insert(place)
      let best = RateSearch.best(trials.filter { finished.contains($0.key) }.mapValues(\.bits))
      next = best.flatMap { best in
        [best - stride, best + stride].first { !finished.contains($0) && RateSearch.limits.contains($0) }
      }
    }
    let places = trials.keys.sorted()
    let best = RateSearch.best(trials.filter { finished.contains($0.key) }.mapValues(\.bits))
    return (places.compactMap { trials[$0] }, best.flatMap { places.firstIndex(of: $0) } ?? 0)
  }

  /// The place of the highest value, of equal ones the lowest place.
  static func best(_ bits: [Int: Double]) -> Int? {
    bits.max { ($0.value, -$0.key) < ($1.value, -$1.key) }?.key
  }

  /// The next place where the best lies at an end; nil where it does not, or at the limits.
  static func beyond(_ bits: [Int: Double], _ stride: Int) -> Int? {
    guard let best = best(bits), bits[best] ?? -.infinity > -.infinity else { return nil }
    let next = best == bits.keys.min() ? best - stride : best == bits.keys.max() ? best + stride : nil
    return next.flatMap { limits.contains($0) ? $0 : nil }
  }
}

/// A rate as the grid has it: `3.16e-3`.
func rateText(_ rate: Double) -> String {
  let power = Int(floor(log10(rate) + 1e-9))
  let factor = rate / pow(10, Double(power))
  return abs(factor - 1) < 0.01 ? "1e\(power)" : String(format: "%.2fe%d", factor, power)
}
