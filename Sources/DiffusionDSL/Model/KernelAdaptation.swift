// Estimating pi of discrete kernels from data.

extension KernelDefinition {
  /// Whether pi of some part is still to be estimated from data.
  var isUndetermined: Bool { parts.contains { $0.kernel.isUndetermined } }

  /// The kernel with pi of undetermined parts estimated from the data's columns.
  func adapted(to data: Dataset) -> KernelDefinition {
    var first = 0
    return mapParts { part in
      defer { first += part.kernel.dimensions }
      return part.kernel.isUndetermined ? part.with(part.kernel.adapted(to: data, first: first)) : part
    }
  }
}

extension Dataset {
  /// The shares of the values 0 ... K - 1 in a column, (n_k + 1/2) / (n + K/2), n_k the rows with value k, counted by
  /// their weight where rows have one.
  ///
  /// Half a row is added for each value (Jeffreys' prior). Without it, values that the data happen to lack would have
  /// probability 0.
  ///
  /// - Parameters:
  ///   - column: from 0 to `dimensions` - 1.
  ///   - values: K, 1 or more.
  public func shares(column: Int, values: Int) -> [Double] {
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
  /// The definition with what was left to the data taken from these rows: pi of discrete parts, and how many rows a
  /// `KernelRegression` keeps. Training does this by itself.
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
  /// The regression keeping `count` rows, unless it gives a number itself.
  fileprivate func keeping(_ count: Int) -> KernelRegression {
    KernelRegression(rows: rows ?? count, bandwidth: bandwidth, replacement: replacement, lastStep: lastStep)
  }
}
