import Distributions
import Foundation

/// Kolmogorov's statistic sqrt(n) sup |F_n - F| of a sample against a continuous cumulative function. Above 2.694 its
/// probability is below 1e-6: 2 exp(-2 x^2) bounds it for every n (Massart 1990).
func kolmogorovStatistic(_ sample: [Double], cumulative: (Double) -> Double) -> Double {
  let n = Double(sample.count)
  var distance = 0.0
  for (index, value) in sample.sorted().enumerated() {
    let p = cumulative(value)
    distance = max(distance, Double(index + 1) / n - p, p - Double(index) / n)
  }
  return distance * n.squareRoot()
}

/// The limit that so many statistics of one test pass together with a probability below 1e-6.
func kolmogorovLimit(comparisons: Int) -> Double { (log(2 * Double(comparisons) / falseAlarmRate) / 2).squareRoot() }

/// How many standard errors so many comparisons of one test may differ by, to pass together with all but 1e-6 of the
/// probability (Bonferroni; both sides of a normal).
func standardErrors(comparisons: Int) -> Double {
  -SpecialFunctions.normalQuantile(falseAlarmRate / (2 * Double(comparisons)))
}

/// Of a test, however many comparisons it joins.
private let falseAlarmRate = 1e-6

/// How many standard errors, estimated with so many degrees of freedom, a comparison may be off: Student's quantile by
/// its expansion about the normal one (Fisher, Cornish 1960), for 19 degrees and more.
func standardErrors(comparisons: Int, degreesOfFreedom: Double) -> Double {
  let z = standardErrors(comparisons: comparisons)
  let n = degreesOfFreedom
  let first = (pow(z, 3) + z) / 4
  let second = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
  let third = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
  return z + first / n + second / (n * n) + third / (n * n * n)
}
