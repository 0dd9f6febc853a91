import Formulas

/// Binomial diffusion of bits towards B(p): q(x_t | x_{t-1}) = B(x_{t-1} (1 - beta_t) + p beta_t), bit by bit.
///
/// Sohl-Dickstein et al. 2015, Table App.1, binomial column, with p = 0.5 there and any p here. A row of data is bits,
/// 0 or 1.
public struct BinomialKernel: DiffusionKernel {
  /// How many bits a row has.
  public let bits: Int
  /// p of each bit, or one for all; none where they are to be taken from data.
  public let means: [Double]
  /// What the bits are, if they are the pixels of an image.
  public let image: ImageShape?

  /// One p for all bits.
  ///
  /// - Parameters:
  ///   - bits: how many bits a row has, 1 or more.
  ///   - mean: p, the chance of a 1 in pi, in (0, 1).
  public init(bits: Int, mean: Double = 0.5) {
    self.bits = bits
    means = [mean]
    image = nil
  }

  /// Bits of an image, one p for all; a row is an image's bits, channel by channel, row of pixels by row of pixels.
  ///
  /// - Parameters:
  ///   - image: the image's extent.
  ///   - mean: p, the chance of a 1 in pi, in (0, 1).
  public init(image: ImageShape, mean: Double = 0.5) {
    bits = image.count
    means = [mean]
    self.image = image
  }

  /// A p for all bits, or each bit's own from data.
  ///
  /// - Parameters:
  ///   - bits: how many bits a row has, 1 or more.
  ///   - mean: p, the chance of a 1 in pi.
  public init(bits: Int, mean: BitMean) {
    self.bits = bits
    means = if case .given(let mean) = mean { [mean] } else { [] }
    image = nil
  }

  /// Bits of an image, with a p for all, or each bit's own from data.
  ///
  /// - Parameters:
  ///   - image: the image's extent.
  ///   - mean: p, the chance of a 1 in pi.
  public init(image: ImageShape, mean: BitMean) {
    bits = image.count
    means = if case .given(let mean) = mean { [mean] } else { [] }
    self.image = image
  }

  private init(_ kernel: BinomialKernel, means: [Double]) {
    bits = kernel.bits
    self.means = means
    image = kernel.image
  }

  /// - Parameter means: p of each bit, each in (0, 1); as many as a row has bits.
  public init(means: [Double]) {
    bits = means.count
    self.means = means
    image = nil
  }

  /// p of each bit; 1/2 where they are yet to be taken from data.
  var activities: [Double] { means.count > 1 ? means : Array(repeating: means.first ?? 0.5, count: bits) }

  public var faults: [String] {
    if let image {
      if let fault = image.fault { return [fault] }
      if image.count != bits {
        return ["a kernel over \(bits) bits is not one over images of \(image): make them equal"]
      }
    }
    if bits < 1 { return ["a kernel over \(bits) bits has no state: give 1 or more"] }
    if bits > SizeLimit.extent { return ["a kernel over \(bits) bits is too large: give \(SizeLimit.extent) or fewer"] }
    if means.count > 1, means.count != bits {
      return ["a kernel over \(bits) bits has \(means.count) means: give one, or one a bit"]
    }
    return means.enumerated().filter { !($1 > 0 && $1 < 1) }.map { index, mean in
      "the mean of \(means.count == 1 ? "the bits" : "bit \(index)") is \(mean): give a chance between 0 and 1"
    }
  }
}

extension BinomialKernel {
  public static let typeName = "binomial"
  public static let featureName = "bits"
  public static let isContinuous = false

  public var dimensions: Int { bits }
  public var stateShape: Shape { image?.shape ?? [bits] }
  public var description: String { image.map { "bit images of \($0)" } ?? "\(bits) bits" }
  public var columnKind: Column.Kind { .binary(["0", "1"]) }
  public var cellCheck: CellCheck? {
    CellCheck {
      $0 == 0 || $0 == 1
    } error: {
      .notABit(row: $0, column: $1, value: $2)
    }
  }
  public func tableCount(steps: Int) -> Int { saturatingProduct([max(1, means.count), steps]) }

  public var isUndetermined: Bool { means.isEmpty && bits > 0 }
  public func adapted(to data: Dataset, first: Int) -> BinomialKernel {
    isUndetermined
      ? BinomialKernel(self, means: (0..<bits).map { data.shares(column: first + $0, values: 2)[1] }) : self
  }

  public var undetermined: BinomialKernel { BinomialKernel(self, means: []) }

  public func transitions(_ settings: KernelSettings) -> BinomialTransitions {
    BinomialTransitions(activities: activities, betas: settings.betas, probability: settings.probability)
  }

  public var stepForm: StepForm {
    StepForm(
      [.init(BinomialStep.formula, title: "probability", shape: [bits], allowsScalar: true)],
      options: StepFormulas.meanings)
  }

  public var sourceText: String {
    let extent = image.map { "image: \($0.sourceText)" } ?? "bits: \(bits)"
    if let mean = means.first, means.allSatisfy({ $0 == mean }) { return "BinomialKernel(\(extent), mean: \(mean))" }
    return "BinomialKernel(\(extent), mean: ...)"
  }

  public func fieldText(_ column: Column, unit: Continuous.Unit?) -> String {
    "Binary(\(column.name.debugDescription), \((column.labels ?? []).map(\.debugDescription).joined(separator: ", ")))"
  }
}
