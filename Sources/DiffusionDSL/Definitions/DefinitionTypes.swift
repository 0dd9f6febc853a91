/// Types of parts that are not the library's, for whoever reads definitions that use them.
///
///     let trained = try TrainedDiffusion(contentsOf: url, types: DefinitionTypes(layers: [Gate.self]))
///
/// The library's own types are always known. A `JSONDecoder` that reads a `Diffusion` by itself takes them from its
/// `userInfo[.definitionTypes]`.
public struct DefinitionTypes: Sendable {
  /// Schedules beside the library's.
  public var schedules: [any DiffusionSchedule.Type]
  /// Layers beside the library's.
  public var layers: [any NetworkLayer.Type]
  /// Optimisers beside the library's, of trainings that files may go on with.
  public var optimisers: [any Optimiser.Type]

  /// Types of parts; those of a name that the library has are not used.
  public init(
    schedules: [any DiffusionSchedule.Type] = [], layers: [any NetworkLayer.Type] = [],
    optimisers: [any Optimiser.Type] = []
  ) {
    self.schedules = schedules
    self.layers = layers
    self.optimisers = optimisers
  }
}

extension CodingUserInfoKey {
  /// The `DefinitionTypes` that a decoder of definitions knows beside the library's.
  public static let definitionTypes = CodingUserInfoKey(rawValue: "DiffusionDSL.definitionTypes").unsafelyUnwrapped
}

extension Decoder {
  /// The types of parts that the decoder was told of.
  var definitionTypes: DefinitionTypes { userInfo[.definitionTypes] as? DefinitionTypes ?? DefinitionTypes() }
}
