import Formulas

/// The last, affine layer of a reverse network: how it depends on the time step, and what it reads.
///
/// It gives D numbers for a row, or 2 D where the variance is learned. All of its parameters start at 0; with the
/// default parameterisation the first model then takes the step N((1 - beta_t) x_t, beta_t I).
///
/// Behind a vector it reads all numbers: z = W_t h + c_t. Behind an image, of shape [channels, height, width], it reads
/// each pixel by the same weights: z's numbers of a pixel are W_t times that pixel's channels, plus c_t. Such an image
/// has the height and width of the kernel's images (else a fault of the definition).
///
/// With `.shared`, layers that give an image get the features of t as 18 channels more, the same at all pixels. Layers
/// that give a vector get x_t and the features as one vector; where they cannot take a vector but can take an image,
/// they get the image with these channels.
public struct Readout: Codable, Hashable, Sendable {
  /// How the readout depends on t.
  public let kind: Kind
  /// Whether an image is read as one vector, with weights of their own for each pixel.
  let readsAllOfImages: Bool

  /// - Parameter kind: how it depends on t.
  public init(_ kind: Kind) { self.init(kind, readsAllOfImages: false) }

  init(_ kind: Kind, readsAllOfImages: Bool) {
    self.kind = kind
    self.readsAllOfImages = readsAllOfImages
  }

  private enum CodingKeys: String, CodingKey {
    case kind, readsAllOfImages
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    readsAllOfImages = try container.decodeIfPresent(Bool.self, forKey: .readsAllOfImages) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    if readsAllOfImages { try container.encode(readsAllOfImages, forKey: .readsAllOfImages) }
  }

  /// The readout as it would be written.
  public var sourceText: String { "Readout(\(kind.time.sourceText))" }
}

extension Readout {
  /// How the readout depends on t.
  public struct Kind: Codable, Hashable, Sendable {
    let time: any StepDependence

    init(_ time: any StepDependence) { self.time = time }

    /// An independent readout for each step (Sohl-Dickstein et al. 2015, appendix D.1).
    public static let perStep = Kind(PerStepDependence())
    /// A mixture of `count` readouts, 1 or more, by Gaussian bumps over t (Sohl-Dickstein et al. 2015, eqs. 62-63).
    ///
    ///     Readout(.bumps(10, spacing: .signalToNoise))
    ///
    /// - Parameter spacing: over what the bumps' centres are spread evenly.
    public static func bumps(_ count: Int, spacing: BumpSpacing = .time) -> Kind {
      Kind(BumpDependence(count: count, spacing: spacing))
    }
    /// One readout for all steps; the network gets t and its log signal-to-noise ratio as sinusoidal inputs.
    public static let shared = Kind(SharedDependence())

    private static let library: [any StepDependence.Type] = [
      PerStepDependence.self, BumpDependence.self, SharedDependence.self,
    ]

    public init(from decoder: any Decoder) throws {
      let type = try PartCoding.type(in: decoder, among: Kind.library, kind: "readout") { $0.typeName }
      time = try PartCoding.decode(type, from: decoder)
    }

    public func encode(to encoder: any Encoder) throws { try PartCoding.encode(time, to: encoder) }

    /// Whether both depend on t in the same way, with equal values.
    public static func == (left: Kind, right: Kind) -> Bool { left.time.isEqual(to: right.time) }

    public func hash(into hasher: inout Hasher) { hasher.combine(time) }
  }
}

extension Readout {
  /// What the readout's parameters are called.
  static let (weightName, biasName) = ("readout.weight", "readout.bias")

  /// The readout z, a vector.
  ///
  /// - Parameters:
  ///   - hidden: what the layers give, of shape [n] or [channels, height, width].
  ///   - state: the shape of x_t, [n] or [channels, height, width].
  ///   - outputs: numbers of z.
  ///   - faults: takes what is wrong.
  func output(
    of hidden: Formula, state: Shape, outputs: Int, _ tables: GaussianTables, _ registry: ParameterRegistry,
    _ faults: inout [String]
  ) -> Formula {
    let time = kind.time
    func parameter(_ name: String, shape: Shape) -> Formula {
      time.parameter(shape: shape, tables) { registry.parameter(name, shape: $0, .constant(0)) }
    }
    faults += time.faults(steps: tables.steps, of: sourceText)
    let standIn = Formula(0).broadcast(to: [outputs], stage: .constant)
    // Mistakes in the layers' formula have been reported at their line already.
    guard faults.isEmpty, hidden.fault == nil else { return standIn }
    guard hidden.shape.axes.count == 3, !readsAllOfImages else {
      let vector = hidden.flattened
      let weight = parameter(Readout.weightName, shape: [outputs, vector.shape.count])
      let bias = parameter(Readout.biasName, shape: [outputs])
      return affine(weight, vector, bias: bias)
    }
    guard hidden.shape.hasPlaces(of: state) else {
      faults.append(
        "the layers give an image of shape \(hidden.shape) where x_t has the shape \(state): end them with one that gives "
          + "a vector, such as Dense" + (state.axes.count == 3 ? ", or let them keep the height and width" : ""))
      return standIn
    }
    let (channels, pixels) = (hidden.shape.axes[0], hidden.shape.axes[1] * hidden.shape.axes[2])
    let numbers = outputs / pixels
    let weight = parameter(Readout.weightName, shape: [numbers, channels])
    let bias = parameter(Readout.biasName, shape: [numbers])
    return convolution(weight.reshaped(to: [numbers, channels, 1, 1]), hidden, bias: bias).flattened
  }
}
