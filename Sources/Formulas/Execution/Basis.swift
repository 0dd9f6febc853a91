import CTileLoops

/// An orthonormal basis of a subspace, in Double: it grows by a direction at a time, and is turned onto a smaller one.
///
/// Rows are cut into blocks of one size whatever the number of threads, which the threads of a pool take, and sums over
/// blocks are taken in their order: no bit depends on threads.
package final class Basis: ParallelWork, @unchecked Sendable {
  /// Rows of a block: a block of a hundred columns stays in a processor's second cache.
  private static let blockRows = 1024
  /// Of a vector, what lies outside of the subspace by less than this part is not worth a direction.
  private static let leastRemainder = 1e-12

  /// Numbers of a vector.
  package let dimensions: Int
  /// The most directions.
  package let capacity: Int
  /// Directions that there are.
  package private(set) var count = 0
  /// The vector width of the loops, on which the last bits of sums depend.
  package var level: VectorLevel
  /// Who works on the blocks; nil: the caller's thread.
  package var pool: WorkerPool?
  private let blocks: Int
  /// [block][direction][row].
  private let numbers: AlignedBuffer
  /// The vector at hand, [block][row].
  private let vector: AlignedBuffer
  /// Products with the vector at hand, [block][direction].
  private let products: AlignedBuffer
  /// What the directions are multiplied by, [output][direction].
  private let weights: AlignedBuffer

  /// What is to be done with each block.
  private enum Deed {
    /// Products of the directions with the vector at hand.
    case multiply
    /// Directions times their weights are added to the vector at hand.
    case add
    /// Directions are replaced by as many sums.
    case turn(outputs: Int)
  }
  private var deed = Deed.multiply

  package init(dimensions: Int, capacity: Int, level: VectorLevel) {
    self.dimensions = dimensions
    self.capacity = capacity
    self.level = level
    blocks = (dimensions + Basis.blockRows - 1) / Basis.blockRows
    numbers = AlignedBuffer(count: blocks * capacity * Basis.blockRows, precision: .double)
    vector = AlignedBuffer(count: blocks * Basis.blockRows, precision: .double)
    products = AlignedBuffer(count: blocks * capacity, precision: .double)
    weights = AlignedBuffer(count: capacity * capacity, precision: .double)
  }

  private func block(_ index: Int) -> UnsafeMutablePointer<Double> {
    numbers.doubles + index * capacity * Basis.blockRows
  }

  private func place(_ vector: [Double]) {
    precondition(vector.count == dimensions)
    for (index, value) in vector.enumerated() { self.vector.doubles[index] = value }
  }

  private func run(_ deed: Deed) {
    self.deed = deed
    if let pool, blocks > 1 {
      pool.run(tasks: blocks, self)
    } else {
      for index in 0..<blocks { perform(task: index, thread: 0) }
    }
  }

  package func perform(task index: Int, thread: Int) {
    let (rows, level, directions) = (Basis.blockRows, Int32(level.rawValue), Int64(count))
    switch deed {
    case .multiply:
      tile_basis_products(
        level, products.doubles + index * capacity, block(index), vector.doubles + index * rows, directions, Int64(rows)
      )
    case .add:
      tile_basis_sums(
        level, vector.doubles + index * rows, block(index), weights.doubles, 1, directions, Int64(rows), 1)
    case .turn(let outputs):
      withUnsafeTemporaryAllocation(of: Double.self, capacity: outputs * rows) { sums in
        guard let base = sums.baseAddress else { return }
        tile_basis_sums(level, base, block(index), weights.doubles, Int64(outputs), directions, Int64(rows), 0)
        block(index).update(from: base, count: outputs * rows)
      }
    }
  }

  /// The products of all directions with the vector at hand.
  private func multiply() -> [Double] {
    run(.multiply)
    var sums = Array(repeating: 0.0, count: count)
    for index in 0..<blocks {
      for direction in 0..<count { sums[direction] += products.doubles[index * capacity + direction] }
    }
    return sums
  }

  /// Adds directions, each times its weight, to the vector at hand.
  private func add(_ factors: [Double]) {
    for direction in 0..<count { weights.doubles[direction] = direction < factors.count ? factors[direction] : 0 }
    run(.add)
  }

  private var norm: Double {
    tile_sum_of_squares_double(Int32(level.rawValue), vector.doubles, Int64(vector.count)).squareRoot()
  }

  /// A vector's coordinates, after its direction was added to the basis where it is not in it and there is room.
  package func adding(_ vector: [Double]) -> [Double] {
    place(vector)
    let length = norm
    var coordinates = Array(repeating: 0.0, count: count)
    // Rounding leaves of the directions a part of what the vector was before a pass. That is little beside what is left,
    // unless most of the vector was taken away: then another pass follows ("twice is enough", Parlett 1998, section 6.9).
    var remainder = length
    for _ in 0..<3 {
      let before = remainder
      let found = multiply()
      add(found.map { -$0 })
      for (index, value) in found.enumerated() { coordinates[index] += value }
      remainder = norm
      if remainder > 0.1 * before { break }
    }
    guard remainder > Basis.leastRemainder * length, count < capacity else { return coordinates }
    for index in 0..<blocks {
      let (from, to) = (self.vector.doubles + index * Basis.blockRows, block(index) + count * Basis.blockRows)
      for row in 0..<Basis.blockRows { to[row] = from[row] / remainder }
    }
    count += 1
    return coordinates + [remainder]
  }

  /// Adds the vector with these coordinates to a vector.
  package func add(_ coordinates: [Double], to vector: inout [Double]) {
    precondition(coordinates.count <= count)
    place(vector)
    add(coordinates)
    for index in vector.indices { vector[index] = self.vector.doubles[index] }
  }

  /// Makes directions given by their coordinates, which are orthonormal, the basis.
  package func turn(onto directions: [[Double]]) {
    precondition(directions.count <= capacity && directions.allSatisfy { $0.count == count })
    for (index, direction) in directions.enumerated() {
      for (place, value) in direction.enumerated() { weights.doubles[index * count + place] = value }
    }
    run(.turn(outputs: directions.count))
    count = directions.count
  }

  /// All directions, one behind the other, each `dimensions` numbers.
  package var values: [Double] {
    get {
      var values: [Double] = []
      values.reserveCapacity(count * dimensions)
      for direction in 0..<count {
        for row in 0..<dimensions {
          values.append(block(row / Basis.blockRows)[direction * Basis.blockRows + row % Basis.blockRows])
        }
      }
      return values
    }
    set {
      count = min(capacity, newValue.count / max(1, dimensions))
      for direction in 0..<count {
        for row in 0..<dimensions {
          block(row / Basis.blockRows)[direction * Basis.blockRows + row % Basis.blockRows] =
            newValue[direction * dimensions + row]
        }
      }
    }
  }
}
