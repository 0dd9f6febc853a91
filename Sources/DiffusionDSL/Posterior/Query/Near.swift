/// A normal distribution around a value: a measurement with noise, or denoising. Normalised, so that its evidence is a
/// density in the data's units.
///
///     Near(bill, to: 40, standardDeviation: 1)
///     Near(0, to: 0.3, standardDeviation: 0.1)
///     Near(to: row, standardDeviation: 0.5)
public struct Near: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  /// One column by its place.
  ///
  /// - Parameters:
  ///   - column: its place.
  ///   - value: in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(_ column: Int, to value: Double, standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns([(.index(column), .normal(mean: value, deviation: standardDeviation))]), location: nil)
  }

  /// Some columns by their places, each with the same noise.
  ///
  /// - Parameters:
  ///   - columns: their places.
  ///   - values: in the data's units, as many as columns (others are a fault of the posterior).
  ///   - standardDeviation: positive, in the data's units.
  public init(_ columns: [Int], to values: [Double], standardDeviation: Double) {
    factor =
      PosteriorFactor.fault(columns, values)
      ?? PosteriorFactor(
        kind: .columns(
          zip(columns, values).map { (.index($0), .normal(mean: $1, deviation: standardDeviation)) }), location: nil)
  }

  /// The columns for which the mask is true, each with the same noise.
  ///
  /// - Parameters:
  ///   - mask: one for each column of a row (others are a fault of the posterior).
  ///   - row: a row in the data's units; its other numbers do not matter.
  ///   - standardDeviation: positive, in the data's units.
  public init(mask: [Bool], to row: [Double], standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns(
        mask.indices.filter { mask[$0] && $0 < row.count }.map {
          (.index($0), .normal(mean: row[$0], deviation: standardDeviation))
        }, lengths: [mask.count, row.count]), location: nil)
  }

  /// All columns, each with the same noise.
  ///
  /// - Parameters:
  ///   - row: a row in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(to row: [Double], standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns(
        row.enumerated().map { (.index($0.offset), .normal(mean: $0.element, deviation: standardDeviation)) },
        lengths: [row.count]),
      location: nil)
  }

  /// A continuous field, or one that is `Named`.
  ///
  /// - Parameters:
  ///   - field: the field.
  ///   - value: in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(_ field: some NumberField, to value: Double, standardDeviation: Double) {
    self.init(field.name, to: value, standardDeviation: standardDeviation)
  }

  /// A continuous field by its name.
  ///
  /// - Parameters:
  ///   - field: its name.
  ///   - value: in the data's units.
  ///   - standardDeviation: positive, in the data's units.
  public init(_ field: String, to value: Double, standardDeviation: Double) {
    factor = PosteriorFactor(
      kind: .columns([(.field(field), .normal(mean: value, deviation: standardDeviation))]), location: nil)
  }
}

extension Near {
  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ column: Int, _ value: Double, standardDeviation: Double) {
    self.init(column, to: value, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ columns: [Int], _ values: [Double], standardDeviation: Double) {
    self.init(columns, to: values, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(mask:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(mask:to:standardDeviation:)")
  public init(mask: [Bool], _ row: [Double], standardDeviation: Double) {
    self.init(mask: mask, to: row, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(to:standardDeviation:)")
  public init(_ row: [Double], standardDeviation: Double) {
    self.init(to: row, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ field: Continuous, _ value: Double, standardDeviation: Double) {
    self.init(field, to: value, standardDeviation: standardDeviation)
  }

  /// A renamed initialiser: `init(_:to:standardDeviation:)`.
  @available(*, deprecated, renamed: "init(_:to:standardDeviation:)")
  public init(_ field: String, _ value: Double, standardDeviation: Double) {
    self.init(field, to: value, standardDeviation: standardDeviation)
  }
}
