import Formulas

/// The numbers that a layer adds before its activation, one for each unit or channel: the same at every step, or such that
/// depend on the step t.
///
///     MultiScaleConvolution(channels: 32, activation: .silu, bias: .bumps(10, spacing: .signalToNoise))
///
/// With biases that depend on t all layers know how much noise there is, not only the readout (as the layers of Ho, Jain,
/// Abbeel 2020, "Denoising diffusion probabilistic models", appendix B, where the bias is a network of t). They cost next
/// to no time: the rows that are computed together share their step.
public struct Bias: Hashable, Sendable {
  /// How the numbers depend on t; nil: not at all.
  private let steps: Readout.Kind?

  private init(_ steps: Readout.Kind?) { self.steps = steps }

  /// The same numbers at every step.
  public static let constant = Bias(nil)
  /// Numbers of their own for each step.
  public static let perStep = Bias(.perStep)
  /// A mixture of `count` biases, 1 or more, by Gaussian bumps over the steps, as those of `Readout` (Sohl-Dickstein et al.
  /// 2015, eqs. 62-63).
  ///
  /// - Parameter spacing: over what the bumps' centres are spread evenly.
  public static func bumps(_ count: Int, spacing: BumpSpacing = .time) -> Bias {
    Bias(.bumps(count, spacing: spacing))
  }

  /// The argument as it would be written, behind others; empty for constant numbers.
  var argumentText: String { steps.map { ", bias: \($0.time.sourceText)" } ?? "" }

  /// A layer's bias at the row's step: the parameter `bias`, or a mixture of its copies; it starts at 0.
  ///
  ///     let bias = self.bias.formula(units, of: sourceText, in: network)
  ///
  /// - Parameters:
  ///   - count: how many numbers.
  ///   - layer: the layer as it would be written, for messages.
  public func formula(_ count: Int, of layer: String, in network: LayerContext) -> Formula {
    func parameter(_ shape: Shape) -> Formula { network.parameter("bias", shape: shape, .constant(0)) }
    guard let dependence = steps?.time else { return parameter([count]) }
    if let fault = dependence.faults(steps: network.tables.steps, of: layer).first {
      return network.fault(fault, Formula(0).broadcast(to: [count], stage: .constant))
    }
    return dependence.parameter(shape: [count], network.tables, parameter)
  }
}

extension Bias: Codable {
  /// - Throws: `DecodingError`, also for a kind that needs features of t, which a layer does not get.
  public init(from decoder: any Decoder) throws {
    let kind = try Readout.Kind(from: decoder)
    if kind.time.needsStepFeatures {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a bias cannot be \(kind.time.sourceText)"))
    }
    steps = kind
  }

  public func encode(to encoder: any Encoder) throws { try steps?.encode(to: encoder) }
}

// Files from before biases could depend on t have no such key, and those of constant biases are written like them. The
// compiler's own coding of a layer takes these in place of the standard library's.

extension KeyedDecodingContainer {
  func decode(_ type: Bias.Type, forKey key: Key) throws -> Bias {
    try decodeIfPresent(type, forKey: key) ?? .constant
  }
}

extension KeyedEncodingContainer {
  mutating func encode(_ bias: Bias, forKey key: Key) throws {
    try encodeIfPresent(bias == .constant ? nil : bias, forKey: key)
  }
}
