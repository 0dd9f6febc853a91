import Formulas

/// What the forward process does to a state: a kernel as a value, as it stands in a definition and in a saved model.
public struct KernelDefinition: Hashable, Sendable {
  /// The kernel's leaves with their lines, in the order of a row's numbers; a kernel that is not a product is the one
  /// leaf.
  let placedParts: [Placed<KernelPart>]
  /// Whether it was written as a field or product, and not as a kernel alone.
  let isProduct: Bool

  private init(_ parts: [Placed<KernelPart>], isProduct: Bool) {
    placedParts = parts
    self.isProduct = isProduct
  }

  /// A kernel alone.
  public init(_ kernel: some DiffusionKernel) {
    self.init([Placed(KernelPart(nil, kernel))], isProduct: false)
  }

  /// A field: a named column and the kernel that diffuses it.
  ///
  /// - Parameters:
  ///   - column: with as many labels as the kernel's cells have values.
  ///   - kernel: of one number a row.
  ///   - unit: the mean and scale of pi in the data's units; nil: those of the data that the model is trained on.
  public init(_ column: Column, _ kernel: some DiffusionKernel, unit: Continuous.Unit? = nil) {
    self.init(product: [Placed(KernelPart(column, kernel, unit: unit))])
  }

  /// A product of parts.
  init(product parts: [Placed<KernelPart>]) {
    self.init(parts, isProduct: true)
  }

  /// The kernel's leaves, in the order of a row's numbers.
  public var parts: [KernelPart] { placedParts.map(\.value) }

  /// The kernel's leaves as parts of a product; those that have no line yet stand on this one.
  func parts(at location: SourceLocation) -> [Placed<KernelPart>] {
    placedParts.map { Placed($0.value, at: $0.location ?? location) }
  }

  /// The same kernel with each leaf replaced.
  func mapParts(_ change: (KernelPart) -> KernelPart) -> KernelDefinition {
    KernelDefinition(placedParts.map { Placed(change($0.value), at: $0.location) }, isProduct: isProduct)
  }

  /// How many numbers a row of data has.
  public var dimensions: Int {
    guard isProduct else { return parts.first?.kernel.dimensions ?? 0 }
    return Shape(parts.map { max(0, $0.kernel.dimensions) }).sum
  }

  /// How many numbers a state has.
  var features: Int {
    guard isProduct else { return parts.first?.kernel.features ?? 0 }
    return Shape(parts.map { max(0, $0.kernel.features) }).sum
  }

  /// What messages call the numbers of a state.
  var featureName: String {
    guard !isProduct, let part = parts.first else { return "features" }
    return type(of: part.kernel).featureName
  }

  /// The shape of a state: that of the kernel, or, of a product, a vector.
  var stateShape: Shape {
    guard !isProduct, let part = parts.first else { return [features] }
    return part.kernel.stateShape
  }

  /// Pixels of a row, where rows are images.
  var pixels: Int? { stateShape.axes.count == 3 ? stateShape.axes[1] * stateShape.axes[2] : nil }

  /// Whether a part of the state is discrete.
  public var isDiscrete: Bool { parts.contains { !type(of: $0.kernel).isContinuous } }

  /// The columns of a row of data, by name.
  var schema: Schema {
    var columns: [Column] = []
    for part in parts { columns += part.columns(from: columns.count) }
    return Schema(columns)
  }

  /// How many numbers the largest table in the kernel's formulas has.
  func tableCount(steps: Int) -> Int { parts.map { $0.kernel.tableCount(steps: steps) }.max() ?? 0 }

  /// The formulas of the kernel's parts.
  func transitions(_ settings: KernelSettings) -> [any KernelTransitions] {
    parts.map { $0.kernel.transitions(settings) }
  }
}

extension Shape {
  /// The sum of the extents, at most the largest Int32.
  fileprivate var sum: Int { axes.reduce(0) { min(Int(Int32.max), $0 + min($1, Int(Int32.max))) } }
}

// MARK: - Faults

extension KernelDefinition {
  /// What is wrong with the kernel, each fault with its line where that is known.
  var faults: [DefinitionFault] {
    isProduct ? faultsOfProduct : parts.flatMap { $0.kernelFaults.map { DefinitionFault($0) } }
  }

  private var faultsOfProduct: [DefinitionFault] {
    if placedParts.isEmpty { return [DefinitionFault("a product of no kernels has no state: give it a part or more")] }
    let faults = placedParts.flatMap { part in part.value.faults.map { DefinitionFault($0, at: part.location) } }
    guard faults.isEmpty else { return faults }
    if dimensions > SizeLimit.extent {
      return [DefinitionFault("a product of so many numbers is too large: give \(SizeLimit.extent) or fewer")]
    }
    return repeatedNames
  }

  private var repeatedNames: [DefinitionFault] {
    var (faults, seen, index) = ([DefinitionFault](), Set<String>(), 0)
    for part in placedParts {
      for column in part.value.columns(from: index) where !seen.insert(column.name).inserted {
        faults.append(
          DefinitionFault("there are two fields named '\(column.name)': give one another name", at: part.location))
      }
      index += part.value.kernel.dimensions
    }
    return faults
  }
}

// MARK: - In files and in words

extension KernelDefinition: Codable {
  /// What files call a product.
  private static let product = PartCoding.Name("product")

  /// A stored kernel: a product under its name, else a kernel alone.
  ///
  /// - Throws: `DecodingError`, also for a family that is not known (`DefinitionTypes`).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: PartCoding.Name.self)
    if container.contains(KernelDefinition.product) {
      self.init(product: try container.decode([Placed<KernelPart>].self, forKey: KernelDefinition.product))
    } else {
      self.init([Placed(KernelPart(nil, try AnyKernel(from: decoder).value))], isProduct: false)
    }
  }

  /// Stores a product under its name, and a kernel alone as its family is stored.
  public func encode(to encoder: any Encoder) throws {
    guard isProduct else {
      for part in parts { try AnyKernel(part.kernel).encode(to: encoder) }
      return
    }
    var container = encoder.container(keyedBy: PartCoding.Name.self)
    try container.encode(placedParts, forKey: KernelDefinition.product)
  }
}

extension KernelDefinition: CustomStringConvertible {
  /// What a row is.
  public var description: String {
    parts.map { part in part.column.map { "\($0.name) (\(part.kernel))" } ?? "\(part.kernel)" }
      .joined(separator: ", ")
  }

  /// The kernel as it would be written in Swift, on one line or several.
  public var sourceText: String {
    isProduct ? sourceBlock("ProductKernel", parts.map(\.sourceText)) : parts.map(\.sourceText).joined()
  }
}
