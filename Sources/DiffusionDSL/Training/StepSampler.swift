/// Draws steps in proportion to the root of their mean squared losses, and gives the weights that undo it.
///
/// Steps are taken together in groups of neighbours, whose losses are much alike: with a thousand steps of their own,
/// each would be met too seldom for an estimate.
struct StepSampler: Sendable {
  /// The most groups.
  static let mostGroups = 32
  /// Losses that each group needs before steps are drawn other than uniformly.
  static let warmUp = 10.0
  /// What is drawn uniformly whatever the losses: it bounds the weights.
  static let uniformShare = 0.1
  /// The weight of a new squared loss in the running mean.
  static let renewal = 0.02

  private let first: Int
  private let count: Int
  /// For each group, the mean of squared losses, and how many it has had.
  private(set) var squares: [Double]
  private(set) var counts: [Double]
  /// The chance of each group, and the sum of those before it.
  private var chances: [Double]
  private var sums: [Double]

  /// - Parameters:
  ///   - first: the least step.
  ///   - last: the greatest, `first` or more.
  init(first: Int, last: Int) {
    (self.first, count) = (first, max(1, last - first + 1))
    let groups = min(count, StepSampler.mostGroups)
    squares = Array(repeating: 0, count: groups)
    counts = squares
    (chances, sums) = (squares, squares)
    weigh()
  }

  /// Goes on from what an earlier sampler had.
  mutating func restore(squares: [Double], counts: [Double]) {
    guard squares.count == self.squares.count, counts.count == self.counts.count else { return }
    (self.squares, self.counts) = (squares, counts)
    weigh()
  }

  private func start(of group: Int) -> Int { count * group / squares.count }
  private func size(of group: Int) -> Int { start(of: group + 1) - start(of: group) }
  private func group(of step: Int) -> Int {
    let place = min(max(0, step - first), count - 1)
    // The group whose start is the last one not behind the place.
    return ((place + 1) * squares.count - 1) / count
  }

  /// The step at a position of the distribution, which ascends with it.
  ///
  /// - Parameter position: from 0 to below 1.
  func step(at position: Double) -> Int {
    var group = 0
    while group + 1 < sums.count, sums[group + 1] <= position { group += 1 }
    let within = (position - sums[group]) / chances[group]
    return first + start(of: group) + min(size(of: group) - 1, max(0, Int(within * Double(size(of: group)))))
  }

  /// What the loss of a step is multiplied by: its uniform chance over the one that it is drawn with.
  func weight(of step: Int) -> Double {
    let group = group(of: step)
    return Double(size(of: group)) / Double(count) / chances[group]
  }

  /// Takes a tile's loss, with its step's part in what is minimised but not `weight(of:)`, into account; `weigh()` makes chances of it.
  mutating func note(loss: Double, step: Int) {
    guard loss.isFinite else { return }
    let group = group(of: step)
    counts[group] += 1
    squares[group] += max(StepSampler.renewal, 1 / counts[group]) * (loss * loss - squares[group])
  }

  /// Makes the chances anew.
  mutating func weigh() {
    let groups = squares.indices
    let isKnown = counts.allSatisfy { $0 >= StepSampler.warmUp }
    var total = 0.0
    for group in groups {
      chances[group] = Double(size(of: group)) * (isKnown ? squares[group].squareRoot() : 1)
      total += chances[group]
    }
    var sum = 0.0
    for group in groups {
      let uniform = Double(size(of: group)) / Double(count)
      // Losses that are all 0 tell no step from another.
      let share = total > 0 ? chances[group] / total : uniform
      chances[group] = StepSampler.uniformShare * uniform + (1 - StepSampler.uniformShare) * share
      sums[group] = sum
      sum += chances[group]
    }
  }
}
