import ExampleSupport

/// What a run finds, and what `--json` prints of it.
struct BarkReport: Encodable, Sendable {
  var pictures: PictureReport
  /// What each method makes of the holes.
  var methods: [Method] = []

  /// A method's scores.
  struct Method: Sendable {
    let key: String, name: String
    /// Draws of each hole; 1 of a method that gives one answer.
    let draws: Int
    /// The least of the holes; nil where draws have no weights.
    let effectiveSize: Double?
    /// By hole; nil where the method found nothing.
    let scores: [HoleScores?]

    /// The mean of a score over the holes that the method filled.
    func mean(_ score: (HoleScores) -> Double) -> Double { Moments(of: scores.compactMap { $0.map(score) }).mean }

    /// Of all holes.
    var ranks: RankHistogram? {
      let each = scores.compactMap { $0?.ranks }
      return each.isEmpty ? nil : RankHistogram(sum: each)
    }
  }

  init(pictures: PictureReport) { self.pictures = pictures }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    try pictures.encode(to: encoder)
    var object = encoder.container(keyedBy: Key.self)
    func encode(_ method: String, as key: String) throws {
      // Means over other holes would not compare.
      let energy = methods.first { $0.key == method && !$0.scores.contains { $0 == nil } }?.mean(\.energy)
      try object.encode(energy, forKey: Key(stringValue: key))
    }
    try object.encode(methods.first?.scores.count, forKey: Key(stringValue: "holes"))
    try encode(InpaintingWay.carried.key, as: "hole_energy_score")
    // Every way and method, so that all runs print the same keys.
    for method in InpaintingWay.all.map(\.key) + [RealCrops.key] + Rivals.keys {
      try encode(method, as: "hole_energy_score_\(method)")
    }
  }
}
