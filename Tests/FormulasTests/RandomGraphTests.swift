import Formulas
import Foundation
import Testing

/// Random expressions against a plain evaluation of the same operations: nothing that the compiler simplifies, folds,
/// fuses or places may change a value or a gradient.
@Suite struct RandomGraphTests {
  static func graph(_ seed: Int, isSmooth: Bool) -> RandomGraph {
    RandomGraph(seed: UInt64(seed), operations: 10 + seed % 21, isSmooth: isSmooth)
  }

  @Test(arguments: 0..<10) func valuesAreThoseOfAPlainEvaluation(_ group: Int) throws {
    for seed in 50 * group..<50 * (group + 1) {
      let graph = RandomGraphTests.graph(seed, isSmooth: false)
      let level = VectorLevel.allCases.filter(\.isAvailable)[seed % VectorLevel.allCases.filter(\.isAvailable).count]
      let values = try graph.bench.values(graph.result.formula, step: RandomGraph.step, level: level)
      for row in 0..<RandomGraph.rows {
        let expected = graph.evaluate(graph.surroundings, row: row)
        #expect(values[row].count == expected.count)
        for (value, reference) in zip(values[row], expected) {
          #expect((value - reference).magnitude <= 1e-9 * max(1, reference.magnitude), "seed \(seed), row \(row)")
        }
      }
    }
  }

  @Test(arguments: 0..<10) func gradientsAreThoseOfDifferences(_ group: Int) throws {
    for seed in 50 * group..<50 * (group + 1) {
      let graph = RandomGraphTests.graph(seed, isSmooth: true)
      let gradient = try graph.bench.gradient(graph.loss, stepOfTile: { _ in RandomGraph.step }).gradient
      var numbers = Numbers(seed: UInt64(seed) &+ 77)
      for _ in 0..<3 {
        let direction = RandomGraph.parameters.map { ($0.name, numbers.vector($0.shape.count)) }
        func loss(_ distance: Double) -> Double {
          var moved = graph.surroundings
          for (name, change) in direction {
            moved.values[name] = zip(moved.values[name] ?? [], change).map { $0 + distance * $1 }
          }
          return (0..<RandomGraph.rows).reduce(0) { $0 + graph.evaluate(moved, row: $1).reduce(0, +) }
        }
        let h = 1e-4
        let numeric = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h)
        var exact = 0.0
        var size = 0.0
        for (name, change) in direction {
          for (g, c) in zip(gradient[name] ?? [], change) {
            exact += g * c
            size += (g * c).magnitude
          }
        }
        #expect((exact - numeric).magnitude <= 1e-6 * max(0.1, size), "seed \(seed): \(exact), not \(numeric)")
      }
    }
  }
}

/// An expression of random operations, and the same as a list of plain computations.
struct RandomGraph {
  /// Values of parameters; of row inputs, row by row.
  struct Surroundings {
    var values: [String: [Double]]
    var x: [[Double]]
    var y: [[Double]]
  }

  struct Step {
    var formula: Formula
    /// From earlier values, in the surroundings of a row.
    var compute: ([[Double]], Surroundings, Int) -> [Double]
  }

  static let parameters: [(name: String, shape: Shape)] = [
    ("p", [4]), ("q", [4]), ("s", .scalar), ("m", [3, 4]), ("table", [5, 4]), ("weights", [4, 3]),
  ]
  static let rows = 5
  static let step = 2

  let surroundings: Surroundings
  private var steps: [Step] = []
  private var values: [[[Double]]]
  private var numbers: Numbers
  private let isSmooth: Bool

