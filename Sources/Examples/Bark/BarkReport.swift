import ExampleSupport

/// What `--json` prints.
struct BarkReport: Encodable, Sendable {
  var pictures: PictureReport
  /// What each way and each other method makes of the hole.
  var holes: [(inpainting: Inpainting, scores: Inpainting.Scores)] = []

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
      let energy = holes.first { $0.inpainting.key == method }?.scores.energy
      try object.encode(energy, forKey: Key(stringValue: key))
    }
    try encode(InpaintingWay.carried.key, as: "hole_energy_score")
    // Every way and method, so that all runs print the same keys.
    for method in InpaintingWay.all.map(\.key) + Rivals.keys {
      try encode(method, as: "hole_energy_score_\(method)")
    }
  }

  /// The scores of all methods in words.
  func table(_ picture: HoledPicture) -> String {
    var table = TextTable([
      "hole of \(picture.hidden.count) pixels", "draws", "energy score", "PSNR of one", "of the mean", "seam",
      "spectrum, dB",
    ])
    for (inpainting, scores) in holes {
      table.add(
        inpainting.name, "\(inpainting.draws.count)", decimals(scores.energy, 2), decimals(scores.psnrOfDraw, 2),
        decimals(scores.psnrOfMean, 2), decimals(scores.seam, 2), decimals(scores.spectrum, 1))
    }
    let sizes = holes.compactMap { item in
      item.inpainting.effectiveSize.map {
        "\(item.inpainting.draws.count) particles (\(item.inpainting.name)) end worth \(decimals($0, 1)) draws: what is "
          + "less than all makes their energy score too large."
      }
    }
    let missing = Set(Rivals.keys).subtracting(holes.map(\.inpainting.key)).sorted()
    let remedy =
      missing.isEmpty
      ? []
      : [
        "Not measured: \(missing.joined(separator: ", ")). They need a Python with numpy, scipy, scikit-image and "
          + "opencv-python-headless."
      ]
    return (["\(table)"] + sizes + remedy).joined(separator: "\n")
  }
}
