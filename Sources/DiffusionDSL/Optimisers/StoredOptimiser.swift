/// An optimiser as files have it: `{"kind": {"adam": {...}}, "rate": {...}}`, with its type's name under `kind`.
struct StoredOptimiser: Codable, Sendable {
  let optimiser: any Optimiser

  private enum Key: String, CodingKey { case kind, rate }

  private static let known: [any Optimiser.Type] = [Adam.self, RMSprop.self, GradientDescent.self]

  init(_ optimiser: any Optimiser) { self.optimiser = optimiser }

  /// - Throws: `DecodingError` that names a type which is neither the library's nor among the decoder's
  ///   `definitionTypes`.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let kind = try container.superDecoder(forKey: .kind)
    let others = decoder.definitionTypes.compactMap { $0 as? any Optimiser.Type }
    let type = try PartCoding.type(in: kind, among: StoredOptimiser.known + others, kind: "stored optimiser") {
      $0.typeName
    }
    var optimiser: any Optimiser = try PartCoding.decode(type, from: kind)
    if optimiser.learningRate != nil {
      optimiser.learningRate = try container.decode(LearningRate.self, forKey: .rate)
    }
    self.optimiser = optimiser
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try PartCoding.encode(optimiser, to: container.superEncoder(forKey: .kind))
    try container.encodeIfPresent(optimiser.learningRate, forKey: .rate)
  }
}
