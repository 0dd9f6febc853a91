/// A kernel of some family: what a part of a definition holds.
///
/// Two are equal when they are of one type and equal; files name the type.
struct AnyKernel: Sendable {
  let value: any DiffusionKernel

  init(_ value: any DiffusionKernel) { self.value = value }

  /// The families that every loader knows.
  private static let own: [any DiffusionKernel.Type] = [
    GaussianKernel.self, BinomialKernel.self, CategoricalKernel.self,
  ]
}

extension AnyKernel {
  /// What is wrong with the name of the kernel's type; nil where nothing is.
  var faultOfName: String? { PartCoding.fault(ofNameOf: value, library: AnyKernel.own) }
}

extension AnyKernel: Hashable {
  static func == (left: AnyKernel, right: AnyKernel) -> Bool { left.value.isEqual(to: right.value) }

  func hash(into hasher: inout Hasher) {
    hasher.combine(type(of: value).typeName)
    value.hash(into: &hasher)
  }
}

extension AnyKernel: Codable {
  // Files store a Gaussian kernel without the name of its type: that format dates from when it was the only kernel.

  init(from decoder: any Decoder) throws {
    let types = AnyKernel.own + decoder.definitionTypes.compactMap { $0 as? any DiffusionKernel.Type }
    let container = try decoder.container(keyedBy: PartCoding.Name.self)
    if container.contains(PartCoding.Name(GaussianKernel.CodingKeys.dimensions.stringValue)) {
      value = try GaussianKernel(from: decoder)
      return
    }
    let type = try PartCoding.type(in: decoder, among: types, kind: "kernel") { $0.typeName }
    value = try PartCoding.decode(type, from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    guard type(of: value).typeName != GaussianKernel.typeName else { return try value.encode(to: encoder) }
    try PartCoding.encode(value, to: encoder)
  }
}
