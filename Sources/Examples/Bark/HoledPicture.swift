import DiffusionDSL

/// The pixels of a picture, but for a square hole in its middle.
struct HoledPicture: Sendable {
  /// Levels, from b to b + 1 for byte b, [row][column].
  let truth: [Double]
  /// Pixels of a side.
  let side: Int
  /// Pixels of the hole's side.
  let hole: Int
  /// Which pixels are known.
  let mask: [Bool]
  /// The hidden pixels' places, row by row.
  let hidden: [Int]

  /// - Parameters:
  ///   - image: one square gray picture in bytes.
  ///   - hole: the hole's side, less than the picture's.
  init(_ image: ImageSet, hole: Int) {
    let side = image.width
    self.side = side
    self.hole = hole
    truth = image[0].map { $0 + 0.5 }
    let part = (side - hole) / 2..<(side - hole) / 2 + hole
    let mask = (0..<side * side).map { !(part.contains($0 / side) && part.contains($0 % side)) }
    hidden = mask.indices.filter { !mask[$0] }
    self.mask = mask
  }

  /// The truth, with other pixels in the hole.
  ///
  /// - Parameter fill: row by row, as many as are hidden.
  func filled(with fill: [Double]) -> [Double] {
    var picture = truth
    for (place, level) in zip(hidden, fill) { picture[place] = level }
    return picture
  }

  /// Calls with the places of two pixels, the second to the right of the first or below it, for all such.
  func forEachPairOfNeighbours(_ body: (Int, Int) -> Void) {
    for place in truth.indices {
      if place % side < side - 1 { body(place, place + 1) }
      if place + side < truth.count { body(place, place + side) }
    }
  }
}
