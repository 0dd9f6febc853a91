import Formulas

/// log r(x) as any smooth formula of a row.
///
///     Factor { x in -square(x[1] - 0.5) / (2 * 0.1 * 0.1) }
///     Factor { row in -row[bill] * 0.1 }
///
/// It cannot branch on what it is given, which is a formula: `select(x[0] .> 1, a, b)` does, with `.>` and `.<` for
/// conditions. Where r is 0, log r is -infinity or any number below -1e6.
public struct Factor: PosteriorTerm {
  /// The term as a factor.
  public let factor: PosteriorFactor

  /// - Parameters:
  ///   - fileID: where it stands, for messages.
  ///   - line: the same.
  ///   - logDensity: log r(x), a scalar, given a row in the data's units.
  public init(
    fileID: String = #fileID, line: UInt = #line, _ logDensity: @escaping @Sendable (_ x: FactorInput) -> Formula
  ) {
    factor = PosteriorFactor(kind: .formula(logDensity), location: SourceLocation(fileID: fileID, line: line))
  }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: "a factor is log r(x), a formula, and no Bool: write select(row[field] .> 40, 0, -1e30) for a condition"
  )
  public init(_ condition: @escaping @Sendable (_ x: FactorInput) -> Bool) { self.init { _ in 0 } }
}

/// A row as a factor sees it: formulas in the data's units.
public struct FactorInput: Sendable {
  let columns: [Formula]
  let schema: Schema

  /// The column at a place, counted from 0: a scalar, or, for a category, the probabilities of its values.
  public subscript(column: Int) -> Formula {
    columns.indices.contains(column)
      ? columns[column]
      : .fault("there is no column \(column) in a row of \(columns.count)")
  }

  /// A field: a scalar, or, for a category, the probabilities of its values.
  public subscript<F: Field>(field: F) -> Formula { self[field.name] }

  /// A field by its name: a scalar, or, for a category, the probabilities of its values.
  public subscript(field: String) -> Formula {
    schema.index(of: field).map { columns[$0] }
      ?? .fault("there is no field '\(field)'; the model has \(schema.names.joined(separator: ", "))")
  }

  /// All numbers as one vector; a category has one for each of its values.
  public var all: Formula { concatenate(columns) }
}

extension Formula {
  /// A formula that carries a fault.
  static func fault(_ message: String) -> Formula { .faulty(message, shape: [1]) }
}
