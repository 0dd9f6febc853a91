import Distributions
import Foundation

/// Pictures of dead leaves: discs of random size and gray that cover each other (Matheron 1968; Lee, Mumford, Huang 2001,
/// "Occlusion models for natural images").
///
///     let leaves = DeadLeaves(width: 32, height: 32)
///     let pictures = try leaves.images(1_000, seed: 1)
///
/// Radii have the density r^-3 between two limits, centres are uniform, gray levels uniform on 0...1. Leaves are dropped
/// until nothing is open, the first ones on top, so that every picture is of the stationary law, without edges. Subpixels
/// are averaged, and normal noise is added: without it neighbouring pixels are exactly alike wherever they share a leaf,
/// and the differential entropy is minus infinity.
public struct DeadLeaves: Hashable, Sendable {
  /// Pixels in a row of pixels.
  public var width: Int
  /// Rows of pixels.
  public var height: Int
  /// The least and the largest radius, in pixels.
  public var radii: ClosedRange<Double>
  /// The noise's standard deviation, as a part of that of pixels without it.
  public var noise: Double
  /// A pixel is the mean of as many subpixels across and down.
  public var subpixels: Int

  /// - Parameters:
  ///   - width: pixels in a row of pixels, 1 or more.
  ///   - height: rows of pixels, 1 or more.
  ///   - radii: the least and the largest radius, in pixels, above 0.
  ///   - noise: the noise's standard deviation, as a part of that of pixels without it, 0 or more.
  ///   - subpixels: a pixel is the mean of as many subpixels across and down, 1 or more.
  public init(
    width: Int = 32, height: Int = 32, radii: ClosedRange<Double> = 2...128, noise: Double = 0.03, subpixels: Int = 4
  ) {
    self.width = width
    self.height = height
    self.radii = radii
    self.noise = noise
    self.subpixels = subpixels
  }

  /// A second law, of finer leaves and more noise: radii from 1 pixel, 5% noise.
  public static func fine(width: Int = 32, height: Int = 32) -> DeadLeaves {
    DeadLeaves(width: width, height: height, radii: 1...128, noise: 0.05)
  }

  // MARK: - The law

  /// The chance that one leaf shows at two points.
  ///
  /// A leaf that is the first to cover either point covers both with the chance c(d) / (2 c(0) - c(d)), where c(d) is the
  /// mean area that a leaf has in common with itself moved by d.
  ///
  /// - Parameter distance: between the points, in pixels, 0 or more.
  /// - Throws: `GSLError` where an integral is not found.
  public func chanceOfOneLeaf(atDistance distance: Double) throws(GSLError) -> Double {
    guard distance > 0 else { return 1 }
    let common = try meanCommonArea(distance)
    return common / (2 * Double.pi * powerIntegral(-1) - common)
  }

  /// c(d) for the density r^-3, not normalised.
  private func meanCommonArea(_ distance: Double) throws(GSLError) -> Double {
    let least = max(radii.lowerBound, distance / 2)
    guard least < radii.upperBound else { return 0 }
    return try SpecialFunctions.integrate(from: least, to: radii.upperBound) { radius in
      let half = min(1, distance / (2 * radius))
      return (2 * acos(half) - 2 * half * (1 - half * half).squareRoot()) / radius
    }.value
  }

  /// The integral of r^power over the radii.
  private func powerIntegral(_ power: Int) -> Double {
    let (low, high) = (radii.lowerBound, radii.upperBound)
    guard power != -1 else { return log(high / low) }
    let next = Double(power + 1)
    return (pow(high, next) - pow(low, next)) / next
  }

  /// The standard deviation of a pixel without noise: that of a gray level, 1 / sqrt(12), less what averaging over leaves
  /// within the pixel takes away.
  ///
  /// - Throws: `GSLError` where an integral is not found.
  public func pixelDeviation() throws(GSLError) -> Double {
    var sum = 0.0
    let subpixels = max(1, min(64, subpixels))
    for down in 0..<subpixels {
      for across in 0..<subpixels {
        let distance = (Double(across * across + down * down)).squareRoot() / Double(subpixels)
        // How many ordered pairs of subpixels are so far apart in both directions.
        let pairs = Double((across > 0 ? 2 : 1) * (down > 0 ? 2 : 1) * (subpixels - across) * (subpixels - down))
        sum += pairs * (try chanceOfOneLeaf(atDistance: distance))
      }
    }
    return (sum / 12).squareRoot() / Double(subpixels * subpixels)
  }

  // MARK: - Pictures

