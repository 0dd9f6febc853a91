import Formulas

/// A factor r(x) that a model is multiplied by: Sohl-Dickstein et al. 2015, section 2.5.
///
/// `Observe`, `Near`, `Weights`, `Factor`, comparisons of fields and other models are factors; a posterior is a model
/// and a list of them.
public struct PosteriorFactor: Sendable {
  enum Kind: Sendable {
    /// A closed form for each of some columns; and how long rows or masks were that it was made of.
    case columns([(column: ColumnName, constraint: ColumnConstraint)], lengths: [Int] = [])
    /// log r(x), any formula.
    case formula(@Sendable (FactorInput) -> Formula)
    /// Another model's density, estimated with `trajectories` of them for each particle (eq. 9).
    case model(TrainedDiffusion, trajectories: Int)
    /// What is wrong with how it was made.
    case fault(PosteriorError)
  }

  let kind: Kind
  let location: SourceLocation?
}

extension PosteriorFactor: CustomStringConvertible {
  /// What messages call it, with the line where it stands: `the factor at Program/main.swift:12`.
  public var description: String { location.map { "the factor at \($0)" } ?? "a factor" }
}

/// What stands in a `posterior { ... }`, and what a model is multiplied by.
public protocol PosteriorTerm: Sendable {
  /// The term as a factor.
  var factor: PosteriorFactor { get }
}

extension PosteriorFactor: PosteriorTerm {
  /// The factor itself.
  public var factor: PosteriorFactor { self }

  func at(_ location: SourceLocation) -> PosteriorFactor {
    PosteriorFactor(kind: kind, location: self.location ?? location)
  }

  /// What is wrong with values for columns; nil where nothing is.
  static func fault(_ columns: [Int], _ values: [Double]) -> PosteriorFactor? {
    columns.count == values.count
      ? nil
      : PosteriorFactor(kind: .fault(.wrongCount(columns: columns.count, values: values.count)), location: nil)
  }
}
