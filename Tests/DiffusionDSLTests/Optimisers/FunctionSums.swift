import Distributions

/// A sum of quadratics (x - c)^T A (x - c) / 2 with random A, positive definite, and c.
struct QuadraticSum {
  let count: Int
  let dimensions: Int
  private var matrices: [[[Double]]] = []
  private var centres: [[Double]] = []

  init(count: Int, dimensions: Int, seed: UInt64) {
    (self.count, self.dimensions) = (count, dimensions)
    var stream = RandomStream(seed: seed, purpose: "a sum of quadratics")
    func normals() -> [Double] { (0..<dimensions).map { _ in Double(stream.nextNormal()) } }
    for _ in 0..<count {
      let factor = (0..<dimensions).map { _ in normals() }
      matrices.append(
        factor.indices.map { row in
          factor.indices.map { column in
            zip(factor[row], factor[column]).reduce(row == column ? 0.1 : 0) { $0 + $1.0 * $1.1 / Double(dimensions) }
          }
        })
      centres.append(normals())
    }
  }

  /// One function's value and gradient.
  func evaluate(_ function: Int, at x: [Double], gradient: inout [Double]) -> Double {
    let change = zip(x, centres[function]).map { $0 - $1 }
    gradient = matrices[function].map { row in zip(row, change).reduce(0) { $0 + $1.0 * $1.1 } }
    return zip(gradient, change).reduce(0) { $0 + $1.0 * $1.1 / 2 }
  }

  /// The norm of the sum's gradient.
  func gradientNorm(at x: [Double]) -> Double {
    var (sum, gradient) = (Array(repeating: 0.0, count: dimensions), [Double]())
    for function in 0..<count {
      _ = evaluate(function, at: x, gradient: &gradient)
      for index in sum.indices { sum[index] += gradient[index] }
    }
    return sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// A rotation of the space: an orthonormal matrix, row by row.
  static func rotation(_ dimensions: Int, seed: UInt64) -> [[Double]] {
    var stream = RandomStream(seed: seed, purpose: "a rotation")
    var rows: [[Double]] = []
    while rows.count < dimensions {
      var row = (0..<dimensions).map { _ in Double(stream.nextNormal()) }
      for _ in 0..<2 {
        for other in rows {
          let product = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
          for index in row.indices { row[index] -= product * other[index] }
        }
      }
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      rows.append(row.map { $0 / norm })
    }
    return rows
  }
}
