import DiffusionDSL
import DiffusionIO
import DiffusionPlots
import ExampleSupport
import Foundation

// What the example draws.

extension Completions {
  /// A row for each of the first pictures: the picture, what was known of it, completions, and the nearest neighbour.
  func sheet(pictures: Int = 10) throws -> ContactSheet {
    let mask = part.mask
    let rows = try truth.indices.prefix(pictures).map { place in
      // The middle of the range stands for what is not known.
      let known = truth[place].indices.map { mask[$0] ? truth[place][$0] : 128 }
      let neighbour = nearest.indices.contains(place) ? [nearest[place]] : []
      return try ImageSet(
        levels: ([truth[place], known] + drawn[place] + neighbour).flatMap { $0 }, shape: UnitPixels.shape)
    }
    return try ContactSheet(rows: rows, magnification: 2)
  }
}

extension Study {
  /// The figure of the training curve.
  func trainingCurve(_ record: TrainingRecord, _ bound: LowerBound) -> Figure {
    .trainingCurve(
      yLabel: "K (bits a picture, in gray levels)",
      series: [
        record.trainingSeries,
        .init("\(recipe.scored) test pictures, at the end", x: [Double(recipe.trainingSteps)], y: [bound.bits]),
      ].filter { !$0.x.isEmpty })
  }
}
