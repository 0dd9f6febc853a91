import ExampleSupport

extension BarkReport {
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
}
