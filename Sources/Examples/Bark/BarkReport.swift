import ExampleSupport

/// What `--json` prints.
struct BarkReport: Encodable, Sendable {
  var pictures = PictureReport()
  /// Of each way and each other method.
  var scores: [String: Inpainting.Scores] = [:]

  /// Every way and method, so that all runs print the same keys.
  private static let methods = ["paper", "carried", "twisted", "biharmonic", "telea", "gaussian"]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    try pictures.encode(to: encoder)
    var object = encoder.container(keyedBy: Key.self)
    let own = InpaintingWay.allCases.compactMap { scores[$0.key]?.energy }
    try object.encode(own.min(), forKey: Key(stringValue: "hole_energy_score"))
    for method in BarkReport.methods {
      try object.encode(scores[method]?.energy, forKey: Key(stringValue: "hole_energy_score_\(method)"))
    }
  }

  /// The scores of all methods in words.
  static func table(_ found: [(key: String, inpainting: Inpainting)], _ picture: HoledPicture) -> String {
    var table = TextTable([
      "hole of \(picture.hidden.count) pixels", "draws", "energy score", "PSNR of one", "of the mean", "seam",
      "spectrum, dB",
    ])
    for (_, inpainting) in found {
      let scores = inpainting.scores(picture)
      table.add(
        inpainting.name, "\(inpainting.draws.count)", decimals(scores.energy, 2), decimals(scores.psnrOfDraw, 2),
        decimals(scores.psnrOfMean, 2), decimals(scores.seam, 2), decimals(scores.spectrum, 1))
    }
    let sizes = found.compactMap { item in
      item.inpainting.effectiveSize.map {
        "\(item.inpainting.draws.count) particles (\(item.inpainting.name)) end worth \(decimals($0, 1)) draws."
      }
    }
    let missing =
      found.count > InpaintingWay.allCases.count
      ? [] : ["For other methods: pip install numpy scipy scikit-image opencv-python-headless"]
    return (["\(table)"] + sizes + missing).joined(separator: "\n")
  }
}
