import Foundation

// Every statistical test here has a fixed seed, and raised a false alarm with probability 1e-6 at most when the seed
// was chosen.

/// Kolmogorov's statistic sqrt(n) sup |F_n - F| of a sample against a continuous cumulative function. Above 2.694 its
/// probability is below 1e-6: 2 exp(-2 x^2) bounds it for every n (Massart 1990).
func kolmogorovStatistic(_ sample: [Double], cumulative: (Double) -> Double) -> Double {
  let sorted = sample.sorted()
  let n = Double(sorted.count)
  var distance = 0.0
  for (index, value) in sorted.enumerated() {
    let p = cumulative(value)
    distance = max(distance, Double(index + 1) / n - p, p - Double(index) / n)
  }
  return distance * n.squareRoot()
}

let kolmogorovLimit = 2.694

/// A sample's mean and the standard error of that mean.
func meanAndError(_ sample: [Double]) -> (mean: Double, error: Double) {
  let n = Double(sample.count)
  let mean = sample.reduce(0, +) / n
  let squares = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (squares / (n - 1) / n).squareRoot())
}
