import DiffusionPlots
import ExampleSupport

/// What `--json` prints, and what is told and shown of holes.
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

  // MARK: - Words

  /// The scores of all methods.
  func tables(_ picture: HoledPicture) -> String {
    let holes = methods.first?.scores.count ?? 0
    let title = "\(holes == 1 ? "a hole" : "\(holes) holes") of \(picture.hidden.count) pixels"
    let ours = methods.first { $0.key == InpaintingWay.carried.key }
    var accuracy = TextTable([
      title, "draws", "energy score", "more than carried", "std. error", "PSNR of one", "of the mean", "truth outside",
      "expected",
    ])
    var texture = TextTable(["as a texture", "seam", "spectrum, dB", "gradients", "nearest"])
    for method in methods {
      let differences = Moments(
        of: zip(method.scores, ours?.scores ?? []).compactMap { pair in
          pair.0.flatMap { score in pair.1.map { score.energy - $0.energy } }
        })
      let isOther = method.key != ours?.key
      let filled = method.scores.count { $0 != nil }
      accuracy.add(
        filled < holes ? "\(method.name), \(filled) of them" : method.name, "\(method.draws)",
        decimals(method.mean(\.energy), 2),
        isOther ? decimals(differences.mean, 2) : "", isOther ? decimals(differences.standardError, 2) : "",
        decimals(method.mean(\.psnrOfDraw), 2), decimals(method.mean(\.psnrOfMean), 2),
        method.ranks.map { decimals($0.outside, 3) } ?? "",
        method.ranks.map { decimals($0.expectedOutside, 3) } ?? "")
      texture.add(
        method.name, decimals(method.mean(\.seam), 2), decimals(method.mean(\.spectrum), 1),
        decimals(method.mean(\.gradients), 2), decimals(method.mean(\.nearest), 2))
    }
    return (["\(accuracy)", "", "\(texture)", "", BarkReport.legend] + notes).joined(separator: "\n")
  }

  private static let legend =
    "Energy scores, in gray levels, judge all draws together: the true posterior has the least on average. 'truth\n"
    + "outside': the share of pixels that no draw, or every draw, lies below. Seam: 1 where the hole's edge is as any other\n"
    + "place. Gradients: Wasserstein distance of the differences of neighbours, in levels. Nearest: the distance of small\n"
    + "patches to the nearest that was learned, divided by the truth's: 0 is copied, and what is too smooth is below 1."

  /// What else there is to know.
  private var notes: [String] {
    let sizes = methods.compactMap { method in
      method.effectiveSize.map {
        "the effective sample size of \(method.draws) particles (\(method.name)) is \(decimals($0, 1)): what is less than "
          + "all makes their energy score too large."
      }
    }
    let missing = Set(Rivals.keys).subtracting(methods.map(\.key)).sorted()
    return missing.isEmpty
      ? sizes
      : sizes + [
        "Not measured: \(missing.joined(separator: ", ")). They need a Python with numpy, scipy, scikit-image, "
          + "opencv-python-headless and PyPatchMatch."
      ]
  }

  // MARK: - Figure

  /// Rank histograms of methods that draw: a density of 1 at all ranks is right.
  var ranks: Figure {
    Figure(
      panelSize: (260, 200),
      panels: [
        methods.compactMap { method in
          method.ranks.map { ranks in
            let bins = ranks.counts.count
            let values = ranks.counts.enumerated().flatMap { rank, count in
              Array(repeating: (Double(rank) + 0.5) / Double(bins), count: count)
            }
            return Panel(
              title: method.name, x: .init("rank of the truth among draws"), y: .init("density"),
              layers: [.histogram(values, bins: bins, over: 0...1), .horizontal(1)])
          }
        }
      ])
  }
}
