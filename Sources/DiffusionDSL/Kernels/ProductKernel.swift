/// Kernels side by side over one clock: a row is the rows of its parts, one behind the other, and the bound is the sum
/// of theirs.
///
///     ProductKernel {
///       Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
///       Binary("sex", "female", "male")
///       Continuous("bill")
///       BinomialKernel(bits: 8)
///     }
///
/// Its parts are named fields, kernels without a name, and other products, whose parts stand in their place. `if` and
/// `for` compose.
public struct ProductKernel<Parts: ProductParts>: DiffusionKernel {
  let parts: Parts

  /// - Parameter parts: one or more, in the order of a row's numbers.
  public init(@ProductBuilder _ parts: () -> Parts) {
    self.parts = parts()
  }

  public var definition: KernelDefinition { .product(parts.parts) }
}

extension ProductKernel: ContinuousKernel where Parts == ContinuousParts {}

/// What stands in a `ProductKernel`.
public protocol ProductParts: Sendable {
  /// The parts, each with its line.
  var parts: [Placed<KernelPart>] { get }
  init(_ parts: [Placed<KernelPart>])
}

/// Parts that are all continuous, which any schedule may follow.
public struct ContinuousParts: ProductParts {
  public let parts: [Placed<KernelPart>]
  public init(_ parts: [Placed<KernelPart>]) { self.parts = parts }
}

/// Parts of which some may be discrete, whose schedule must be given.
public struct MixedParts: ProductParts {
  public let parts: [Placed<KernelPart>]
  public init(_ parts: [Placed<KernelPart>]) { self.parts = parts }
}