  /// Pictures in floating-point numbers, about 0...1 but for the noise.
  ///
  /// - Parameters:
  ///   - count: how many, 1 or more.
  ///   - seed: names their random numbers. A picture depends on the seed and its number alone.
  ///   - first: the number of the first.
  /// - Throws: `DataError` for a law or a count that is not possible.
  public func images(_ count: Int, seed: UInt64, first: Int = 0) throws(DataError) -> ImageSet {
    if let fault { throw .impossibleLaw(fault) }
    try DataError.check("how many pictures of dead leaves", count, limit: (1 << 34) / (width * height))
    let first = max(0, min(first, Int.max - count))
    let deviation: Double
    do {
      deviation = try noise * pixelDeviation()
    } catch {
      throw .impossibleLaw("\(error)")
    }
    var floats: [Float] = []
    floats.reserveCapacity(count * width * height)
    for index in first..<first + count {
      var stream = RandomStream(seed: seed, purpose: "dead leaves", chain: UInt64(truncatingIfNeeded: index))
      for pixel in picture(&stream) { floats.append(Float(pixel + deviation * Double(stream.nextNormal()))) }
    }
    // Ten deviations are never passed: nextNormal gives no number beyond 7.
    return try ImageSet(
      floats: floats, height: height, width: width, range: -10 * deviation...1 + 10 * deviation)
  }

  /// What is wrong with the law; nil where nothing is.
  var fault: String? {
    if width < 1 || height < 1 || width > 1 << 15 || height > 1 << 15 {
      return "pictures of dead leaves of \(width) x \(height) pixels are not possible: give 1 to 32768"
    }
    if !(radii.lowerBound >= 1e-3 && radii.upperBound <= 1e6 && radii.upperBound > radii.lowerBound * (1 + 1e-6)) {
      return "radii are \(radii); give two numbers from 0.001 to 1e6 that differ"
    }
    if !(noise >= 0 && noise.isFinite) { return "noise is \(noise); give 0 or more" }
    if !(1...64).contains(subpixels) { return "subpixels is \(subpixels); give a number from 1 to 64" }
    if width * height * subpixels * subpixels > 1 << 30 {
      return
        "pictures of dead leaves of \(width) x \(height) pixels of \(subpixels) x \(subpixels) subpixels take more "
        + "memory than is sensible: give less of either"
    }
    return nil
  }

  /// One picture without noise.
  private func picture(_ stream: inout RandomStream) -> [Double] {
    let (columns, rows) = (width * subpixels, height * subpixels)
    var sums = Array(repeating: 0.0, count: width * height)
    // For each row of subpixels the next open one from a place on; `columns` behind the last.
    var next = (0..<rows * (columns + 1)).map { Int32($0 % (columns + 1)) }
    var open = columns * rows
    while open > 0 {
      let radius = radius(&stream)
      // Centres are uniform over all places from which a leaf of this radius may touch the picture.
      let x = Double.random(in: -radius..<Double(width) + radius, using: &stream) * Double(subpixels)
      let y = Double.random(in: -radius..<Double(height) + radius, using: &stream) * Double(subpixels)
      let gray = Double.random(in: 0..<1, using: &stream)
      let reach = radius * Double(subpixels)
      let top = max(0, Int((y - reach - 0.5).rounded(.up)))
      let bottom = min(rows - 1, Int((y + reach - 0.5).rounded(.down)))
      for row in stride(from: top, through: bottom, by: 1) {
        let down = Double(row) + 0.5 - y
        guard down.magnitude <= reach else { continue }
        let half = (reach * reach - down * down).squareRoot()
        let last = min(columns - 1, Int((x + half - 0.5).rounded(.down)))
        let begin = row * (columns + 1)
        var column = DeadLeaves.nextOpen(max(0, Int((x - half - 0.5).rounded(.up))), of: begin, columns, &next)
        while column <= last {
          sums[row / subpixels * width + column / subpixels] += gray
          next[begin + column] = Int32(column + 1)
          open -= 1
          column = DeadLeaves.nextOpen(column + 1, of: begin, columns, &next)
        }
      }
    }
    return sums.map { $0 / Double(subpixels * subpixels) }
  }

  /// The first open subpixel of a row from a column on; `columns` where there is none. Places passed on the way are led
  /// there at once from now on.
  private static func nextOpen(_ column: Int, of begin: Int, _ columns: Int, _ next: inout [Int32]) -> Int {
    guard column < columns else { return columns }
    var found = column
    while Int(next[begin + found]) != found { found = Int(next[begin + found]) }
    var passed = column
    while passed != found { (next[begin + passed], passed) = (Int32(found), Int(next[begin + passed])) }
    return found
  }

  /// A radius of the leaves that touch the picture: of density r^-3 times the area that their centres may lie in,
  /// (width + 2 r) (height + 2 r) = width height + 2 (width + height) r + 4 r^2, a mixture of three powers of r.
  private func radius(_ stream: inout RandomStream) -> Double {
    let (across, down) = (Double(width), Double(height))
    let parts: [(power: Int, weight: Double)] = [
      (-3, across * down * powerIntegral(-3)), (-2, 2 * (across + down) * powerIntegral(-2)),
      (-1, 4 * powerIntegral(-1)),
    ]
    var place = Double.random(in: 0..<parts.reduce(0) { $0 + $1.weight }, using: &stream)
    let power =
      parts.first { part in
        place -= part.weight
        return place < 0
      }?.power ?? -1
    let uniform = Double.random(in: 0..<1, using: &stream)
    let (low, high) = (radii.lowerBound, radii.upperBound)
    guard power != -1 else { return low * pow(high / low, uniform) }
    let next = Double(power + 1)
    return pow(pow(low, next) + uniform * (pow(high, next) - pow(low, next)), 1 / next)
  }
}
