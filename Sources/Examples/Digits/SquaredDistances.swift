import ExampleSupport

/// Squared Euclidean distances of pictures to a fixed set of pictures, on several threads.
///
/// The fixed ones lie in panels of eight, [panel][pixel][picture], so that one vector holds the same pixel of eight
/// pictures and is used for four others at once.
struct SquaredDistances: Sendable {
  private typealias Lanes = SIMD8<Float>

  /// Pictures in the fixed set.
  let count: Int
  private let pixels: Int
  private let panels: [Lanes]

  /// - Parameters:
  ///   - fixed: the pictures to measure to, one or more.
  ///   - pixels: of the numbers of a picture, those that count; nil: all.
  init(to fixed: UnitPixels, pixels used: [Int]? = nil) {
    let used = used ?? Array(0..<UnitPixels.size)
    count = fixed.count
    pixels = used.count
    var panels: [Lanes] = []
    panels.reserveCapacity((fixed.count + 7) / 8 * used.count)
    for first in stride(from: 0, to: fixed.count, by: 8) {
      for pixel in used {
        var lanes = Lanes.zero
        for lane in 0..<min(8, fixed.count - first) {
          lanes[lane] = fixed.values[(first + lane) * UnitPixels.size + pixel]
        }
        panels.append(lanes)
      }
    }
    self.panels = panels
  }

  /// Gives each picture's distances to all of the fixed set.
  ///
  /// - Parameters:
  ///   - pictures: as many numbers each as pixels count, one behind the other.
  ///   - threads: how many work at a time, 1 or more.
  ///   - use: makes of a picture's distances, in the order of the fixed set, what is kept of them.
  /// - Returns: what `use` gave, by picture.
  /// - Throws: `CancellationError` when the task is cancelled.
  func map<Result: Sendable>(
    _ pictures: [Float], threads: Int, _ use: @escaping @Sendable (_ picture: Int, _ distances: [Float]) -> Result
  ) async throws -> [Result] {
    let number = pictures.count / pixels
    // A few blocks for each thread would leave one waiting for the other; many small ones do not.
    let blocks = stride(from: 0, to: number, by: 32).map { $0..<min(number, $0 + 32) }
    return try await blocks.concurrentMap(threads: threads) { block in
      distances(of: pictures, block).enumerated().map { use(block.lowerBound + $0, $1) }
    }.flatMap { $0 }
  }

  /// The distances of some pictures.
  private func distances(of pictures: [Float], _ range: Range<Int>) -> [[Float]] {
    var rows = Array(repeating: Array(repeating: Float(0), count: count), count: range.count)
    for group in stride(from: 0, to: range.count, by: 4) {
      // A group that is not full measures its last picture again.
      let starts = (0..<4).map { (range.lowerBound + min(group + $0, range.count - 1)) * pixels }
      for panel in 0..<panels.count / max(1, pixels) {
        var (a, b, c, d) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        let first = panel * pixels
        for pixel in 0..<pixels {
          let fixed = panels[first + pixel]
          let (p, q) = (fixed - pictures[starts[0] + pixel], fixed - pictures[starts[1] + pixel])
          let (r, s) = (fixed - pictures[starts[2] + pixel], fixed - pictures[starts[3] + pixel])
          a += p * p
          b += q * q
          c += r * r
          d += s * s
        }
        for (place, sums) in [a, b, c, d].enumerated() where group + place < range.count {
          for lane in 0..<min(8, count - panel * 8) { rows[group + place][panel * 8 + lane] = sums[lane] }
        }
      }
    }
    return rows
  }
}
