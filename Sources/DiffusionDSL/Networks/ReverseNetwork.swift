/// A network that gives the reverse step's parameters from x_t: layers, then a readout.
public struct ReverseNetwork: Codable, Hashable, Sendable {
  /// What the readout means for the mean.
  public let mean: MeanParameterisation
  /// Where the variance comes from.
  public let variance: VarianceParameterisation
  /// What the readout means for bits and classes.
  public let probability: ProbabilityParameterisation
  /// Where p(x_0 | x_1) comes from.
  public let lastStep: LastStep
  /// The layers, from the one that sees x_t on.
  public let layers: [Placed<AnyLayer>]
  /// The affine layer behind them. A Gaussian kernel has D outputs for the mean and, with a learned variance, D more; a
  /// binomial one has an output for each bit, a categorical one for each class.
  public let readout: Placed<Readout>

  /// A network as the reverse function of a `Diffusion`.
  ///
  /// - Parameters:
  ///   - mean: what the readout means for the mean of a Gaussian step.
  ///   - variance: where the variance of a Gaussian step comes from.
  ///   - probability: what the readout means for bits and classes.
  ///   - lastStep: where p(x_0 | x_1) comes from. Bounds of models that differ in it do not have the same ceiling.
  ///   - body: layers, then one `Readout`.
  public init(
    mean: MeanParameterisation = .interpolated, variance: VarianceParameterisation = .learned,
    probability: ProbabilityParameterisation = .data, lastStep: LastStep = .paper,
    @NetworkBuilder _ body: () -> NetworkBuilder.Complete
  ) {
    let body = body()
    self.mean = mean
    self.variance = variance
    self.probability = probability
    self.lastStep = lastStep
    layers = body.layers
    readout = body.readout
  }

  /// A network with another readout, where the first one's stood.
  init(_ network: ReverseNetwork, _ readout: Readout) {
    mean = network.mean
    variance = network.variance
    probability = network.probability
    lastStep = network.lastStep
    layers = network.layers
    self.readout = Placed(readout, at: network.readout.location)
  }
}

extension ReverseNetwork {
  private enum CodingKeys: String, CodingKey {
    case mean, variance, probability, lastStep, layers, readout
  }

  // `probability` came later than the rest and is written only where it is not the default.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    mean = try container.decode(MeanParameterisation.self, forKey: .mean)
    variance = try container.decode(VarianceParameterisation.self, forKey: .variance)
    probability = try container.decodeIfPresent(ProbabilityParameterisation.self, forKey: .probability) ?? .data
    lastStep = try container.decode(LastStep.self, forKey: .lastStep)
    layers = try container.decode([Placed<AnyLayer>].self, forKey: .layers)
    readout = try container.decode(Placed<Readout>.self, forKey: .readout)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(mean, forKey: .mean)
    try container.encode(variance, forKey: .variance)
    if probability != .data { try container.encode(probability, forKey: .probability) }
    try container.encode(lastStep, forKey: .lastStep)
    try container.encode(layers, forKey: .layers)
    try container.encode(readout, forKey: .readout)
  }
}

extension ReverseNetwork {
  /// The network as it would be written.
  public var sourceText: String {
    sourceBlock(
      "ReverseNetwork(mean: .\(mean.rawValue), variance: .\(variance), probability: .\(probability.rawValue), "
        + "\(lastStep.sourceText))", layers.map(\.value.sourceText) + [readout.value.sourceText])
  }
}
