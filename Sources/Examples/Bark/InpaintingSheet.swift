import DiffusionDSL
import DiffusionIO
import ExampleSupport

/// A picture of what all methods make of a hole: above the truth, what is known of it, and the methods that give one answer;
/// then a row for each method that draws, with its first draws and the mean of all.
struct InpaintingSheet: Sendable {
  /// The picture.
  let pictures: ContactSheet
  /// What it shows, in words.
  let legend: String

  /// - Throws: `DataError`.
  init(_ picture: HoledPicture, _ found: [Inpainting]) throws {
    let single = found.filter { $0.draws.count == 1 }
    let drawing = found.filter { $0.draws.count > 1 }
    let columns = 2 + single.count
    let known = picture.truth.indices.map { picture.mask[$0] ? picture.truth[$0] : 128 }
    // Draws fill the width, the mean behind them, and there are two at least.
    let shown = max(2, columns - 1)
    let rows =
      [[picture.truth, known] + single.compactMap(\.draws.first)]
      + drawing.map { Array($0.draws.prefix(shown)) + [PictureLevels.mean(of: $0.draws)] }
    pictures = try ContactSheet(
      rows: rows.map {
        try ImageSet(levels: $0.flatMap { $0 }, shape: ImageShape(width: picture.side, height: picture.side))
      })
    let first = (["the truth", "what is known"] + single.map(\.name)).joined(separator: ", ")
    legend = "Its rows: \(first);\nthen draws and their mean: \(drawing.map(\.name).joined(separator: "; "))."
  }
}
