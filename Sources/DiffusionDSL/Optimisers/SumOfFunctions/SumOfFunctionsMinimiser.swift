import Distributions
import Formulas
import Foundation

/// Minimises a sum of functions, each of which is evaluated by itself (Sohl-Dickstein, Poole, Ganguli 2014, "Fast
/// large-scale optimization by unifying stochastic gradient and quasi-Newton methods").
///
/// Each function is described by a quadratic about where it was evaluated last; a step evaluates one of them, makes its
/// quadratic anew, and goes to the minimum of the sum of all quadratics. All of this happens in a subspace of the
/// parameters, which holds the gradients and positions of the functions and is collapsed onto these when it is full.
struct SumOfFunctionsMinimiser {
  /// Evaluates a function at a position; the gradient is written.
  typealias Evaluation = (_ function: Int, _ position: [Double], _ gradient: inout [Double]) throws -> Double

  /// The shortest share of a step.
  static let leastStepScale = 1e-5
  /// The least lambda that is begun with.
  private static let leastFirstCurvature = 1e-10
  /// A step is at most so many times as long as the mean step.
  static let largestStep = 10.0

  let history: Int
  /// The part of a number that the rounding of an evaluation may change.
  var rounding = 1e-13
  var functions: [FrozenFunction]
  let basis: Basis
  /// The sum of B S B^T of all active functions, in coordinates.
  var bent: SymmetricMatrix
  /// The parameters, and those before the last step.
  var position: [Double]
  var prior: [Double]
  /// Their coordinates.
  var place: [Double]
  var priorPlace: [Double]
  var stepScale = 1.0
  /// lambda before anything is known about curvature: first steps are short. Where they are too short for rounding to show
  /// how a gradient changes, it is taken down by factors of 10: parameters in single precision that are far from 0 would
  /// never move otherwise.
  var firstCurvature = 1e5
  /// The length of all steps.
  var distance = 0.0
  /// How much the last step was to lower the sum.
  var predictedGain = 0.0
  /// Steps since a function became active.
  var stepsSinceGrowth = 0
  /// Steps made.
  var steps = 0

  /// - Parameters:
  ///   - position: where to begin.
  ///   - functions: how many, 2 or more.
  ///   - history: the most pairs of changes kept for a function.
  init(from position: [Double], functions count: Int, history: Int, level: VectorLevel = .best) {
    self.history = history
    self.position = position
    prior = position
    functions = Array(repeating: FrozenFunction(), count: count)
    for index in 0..<min(2, count) { functions[index].isActive = true }
    basis = Basis(
      dimensions: position.count, capacity: SumOfFunctionsMinimiser.capacity(functions: count),
      level: level)
    bent = SymmetricMatrix(size: basis.capacity)
    (place, priorPlace) = ([], [])
    place = basis.adding(position).padded(to: basis.capacity)
    priorPlace = place
  }

  /// Directions that the subspace has room for.
  static func capacity(functions: Int) -> Int { (3 * (2 * functions + 2) + 1) / 2 }

  private var active: [Int] { functions.indices.filter { functions[$0].isActive } }
  /// The functions that the sum consists of so far.
  private var known: [Int] { functions.indices.filter { functions[$0].isActive && functions[$0].evaluations > 0 } }
  private var evaluations: Int { functions.reduce(0) { $0 + $1.evaluations } }

  // MARK: - A step

  /// Evaluates one function, or some where the step before went too far, and moves the position.
  ///
  /// - Throws: what the evaluation throws; `OptimiserError.failed` where the function isn't finite at the prior position
  ///   either.
  mutating func step(_ evaluate: Evaluation) throws {
    let chosen = choose()
    var gradient: [Double] = []
    let value = try finite(evaluate, chosen, position, &gradient)
    let failed: Bool
    if let value, !isFailure(chosen, value) {
      failed = false
      stepScale += (1 - stepScale) / Double(functions.count)
      note(chosen, value, gradient)
    } else {
      failed = true
      stepScale = max(SumOfFunctionsMinimiser.leastStepScale, stepScale / 2)
      try stepBack(chosen, value, gradient, evaluate)
    }
    remakeHessian(chosen)
    // Parts added and taken away leave their rounding behind.
    if steps % functions.count == 0 { sumUp() }
    let total = self.total
    move(total)
    grow(total, afterFailure: failed)
    steps += 1
  }

