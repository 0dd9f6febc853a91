import DiffusionDSL

/// How far patches of a picture are from the nearest patch of what was learned, as it is or mirrored: whether a texture is
/// copied.
struct NearestPatches: Sendable {
  /// Pixels of a patch's side.
  static let side = 8
  /// Patches of a hole in each direction.
  private static let count = 5

  /// Levels, [row][column].
  private let learned: [Double]
  private let width: Int
  private let height: Int
  /// Pixels between patches that are looked at: all, but for large photographs.
  private let stride: Int
  /// Patches that are looked at, at most.
  private static let most = 500_000.0

  /// - Parameter learned: one gray picture in bytes, of a patch or more.
  init(_ learned: ImageSet) {
    self.learned = learned[0].map { $0 + 0.5 }
    (width, height) = (learned.width, learned.height)
    stride = max(1, Int((Double(width * height) / NearestPatches.most).squareRoot().rounded(.up)))
  }

  /// The mean distance of patches in a hole, evenly spread, to the nearest of the learned picture: the root mean squared
  /// difference of pixels, in levels. NaN of a hole smaller than a patch.
  ///
  /// - Parameter draw: a whole picture.
  func distance(of draw: [Double], _ picture: HoledPicture) -> Double {
    let side = NearestPatches.side
    guard let corner = picture.hidden.first, picture.hole >= side else { return .nan }
    let places = (0..<NearestPatches.count).map { $0 * (picture.hole - side) / (NearestPatches.count - 1) }
    var sum = 0.0
    for row in places {
      for column in places {
        let first = corner + row * picture.side + column
        let patch = (0..<side * side).map { draw[first + $0 / side * picture.side + $0 % side] }
        let mirrored = (0..<side * side).map { patch[$0 / side * side + side - 1 - $0 % side] }
        sum += min(squaredDistance(of: patch), squaredDistance(of: mirrored)).squareRoot() / Double(side)
      }
    }
    return sum / Double(places.count * places.count)
  }

  /// That to the nearest patch, summed over pixels.
  private func squaredDistance(of patch: [Double]) -> Double {
    let side = NearestPatches.side
    var least = Double.infinity
    for top in Swift.stride(from: 0, through: height - side, by: stride) {
      for left in Swift.stride(from: 0, through: width - side, by: stride) {
        var distance = 0.0
        // Most patches are too far after some rows already.
        for row in 0..<side where distance < least {
          let (first, own) = ((top + row) * width + left, row * side)
          for column in 0..<side {
            let difference = learned[first + column] - patch[own + column]
            distance += difference * difference
          }
        }
        least = min(least, distance)
      }
    }
    return least
  }
}
