/// Types of parts that are not the library's, for whoever reads definitions that use them.
///
///     let trained = try TrainedDiffusion(contentsOf: url, types: [Gate.self, OrdinalKernel.self])
///
/// The library's own types are always known. A `JSONDecoder` that reads a `Diffusion` by itself takes them from its
/// `userInfo[.definitionTypes]`.
public struct DefinitionTypes: Sendable, ExpressibleByArrayLiteral {
  /// Kernels, schedules, layers and other parts; of a name that the library has, the library's type is taken.
  public var types: [any DefinitionPart.Type]

  /// Types of parts, of any kinds.
  public init(_ types: [any DefinitionPart.Type] = []) { self.types = types }

  /// Types of parts, of any kinds.
  public init(arrayLiteral types: any DefinitionPart.Type...) { self.init(types) }
}

extension CodingUserInfoKey {
  /// The `DefinitionTypes` that a decoder of definitions knows beside the library's.
  public static let definitionTypes = CodingUserInfoKey(rawValue: "DiffusionDSL.definitionTypes").unsafelyUnwrapped
}

extension Decoder {
  /// The types of parts that the decoder was told of.
  var definitionTypes: [any DefinitionPart.Type] { (userInfo[.definitionTypes] as? DefinitionTypes)?.types ?? [] }
}
