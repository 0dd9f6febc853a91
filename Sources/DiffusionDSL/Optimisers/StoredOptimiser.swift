/// An optimiser as files have it: `{"kind": {"adam": {...}}, "rate": {...}}`, with its type's name under `kind`.
///
/// Only training on needs the optimiser itself. So one of a type that the reader was not told of is kept as it stands,
/// and written again so: a model can be scored, sampled and saved by a program that does not have the type.
enum StoredOptimiser: Codable, Sendable {
  case known(any Optimiser)
  /// One of a type of that name, which is neither the library's nor among the decoder's `definitionTypes`.
  case unknown(typeName: String, StoredValue)

  private enum Key: String, CodingKey { case kind, rate }

  private static let library: [any Optimiser.Type] = [
    Adam.self, RMSprop.self, GradientDescent.self, SumOfFunctions.self,
  ]

  /// - Throws: `DecodingError` for a known type's optimiser that cannot be read, and for one without a type.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let kind = try container.superDecoder(forKey: .kind)
    let others = decoder.definitionTypes.compactMap { $0 as? any Optimiser.Type }
    let type: any Optimiser.Type
    do {
      type = try PartCoding.type(in: kind, among: StoredOptimiser.library + others, kind: "stored optimiser") {
        $0.typeName
      }
    } catch DecodingError.dataCorrupted(let context) {
      guard let unknown = context.underlyingError as? UnknownPartType else {
        throw DecodingError.dataCorrupted(context)
      }
      self = .unknown(typeName: unknown.name, try StoredValue(from: decoder))
      return
    }
    var optimiser: any Optimiser = try PartCoding.decode(type, from: kind)
    if optimiser.learningRate != nil {
      optimiser.learningRate = try container.decode(LearningRate.self, forKey: .rate)
    }
    self = .known(optimiser)
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .known(let optimiser):
      var container = encoder.container(keyedBy: Key.self)
      try PartCoding.encode(optimiser, to: container.superEncoder(forKey: .kind))
      try container.encodeIfPresent(optimiser.learningRate, forKey: .rate)
    case .unknown(_, let stored):
      try stored.encode(to: encoder)
    }
  }

  /// The optimiser, for a training that goes on.
  ///
  /// - Throws: `OptimiserError.cannotResume` for one of a type that is not known.
  func optimiser() throws(OptimiserError) -> any Optimiser {
    switch self {
    case .known(let optimiser): return optimiser
    case .unknown(let name, _):
      throw .cannotResume(
        "the model was trained by an optimiser of a type that its reader did not know, '\(name)': to train it on, hand "
          + "that type to the loader, as in TrainedDiffusion(contentsOf: url, types: [Lion.self])")
    }
  }
}
