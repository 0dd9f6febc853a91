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

let kolmogorovLimit = 2.694
