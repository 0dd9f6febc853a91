import Expressions

/// What the forward process does to a state: a kernel as a value, as it stands in a definition and in a saved model.
public indirect enum KernelDefinition: Hashable, Sendable {
  /// See `GaussianKernel`.
  case gaussian(GaussianKernel)
  /// See `BinomialKernel`.
  case binomial(BinomialKernel)
  /// See `CategoricalKernel`.
  case categorical(CategoricalKernel)
  /// See `ProductKernel`; its parts' kernels are of the other kinds.
  case product([Placed<KernelPart>])

  /// The kernel's leaves, in the order of a row's numbers; a kernel that is no product is one.
  var parts: [KernelPart] {
    if case .product(let parts) = self { parts.map(\.value) } else { [KernelPart(nil, self)] }
  }

  /// The kernel's leaves as parts of a product; those that have no line yet stand on this one.
  func parts(at location: SourceLocation) -> [Placed<KernelPart>] {
    guard case .product(let parts) = self else { return [Placed(KernelPart(nil, self), at: location)] }
    return parts.map { Placed($0.value, at: $0.location ?? location) }
  }

  /// Numbers of a row of data.
  public var dimensions: Int {
    switch self {
    case .gaussian(let kernel): kernel.dimensions
    case .binomial(let kernel): kernel.bits
    case .categorical: 1
    case .product(let parts): Shape(parts.map { max(0, $0.value.kernel.dimensions) }).sum
    }
  }

  /// The shape of a state that is an image, [channels, height, width]; nil where it is a vector.
  var stateShape: Shape? {
    guard case .gaussian(let kernel) = self, let image = kernel.image else { return nil }
    return [image.channels, image.height, image.width]
  }

  /// Whether a part of the state is discrete.
  public var isDiscrete: Bool {
    switch self {
    case .gaussian: false
    case .binomial, .categorical: true
    case .product(let parts): parts.contains { $0.value.kernel.isDiscrete }
    }
  }

  /// The columns of a row of data, by name.
  var schema: Schema {
    var columns: [Column] = []
    for part in parts { columns += part.columns(from: columns.count) }
    return Schema(columns)
  }

  /// What is wrong with it, each where it stands where that is known.
  var faults: [DefinitionFault] {
    switch self {
    case .gaussian(let kernel): kernel.faults.map { DefinitionFault($0) }
    case .binomial(let kernel): kernel.faults.map { DefinitionFault($0) }
    case .categorical(let kernel): kernel.faults.map { DefinitionFault($0) }
    case .product(let parts): KernelDefinition.faults(parts)
    }
  }

  private static func faults(_ parts: [Placed<KernelPart>]) -> [DefinitionFault] {
    if parts.isEmpty { return [DefinitionFault("a product of no kernels has no state: give it a part or more")] }
    var faults = parts.flatMap { part in part.value.faults.map { DefinitionFault($0, at: part.location) } }
    guard faults.isEmpty else { return faults }
    if KernelDefinition.product(parts).dimensions > SizeLimit.extent {
      return [DefinitionFault("a product of so many numbers is too large: give \(SizeLimit.extent) or fewer")]
    }
    var seen: Set<String> = []
    var index = 0
    for part in parts {
      for column in part.value.columns(from: index) where !seen.insert(column.name).inserted {
        faults.append(
          DefinitionFault("there are two fields named '\(column.name)': give one another name", at: part.location))
      }
      index += part.value.kernel.dimensions
    }
    return faults
  }

  /// Numbers of the largest table that the kernel's formulas hold.
  func tableCount(steps: Int) -> Int {
    switch self {
    case .gaussian: 0
    case .binomial(let kernel): Shape([max(1, kernel.means.count), steps]).count
    case .categorical(let kernel): Shape([kernel.classes, kernel.classes]).count
    case .product(let parts): parts.map { $0.value.kernel.tableCount(steps: steps) }.max() ?? 0
    }
  }

  /// The formulas of the kernel's parts.
  func processes(
    _ schedule: AnySchedule, _ reverse: ReverseDefinition, _ tables: GaussianTables
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
      [CategoricalProcess(shares: kernel.probabilities, betas: schedule.betas, probability: reverse.probability)]
    case .product(let parts):
      parts.flatMap { $0.value.kernel.processes(schedule, reverse, tables) }
    }
  }
}

extension Shape {
  /// The sum of the extents, at most the largest Int32.
  fileprivate var sum: Int { axes.reduce(0) { min(Int(Int32.max), $0 + min($1, Int(Int32.max))) } }
}

extension KernelDefinition: Codable {
  private enum CodingKeys: String, CodingKey {
    case binomial, categorical, product
  }

  // A Gaussian kernel stands by itself, as it did when there was no other.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let kernel = try container.decodeIfPresent(BinomialKernel.self, forKey: .binomial) {
      self = .binomial(kernel)
    } else if let kernel = try container.decodeIfPresent(CategoricalKernel.self, forKey: .categorical) {
      self = .categorical(kernel)
    } else if let parts = try container.decodeIfPresent([Placed<KernelPart>].self, forKey: .product) {
      self = .product(parts)
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
    case .product(let parts): try container.encode(parts, forKey: .product)
    }
  }
}

/// A kernel that stands in a definition.
public protocol DiffusionKernel: Sendable {
  /// The kernel as a value.
  var definition: KernelDefinition { get }
}

/// A kernel that is Gaussian throughout, which a learned schedule may follow.
public protocol ContinuousKernel: DiffusionKernel {}

extension GaussianKernel: ContinuousKernel {
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
    case .product(let parts):
      parts.map { part in
        part.value.column.map { "\($0.name) (\(part.value.kernel))" } ?? "\(part.value.kernel)"
      }.joined(separator: ", ")
    }
  }
}
