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
