/// Types of parts that are not the library's, needed to read definitions that use them.
///
///     let trained = try TrainedDiffusion(contentsOf: url, types: [Gate.self, OrdinalKernel.self])
///
/// The library's own types are always known. A `JSONDecoder` that reads a `Diffusion` by itself takes them from its
/// `userInfo[.definitionTypes]`.
public struct DefinitionTypes: Sendable, ExpressibleByArrayLiteral {
  /// Kernels, schedules, layers and other parts. Where the library has a type of the same name, that type is used.
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
