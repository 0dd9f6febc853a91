// How eq. 9's estimate rises with the number of trajectories.

extension LogProbability {
  /// What fewer trajectories would have given, on average over disjoint groups of these: how the estimate rises with
  /// their number. Numbers are powers of two up to `trajectories`, and that itself.
  public var rise: [(trajectories: Int, nats: Double)] {
    sizes.map { ($0, RowAverage(weights)(rowNats(inGroupsOf: $0)).mean) }
  }

  /// How far the estimate lies above K for each number of trajectories, with its standard error.
  ///
  /// Rows differ far more from each other than the two do on one row, so the error is that of the rows' differences,
  /// where K was measured on the same rows; where it has another number of rows, it is that of two independent means.
  ///
  /// - Parameter bound: K of the same rows.
  public func rise(
    above bound: LowerBound
  ) -> [(trajectories: Int, nats: Double, standardErrorNats: Double)] {
    let average = RowAverage(weights)
    return sizes.map { size in
      let own = rowNats(inGroupsOf: size)
      if own.count == bound.rowNats.count {
        let (mean, standardError) = average(zip(own, bound.rowNats).map { $0 - $1 })
        return (size, mean, standardError)
      }
      let (mean, standardError) = average(own)
      let both = standardError * standardError + bound.standardErrorNats * bound.standardErrorNats
      return (size, mean - bound.nats, both.squareRoot())
    }
  }

  private var sizes: [Int] {
    var sizes = Array(sequence(first: 1) { $0 * 2 <= trajectories ? $0 * 2 : nil })
    if sizes.last != trajectories { sizes.append(trajectories) }
    return sizes
  }

  /// Each row's estimate from `size` trajectories, averaged over the disjoint groups of that size.
  private func rowNats(inGroupsOf size: Int) -> [Double] {
    let groups = Double(trajectories / size)
    return stride(from: 0, to: logWeights.count, by: trajectories).map { row in
      stride(from: row, through: row + trajectories - size, by: size).reduce(0) {
        $0 + SpecialFunctions.logMeanExp(logWeights[$1..<$1 + size])
      } / groups
    }
  }
}
