// Calls without a seed, which the compiler answers with the reason why one is to be given.

extension Diffusion {
  @available(*, unavailable, message: "results can be had again, so a seed has no default: write seed: 1, say")
  public func fit(to rows: some RowSource, steps: Int) async throws -> TrainedDiffusion {
    try await fit(to: rows.dataset(for: schema), steps: steps, seed: 0)
  }
}

extension TrainedDiffusion {
  @available(*, unavailable, message: "results can be had again, so a seed has no default: write seed: 1, say")
  public func sample(_ count: Int) throws -> Rows { try sample(count, seed: 0) }

  @available(*, unavailable, message: "results can be had again, so a seed has no default: write seed: 1, say")
  public func sampleTable(_ count: Int) throws -> Table { try sampleTable(count, seed: 0) }

  @available(*, unavailable, message: "results can be had again, so a seed has no default: write seed: 1, say")
  public func impute(_ source: some RowSource) throws -> Imputation { try impute(source, seed: 0) }
}
