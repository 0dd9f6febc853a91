import DiffusionDSL
import Distributions

/// The pixels above a pixel and to its left that a baseline looks at.
struct PixelNeighbourhood: Sendable {
  /// Numbers of a pixel.
  let channels: Int
  /// Rows of pixels above that are looked at.
  let rows: Int
  /// Pixels on either side.
  let reach: Int
  /// From a pixel to its neighbours; the last is the pixel itself.
  let offsets: [(down: Int, right: Int)]

  /// Numbers of a pixel and its neighbours.
  var columns: Int { offsets.count * channels }

  /// - Parameter channels: numbers of a pixel: colour has fewer neighbours, since each has three numbers.
  init(channels: Int) {
    self.channels = channels
    (rows, reach) = channels == 1 ? (3, 3) : (2, 2)
    var offsets: [(down: Int, right: Int)] = []
    for down in -rows..<0 { for right in -reach...reach { offsets.append((down, right)) } }
    for right in -reach...0 { offsets.append((0, right)) }
    self.offsets = offsets
  }

  /// Pixels behind their neighbours, at random places, as many from each picture; and which picture each is of.
  ///
  /// - Parameters:
  ///   - count: pixels in all, at most.
  ///   - scaling: takes pictures to mean 0 and variance 1.
  ///   - floor: the variance of the noise that is added to scaled pictures.
  func rows(
    of pictures: ImageSet, count: Int, _ scaling: PictureScaling, _ floor: Double, _ stream: inout RandomStream
  ) -> (rows: [[Double]], pictures: [Int]) {
    let (height, width) = (pictures.height, pictures.width)
    guard height > rows, width > 2 * reach else { return ([], []) }
    let plane = height * width
    let areLevels = pictures.levels != nil
    let (kept, added) = ((1 - floor).squareRoot(), floor.squareRoot())
    var (result, places): ([[Double]], [Int]) = ([], [])
    result.reserveCapacity(count)
    let used = min(count, pictures.count, 4_000)
    for index in 0..<used {
      let number = pictures.count * index / used
      let picture = pictures[number].map { value in
        let uniform = areLevels ? Double.random(in: 0..<1, using: &stream) : 0
        return (value + uniform - scaling.mean) / scaling.deviation * kept + added * Double(stream.nextNormal())
      }
      for _ in count * index / used..<count * (index + 1) / used {
        let row = Int.random(in: rows..<height, using: &stream)
        let column = Int.random(in: reach..<width - reach, using: &stream)
        result.append(
          offsets.flatMap { offset in
            (0..<pictures.channels).map { picture[$0 * plane + (row + offset.down) * width + column + offset.right] }
          })
        places.append(number)
      }
    }
    return (result, places)
  }
}
