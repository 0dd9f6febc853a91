import Expressions

/// What the forward process does to a state: a kernel as a value, as it stands in a definition and in a saved model.
public enum KernelDefinition: Hashable, Sendable {
  /// See `GaussianKernel`.
  case gaussian(GaussianKernel)
  /// See `BinomialKernel`.
  case binomial(BinomialKernel)
  /// See `CategoricalKernel`.
  case categorical(CategoricalKernel)

  /// Numbers of a row of data.
  public var dimensions: Int {
    switch self {
    case .gaussian(let kernel): kernel.dimensions
    case .binomial(let kernel): kernel.bits
    case .categorical: 1
    }
  }

  /// Whether a part of the state is discrete.
  public var isDiscrete: Bool {
    switch self {
    case .gaussian: false
    case .binomial, .categorical: true
    }
  }

  var faults: [String] {
    switch self {
    case .gaussian(let kernel): kernel.faults
    case .binomial(let kernel): kernel.faults
    case .categorical(let kernel): kernel.faults
    }
  }

  /// Numbers of the largest table that the kernel's formulas hold.
  func tableCount(steps: Int) -> Int {
    switch self {
    case .gaussian: 0
    case .binomial(let kernel): Shape([kernel.means.count, steps]).count
    case .categorical(let kernel): Shape([kernel.classes, kernel.classes]).count
    }
  }

  /// The formulas of the kernel's parts.
  func processes(
    _ schedule: ScheduleDefinition, _ reverse: ReverseDefinition, _ tables: GaussianTables
  ) -> [any KernelProcess] {
    switch self {
    case .gaussian(let kernel):
      [
        GaussianProcess(
          dimensions: kernel.dimensions, tables: tables, firstVariance: schedule.betas.first ?? 0.5,
          mean: reverse.mean, variance: reverse.variance, lastStep: reverse.lastStep)
      ]
    case .binomial(let kernel):
      [
        BinomialProcess(activities: kernel.activities, betas: schedule.betas, probability: reverse.probability)
      ]
    case .categorical(let kernel):
      [CategoricalProcess(shares: kernel.shares, betas: schedule.betas, probability: reverse.probability)]
    }
  }
}

extension KernelDefinition: Codable {
  private enum CodingKeys: String, CodingKey {
    case binomial, categorical
  }

  // A Gaussian kernel stands by itself, as it did when there was no other.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let kernel = try container.decodeIfPresent(BinomialKernel.self, forKey: .binomial) {
      self = .binomial(kernel)
    } else if let kernel = try container.decodeIfPresent(CategoricalKernel.self, forKey: .categorical) {
      self = .categorical(kernel)
    } else {
      self = .gaussian(try GaussianKernel(from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .gaussian(let kernel): try kernel.encode(to: encoder)
    case .binomial(let kernel): try container.encode(kernel, forKey: .binomial)
    case .categorical(let kernel): try container.encode(kernel, forKey: .categorical)
    }
  }
}

/// A kernel that stands in a definition.
public protocol DiffusionKernel: Sendable {
  /// The kernel as a value.
  var definition: KernelDefinition { get }
}

extension GaussianKernel: DiffusionKernel {
  /// The kernel as a value.
  public var definition: KernelDefinition { .gaussian(self) }
}

extension KernelDefinition: CustomStringConvertible {
  /// What a row is.
  public var description: String {
    switch self {
    case .gaussian(let kernel): kernel.image.map { "images of \($0)" } ?? "\(kernel.dimensions) numbers"
    case .binomial(let kernel): "\(kernel.bits) bits"
    case .categorical(let kernel): "one of \(kernel.classes) classes"
    }
  }
}