  /// The value, or nil where the value or the gradient isn't finite.
  private func finite(
    _ evaluate: Evaluation, _ function: Int, _ position: [Double], _ gradient: inout [Double]
  ) throws -> Double? {
    do {
      let value = try evaluate(function, position, &gradient)
      return value.isFinite && gradient.allSatisfy(\.isFinite) ? value : nil
    } catch is NotFinite {
      return nil
    }
  }

  // MARK: - Which function

  /// One of a single evaluation, which has no curvature yet; one of none; else the one that is farthest from where its
  /// quadratic was made, by its own curvature or by the sum's.
  private func choose() -> Int {
    let active = self.active
    if let single = active.first(where: { functions[$0].evaluations == 1 }) { return single }
    if let fresh = active.first(where: { functions[$0].evaluations == 0 }) { return fresh }
    var stream = RandomStream(
      seed: 0, purpose: "sum of functions", chain: UInt64(steps) >> 32, step: UInt32(truncatingIfNeeded: steps))
    let bySum = stream.nextUniform() < 0.5
    let total = bySum ? self.total : nil
    func distance(_ index: Int) -> Double {
      let change = place.minus(functions[index].position)
      return change.dot(total?.times(Array(change.prefix(basis.count))) ?? functions[index].hessian(times: change))
    }
    return active.map { (index: $0, distance: distance($0)) }.max { $0.distance < $1.distance }?.index ?? 0
  }

  // MARK: - Steps that went too far

  /// Whether a value shows that the last step went too far.
  private func isFailure(_ chosen: Int, _ value: Double) -> Bool {
    let function = functions[chosen]
    guard function.evaluations > 0 else {
      // Nothing is known about this function, but it is one of many that are alike.
      let others = known.map { functions[$0].value }
      guard others.count >= 3 else { return false }
      let mean = others.reduce(0, +) / Double(others.count)
      let variance = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(others.count - 1)
      return value > mean + 3 * variance.squareRoot()
    }
    guard value > function.value else { return false }
    // The function's share in what the step was to gain is one in as many as there are: if it lies above its quadratic by
    // more than all others were to gain, the sum has grown.
    let predicted = function.predictedValue(at: place)
    return value - predicted
      > max(0, predictedGain - (function.value - predicted)) + rounding * max(abs(value), abs(function.value))
  }

  /// Evaluates the function where the last step began, and shortens that step until the function is not far worse.
  ///
  /// - Throws: `OptimiserError.failed` where the function isn't finite where the step began.
  private mutating func stepBack(
    _ chosen: Int, _ value: Double?, _ gradient: [Double], _ evaluate: Evaluation
  ) throws {
    var (value, gradient) = (value, gradient)
    var priorGradient: [Double] = []
    guard let priorValue = try finite(evaluate, chosen, prior, &priorGradient) else {
      throw OptimiserError.failed(
        "minibatch \(chosen) gave a number that is not finite where a step began: give more rows to a minibatch, or keep "
          + "the variance of the last step away from 0")
    }
    let wanted =
      functions[chosen].evaluations > 0 ? abs(functions[chosen].predictedValue(at: place) - priorValue) : .infinity
    for _ in 0..<10 {
      if let value, value - priorValue < 10 * wanted { break }
      for index in position.indices { position[index] = prior[index] + (position[index] - prior[index]) / 100 }
      place = priorPlace.plus(place.minus(priorPlace).times(0.01))
      value = try finite(evaluate, chosen, position, &gradient)
    }
    if let value, value < priorValue {
      note(chosen, priorValue, priorGradient, isPrior: true)
      note(chosen, value, gradient)
    } else {
      if let value { note(chosen, value, gradient) }
      (position, place) = (prior, priorPlace)
      note(chosen, priorValue, priorGradient)
    }
  }

  // MARK: - The quadratics

  /// Takes an evaluation at the position, or at the prior one, into account.
  private mutating func note(_ chosen: Int, _ value: Double, _ gradient: [Double], isPrior: Bool = false) {
    if basis.count == basis.capacity { collapse() }
    let coordinates = basis.adding(gradient).padded(to: basis.capacity)
    let isTooShort = functions[chosen].note(
      position: isPrior ? priorPlace : place, value: value, gradient: coordinates, history: history,
      rounding: rounding)
    if isTooShort, functions[chosen].pairs.isEmpty {
      firstCurvature = max(firstCurvature / 10, SumOfFunctionsMinimiser.leastFirstCurvature)
    }
  }

