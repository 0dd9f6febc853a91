import Expressions

/// The last, affine layer of a reverse network: how it depends on the time step, and what it reads.
///
/// It gives D numbers for a row, or 2 D where the variance is learned. All of its parameters start at 0; with the
/// default parameterisation the first model then takes the step N((1 - beta_t) x_t, beta_t I).
///
/// Behind a vector it reads all numbers: z = W_t h + c_t. Behind an image, of shape [channels, height, width], it reads
/// each pixel by the same weights: z's numbers of a pixel are W_t times that pixel's channels, plus c_t.
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
  /// What the readout's parameters are called.
  static let (weightName, biasName) = ("readout.weight", "readout.bias")

  /// The readout z, a vector.
  ///
  /// - Parameters:
  ///   - hidden: what the layers give, of shape [n] or [channels, height, width].
  ///   - outputs: numbers of z.
  ///   - steps: T.
  ///   - faults: takes what is wrong.
  func output(
    of hidden: Formula, outputs: Int, steps: Int, _ registry: ParameterRegistry, _ faults: inout [String]
  ) -> Formula {
    let time = kind.time
    faults += time.faults(steps: steps)
    guard faults.isEmpty else { return Formula(0).broadcast(to: [outputs], stage: .constant) }
    guard hidden.shape.axes.count == 3, !readsAllOfImages else {
      let vector = hidden.flattened
      let weight = time.parameter(Readout.weightName, shape: [outputs, vector.shape.count], steps: steps, registry)
      let bias = time.parameter(Readout.biasName, shape: [outputs], steps: steps, registry)
      return affine(weight, vector, bias: bias)
    }
    let (channels, pixels) = (hidden.shape.axes[0], hidden.shape.axes[1] * hidden.shape.axes[2])
    let numbers = outputs / pixels
    guard numbers * pixels == outputs else {
      faults.append(
        "a readout of \(outputs) numbers does not fit an image of \(hidden.shape): let the layers keep the size of the "
          + "kernel's image, or end with a layer that gives a vector, such as Dense")
      return Formula(0).broadcast(to: [outputs], stage: .constant)
    }
    let weight = time.parameter(Readout.weightName, shape: [numbers, channels], steps: steps, registry)
    let bias = time.parameter(Readout.biasName, shape: [numbers], steps: steps, registry)
    let planes = (0..<channels).map { hidden[$0].flattened }
    return concatenate(
      (0..<numbers).map { number in
        let weights = weight[number]
        return planes.enumerated().reduce(bias[number].broadcast(to: [pixels], stage: .row)) { sum, plane in
          sum + plane.element * weights[plane.offset]
        }
      })
  }
}
