import Foundation

/// A leaf of a product of kernels: a kernel of one family and, for a field, its column.
public struct KernelPart: Codable, Hashable, Sendable {
  /// The field's column; nil for a kernel without a name.
  public let column: Column?
  private let leaf: AnyKernel
  /// The mean and scale of pi in the data's units, where a continuous field has been given them.
  public let unit: Continuous.Unit?

  private enum CodingKeys: String, CodingKey {
    case column
    case leaf = "kernel"
    case unit
  }

  init(_ column: Column?, _ kernel: any DiffusionKernel, unit: Continuous.Unit? = nil) {
    self.column = column
    leaf = AnyKernel(kernel)
    self.unit = unit
  }

  /// The kernel.
  public var kernel: any DiffusionKernel { leaf.value }

  /// The same part with another kernel.
  func with(_ kernel: any DiffusionKernel) -> KernelPart { KernelPart(column, kernel, unit: unit) }

  /// What is wrong with the kernel, and with the name of its type.
  var kernelFaults: [String] { [leaf.faultOfName].compactMap { $0 } + kernel.faults }

  /// A part for messages: the field by its name, or what a row of it is.
  var description: String { column.map { "field '\($0.name)'" } ?? kernel.description }

  /// The part as it would be written in Swift.
  var sourceText: String { column.map { kernel.fieldText($0, unit: unit) } ?? kernel.sourceText }

  /// The part's columns in a table, of which the first is column `index`, counted from 0.
  func columns(from index: Int) -> [Column] {
    if let column { return [column] }
    return (0..<max(0, min(kernel.dimensions, SizeLimit.extent))).map { Column("x\(index + $0)", kernel.columnKind) }
  }

  var faults: [String] {
    var faults = kernelFaults
    if let column {
      let isSound = faults.isEmpty
      if column.name.isEmpty { faults.append("a field has no name: give it one") }
      faults = faults.map { "\(description): \($0)" }
      if isSound, !hasLabels(column) {
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

  /// Whether the kernel has one number a row and the column a label for each value that the number may have.
  private func hasLabels(_ column: Column) -> Bool {
    kernel.dimensions == 1 && column.labels?.count ?? 1 == Column("", kernel.columnKind).labels?.count ?? 1
  }
}
