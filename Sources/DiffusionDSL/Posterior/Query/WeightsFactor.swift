/// A table r(x_i) over the values of a bit or category.
///
///     Weights(3, [0.2, 0.8])
///     Weights(species, ["Adelie": 2, "Gentoo": 1])
public struct Weights: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  /// - Parameters:
  ///   - column: its place.
  ///   - weights: one for each value, 0 or more, in the order of the numbers that stand for them.
  public init(_ column: Int, _ weights: [Double]) {
    factor = PosteriorFactor(kind: .columns([(.index(column), .table(weights))]), location: nil)
  }

  /// - Parameters:
  ///   - field: a bit or category.
  ///   - weights: of labels, 0 or more; a label that is not named has weight 0.
  public init<F: Field>(_ field: F, _ weights: [F.Value: Double]) where F.Value: Hashable {
    self.init(
      field.name, Dictionary(weights.map { (field.cell(of: $0).description, $1) }, uniquingKeysWith: { $1 }))
  }

  /// - Parameters:
  ///   - field: a bit or category.
  ///   - weights: of labels, 0 or more; a label that is not named has weight 0.
  public init(_ field: String, _ weights: [String: Double]) {
    factor = PosteriorFactor(kind: .columns([(.field(field), .labels(weights, others: 0))]), location: nil)
  }

  /// - Parameters:
  ///   - field: a bit or category, by its name.
  ///   - weights: of labels, 0 or more; a label that is not named has weight 0.
  public init(_ field: Named, _ weights: [String: Double]) { self.init(field.name, weights) }
}