  private mutating func remakeHessian(_ chosen: Int) {
    add(-1, chosen)
    if !functions[chosen].makeHessian() { functions[chosen].curvature = curvatureOfOthers(than: chosen) }
    add(1, chosen)
  }

  /// lambda of a function that shows no curvature yet: that of those that do, shared evenly.
  private func curvatureOfOthers(than chosen: Int) -> Double {
    let others = known.filter { $0 != chosen && !functions[$0].pairs.isEmpty }
    guard evaluations >= 5, !others.isEmpty, let values = total(of: others).eigensystem?.values, !values.isEmpty
    else { return firstCurvature }
    return values[values.count / 2] / Double(others.count)
  }

  private mutating func add(_ factor: Double, _ function: Int) {
    for (column, sign) in zip(functions[function].columns, functions[function].signs) {
      bent.add(factor * sign, square: column)
    }
  }

  /// The Hessian of the sum of the quadratics, in the coordinates that there are.
  var total: SymmetricMatrix { total(of: known) }

  private func total(of chosen: [Int]) -> SymmetricMatrix {
    var total = bent.leading(basis.count)
    total.add(diagonal: chosen.reduce(0) { $0 + functions[$1].curvature })
    return total
  }

  /// The gradient of the sum of the quadratics at the position, in coordinates.
  var predictedGradient: [Double] {
    known.reduce(into: Array(repeating: 0, count: basis.capacity)) {
      $0.add(1, functions[$1].predictedGradient(at: place))
    }
  }

  /// Goes to the minimum of the sum of the quadratics, or less far.
  private mutating func move(_ total: SymmetricMatrix) {
    let gradient = predictedGradient
    (prior, priorPlace) = (position, place)
    guard let direction = total.solving([Array(gradient.prefix(basis.count))])?.first else {
      predictedGain = 0
      return
    }
    var move = direction.times(-stepScale).padded(to: basis.capacity)
    if steps > functions.count, distance > 0 {
      let longest = SumOfFunctionsMinimiser.largestStep * distance / Double(steps)
      if move.norm > longest { move = move.times(longest / move.norm) }
    }
    distance += move.norm
    let used = Array(move.prefix(basis.count))
    predictedGain = -(move.dot(gradient) + used.dot(total.times(used)) / 2)
    basis.add(used, to: &position)
    place = place.plus(move)
  }

  /// Makes one more function active, where those that are say too little.
  private mutating func grow(_ total: SymmetricMatrix, afterFailure: Bool) {
    stepsSinceGrowth += 1
    let known = self.known
    guard let next = functions.firstIndex(where: { !$0.isActive }), known.count == active.count, known.count > 1 else {
      return
    }
    let count = Double(known.count)
    let gradients = known.map { Array(functions[$0].gradient.prefix(basis.count)) }
    let mean = gradients.reduce(into: Array(repeating: 0.0, count: basis.count)) { $0.add(1 / count, $1) }
    let sides = [mean] + gradients.map { $0.minus(mean) }
    let sizes = total.solving(sides).map { zip(sides, $0).map { $0.dot($1) } } ?? []
    let isNoisy = (sizes.dropFirst().reduce(0, +)) / (count * (count - 1)) >= sizes.first ?? 0
    guard isNoisy || afterFailure || stepsSinceGrowth >= known.count else { return }
    functions[next].isActive = true
    stepsSinceGrowth = 0
  }

  // MARK: - The subspace

  /// Turns the subspace onto what is needed of it: gradients and positions of the functions, the position, and the
  /// predicted gradient.
  mutating func collapse() {
    let count = basis.count
    var directions: [[Double]] = []
    let needed =
      [place, priorPlace, predictedGradient] + known.flatMap { [functions[$0].gradient, functions[$0].position] }
    for vector in needed { directions.extend(by: Array(vector.prefix(count))) }
    // With all functions active there are 2 N + 3 of 3 N + 3.
    let capacity = basis.capacity
    basis.turn(onto: directions)
    func turned(_ vector: [Double]) -> [Double] { directions.map { $0.dot(vector) }.padded(to: capacity) }
    for index in functions.indices { functions[index].map(turned) }
    (place, priorPlace) = (turned(place), turned(priorPlace))
    sumUp()
  }

  /// Makes the sum of the functions' parts anew.
  private mutating func sumUp() {
    bent = SymmetricMatrix(size: basis.capacity)
    for index in known { add(1, index) }
  }
}
