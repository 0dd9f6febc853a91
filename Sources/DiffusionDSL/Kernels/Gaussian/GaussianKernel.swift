import Formulas

/// The extent of an image: a state of `channels * height * width` numbers, in that order.
public struct ImageShape: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Pixels in a row of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  /// Numbers of a pixel.
  public let channels: Int

  /// - Parameters:
  ///   - width: pixels in a row of pixels, 1 or more.
  ///   - height: rows of pixels, 1 or more.
  ///   - channels: numbers of a pixel, 1 or more.
  public init(width: Int, height: Int, channels: Int = 1) {
    self.width = width
    self.height = height
    self.channels = channels
  }

  public var description: String { "\(width) x \(height) with \(channels) channels" }
}

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
    dimensions = saturatingProduct([image.width, image.height, image.channels])
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
    if let image, image.width < 1 || image.height < 1 || image.channels < 1 {
      return ["an image of \(image) has no pixels: give extents of 1 or more"]
    }
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
    image.map { [$0.channels, $0.height, $0.width] } ?? [dimensions]
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
    return "GaussianKernel(image: .init(width: \(image.width), height: \(image.height), channels: \(image.channels)))"
  }

  public func fieldText(_ column: Column, unit: Continuous.Unit?) -> String {
    let unit = unit.map { ", mean: \($0.mean), scale: \($0.scale)" } ?? ""
    return "Continuous(\(column.name.debugDescription)\(unit))"
  }
}
