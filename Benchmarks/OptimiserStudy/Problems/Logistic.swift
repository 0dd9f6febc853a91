import DiffusionDSL

extension Problem {
  /// Pictures of dead leaves in bits, and a network without hidden layers: each bit of x_{t-1} is a logistic regression on
  /// all bits of x_t, with weights of its own for each step. Cross-entropies of such chances are convex in the weights.
  static func logistic(_ size: ProblemSize, seed: UInt64) throws -> Problem {
    let isQuick = size == .quick
    let side = isQuick ? 6 : 12
    let (rows, heldOut) = isQuick ? (1_000, 200) : (50_000, 2_000)
    let leaves = try bitLeaves(side: side, count: rows + heldOut, seed: seed)
    let definition = Diffusion {
      // Not a kernel over images, whose readout would see each pixel by itself.
      BinomialKernel(bits: side * side)
      ConstantErasure(steps: 4)
      // With so few steps the paper's last one, which has no weights, would leave most of each picture unexplained.
      ReverseNetwork(probability: .direct, lastStep: .learned()) {
        Readout(.perStep)
      }
    }
    return Problem(
      name: .logistic, definition: definition,
      rows: try Dataset(bytes: Array(leaves.prefix(rows * side * side)), dimensions: side * side),
      heldOut: try Dataset(bytes: Array(leaves.dropFirst(rows * side * side)), dimensions: side * side),
      minibatches: isQuick ? 10 : 25, smallBatch: isQuick ? 50 : 200, passes: isQuick ? 5 : 50)
  }

  /// Bits of pictures, one behind the other: whether a pixel is lighter than the middle gray.
  private static func bitLeaves(side: Int, count: Int, seed: UInt64) throws -> [UInt8] {
    // One subpixel and no noise: a pixel has the gray of one leaf, so that edges in bits are edges of leaves.
    let leaves = DeadLeaves(width: side, height: side, radii: 1...128, noise: 0, subpixels: 1)
    return try leaves.images(count, seed: seed).flatMap { $0.map { $0 > 0.5 ? 1 : 0 } }
  }
}
