/// The standard error of a number from its values without each of some repeats (Quenouille 1956; Tukey 1958).
///
/// - Parameter without: two or more.
func jackknife(_ without: [Double]) -> Double {
  let count = Double(without.count)
  let mean = without.reduce(0, +) / count
  // Of a number that the others do not have, or that is infinite without one, the error has no bound.
  guard mean.isFinite else { return .infinity }
  return (without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (count - 1) / count).squareRoot()
}

/// For each number the sum of the others: a difference from the whole would lose those that a large one outweighs.
func sumsWithoutEach(_ numbers: [Double]) -> [Double] {
  var (before, sums) = (0.0, [Double]())
  for number in numbers {
    sums.append(before)
    before += number
  }
  var behind = 0.0
  for place in numbers.indices.reversed() {
    sums[place] += behind
    behind += numbers[place]
  }
  return sums
}

/// The ratio of two sums over repeats, with its standard error by leaving out one repeat after the other; nil with one.
func jackknifedRatio(_ numerators: [Double], _ denominators: [Double]) -> (value: Double, standardError: Double?) {
  let value = numerators.reduce(0, +) / denominators.reduce(0, +)
  guard numerators.count > 1 else { return (value, nil) }
  return (value, jackknife(zip(sumsWithoutEach(numerators), sumsWithoutEach(denominators)).map { $0 / $1 }))
}
