internal import CGSL

/// A symmetric matrix of finite numbers: eigenvalues and equations, by GSL.
package struct SymmetricMatrix: Sendable {
  /// Rows, and columns.
  package let size: Int
  /// Row by row, all of them.
  private var entries: [Double]

  /// Zeros.
  package init(size: Int) {
    self.size = size
    entries = Array(repeating: 0, count: size * size)
  }

  /// - Parameter entries: row by row, size^2 of them; the lower triangle is read.
  package init(size: Int, entries: [Double]) {
    precondition(entries.count == size * size)
    self.size = size
    self.entries = entries
  }

  /// The number in a row and a column; setting one sets both that are equal.
  package subscript(row: Int, column: Int) -> Double {
    get { entries[row * size + column] }
    set {
      entries[row * size + column] = newValue
      entries[column * size + row] = newValue
    }
  }

  /// All rows, from the first on.
  package var rows: [[Double]] { (0..<size).map { Array(entries[$0 * size..<($0 + 1) * size]) } }

  /// Adds the product of a vector with itself, times a factor.
  package mutating func add(_ factor: Double, square vector: [Double]) {
    precondition(vector.count == size)
    for row in 0..<size {
      let scaled = factor * vector[row]
      guard scaled != 0 else { continue }
      for column in 0..<size { entries[row * size + column] += scaled * vector[column] }
    }
  }

  /// Adds a number to the diagonal.
  package mutating func add(diagonal: Double) {
    for index in 0..<size { entries[index * size + index] += diagonal }
  }

  /// The product with a vector.
  package func times(_ vector: [Double]) -> [Double] {
    precondition(vector.count == size)
    return (0..<size).map { row in
      var sum = 0.0
      for column in 0..<size { sum += entries[row * size + column] * vector[column] }
      return sum
    }
  }

  /// The rows and columns before `size`.
  package func leading(_ size: Int) -> SymmetricMatrix {
    precondition(size <= self.size)
    return SymmetricMatrix(
      size: size, entries: (0..<size).flatMap { entries[$0 * self.size..<$0 * self.size + size] })
  }

  /// Eigenvalues in ascending order, each with its eigenvector, orthonormal; nil where GSL finds none.
  package var eigensystem: (values: [Double], vectors: [[Double]])? {
    guard size > 0 else { return ([], []) }
    guard let workspace = gsl_eigen_symmv_alloc(size), let vectors = gsl_matrix_alloc(size, size),
      let values = gsl_vector_alloc(size)
    else { return nil }
    defer {
      gsl_eigen_symmv_free(workspace)
      gsl_matrix_free(vectors)
      gsl_vector_free(values)
    }
    var copy = entries
    let status = copy.withUnsafeMutableBufferPointer { buffer -> Int32 in
      guard let base = buffer.baseAddress else { return Int32(GSL_EINVAL) }
      var view = gsl_matrix_view_array(base, size, size)
      return withUnsafeMutablePointer(to: &view.matrix) { gsl_eigen_symmv($0, values, vectors, workspace) }
    }
    guard status == GSL_SUCCESS,
      gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_ASC) == GSL_SUCCESS
    else { return nil }
    return (
      (0..<size).map { gsl_vector_get(values, $0) },
      (0..<size).map { column in (0..<size).map { gsl_matrix_get(vectors, $0, column) } }
    )
  }

  /// The lower triangular factor L of L L^T (Cholesky), row by row with zeros behind the diagonal; nil where the matrix is
  /// not positive definite.
  package var lowerFactor: [[Double]]? {
    guard size > 0 else { return [] }
    var factor = entries
    let isDefinite = factor.withUnsafeMutableBufferPointer { buffer -> Bool in
      guard let base = buffer.baseAddress else { return false }
      var view = gsl_matrix_view_array(base, size, size)
      return withUnsafeMutablePointer(to: &view.matrix) { gsl_linalg_cholesky_decomp1($0) == GSL_SUCCESS }
    }
    guard isDefinite else { return nil }
    return (0..<size).map { row in (0..<size).map { $0 <= row ? factor[row * size + $0] : 0 } }
  }

  /// Solves equations with several right sides; nil where the matrix is not positive definite.
  package func solving(_ sides: [[Double]]) -> [[Double]]? {
    guard size > 0 else { return sides }
    var factor = entries
    return factor.withUnsafeMutableBufferPointer { buffer -> [[Double]]? in
      guard let base = buffer.baseAddress else { return nil }
      var view = gsl_matrix_view_array(base, size, size)
      return withUnsafeMutablePointer(to: &view.matrix) { matrix -> [[Double]]? in
        guard gsl_linalg_cholesky_decomp1(matrix) == GSL_SUCCESS else { return nil }
        var solutions: [[Double]] = []
        for side in sides {
          precondition(side.count == size)
          var solution = side
          let status = solution.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return Int32(GSL_EINVAL) }
            var view = gsl_vector_view_array(base, size)
            return withUnsafeMutablePointer(to: &view.vector) { gsl_linalg_cholesky_svx(matrix, $0) }
          }
          guard status == GSL_SUCCESS, solution.allSatisfy(\.isFinite) else { return nil }
          solutions.append(solution)
        }
        return solutions
      }
    }
  }
}
