import Distributions
import Foundation

/// One function of the sum, as its evaluations so far describe it: a quadratic about where it was evaluated last, in
/// coordinates of the subspace.
///
/// Its Hessian is B S B^T + lambda I, S a diagonal of signs (Sohl-Dickstein, Poole, Ganguli 2014, section 3.1).
struct FrozenFunction {
  /// What changed from one evaluation to the next.
  struct Pair {
    var position: [Double]
    var gradient: [Double]
  }

  /// Whether the sum has it.
  var isActive = false
  /// Evaluations in all.
  var evaluations = 0
  /// Where it was evaluated last, and what was found there.
  var position: [Double] = []
  var gradient: [Double] = []
  var value = 0.0
  /// The latest changes, from the oldest on.
  var pairs: [Pair] = []
  /// The columns of B, and their signs.
  var columns: [[Double]] = []
  var signs: [Double] = []
  /// lambda, above 0.
  var curvature = 0.0

  /// The largest ratio of curvatures that is believed.
  static let largestRatio = 1e8

  /// Takes an evaluation into account.
  ///
  /// - Parameters:
  ///   - history: the most pairs that are kept.
  ///   - rounding: the part of a number that rounding may change; smaller changes say nothing about curvature.
  /// - Returns: whether the change of position is that small, so that curvature could not be seen.
  mutating func note(
    position: [Double], value: Double, gradient: [Double], history: Int, rounding: Double
  ) -> Bool {
    var isTooShort = false
    if evaluations > 0 {
      let pair = Pair(position: position.minus(self.position), gradient: gradient.minus(self.gradient))
      isTooShort = !(pair.position.norm > rounding * position.norm)
      if !isTooShort, pair.gradient.norm > rounding * gradient.norm {
        pairs.append(pair)
        if pairs.count > history { pairs.removeFirst() }
      }
    }
    evaluations += 1
    (self.position, self.value, self.gradient) = (position, value, gradient)
    return isTooShort
  }

  // MARK: - The quadratic

  /// The Hessian times a vector.
  func hessian(times vector: [Double]) -> [Double] {
    var product = vector.map { $0 * curvature }
    for (column, sign) in zip(columns, signs) { product.add(sign * column.dot(vector), column) }
    return product
  }

  /// The gradient that the quadratic has at a position.
  func predictedGradient(at position: [Double]) -> [Double] {
    gradient.plus(hessian(times: position.minus(self.position)))
  }

  /// The value that the quadratic has at a position.
  func predictedValue(at position: [Double]) -> Double {
    let change = position.minus(self.position)
    return value + change.dot(gradient) + change.dot(hessian(times: change)) / 2
  }

  // MARK: - The Hessian

  /// Makes the Hessian of the pairs: BFGS from the oldest to the newest, over lambda I.
  ///
  /// - Returns: false without pairs, or where they tell nothing; lambda is left to the caller then.
  mutating func makeHessian() -> Bool {
    (columns, signs) = ([], [])
    guard !pairs.isEmpty else { return false }
    // All happens in the subspace of the pairs, each in units of its change of position.
    let scales = pairs.map { 1 / $0.position.norm }
    let (directions, moves, changes) = FrozenFunction.reduced(pairs, scales)
    guard let least = FrozenFunction.leastCurvature(moves, changes) else { return false }
    var hessian = SymmetricMatrix(size: directions.count)
    hessian.add(diagonal: least)
    for (move, change) in zip(moves, changes) {
      let (product, along) = (hessian.times(move), change.dot(move))
      if along != 0 { hessian.add(1 / along, square: change) }
      let curvature = move.dot(product)
      if curvature > 0 { hessian.add(-1 / curvature, square: product) }
      guard let (values, vectors) = hessian.eigensystem, let largest = values.last.map(abs),
        values.allSatisfy(\.isFinite)
      else { return false }
      let limit = max(largest, values.first.map(abs) ?? 0) / FrozenFunction.largestRatio
      guard let smallest = values.first, smallest <= limit else { continue }
      // A negative curvature means that the function isn't convex there: the median of the others is a step's length that
      // serves.
      let positive = values.filter { $0 > limit }
      guard !positive.isEmpty else { return false }
      let median = positive[positive.count / 2]
      hessian = SymmetricMatrix(size: directions.count)
      for (value, vector) in zip(values, vectors) { hessian.add(value > limit ? value : median, square: vector) }
    }
    guard let (values, vectors) = hessian.eigensystem else { return false }
    curvature = least
    for (value, vector) in zip(values, vectors) where abs(value - least) > 1e-15 * least {
      var column = Array(repeating: 0.0, count: position.count)
      let scale = abs(value - least).squareRoot()
      for (weight, direction) in zip(vector, directions) { column.add(scale * weight, direction) }
      columns.append(column)
      signs.append(value > least ? 1 : -1)
    }
    return true
  }

  /// An orthonormal basis of the pairs, and their coordinates in it.
  private static func reduced(
    _ pairs: [Pair], _ scales: [Double]
  ) -> (directions: [[Double]], moves: [[Double]], changes: [[Double]]) {
    var directions: [[Double]] = []
    let vectors =
      zip(pairs, scales).map { $0.position.times($1) } + zip(pairs, scales).map { $0.gradient.times($1) }
    for vector in vectors { directions.extend(by: vector) }
    let coordinates = vectors.map { vector in directions.map { $0.dot(vector) } }
    return (directions, Array(coordinates.prefix(pairs.count)), Array(coordinates.suffix(pairs.count)))
  }

  /// The smallest curvature that the pairs show, and at least a part of the largest: of singular values of the linear
  /// map that takes changes of position to changes of gradient.
  private static func leastCurvature(_ moves: [[Double]], _ changes: [[Double]]) -> Double? {
    guard let (squares, vectors) = moves.products.eigensystem, let most = squares.last, most > 0 else {
      return nil
    }
    // Directions of the changes of position, each of length 1, and what the gradient changes along them.
    var images: [[Double]] = []
    for (square, vector) in zip(squares, vectors) where square > 1e-12 * most {
      var image = Array(repeating: 0.0, count: changes[0].count)
      for (weight, change) in zip(vector, changes) { image.add(weight / square.squareRoot(), change) }
      images.append(image)
    }
    guard let (values, _) = images.products.eigensystem, let largest = values.last, largest > 0, largest.isFinite else {
      return nil
    }
    return max(max(0, values[0]).squareRoot(), largest.squareRoot() / largestRatio)
  }

  // MARK: - Other coordinates

  /// Applies a linear map to all vectors.
  mutating func map(_ turn: ([Double]) -> [Double]) {
    guard evaluations > 0 else { return }
    (position, gradient) = (turn(position), turn(gradient))
    pairs = pairs.map { Pair(position: turn($0.position), gradient: turn($0.gradient)) }
      .filter { $0.position.norm > 0 }
    columns = columns.map(turn)
  }
}
