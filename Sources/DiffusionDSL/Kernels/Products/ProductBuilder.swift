/// Builds the parts of a `ProductKernel`; its type says whether all of them are continuous.
@resultBuilder
public enum ProductBuilder {
  /// A kernel with continuous parts only, with its line.
  public static func buildExpression<K: ContinuousKernel>(
    _ kernel: K, fileID: String = #fileID, line: UInt = #line
  ) -> ContinuousParts {
    ContinuousParts(kernel.definition.parts(at: SourceLocation(fileID: fileID, line: line)))
  }

  /// Any other kernel, with its line.
  public static func buildExpression<K: KernelTerm>(
    _ kernel: K, fileID: String = #fileID, line: UInt = #line
  ) -> MixedParts {
    MixedParts(kernel.definition.parts(at: SourceLocation(fileID: fileID, line: line)))
  }

  /// The first part of the block.
  public static func buildPartialBlock<Parts: ProductParts>(first: Parts) -> Parts { first }

  /// The parts so far and the next ones, all continuous.
  public static func buildPartialBlock(accumulated: ContinuousParts, next: ContinuousParts) -> ContinuousParts {
    ContinuousParts(accumulated.parts + next.parts)
  }

  /// The parts so far and the next ones, of which some may be discrete.
  @_disfavoredOverload
  public static func buildPartialBlock<Parts: ProductParts, Next: ProductParts>(
    accumulated: Parts, next: Next
  ) -> MixedParts {
    MixedParts(accumulated.parts + next.parts)
  }

  /// The parts of an `if` without `else`; none where its condition is false.
  public static func buildOptional<Parts: ProductParts>(_ parts: Parts?) -> Parts { parts ?? Parts([]) }
  /// The `if` branch.
  public static func buildEither<Parts: ProductParts>(first: Parts) -> Parts { first }
  /// The `else` branch.
  public static func buildEither<Parts: ProductParts>(second: Parts) -> Parts { second }
  /// The parts of a `for` loop.
  public static func buildArray<Parts: ProductParts>(_ parts: [Parts]) -> Parts { Parts(parts.flatMap(\.parts)) }

  // Where one branch is continuous and the other is not, both get the type of parts that may be discrete.

  /// The `if` branch, continuous where the other is not.
  @_disfavoredOverload
  public static func buildEither(first: ContinuousParts) -> MixedParts { MixedParts(first.parts) }
  /// The `else` branch, continuous where the other is not.
  @_disfavoredOverload
  public static func buildEither(second: ContinuousParts) -> MixedParts { MixedParts(second.parts) }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: """
      this is no part of a ProductKernel: write fields, such as Continuous("bill"), Binary("sex", "female", "male") or \
      Category("species", of: [...]), or kernels
      """
  )
  public static func buildExpression<T>(_ stray: T) -> MixedParts { MixedParts([]) }

  @available(
    *, unavailable,
    message: """
      the ProductKernel is empty: write fields, such as Continuous("bill"), Binary("sex", "female", "male") or \
      Category("species", of: [...]), or kernels
      """
  )
  public static func buildBlock() -> MixedParts { MixedParts([]) }
}
