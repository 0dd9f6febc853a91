import Formulas

/// Gaussian diffusion towards N(0, I): q(x_t | x_{t-1}) = N(sqrt(1 - beta_t) x_{t-1}, beta_t I).
///
/// Sohl-Dickstein et al. 2015, Table App.1, Gaussian column.
public struct GaussianKernel: DiffusionKernel, ContinuousKernel {
  /// How many numbers a row has.
  public let dimensions: Int
  /// What the numbers are, if they are the pixels of an image.
  public let image: ImageShape?

  /// A kernel over vectors.
  ///
  /// - Parameter dimensions: D, how many numbers a row has; 1 or more (else a fault of the definition).
  public init(dimensions: Int) {
    self.dimensions = dimensions
    image = nil
  }

  /// A kernel over images; a row is an image's numbers, channel by channel, row of pixels by row of pixels.
  public init(image: ImageShape) {
    dimensions = image.count
    self.image = image
  }

  // The keys in files, where the key `dimensions` marks a Gaussian kernel.
  enum CodingKeys: String, CodingKey {
    case dimensions, image
  }

  /// A stored kernel.
  ///
  /// - Throws: `DecodingError`, also where an image's extent is not `dimensions`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    dimensions = try container.decode(Int.self, forKey: .dimensions)
    image = try container.decodeIfPresent(ImageShape.self, forKey: .image)
    if let image, GaussianKernel(image: image).dimensions != dimensions {
      throw DecodingError.dataCorruptedError(
        forKey: .dimensions, in: container,
        debugDescription: "a kernel over images of \(image) does not have \(dimensions) dimensions")
    }
  }

  public var faults: [String] {
    if let fault = image?.fault { return [fault] }
    if dimensions < 1 { return ["a kernel over \(dimensions) dimensions has no state: give 1 or more"] }
    if dimensions > SizeLimit.extent {
      let size = image.map { "images of \($0)" } ?? "\(dimensions) dimensions"
      return ["a kernel over \(size) is too large: give \(SizeLimit.extent) numbers or fewer"]
    }
    return []
  }
}

extension GaussianKernel {
  public static let typeName = "gaussian"
  public static let featureName = "dimensions"
  public static let isContinuous = true

  public var stateShape: Shape {
    image?.shape ?? [dimensions]
  }
  public var description: String { image.map { "images of \($0)" } ?? "\(dimensions) numbers" }
  public var columnKind: Column.Kind { .continuous }
  public var cellCheck: CellCheck? { nil }
  public func tableCount(steps: Int) -> Int { 0 }

  public var isUndetermined: Bool { false }
  public func adapted(to data: Dataset, first: Int) -> GaussianKernel { self }

  public var undetermined: GaussianKernel { self }

  public func transitions(_ settings: KernelSettings) -> GaussianTransitions {
    GaussianTransitions(dimensions: dimensions, settings)
  }

  public var stepForm: StepForm {
    StepForm([
      .init("mean", shape: [dimensions], allowsScalar: true),
      .init("variance", shape: [dimensions], allowsScalar: true),
    ])
  }

  public var sourceText: String {
    guard let image else { return "GaussianKernel(dimensions: \(dimensions))" }
    return "GaussianKernel(image: \(image.sourceText))"
  }

  public func fieldText(_ column: Column, unit: Continuous.Unit?) -> String {
    let unit = unit.map { ", mean: \($0.mean), scale: \($0.scale)" } ?? ""
    return "Continuous(\(column.name.debugDescription)\(unit))"
  }
}
