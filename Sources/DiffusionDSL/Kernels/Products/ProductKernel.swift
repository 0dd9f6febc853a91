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
/// Its parts are named fields, kernels without a name, and other products, whose parts take their place. `if` and `for`
/// work inside.
public struct ProductKernel<Parts: ProductParts>: KernelTerm {
  let parts: Parts

  /// - Parameter parts: one or more, in the order of a row's numbers.
  public init(@ProductBuilder _ parts: () -> Parts) {
    self.parts = parts()
  }

  /// The kernel as a value.
  public var definition: KernelDefinition { KernelDefinition(product: parts.parts) }
}

extension ProductKernel where Parts == MixedParts {
  /// A field for each column of a table: `Continuous`, `Binary` or `Category`, with units and pi from data.
  public init(_ schema: Schema) {
    parts = MixedParts(schema.columns.map { Placed($0.part) })
  }
}

extension Column {
  /// The column as a field with the kernel of its kind.
  fileprivate var part: KernelPart {
    switch kind {
    case .continuous: KernelPart(self, GaussianKernel(dimensions: 1))
    case .binary: KernelPart(self, BinomialKernel(bits: 1, mean: .fromData))
    case .category(let labels): KernelPart(self, CategoricalKernel(classes: labels.count, shares: .fromData))
    }
  }
}

extension ProductKernel: ContinuousKernel where Parts == ContinuousParts {}

/// What stands in a `ProductKernel`.
public protocol ProductParts: Sendable {
  /// The parts, each with its line.
  var parts: [Placed<KernelPart>] { get }
  /// - Parameter parts: the parts, in the order of a row's numbers.
  init(_ parts: [Placed<KernelPart>])
}

/// Parts that are all continuous, which any schedule may follow.
public struct ContinuousParts: ProductParts {
  /// The parts, each with its line.
  public let parts: [Placed<KernelPart>]
  /// - Parameter parts: the parts, in the order of a row's numbers.
  public init(_ parts: [Placed<KernelPart>]) { self.parts = parts }
}

/// Parts of which some may be discrete, whose schedule must be given.
public struct MixedParts: ProductParts {
  /// The parts, each with its line.
  public let parts: [Placed<KernelPart>]
  /// - Parameter parts: the parts, in the order of a row's numbers.
  public init(_ parts: [Placed<KernelPart>]) { self.parts = parts }
}
