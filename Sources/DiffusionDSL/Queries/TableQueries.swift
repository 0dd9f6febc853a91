// Samples by the names of their columns.

extension TrainedDiffusion {
  /// Samples as records, by name; see `sample(_:seed:firstChain:options:)`.
  ///
  /// - Parameters:
  ///   - count: how many, 1 or more.
  ///   - seed: names the random numbers.
  ///   - firstChain: the chain of the first sample, where samples are drawn in several calls.
  ///   - options: threads, precision and vector width.
  /// - Throws: what `sample` throws.
  public func sampleTable(
    _ count: Int, seed: UInt64, firstChain: UInt64 = 0, options: ComputeOptions = .init()
  ) throws -> Table {
    try table(of: sample(count, seed: seed, firstChain: firstChain, options: options))
  }

  /// Rows of the model, such as samples or the states of a slice of a trajectory, by name.
  ///
  /// - Throws: `DataError.wrongDimensions` for rows that are not as wide as the model's, `.notABit` and `.notAClass`
  ///   for numbers that are no label's.
  public func table(of rows: Rows) throws(DataError) -> Table {
    try Table(rows, schema: definition.schema)
  }
}
