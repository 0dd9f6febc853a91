import DiffusionDSL
import DiffusionIO

/// A definition as it would be written.
struct DefinitionText: CustomStringConvertible {
  private var lines: [String] = []

  init(_ definition: Diffusion) {
    add(0, "Diffusion {")
    add(definition.kernel)
    for text in [definition.schedule.sourceText, definition.reverse.sourceText] {
      for line in text.split(separator: "\n") { add(1, String(line)) }
    }
    add(0, "}")
  }

  var description: String { lines.joined(separator: "\n") }

  private mutating func add(_ depth: Int, _ line: String) {
    lines.append(String(repeating: "  ", count: depth) + line)
  }

  private mutating func add(_ kernel: KernelDefinition) {
    guard case .product(let parts) = kernel else { return add(1, DefinitionText.text(kernel)) }
    add(1, "ProductKernel {")
    for part in parts { add(2, DefinitionText.text(part.value)) }
    add(1, "}")
  }

  private static func text(_ part: KernelPart) -> String {
    guard let column = part.column else { return text(part.kernel) }
    func quoted(_ labels: [String]) -> String { labels.map(\.debugDescription).joined(separator: ", ") }
    switch column.kind {
    case .continuous:
      let unit = part.unit.map { ", mean: \($0.mean), scale: \($0.scale)" } ?? ""
      return "Continuous(\(column.name.debugDescription)\(unit))"
    case .binary(let labels): return "Binary(\(column.name.debugDescription), \(quoted(labels)))"
    case .category(let labels): return "Category(\(column.name.debugDescription), of: [\(quoted(labels))])"
    }
  }

  private static func text(_ kernel: KernelDefinition) -> String {
    switch kernel {
    case .gaussian(let kernel):
      if let image = kernel.image {
        "GaussianKernel(image: .init(width: \(image.width), height: \(image.height), channels: \(image.channels)))"
      } else {
        "GaussianKernel(dimensions: \(kernel.dimensions))"
      }
    case .binomial(let kernel):
      if let mean = kernel.means.first, kernel.means.allSatisfy({ $0 == mean }) {
        "BinomialKernel(bits: \(kernel.bits), mean: \(mean))"
      } else {
        "BinomialKernel(bits: \(kernel.bits), mean: ...)"
      }
    case .categorical(let kernel): "CategoricalKernel(classes: \(kernel.classes))"
    case .product: "\(kernel)"
    }
  }
}
