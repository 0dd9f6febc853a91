import Foundation

/// A Gaussian with mean and full covariance of maximum likelihood.
struct GaussianDensity: FittedDensity {
  let mean: [Double]
  /// The lower triangular factor of the covariance, row after row.
  let factor: [Double]
  let logDeterminantOfFactor: Double

  var dimensions: Int { mean.count }

  /// Differences below this have squares that lose digits or vanish.
  private static let leastSpread = 1e-140

  /// - Throws: `DensityError.tooLarge`, `.tooSmall`, `.tooFarFromZero`, `.constantColumn`, `.collinear`.
  init(_ rows: RowMatrix, columns: [String]) throws {
    let dimensions = rows.dimensions
    let count = Double(rows.count)
    let mean = (0..<dimensions).map { rows.column($0).reduce(0, +) / count }
    var covariance = [Double](repeating: 0, count: dimensions * dimensions)
    for row in 0..<rows.count {
      if row.isMultiple(of: 8_192) { try Task.checkCancellation() }
      let centred = zip(rows[row], mean).map { $0 - $1 }
      for i in 0..<dimensions {
        for j in 0...i { covariance[i * dimensions + j] += centred[i] * centred[j] / count }
      }
    }
    let deviations = (0..<dimensions).map { covariance[$0 * dimensions + $0].squareRoot() }
    for (column, deviation) in deviations.enumerated() where !deviation.isFinite {
      throw DensityError.tooLarge(name: columns[column])
    }
    for (column, deviation) in deviations.enumerated()
    where !(deviation > 1e-13 * abs(mean[column]) && deviation > GaussianDensity.leastSpread) {
      throw GaussianDensity.fault(of: rows.column(column), name: columns[column])
    }

    // Of the correlations, so that units don't matter to what counts as singular.
    var factor = [Double](repeating: 0, count: dimensions * dimensions)
    for i in 0..<dimensions {
      for j in 0...i {
        var sum = covariance[i * dimensions + j] / (deviations[i] * deviations[j])
        for k in 0..<j { sum -= factor[i * dimensions + k] * factor[j * dimensions + k] }
        if i == j {
          guard sum > 1e-10 else {
            let others = GaussianDensity.combination(of: i, factor, dimensions)
            throw DensityError.collinear(name: columns[i], of: others.map { columns[$0] })
          }
          factor[i * dimensions + i] = sum.squareRoot()
        } else {
          factor[i * dimensions + j] = sum / factor[j * dimensions + j]
        }
      }
    }
    for i in 0..<dimensions {
      for j in 0...i { factor[i * dimensions + j] *= deviations[i] }
    }
    self.mean = mean
    self.factor = factor
    logDeterminantOfFactor = (0..<dimensions).reduce(0) { $0 + log(factor[$1 * dimensions + $1]) }
  }

  /// Why a column has no variance to speak of.
  private static func fault(of values: [Double], name: String) -> DensityError {
    guard let low = values.min(), let high = values.max(), low < high else {
      return .constantColumn(name: name, value: values.first ?? .nan)
    }
    // Values of both signs, or with a spread like their size, are not far from zero.
    return high - low > 1e-12 * max(abs(low), abs(high))
      ? .tooSmall(name: name) : .tooFarFromZero(name: name, value: low)
  }

  /// Which earlier columns the dependent column is made of: the coefficients that solve the triangular system.
  private static func combination(of column: Int, _ factor: [Double], _ dimensions: Int) -> [Int] {
    var coefficients = (0..<column).map { factor[column * dimensions + $0] }
    for i in stride(from: column - 1, through: 0, by: -1) {
      for k in i + 1..<max(i + 1, column) { coefficients[i] -= factor[k * dimensions + i] * coefficients[k] }
      coefficients[i] /= factor[i * dimensions + i]
    }
    return (0..<column).filter { abs(coefficients[$0]) > 1e-4 }
  }

  /// The coordinates in which the Gaussian is standard.
  func whitened(_ row: ArraySlice<Double>) -> [Double] {
    var result = zip(row, mean).map { $0 - $1 }
    for i in 0..<dimensions {
      for k in 0..<i { result[i] -= factor[i * dimensions + k] * result[k] }
      result[i] /= factor[i * dimensions + i]
    }
    return result
  }

  /// The inverse of `whitened`.
  func unwhitened(_ white: [Double]) -> [Double] {
    (0..<dimensions).map { i in
      (0...i).reduce(mean[i]) { $0 + factor[i * dimensions + $1] * white[$1] }
    }
  }

  func log2Density(of rows: RowMatrix) throws -> [Double] {
    let constant = 0.5 * Double(dimensions) * log(2 * .pi) + logDeterminantOfFactor
    return (0..<rows.count).map { row in
      let square = whitened(rows[row]).reduce(0) { $0 + $1 * $1 }
      return -(constant + 0.5 * square) / log(2)
    }
  }

  func sample(_ count: Int, seed: UInt64) -> RowMatrix {
    var generator = generator(seed: seed, purpose: 10)
    var rows = RowMatrix(values: [], dimensions: dimensions)
    for _ in 0..<count {
      rows.values += unwhitened((0..<dimensions).map { _ in generator.normal() })
    }
    return rows
  }
}

struct GaussianMethod: DensityMethod {
  let name = "Gaussian, full covariance"

  func fit(
    _ training: RowMatrix, columns: [String], options: FitOptions, progress: @escaping @Sendable (String) -> Void
  ) async throws -> any FittedDensity {
    try GaussianDensity(training, columns: columns)
  }
}
