import Formulas
import Foundation

/// A posterior's factors, put together column by column and checked against the model; in scaled units.
struct CombinedFactors: Sendable {
  /// What all factors say of one column.
  struct OfColumn: Sendable {
    /// N(x; mean, variance), variance 0 for a delta; nil where there is none.
    var normal: (mean: Double, variance: Double)?
    /// Where r is above 0; nil where everywhere.
    var interval: (lower: Double, upper: Double)?
    /// r of each value of a bit or category; nil where it is 1.
    var table: [Double]?
  }

  /// What programs are compiled for: which columns have which factors, whatever their numbers.
  struct Form: Hashable, Sendable {
    struct Kinds: Hashable, Sendable {
      var hasNormal = false
      var hasInterval = false
      var hasTable = false
    }
    var columns: [Kinds]
  }

  /// How general factors act on the way to t = 0 (Docs/Mathematics.md, section 11).
  struct Tuning: Hashable, Sendable {
    /// How wide they are taken to be, in scaled units.
    var width: Double
    /// Whether proposals follow them, or they only weigh what was drawn.
    var isGuiding: Bool
  }

  var columns: [OfColumn]
  /// Parts of the model with so many columns that their normal factors are vectors in programs.
  private let longParts: [Range<Int>]
  /// The logarithm of the constants left out of the columns' normalised factors, and of the change of units, in nats.
  var logConstant = 0.0
  /// Values that are known, in the data's units, by column.
  var known: [Int: Double] = [:]
  /// Why no x_0 has r > 0, as the columns that have it so; nil where some x_0 may.
  var contradiction: String?
  /// How the general factors act on the way, where that is tuned; nil where it is not.
  var tuning: Tuning?
  private(set) var formulas: [(description: String, function: @Sendable (FactorInput) -> Formula)] = []
  private(set) var models: [(model: TrainedDiffusion, trajectories: Int)] = []

  /// From how many columns on a part's normal factors are told as vectors. A few columns are cheaper one by one: no
  /// operation is spent on those without a factor.
  static let leastVector = 64

  /// The columns of parts whose normal factors are vectors in programs.
  var vectors: [Range<Int>] { longParts.filter { columns[$0].contains { $0.normal != nil } } }

  var form: Form {
    Form(
      columns: columns.map {
        .init(hasNormal: $0.normal != nil, hasInterval: $0.interval != nil, hasTable: $0.table != nil)
      })
  }

  /// - Parameter leastVector: from how many columns on a part's normal factors are told as vectors.
  /// - Throws: `PosteriorError` for factors that do not fit the model or each other.
  init(
    _ factors: [PosteriorFactor], _ trained: TrainedDiffusion, leastVector: Int = CombinedFactors.leastVector
  ) throws(PosteriorError) {
    columns = Array(repeating: OfColumn(), count: trained.dimensions)
    longParts = trained.model.parts.map(\.columns).filter { $0.count >= leastVector }
    let schema = trained.definition.schema
    for factor in factors {
      switch factor.kind {
      case .formula(let function): formulas.append((factor.description, function))
      case .model(let model, let trajectories):
        guard model.dimensions == trained.dimensions else {
          throw .wrongModel(dimensions: model.dimensions, expected: trained.dimensions)
        }
        guard trajectories >= 1 else { throw .invalidCount(what: "trajectories", value: trajectories) }
        models.append((model, trajectories))
      case .fault(let error): throw error
      case .columns(let constraints, let lengths):
        for length in lengths where length != trained.dimensions {
          throw .wrongShape(found: length, dimensions: trained.dimensions)
        }
        for (name, constraint) in constraints {
          let index = try CombinedFactors.index(name, schema)
          try add(constraint, index, schema.columns[index], trained)
        }
      }
    }
    try simplify(schema)
  }

  private static func index(_ name: ColumnName, _ schema: Schema) throws(PosteriorError) -> Int {
    switch name {
    case .index(let index):
      try schema.check(index)
      return index
    case .field(let name): return try schema.place(of: name)
    }
  }

