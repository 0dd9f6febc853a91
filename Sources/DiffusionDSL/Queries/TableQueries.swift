// Training and queries on rows by name: a table's columns are found by those of the definition.

extension Diffusion {
  /// Starts training on a table, whose columns are found by name; see the method that takes a `Dataset`.
  ///
  /// - Throws: also `DataError` for a field that the table lacks, or a label that its column does not have.
  public func training(
    on table: Table, using optimiser: any Optimiser = .adam(), steps: Int, seed: UInt64,
    options: TrainingOptions = .init()
  ) throws -> Training {
    try training(on: dataset(of: table), using: optimiser, steps: steps, seed: seed, options: options)
  }

  /// Trains the model on a table, whose columns are found by name; see the method that takes a `Dataset`.
  ///
  /// - Throws: also `DataError` for a field that the table lacks, or a label that its column does not have.
  public func fit(
    to table: Table, using optimiser: any Optimiser = .adam(), steps: Int, seed: UInt64,
    options: TrainingOptions = .init()
  ) async throws -> TrainedDiffusion {
    try await training(on: table, using: optimiser, steps: steps, seed: seed, options: options).value
  }

  /// A table's rows as the kernel's.
  ///
  /// A faulty definition is reported as such: its schema's faults would say less.
  ///
  /// - Throws: `DefinitionError`, `DataError`.
  private func dataset(of table: Table) throws -> Dataset {
    if !kernel.faults.isEmpty { _ = try DiffusionModel(self, allowsUndetermined: true) }
    return try table.dataset(for: schema)
  }
}

extension TrainedDiffusion {
  /// Goes on training on a table; see the method that takes a `Dataset`.
  ///
  /// - Throws: also `DataError` for a field that the table lacks, or a label that its column does not have.
  public func resumedTraining(
    on table: Table, totalSteps: Int, options: TrainingOptions = .init()
  ) throws -> Training {
    try resumedTraining(on: table.dataset(for: definition.schema), totalSteps: totalSteps, options: options)
  }

  /// Goes on training on a table; see the method that takes a `Dataset`.
  ///
  /// - Throws: also `DataError` for a field that the table lacks, or a label that its column does not have.
  public func resume(
    on table: Table, totalSteps: Int, options: TrainingOptions = .init()
  ) async throws -> TrainedDiffusion {
    try await resumedTraining(on: table, totalSteps: totalSteps, options: options).value
  }

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
