import DiffusionDSL

/// Binary sequences of 20 bits with a 1 in every fifth bin.
public enum Heartbeat {
  /// One sequence for each of the five phases.
  public static let sequences: [[Double]] = (0..<5).map { phase in (0..<20).map { $0 % 5 == phase ? 1 : 0 } }

  /// Equally many of each: the data's distribution itself, without the noise of drawing from it.
  public static func rows(_ count: Int) throws -> Dataset {
    try Dataset((0..<count).map { sequences[$0 % sequences.count] })
  }

  /// The paper's network for them; the peers' programs run the same arithmetic.
  public static let paper = Diffusion {
    BinomialKernel(bits: 20, mean: 0.2)
    ConstantErasure(steps: 2_000)
    ReverseNetwork {
      for _ in 0..<3 { Dense(50, activation: .sigmoid) }
      Readout(.bumps(10))
    }
  }
}
