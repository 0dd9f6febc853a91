import Distributions

// Vectors of a few hundred coordinates, as arrays.

extension [Double] {
  func dot(_ other: [Double]) -> Double {
    var sum = 0.0
    for index in 0..<Swift.min(count, other.count) { sum += self[index] * other[index] }
    return sum
  }

  var norm: Double { dot(self).squareRoot() }

  func times(_ factor: Double) -> [Double] { map { $0 * factor } }
  func plus(_ other: [Double]) -> [Double] { zip(self, other).map { $0 + $1 } }
  func minus(_ other: [Double]) -> [Double] { zip(self, other).map { $0 - $1 } }

  /// Adds a multiple of a vector.
  mutating func add(_ factor: Double, _ other: [Double]) {
    for index in indices { self[index] += factor * other[index] }
  }

  /// With zeros behind it.
  func padded(to count: Int) -> [Double] {
    self.count < count ? self + Array(repeating: 0, count: count - self.count) : self
  }
}

extension [[Double]] {
  /// Adds the direction of a vector to an orthonormal system, unless the vector is in its span but for rounding.
  mutating func extend(by vector: [Double]) {
    var remainder = vector
    // What one pass leaves of the directions, by rounding, the next takes.
    for _ in 0..<3 {
      for direction in self { remainder.add(-direction.dot(remainder), direction) }
    }
    let length = remainder.norm
    if length > 1e-12 * vector.norm { append(remainder.times(1 / length)) }
  }

  /// The products of all pairs of vectors.
  var products: SymmetricMatrix {
    var matrix = SymmetricMatrix(size: count)
    for row in indices { for column in 0...row { matrix[row, column] = self[row].dot(self[column]) } }
    return matrix
  }
}
