import Foundation

/// Weights that add up to 1, from their logarithms; nil where all are 0.
func normalised(_ logWeights: [Double]) -> [Double]? {
  var weights = logWeights
  return normalise(logWeights, into: &weights) ? weights : nil
}

/// Weights that add up to 1, from their logarithms, written into an array of as many numbers.
///
/// - Returns: false where all weights are 0; the array is then left as it was.
func normalise(_ logWeights: [Double], into weights: inout [Double]) -> Bool {
  guard let largest = logWeights.max(), largest > -1e20 else { return false }
  for index in logWeights.indices { weights[index] = exp(logWeights[index] - largest) }
  let total = weights.reduce(0, +)
  for index in weights.indices { weights[index] /= total }
  return true
}

/// Systematic resampling: for each of `count` evenly spaced points, the first at a random offset, whose weight it falls
/// in.
///
/// - Parameters:
///   - weights: adding up to 1.
///   - offset: in [0, 1).
func systematic(_ weights: [Double], count: Int, offset: Double) -> [Int] {
  var chosen: [Int] = []
  chosen.reserveCapacity(count)
  var (place, reached) = (0, weights.first ?? 1)
  for point in 0..<count {
    let target = (Double(point) + offset) / Double(count)
    while reached <= target, place < weights.count - 1 {
      place += 1
      reached += weights[place]
    }
    // Rounding may leave the end to a weight of 0.
    while place > 0, weights[place] == 0 { place -= 1 }
    chosen.append(place)
  }
  return chosen
}
