/// From the first variance of a schedule to the last one.
enum VarianceRange {
  /// What is wrong with the ends, for schedules that are given by them.
  ///
  /// - Parameter schedule: what it is called, with its article.
  static func faults(of schedule: String, _ first: Double, _ last: Double) -> [String] {
    first > 0 && first < last && last < 1
      ? [] : ["\(schedule) needs 0 < firstVariance < lastVariance < 1, not \(first) and \(last)"]
  }
}