  init(seed: UInt64, operations: Int, isSmooth: Bool) {
    var numbers = Numbers(seed: (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15)
    surroundings = Surroundings(
      values: Dictionary(
        uniqueKeysWithValues: RandomGraph.parameters.map { ($0.name, numbers.vector($0.shape.count)) }),
      x: (0..<RandomGraph.rows).map { _ in numbers.vector(4) }, y: (0..<RandomGraph.rows).map { _ in numbers.vector(3) }
    )
    self.numbers = numbers
    self.isSmooth = isSmooth
    values = Array(repeating: [], count: RandomGraph.rows)
    append(.input("x", shape: [4])) { _, surroundings, row in surroundings.x[row] }
    append(.input("y", shape: [3])) { _, surroundings, row in surroundings.y[row] }
    for (name, shape) in RandomGraph.parameters.prefix(3) {
      append(.parameter(name, shape: shape)) { _, surroundings, _ in surroundings.values[name] ?? [] }
    }
    append(Formula.parameter("table", shape: [5, 4]).atStep()) { _, surroundings, _ in
      Array((surroundings.values["table"] ?? [])[8..<12])
    }
    append(Formula([0.5, -1, 0.25, 1])) { _, _, _ in [0.5, -1, 0.25, 1] }
    append(Formula(0.75)) { _, _, _ in [0.75] }
    let leaves = steps.count
    var tries = 0
    while steps.count < leaves + operations, tries < 20 * operations {
      tries += 1
      appendOperation()
    }
  }

  var result: Step { steps[steps.count - 1] }
  var loss: Formula { sum(result.formula) }

  var bench: Bench {
    Bench(
      inputs: ["x": surroundings.x, "y": surroundings.y],
      parameters: RandomGraph.parameters.map { ($0.name, $0.shape, surroundings.values[$0.name] ?? []) },
      rows: RandomGraph.rows)
  }

  func evaluate(_ surroundings: Surroundings, row: Int) -> [Double] {
    var values: [[Double]] = []
    for step in steps { values.append(step.compute(values, surroundings, row)) }
    return values[values.count - 1]
  }

  private mutating func append(_ formula: Formula, _ compute: @escaping ([[Double]], Surroundings, Int) -> [Double]) {
    let new = values.indices.map { compute(values[$0], surroundings, $0) }
    // Numbers of moderate size, so that differences have digits.
    guard formula.fault == nil, new.joined().allSatisfy({ $0.magnitude < 4 }) else { return }
    for row in values.indices { values[row].append(new[row]) }
    steps.append(Step(formula: formula, compute: compute))
  }

  private mutating func below(_ count: Int) -> Int { Int(numbers.uniform(0...1) * Double(count)) % max(1, count) }

  /// A value, rather a late one, that satisfies a condition.
  private mutating func pick(_ condition: (Formula) -> Bool) -> Int {
    let fitting = steps.indices.filter { condition(steps[$0].formula) }
    return fitting[max(below(fitting.count), below(fitting.count))]
  }

  private mutating func appendOperation() {
    switch below(8) {
    case 0, 1: appendFunction()
    case 2, 3, 4: appendArithmetic()
    case 5: appendViews()
    case 6: appendReduction()
    default: appendMatrix()
    }
  }

  private mutating func each(_ f: (Formula) -> Formula, _ g: @escaping (Double) -> Double) {
    let a = pick { _ in true }
    append(f(steps[a].formula)) { values, _, _ in values[a].map(g) }
  }

  private mutating func appendFunction() {
    let factor = [0, 1, -1, 0.5, -2][below(5)]
    switch below(isSmooth ? 14 : 18) {
    case 0: each({ -$0 }, { -$0 })
    case 1: each({ exp($0) }, { exp($0) })
    case 2: each({ log(square($0) + 0.5) }, { log($0 * $0 + 0.5) })
    case 3: each({ log1p(square($0)) }, { log1p($0 * $0) })
    case 4: each({ sqrt(0.5 + $0 * $0) }, { ($0 * $0 + 0.5).squareRoot() })
    case 5: each({ reciprocal(square($0) + 1) }, { 1 / ($0 * $0 + 1) })
    case 6: each({ tanh($0) }, { tanh($0) })
    case 7: each({ sigmoid($0) }, { 1 / (1 + exp(-$0)) })
    case 8: each({ softplus($0) }, { log1p(exp($0)) })
    case 9: each({ sin($0) }, { sin($0) })
    case 10: each({ cos($0) }, { cos($0) })
    case 11: each({ expm1($0) }, { expm1($0) })
    case 12: each({ $0 * factor }, { $0 * factor })
    case 13: each({ $0 + factor }, { $0 + factor })
    case 14: each({ relu($0) }, { Swift.max($0, 0) })
    case 15: each({ abs($0) }, { $0.magnitude })
    case 16: each({ leakyReLU($0, slope: 0.25) }, { $0 > 0 ? $0 : 0.25 * $0 })
    default: each({ select($0 .> 0.125, $0, -$0) }, { $0 > 0.125 ? $0 : -$0 })
    }
  }

  private mutating func appendArithmetic() {
    let a = pick { _ in true }
    let shape = steps[a].formula.shape
    let b = pick { $0.shape == shape || $0.shape == .scalar || shape == .scalar }
    let (first, second) = (steps[a].formula, steps[b].formula)
    func both(_ formula: Formula, _ g: @escaping (Double, Double) -> Double) {
      append(formula) { values, _, _ in
        let count = max(values[a].count, values[b].count)
        return (0..<count).map { g(values[a][$0 % values[a].count], values[b][$0 % values[b].count]) }
      }
    }
    switch below(isSmooth ? 7 : 10) {
    case 0: both(first + second, +)
    case 1: both(first - second, -)
    case 2: both(first * second, *)
    case 3: both(first / (second * second + 0.5)) { $0 / ($1 * $1 + 0.5) }
    case 4: both(first + -second) { $0 - $1 }
    case 5: both(first * first - second * 2) { $0 * $0 - 2 * $1 }
    case 6: both(-first + second * first) { $1 * $0 - $0 }
    case 7: both(max(first, second), Double.maximum)
    case 8: both(min(first, second), Double.minimum)
    default: both(select(first .> second, second * 2, first)) { $0 > $1 ? 2 * $1 : $0 }
    }
  }

  private mutating func appendViews() {
    let a = pick { !$0.shape.axes.isEmpty }
    let formula = steps[a].formula
    let count = formula.shape.axes[0]
    switch below(4) {
    case 0:
      let index = below(count)
      append(formula[index]) { values, _, _ in [values[a][index]] }
    case 1:
      let start = below(count)
      let end = start + 1 + below(count - start)
      append(formula[start..<end]) { values, _, _ in Array(values[a][start..<end]) }
    case 2:
      let b = pick { _ in true }
      let cut = Swift.min(4, count)
      append(concatenate([formula[0..<cut], steps[b].formula])[0..<cut]) { values, _, _ in
        Array((values[a][0..<cut] + values[b])[0..<cut])
      }
    default:
      let b = pick { $0.shape == .scalar }
      let (start, end) = (1 % count, Swift.min(4, 1 + count))
      append(concatenate([formula[start..<count], steps[b].formula, formula])[0..<end]) { values, _, _ in
        let joined = Array(values[a][start...]) + values[b] + values[a]
        return Array(joined[0..<end])
      }
    }
  }

  private mutating func appendReduction() {
    let a = pick { !$0.shape.axes.isEmpty }
    let formula = steps[a].formula
    switch below(6) {
    case 0: append(sum(formula)) { values, _, _ in [values[a].reduce(0, +)] }
    case 1: append(mean(formula)) { values, _, _ in [values[a].reduce(0, +) / Double(values[a].count)] }
    case 2: append(sum(square(formula))) { values, _, _ in [values[a].reduce(0) { $0 + $1 * $1 }] }
    case 3:
      append(softmax(formula)) { values, _, _ in
        let total = values[a].reduce(0) { $0 + exp($1) }
        return values[a].map { exp($0) / total }
      }
    case 4: append(logSumExp(formula)) { values, _, _ in [log(values[a].reduce(0) { $0 + exp($1) })] }
    default:
      let b = pick { $0.shape == formula.shape }
      append(sum(formula * steps[b].formula)) { values, _, _ in
        [zip(values[a], values[b]).reduce(0) { $0 + $1.0 * $1.1 }]
      }
    }
  }

  private mutating func appendMatrix() {
    let a = pick { $0.shape == [4] }
    let formula = steps[a].formula
    let m = Formula.parameter("m", shape: [3, 4])
    switch below(4) {
    case 0:
      append(affine(m, formula) * 0.5) { values, surroundings, _ in
        Plain.product(surroundings.values["m"] ?? [], values[a]).map { 0.5 * $0 }
      }
    case 1:
      let b = pick { $0.shape.count >= 3 && $0.stage < .row }
      let bias = steps[b].formula[0..<3]
      append(affine(m, formula, bias: bias)) { values, surroundings, _ in
        zip(Plain.product(surroundings.values["m"] ?? [], values[a]), values[b]).map { $0 + $1 }
      }
    case 2:
      append(squaredDistance(formula, centres: tanh(m)) * 0.25) { values, surroundings, _ in
        let centres = (surroundings.values["m"] ?? []).map { tanh($0) }
        return Plain.squaredDistances(values[a], centres).map { 0.25 * $0 }
      }
    default:
      let b = pick { $0.shape == [4] && $0.stage < .row }
      append(weightedSum(steps[b].formula, .parameter("weights", shape: [4, 3]))) { values, surroundings, _ in
        Plain.transposedProduct(surroundings.values["weights"] ?? [], values[b])
      }
    }
  }
}
