import Foundation

/// Pictures as gray levels: byte b is a level from b to b + 1.
public enum PictureLevels {
  /// The mean of pictures, number by number: of draws from a posterior, the answer with the least mean squared error.
  ///
  /// - Parameter pictures: one or more, of one extent.
  public static func mean(of pictures: some Collection<[Double]>) -> [Double] {
    guard var sum = pictures.first else { return [] }
    for picture in pictures.dropFirst() {
      for (place, level) in picture.enumerated() { sum[place] += level }
    }
    return sum.map { $0 / Double(pictures.count) }
  }

  /// The peak signal-to-noise ratio in decibels, of levels clipped to those that bytes have.
  ///
  /// - Parameters:
  ///   - picture: compared with the truth.
  ///   - places: of the numbers that are compared; nil: all.
  public static func psnr(_ picture: [Double], truth: [Double], at places: [Int]? = nil) -> Double {
    let places = places ?? Array(truth.indices)
    let squares = places.reduce(0.0) { sum, place in
      let error = min(255.5, max(0.5, picture[place])) - truth[place]
      return sum + error * error
    }
    return 10 * log10(255 * 255 * Double(places.count) / max(1e-9, squares))
  }
}
