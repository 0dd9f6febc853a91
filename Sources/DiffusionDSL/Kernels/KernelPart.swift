import Foundation

/// A leaf of a product of kernels: a kernel of one kind and, for a field, its column.
public struct KernelPart: Codable, Hashable, Sendable {
  /// The field's column; nil for a kernel without a name.
  public let column: Column?
  /// A Gaussian, binomial or categorical kernel.
  public let kernel: KernelDefinition
  /// The mean and scale of pi in the data's units, where a continuous field has been given them.
  public let unit: Continuous.Unit?

  init(_ column: Column?, _ kernel: KernelDefinition, unit: Continuous.Unit? = nil) {
    self.column = column
    self.kernel = kernel
    self.unit = unit
  }

  /// A part for messages: the field by its name, or what a row of it is.
  var description: String { column.map { "field '\($0.name)'" } ?? kernel.description }

  /// The part's columns in a table, the first being so many columns behind a row's start.
  func columns(from index: Int) -> [Column] {
    if let column { return [column] }
    return (0..<max(0, min(kernel.dimensions, SizeLimit.extent))).map { offset in
      let name = "x\(index + offset)"
      switch kernel {
      case .gaussian, .product: return Column(name, .continuous)
      case .binomial: return Column(name, .binary(["0", "1"]))
      case .categorical(let kernel): return Column(name, .category((0..<kernel.classes).map(String.init)))
      }
    }
  }

  var faults: [String] {
    if case .product = kernel { return ["a product's part is a product: write its parts in its place"] }
    var faults = kernel.faults.map(\.message)
    if let column {
      if column.name.isEmpty { faults.append("a field has no name: give it one") }
      faults = faults.map { "\(description): \($0)" }
      if column.labels.map(\.count) ?? 1 != extent || kernel.dimensions != 1 {
        faults.append("the labels of field '\(column.name)' are not as many as its kernel has values: make them equal")
      }
      var seen: Set<String> = []
      for label in column.labels ?? [] where !seen.insert(label).inserted {
        faults.append("field '\(column.name)' has the label '\(label)' twice: remove one")
      }
    }
    if let unit, !(unit.mean.isFinite && unit.scale > 0 && unit.scale.isNormal && (1 / unit.scale).isNormal) {
      faults.append(
        "the mean and scale of \(description) are \(unit.mean) and \(unit.scale): give a finite and a positive number")
    }
    return faults
  }

  /// How many values a cell has; 1 for a number.
  private var extent: Int {
    switch kernel {
    case .gaussian, .product: 1
    case .binomial: 2
    case .categorical(let kernel): kernel.classes
    }
  }
}