  private mutating func add(
    _ constraint: ColumnConstraint, _ index: Int, _ column: Column, _ trained: TrainedDiffusion
  ) throws(PosteriorError) {
    let place = ColumnPlace(index, name: column.name)
    let (mean, scale) = (trained.scaling.mean[index], trained.scaling.scale[index])
    if let labels = column.labels {
      let table = try constraint.weights(of: labels, place)
      columns[index].table = zip(columns[index].table ?? Array(repeating: 1, count: labels.count), table).map {
        $0 * $1
      }
      if case .equals = constraint { known[index] = Double(table.firstIndex(of: 1) ?? 0) }
      return
    }
    switch constraint {
    case .equals(let cell):
      guard case .number(let value) = cell, value.isFinite else {
        throw .outsideSupport(column: place, value: "\(cell)", support: "a finite number")
      }
      if let first = known[index] {
        if first == value { throw .repeatedObservation(column: place, value: value) }
        contradiction = "\(place) is observed to be \(first) and to be \(value)"
        return
      }
      known[index] = value
      multiply(index, mean: (value - mean) / scale, variance: 0)
      logConstant -= log(scale)
    case .normal(let centre, let deviation):
      guard centre.isFinite else {
        throw .outsideSupport(column: place, value: "\(centre)", support: "a finite number")
      }
      guard deviation > 0, deviation.isFinite else { throw .invalidDeviation(column: place, value: deviation) }
      multiply(index, mean: (centre - mean) / scale, variance: (deviation / scale) * (deviation / scale))
      logConstant -= log(scale)
    case .interval(let lower, let upper):
      guard !lower.isNaN, !upper.isNaN else {
        throw .outsideSupport(column: place, value: "nan", support: "finite limits")
      }
      let old = columns[index].interval ?? (-Double.infinity, Double.infinity)
      columns[index].interval = (max(old.lower, (lower - mean) / scale), min(old.upper, (upper - mean) / scale))
    case .table, .labels:
      throw .outsideSupport(column: place, value: "one of some labels", support: "a number, for it is continuous")
    }
  }

  /// N(x; a, u) N(x; b, v) = N(a; b, u + v) N(x; ...).
  private mutating func multiply(_ index: Int, mean: Double, variance: Double) {
    guard let old = columns[index].normal else {
      columns[index].normal = (mean, variance)
      return
    }
    let total = old.variance + variance
    logConstant += -(old.mean - mean) * (old.mean - mean) / (2 * total) - log(2 * Double.pi * total) / 2
    columns[index].normal = (
      (old.mean * variance + mean * old.variance) / total, old.variance * variance / total
    )
  }

  /// Finds factors that are 0 everywhere or exclude each other, normalises tables, and drops the interval of a column
  /// whose value is known.
  private mutating func simplify(_ schema: Schema) throws(PosteriorError) {
    for index in columns.indices {
      let place = ColumnPlace(index, name: schema.columns[index].name)
      if let table = columns[index].table {
        let largest = table.max() ?? 0
        if largest == 0 {
          contradiction = "\(place) can have none of its values"
        } else {
          // Relative to the largest, so that Float holds them.
          columns[index].table = table.map { $0 / largest }
          logConstant += log(largest)
        }
      }
      guard let interval = columns[index].interval else { continue }
      if !(interval.lower < interval.upper) { contradiction = "\(place) cannot be in all of its intervals" }
      if let normal = columns[index].normal, normal.variance == 0 {
        if normal.mean < interval.lower || normal.mean > interval.upper {
          contradiction = "\(place) is observed to be outside of its interval"
        }
        columns[index].interval = nil
      }
    }
  }

  /// Whether a choice of psi has the wrong limit for a factor.
  ///
  /// - Throws: `PosteriorError.wrongLimit`.
  func check(_ guidance: Guidance, _ schema: Schema) throws(PosteriorError) {
    guard !guidance.isPositive else { return }
    for (index, column) in columns.enumerated() {
      if column.normal?.variance == 0 || column.interval != nil || column.table?.contains(0) == true {
        throw .wrongLimit(
          guidance: ".\(guidance.name)", column: ColumnPlace(index, name: schema.columns[index].name))
      }
    }
  }

  /// Whether what is known is so unlikely that the model has seen nothing like it: by 100 nats more than 20 for each
  /// column with a factor. (A number 15 standard deviations from a normal distribution's mean is.)
  ///
  /// A `Factor`'s r may have any constant in it, so its evidence says nothing of this.
  ///
  /// - Parameter logEvidence: in scaled units, without the factors' constant.
  func isFar(logEvidence: Double) -> Bool {
    guard formulas.isEmpty, models.isEmpty else { return false }
    let count = columns.count { $0.normal != nil || $0.interval != nil || $0.table != nil }
    return logEvidence < -100 - 20 * Double(count)
  }

  /// How r acts along the trajectory, in words; factors that the guidance does not apply to are named.
  func nameOf(_ guidance: Guidance) -> String {
    let isTempered =
      switch guidance {
      case .carried: !formulas.isEmpty || !models.isEmpty
      case .twisted: !models.isEmpty
      case .annealed, .constant, .exponent: false
      }
    return isTempered ? "\(guidance.name), general factors annealed" : guidance.name
  }
}
