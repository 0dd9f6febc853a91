// pi of discrete kernels from data.

extension KernelDefinition {
  /// Whether some of pi is yet to be taken from data.
  var isUndetermined: Bool {
    switch self {
    case .gaussian: false
    case .binomial(let kernel): kernel.means.isEmpty && kernel.bits > 0
    case .categorical(let kernel): kernel.shares.isEmpty
    case .product(let parts): parts.contains { $0.value.kernel.isUndetermined }
    }
  }

  /// The kernel with what is undetermined taken from the data's columns, the first being the one at `first`.
  ///
  /// Shares are kept off 0 by half a row for each value (Jeffreys' prior), or what the data happen not to have would
  /// have no chance at all.
  func adapted(to data: Dataset, first: Int = 0) -> KernelDefinition {
    guard isUndetermined else { return self }
    switch self {
    case .gaussian: return self
    case .binomial(let kernel):
      return .binomial(
        BinomialKernel(means: (0..<kernel.bits).map { data.shares(column: first + $0, values: 2)[1] }))
    case .categorical(let kernel):
      return .categorical(CategoricalKernel(shares: data.shares(column: first, values: kernel.classes)))
    case .product(let parts):
      var first = first
      return .product(
        parts.map { part in
          defer { first += part.value.kernel.dimensions }
          return Placed(
            KernelPart(
              part.value.column, part.value.kernel.adapted(to: data, first: first), unit: part.value.unit),
            at: part.location)
        })
    }
  }
}

extension Dataset {
  /// (n_k + 1/2) / (n + K/2), n_k the rows with value k, counted by their weight where rows have one.
  fileprivate func shares(column: Int, values: Int) -> [Double] {
    var counts = Array(repeating: 0.5, count: values)
    let weights = normalizedWeights
    withNumbers { numbers in
      for row in 0..<count {
        let value = numbers[row * dimensions + column]
        if value >= 0, value < Double(values) { counts[Int(value)] += weights?[row] ?? 1 }
      }
    }
    let total = counts.reduce(0, +)
    return counts.map { $0 / total }
  }
}

extension Diffusion {
  /// The definition with what was to be taken from data, taken from these rows: pi of discrete parts, and how many rows
  /// a `KernelRegression` keeps. Training does so by itself.
  ///
  /// - Throws: `DefinitionError` for a faulty definition, `DataError` for rows that do not fit it.
  public func adapted(to data: Dataset) throws -> Diffusion {
    var (kernel, reverse) = (kernelPart, reversePart)
    guard self.kernel.isUndetermined || self.reverse.isRegression else { return self }
    _ = try DiffusionModel(self, allowsUndetermined: true)
    try self.kernel.checkForTraining(data)
    if case .regression(let regression) = reverse.value {
      let (needed, found) = (regression.rows ?? 2, data.completeRows.count)
      guard found >= needed else { throw DataError.tooFewCompleteRows(needed: needed, found: found) }
      reverse = Placed(.regression(regression.keeping(min(found, KernelRegression.mostRows))), at: reverse.location)
    }
    kernel = Placed(kernel.value.adapted(to: data), at: kernel.location)
    return Diffusion(kernel: kernel, schedule: schedulePart, reverse: reverse)
  }
}

extension ReverseDefinition {
  fileprivate var isRegression: Bool { if case .regression = self { true } else { false } }
}

extension KernelRegression {
  /// With so many rows, where it does not say how many.
  fileprivate func keeping(_ count: Int) -> KernelRegression {
    KernelRegression(rows: rows ?? count, bandwidth: bandwidth, replacement: replacement, lastStep: lastStep)
  }
}
