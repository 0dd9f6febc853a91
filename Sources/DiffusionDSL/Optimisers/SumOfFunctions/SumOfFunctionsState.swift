import Distributions
import Formulas

// What training keeps of the minimiser, so that it goes on bit for bit.

extension SumOfFunctionsMinimiser {
  private enum Name {
    static let position = "position"
    static let priorPosition = "prior_position"
    /// [direction][parameter].
    static let basis = "basis"
    /// Coordinates of the position and of the prior one, [2][capacity].
    static let places = "places"
    /// [capacity][capacity].
    static let bent = "bent"
    /// The scale of steps, their whole length, the gain that the last one predicted, and lambda before curvature is known.
    static let numbers = "numbers"
    /// Steps, and those since a function became active.
    static let counts = "counts"
    /// For each function: whether it is active, evaluations, pairs, columns.
    static let functionCounts = "function_counts"
    /// For each function: value, lambda.
    static let functionNumbers = "function_numbers"
    /// [function][position or gradient][capacity].
    static let evaluations = "evaluations"
    /// [pair][position or gradient][capacity], of one function after the other.
    static let pairs = "pairs"
    /// [column][capacity] and [column], of one function after the other.
    static let columns = "columns"
    static let signs = "signs"
  }

  /// All that later steps depend on.
  var tensors: [String: StateTensor] {
    let zeros = Array(repeating: 0.0, count: basis.capacity)
    let columns = functions.flatMap(\.columns).flatMap { $0 }
    return [
      Name.position: StateTensor(position), Name.priorPosition: StateTensor(prior),
      Name.basis: StateTensor(basis.values), Name.places: StateTensor(place + priorPlace),
      Name.bent: StateTensor(bent.rows.flatMap { $0 }),
      Name.numbers: StateTensor([stepScale, distance, predictedGain, firstCurvature]),
      Name.counts: StateTensor([Int64(steps), Int64(stepsSinceGrowth)]),
      Name.functionCounts: StateTensor(
        functions.flatMap {
          [$0.isActive ? 1 : 0, Int64($0.evaluations), Int64($0.pairs.count), Int64($0.columns.count)]
        }),
      Name.functionNumbers: StateTensor(functions.flatMap { [$0.value, $0.curvature] }),
      Name.evaluations: StateTensor(
        functions.flatMap { $0.evaluations > 0 ? $0.position + $0.gradient : zeros + zeros }),
      Name.pairs: StateTensor(functions.flatMap(\.pairs).flatMap { $0.position + $0.gradient }),
      Name.columns: StateTensor(columns), Name.signs: StateTensor(functions.flatMap(\.signs)),
    ]
  }

  /// Goes on where a minimiser was; nil for tensors that do not fit.
  ///
  /// - Parameter wanted: how many functions there are; nil: as many as the tensors have.
  init?(_ tensors: [String: StateTensor], parameterCount: Int, functions wanted: Int?, history: Int) {
    guard let count = tensors[Name.functionCounts]?.integers.map({ $0.count / 4 }), count >= 2,
      wanted.map({ $0 == count }) ?? true
    else { return nil }
    let capacity = SumOfFunctionsMinimiser.capacity(functions: count)
    // Of the counts of a function: active or not, evaluations, pairs, columns.
    func mostOf(_ kind: Int) -> Int64 { [1, Int64.max, Int64(history), 2 * Int64(history)][kind] }
    func doubles(_ name: String, _ wanted: Int? = nil) -> [Double]? {
      guard let values = tensors[name]?.doubles, wanted.map({ $0 == values.count }) ?? true else { return nil }
      return values
    }
    guard let position = doubles(Name.position, parameterCount),
      let prior = doubles(Name.priorPosition, parameterCount),
      let directions = doubles(Name.basis), parameterCount > 0, !directions.isEmpty,
      directions.count % parameterCount == 0,
      directions.count / parameterCount <= capacity, let places = doubles(Name.places, 2 * capacity),
      let bent = doubles(Name.bent, capacity * capacity), let numbers = doubles(Name.numbers, 4),
      let counts = tensors[Name.counts]?.integers, counts.count == 2, counts.allSatisfy({ $0 >= 0 }),
      let functionCounts = tensors[Name.functionCounts]?.integers, functionCounts.count == 4 * count,
      functionCounts.indices.allSatisfy({ (0...mostOf($0 % 4)).contains(functionCounts[$0]) }),
      let functionNumbers = doubles(Name.functionNumbers, 2 * count),
      let evaluations = doubles(Name.evaluations, 2 * count * capacity), let pairs = doubles(Name.pairs),
      let columns = doubles(Name.columns), let signs = doubles(Name.signs)
    else { return nil }
    let pairCount = (0..<count).reduce(0) { $0 + Int(functionCounts[4 * $1 + 2]) }
    let columnCount = (0..<count).reduce(0) { $0 + Int(functionCounts[4 * $1 + 3]) }
    guard pairs.count == 2 * capacity * pairCount, columns.count == capacity * columnCount, signs.count == columnCount
    else { return nil }

    self.history = history
    (self.position, self.prior) = (position, prior)
    basis = Basis(dimensions: parameterCount, capacity: capacity, level: .best)
    basis.values = directions
    (place, priorPlace) = (Array(places.prefix(capacity)), Array(places.suffix(capacity)))
    self.bent = SymmetricMatrix(size: capacity, entries: bent)
    (stepScale, distance, predictedGain, firstCurvature) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (steps, stepsSinceGrowth) = (Int(counts[0]), Int(counts[1]))
    functions = []
    var (pair, column) = (0, 0)
    func vector(_ numbers: [Double], _ index: Int) -> [Double] {
      Array(numbers[index * capacity..<(index + 1) * capacity])
    }
    for index in 0..<count {
      var function = FrozenFunction()
      let counts = functionCounts[4 * index..<4 * index + 4].map { Int($0) }
      function.isActive = counts[0] > 0
      function.evaluations = counts[1]
      (function.value, function.curvature) = (functionNumbers[2 * index], functionNumbers[2 * index + 1])
      function.position = vector(evaluations, 2 * index)
      function.gradient = vector(evaluations, 2 * index + 1)
      for _ in 0..<counts[2] {
        function.pairs.append(.init(position: vector(pairs, 2 * pair), gradient: vector(pairs, 2 * pair + 1)))
        pair += 1
      }
      for _ in 0..<counts[3] {
        function.columns.append(vector(columns, column))
        function.signs.append(signs[column])
        column += 1
      }
      functions.append(function)
    }
  }
}
