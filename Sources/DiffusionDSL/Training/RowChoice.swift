import Distributions

/// Rows of data by address: drawn with replacement, in proportion to their weights where they have any, or dealt in turn.
struct RowChoice: Sendable {
  private let places: NoiseSource
  private let count: Int
  /// Walker's table (1977): a place is taken with its chance, else its alias; nil where rows count alike.
  private let table: (chances: [Float], aliases: [Int32])?
  private let chances: NoiseSource
  private let seed: UInt64
  /// A random order of all rows; empty until rows are to be dealt.
  private var order: [Int32] = []

  init(_ data: Dataset, seed: UInt64) {
    count = data.count
    self.seed = seed
    places = NoiseSource(seed: seed, purpose: "training rows")
    chances = NoiseSource(seed: seed, purpose: "training rows/weights")
    table = data.normalizedWeights.map(RowChoice.table)
  }

  /// - Parameter weights: row weights with mean 1.
  private static func table(_ weights: [Double]) -> (chances: [Float], aliases: [Int32]) {
    var (chances, aliases) = (weights, Array(Int32(0)..<Int32(weights.count)))
    var small = weights.indices.filter { weights[$0] < 1 }
    var large = weights.indices.filter { weights[$0] >= 1 }
    while let poor = small.popLast(), let rich = large.last {
      aliases[poor] = Int32(rich)
      // The place with more than its share fills up the one with less.
      chances[rich] -= 1 - chances[poor]
      if chances[rich] < 1 {
        large.removeLast()
        small.append(rich)
      }
    }
    // What is left is 1 but for rounding.
    for place in large { chances[place] = 1 }
    for place in small where weights[place] > 0 { chances[place] = 1 }
    return (chances.map { Float($0) }, aliases)
  }

  /// Whether rows count alike, so that they can be dealt.
  var canDeal: Bool { table == nil }

  /// Shuffles the rows, unless they are shuffled.
  mutating func shuffle() {
    guard order.isEmpty else { return }
    var stream = RandomStream(seed: seed, purpose: "training rows/order")
    order = Array(Int32(0)..<Int32(count)).shuffled(using: &stream)
  }

  /// Writes `rows` indices of rows: those from place `first` on of the shuffled rows, from the start again behind the
  /// last.
  func deal(_ out: UnsafeMutablePointer<Int32>, rows: Int, first: Int) {
    for row in 0..<rows { out[row] = order[(first + row) % count] }
  }

  /// Writes `rows` indices of rows, one for each chain from `firstChain` on.
  func fill(_ out: UnsafeMutablePointer<Int32>, rows: Int, firstChain: UInt64, step: UInt32) {
    // The bound is between 1 and the largest Int32, as Dataset checked, so this cannot fail.
    try? places.fillIndices(out, count: rows, below: count, firstChain: firstChain, step: step)
    guard let table else { return }
    let lanes = (rows + 15) / 16 * 16
    withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes) { uniforms in
      guard let base = uniforms.baseAddress else { return }
      chances.fillUniforms(base, features: 1, lanes: lanes, firstChain: firstChain, step: step)
      for row in 0..<rows where !(base[row] < table.chances[Int(out[row])]) { out[row] = table.aliases[Int(out[row])] }
    }
  }
}
