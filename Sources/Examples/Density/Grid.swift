import Foundation

/// The grid that a column's values lie on, if they do: a density on tied values is unbounded, so such a column is
/// spread by uniform noise as wide as the grid's step (Theis, van den Oord and Bethge 2015).
enum Grid: Equatable {
  /// Hardly any values are tied.
  case none
  /// All values are a whole number of steps apart.
  case step(Double)
  /// This share of the values repeats others, and no step explains them all.
  case tiesWithoutStep(share: Double)

  /// The step, if there is one.
  var width: Double? {
    if case .step(let step) = self { step } else { nil }
  }

  /// Fewer ties than this share of the rows are taken for chance.
  private static let fewTies = 0.02

  init(of values: [Double]) {
    let distinct = Grid.distinct(values)
    let tied = 1 - Double(distinct.count) / Double(max(1, values.count))
    guard distinct.count > 1, tied >= Grid.fewTies else {
      self = .none
      return
    }
    let decimal = Grid.decimalStep(distinct)
    if let decimal, Grid.explains(decimal, distinct, rows: values.count, tied: tied) {
      self = .step(decimal)
    } else if let general = Grid.generalStep(distinct) {
      self = .step(general)
    } else if let decimal {
      self = .step(decimal)
    } else {
      self = .tiesWithoutStep(share: tied)
    }
  }

  private static func distinct(_ values: [Double]) -> [Double] {
    var distinct: [Double] = []
    for value in values.sorted() where value != distinct.last { distinct.append(value) }
    return distinct
  }

  /// The largest step such that all values, written with as few decimals as they need, are a whole number of steps
  /// apart.
  private static func decimalStep(_ distinct: [Double]) -> Double? {
    for decimals in 0...9 {
      let scale = pow(10, Double(decimals))
      // Beyond, a Double can't tell a whole number from its neighbours closely enough.
      guard let largest = distinct.map(abs).max(), largest * scale < 1e12 else { return nil }
      let isWhole = distinct.allSatisfy { value in
        let scaled = value * scale
        return abs(scaled - scaled.rounded()) <= 1e-4
      }
      guard isWhole else { continue }
      let whole = distinct.map { Int(($0 * scale).rounded()) }
      let divisor = whole.dropFirst().reduce(0) { greatestCommonDivisor($0, $1 - whole[0]) }
      return divisor > 0 ? Double(divisor) / scale : nil
    }
    return nil
  }

  /// A step that is no decimal number, such as a third of a unit written with six digits.
  private static func generalStep(_ distinct: [Double]) -> Double? {
    guard let first = distinct.first else { return nil }
    let gaps = zip(distinct.dropFirst(), distinct).map { $0 - $1 }
    guard let smallest = gaps.min(), smallest > 0 else { return nil }
    for parts in 1...10 {
      // The estimate sharpens with distance, as rounding spreads over more steps.
      var step = smallest / Double(parts)
      let fits = distinct.dropFirst().allSatisfy { value in
        let steps = (value - first) / step
        let whole = steps.rounded()
        guard abs(steps - whole) <= 0.02, whole >= 1, whole < 1e6 else { return false }
        step = (value - first) / whole
        return true
      }
      if fits { return step }
    }
    return nil
  }

  /// Whether the number of ties is what a grid of this step would give: a much finer one would leave few.
  private static func explains(_ step: Double, _ distinct: [Double], rows: Int, tied: Double) -> Bool {
    guard let low = distinct.first, let high = distinct.last else { return false }
    let places = (high - low) / step + 1
    let expected = 1 - places / Double(rows) * -expm1(-Double(rows) / places)
    return tied <= 20 * expected
  }

  private static func greatestCommonDivisor(_ one: Int, _ other: Int) -> Int {
    var (a, b) = (abs(one), abs(other))
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

extension RowMatrix {
  /// Adds uniform noise as wide as each column's step, centred on the values.
  func dequantised(_ grids: [Grid], using generator: inout some RandomNumberGenerator) -> RowMatrix {
    var result = self
    for index in values.indices {
      if case .step(let step) = grids[index % dimensions] { result.values[index] += step * generator.centred() }
    }
    return result
  }

  /// Moves each value of a column on a grid to the nearest place of the grid, which passes through the column's first
  /// value in `origin`, between the least and the greatest value that `origin` has there.
  ///
  /// A model of values spread over their steps reaches half a step beyond them, and a 0/1 column must not hold a 2.
  func quantised(_ grids: [Grid], origin: RowMatrix) -> RowMatrix {
    var result = self
    for (column, grid) in grids.enumerated() {
      let observed = origin.column(column)
      guard case .step(let step) = grid, let start = observed.first, let low = observed.min(), let high = observed.max()
      else { continue }
      for index in stride(from: column, to: values.count, by: dimensions) {
        let moved = start + ((values[index] - start) / step).rounded() * step
        // Sums of steps gather rounding errors, digits that the data don't have.
        let short = Double(String(format: "%.12g", moved)) ?? moved
        result.values[index] = min(high, max(low, short))
      }
    }
    return result
  }
}
