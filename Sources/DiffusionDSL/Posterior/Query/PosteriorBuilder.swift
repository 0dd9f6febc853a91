/// Builds the factors of a posterior; several are multiplied. `if` and `for` compose.
@resultBuilder
public enum PosteriorBuilder {
  /// A factor, with the line where it stands.
  public static func buildExpression<Term: PosteriorTerm>(
    _ term: Term, fileID: String = #fileID, line: UInt = #line
  ) -> [PosteriorFactor] {
    [term.factor.at(SourceLocation(fileID: fileID, line: line))]
  }

  /// Factors that a function or a variable holds.
  public static func buildExpression(
    _ terms: [any PosteriorTerm], fileID: String = #fileID, line: UInt = #line
  ) -> [PosteriorFactor] {
    terms.map { $0.factor.at(SourceLocation(fileID: fileID, line: line)) }
  }

  /// The first factors.
  public static func buildPartialBlock(first: [PosteriorFactor]) -> [PosteriorFactor] { first }
  /// The factors so far and the next ones.
  public static func buildPartialBlock(
    accumulated: [PosteriorFactor], next: [PosteriorFactor]
  ) -> [PosteriorFactor] { accumulated + next }
  /// Factors of an `if` without `else`; none where its condition is false.
  public static func buildOptional(_ factors: [PosteriorFactor]?) -> [PosteriorFactor] { factors ?? [] }
  /// Factors of the `if` branch.
  public static func buildEither(first: [PosteriorFactor]) -> [PosteriorFactor] { first }
  /// Factors of the `else` branch.
  public static func buildEither(second: [PosteriorFactor]) -> [PosteriorFactor] { second }
  /// Factors of a `for` loop.
  public static func buildArray(_ factors: [[PosteriorFactor]]) -> [PosteriorFactor] { factors.flatMap { $0 } }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: """
      this is no factor: write Observe, Near, Weights, Factor, a comparison of a field with a value, or a trained model
      """
  )
  public static func buildExpression<T>(_ stray: T) -> [PosteriorFactor] { [] }

  @available(
    *, unavailable,
    message: "the posterior is empty: write Observe, Near, Weights, Factor or a comparison of a field with a value"
  )
  public static func buildBlock() -> [PosteriorFactor] { [] }
}
