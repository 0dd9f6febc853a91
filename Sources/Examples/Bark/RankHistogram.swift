import Distributions

/// How often the truth has each rank among draws: all ranks are as frequent where the draws are of the distribution that the
/// truth is of. Too many at both ends: draws are too narrow; in the middle: too wide (Hamill 2001).
struct RankHistogram: Sendable {
  /// How many numbers have 0, 1, ... draws below them.
  private(set) var counts: [Int]

  /// - Parameters:
  ///   - truth: numbers.
  ///   - draws: each as long as the truth.
  ///   - places: which numbers are ranked.
  init(_ truth: [Double], among draws: [[Double]], at places: [Int]) {
    counts = Array(repeating: 0, count: draws.count + 1)
    // Parts of photographs have levels that are equal: among these any rank is as good.
    var stream = RandomStream(seed: 0, purpose: "ranks of ties")
    for place in places {
      let below = draws.count { $0[place] < truth[place] }
      let equal = draws.count { $0[place] == truth[place] }
      counts[below + (equal > 0 ? Int.random(in: 0...equal, using: &stream) : 0)] += 1
    }
  }

  /// Counts of several, of as many draws each.
  init(sum histograms: [RankHistogram]) {
    counts = histograms.first?.counts ?? []
    for histogram in histograms.dropFirst() {
      for (rank, count) in histogram.counts.enumerated() { counts[rank] += count }
    }
  }

  /// The share of numbers that are below all draws or above all.
  var outside: Double {
    guard let first = counts.first, let last = counts.last, counts.count > 1 else { return .nan }
    return Double(first + last) / Double(max(1, counts.reduce(0, +)))
  }

  /// The share that is outside on average where the draws are of the truth's distribution.
  var expectedOutside: Double { 2 / Double(counts.count) }
}
