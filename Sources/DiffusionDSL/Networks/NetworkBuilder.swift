// The builders of networks. Overloads that are unavailable are there for their messages: the compiler shows the
// remedy where a wrong composition stands. What they return is accepted by all that follows, so one mistake gets one
// message.

/// Builds the layers of `Parallel`, `Chain` and `Residual`.
@resultBuilder
public enum LayerBuilder {
  /// Layers in order, each with its line.
  public typealias Layers = [Placed<AnyLayer>]

  /// One layer, with the line that it stands on.
  public static func buildExpression<L: NetworkLayer>(
    _ layer: L, fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    [Placed(AnyLayer(layer), at: SourceLocation(fileID: fileID, line: line))]
  }

  /// Layers that a function or a variable holds.
  public static func buildExpression(
    _ layers: [any NetworkLayer], fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    layers.map { Placed(AnyLayer($0), at: SourceLocation(fileID: fileID, line: line)) }
  }

  /// Layers that a function marked `@LayerBuilder` gives; they keep their own lines.
  public static func buildExpression(_ layers: Layers) -> Layers { layers }

  /// The first part of the block.
  public static func buildPartialBlock(first: Layers) -> Layers { first }
  /// The layers so far and the next ones.
  public static func buildPartialBlock(accumulated: Layers, next: Layers) -> Layers { accumulated + next }
  /// The layers of an `if` without `else`; none where its condition is false.
  public static func buildOptional(_ layers: Layers?) -> Layers { layers ?? [] }
  /// The `if` branch.
  public static func buildEither(first: Layers) -> Layers { first }
  /// The `else` branch.
  public static func buildEither(second: Layers) -> Layers { second }
  /// The layers of a `for` loop.
  public static func buildArray(_ layers: [Layers]) -> Layers { layers.flatMap { $0 } }

  @available(
    *, unavailable,
    message: """
      a Readout is the last line of a ReverseNetwork and of nothing inside it: move it out of Parallel, Chain or \
      Residual
      """
  )
  public static func buildExpression(_ readout: Readout) -> Layers { [] }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: """
      this is no layer: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, \
      Parallel, Chain or Residual
      """
  )
  public static func buildExpression<T>(_ stray: T) -> Layers { [] }

  @available(
    *, unavailable,
    message: """
      there are no layers here: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, \
      Parallel, Chain or Residual
      """
  )
  public static func buildBlock() -> Layers { [] }
}

/// Builds the body of a `ReverseNetwork`: layers, then one `Readout`.
@resultBuilder
public enum NetworkBuilder {
  /// A part or block without a mistake.
  public protocol SoundPhase: Sendable {
    /// What stands for a branch whose mistake has been reported.
    static var empty: Self { get }
  }

  /// Layers without a readout.
  public struct Layers: SoundPhase {
    var layers: [Placed<AnyLayer>]

    /// No layers.
    public static var empty: Layers { Layers(layers: []) }
  }

  /// Layers, if any, and their readout.
  public struct Complete: SoundPhase {
    var layers: [Placed<AnyLayer>]
    var readout: Placed<Readout>

    /// A stand-in: no layers and a shared readout.
    public static var empty: Complete { Complete(layers: [], readout: Placed(Readout(.shared))) }
  }

  /// A part or block whose mistake has been reported.
  public struct Faulty: Sendable {}

  /// One layer, with its line.
  public static func buildExpression<L: NetworkLayer>(
    _ layer: L, fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    Layers(layers: LayerBuilder.buildExpression(layer, fileID: fileID, line: line))
  }

  /// Layers that a function or a variable holds.
  public static func buildExpression(
    _ layers: [any NetworkLayer], fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    Layers(layers: LayerBuilder.buildExpression(layers, fileID: fileID, line: line))
  }

  /// Layers that a function marked `@LayerBuilder` gives; they keep their own lines.
  public static func buildExpression(_ layers: LayerBuilder.Layers) -> Layers { Layers(layers: layers) }

  /// The readout, with its line.
  public static func buildExpression(
    _ readout: Readout, fileID: String = #fileID, line: UInt = #line
  ) -> Complete {
    Complete(layers: [], readout: Placed(readout, at: SourceLocation(fileID: fileID, line: line)))
  }

  /// The first part of the block.
  public static func buildPartialBlock<Phase>(first: Phase) -> Phase { first }
  /// The layers so far and the next ones.
  public static func buildPartialBlock(accumulated: Layers, next: Layers) -> Layers {
    Layers(layers: accumulated.layers + next.layers)
  }
  /// The layers so far, then the rest with the readout.
  public static func buildPartialBlock(accumulated: Layers, next: Complete) -> Complete {
    Complete(layers: accumulated.layers + next.layers, readout: next.readout)
  }
  /// The layers of an `if` without `else`; none where its condition is false.
  public static func buildOptional(_ layers: Layers?) -> Layers { layers ?? .empty }
  /// The `if` branch.
  public static func buildEither<Phase>(first: Phase) -> Phase { first }
  /// The `else` branch.
  public static func buildEither<Phase>(second: Phase) -> Phase { second }
  /// The layers of a `for` loop.
  public static func buildArray(_ layers: [Layers]) -> Layers { Layers(layers: layers.flatMap(\.layers)) }
  /// The whole network.
  public static func buildFinalResult(_ network: Complete) -> Complete { network }
}

// MARK: - Wrong compositions

extension NetworkBuilder {
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildPartialBlock<Part>(accumulated: Faulty, next: Part) -> Faulty { accumulated }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildPartialBlock<Phase: SoundPhase>(accumulated: Phase, next: Faulty) -> Faulty { next }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildOptional(_ faulty: Faulty?) -> Faulty { Faulty() }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildEither<Phase: SoundPhase>(first: Faulty) -> Phase { .empty }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildEither<Phase: SoundPhase>(second: Faulty) -> Phase { .empty }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildArray(_ faulty: [Faulty]) -> Faulty { Faulty() }

  /// Never run: the mistake has stopped the compiler.
  public static func buildFinalResult(_ faulty: Faulty) -> Complete { .empty }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: """
      this is no layer: write Dense, RadialBasis, Convolution, MultiScaleConvolution, PerPixel, DensePerPixel, \
      Parallel, Chain, Residual or, as the last line, Readout
      """
  )
  public static func buildExpression<T>(_ stray: T) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      the ReverseNetwork is empty: write layers, such as Dense(50, activation: .tanh), and then a Readout, such \
      as Readout(.bumps(10))
      """
  )
  public static func buildBlock() -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      the Readout is missing: write Readout(.perStep), Readout(.bumps(10)) or Readout(.shared) as the \
      ReverseNetwork's last line
      """
  )
  public static func buildFinalResult(_ network: Layers) -> Complete { buildFinalResult(Faulty()) }

  @available(
    *, unavailable,
    message: """
      a Readout is the last line of a ReverseNetwork: move the layers that follow it to before it
      """
  )
  public static func buildPartialBlock(accumulated: Complete, next: Layers) -> Faulty { Faulty() }

  @available(*, unavailable, message: "a ReverseNetwork has one Readout, as its last line: remove the other")
  public static func buildPartialBlock(accumulated: Complete, next: Complete) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      a Readout inside 'if' has another in the 'else': add it, or move the Readout out of the 'if'
      """
  )
  public static func buildOptional(_ network: Complete?) -> Faulty { Faulty() }

  @available(*, unavailable, message: "a ReverseNetwork has one Readout, as its last line: move it out of the 'for'")
  public static func buildArray(_ networks: [Complete]) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      another branch ends with a Readout, this one does not: write a Readout in each branch, or none and one \
      after the 'if'
      """
  )
  public static func buildEither(first: Layers) -> Complete { .empty }

  @available(
    *, unavailable,
    message: """
      another branch ends with a Readout, this one does not: write a Readout in each branch, or none and one \
      after the 'if'
      """
  )
  public static func buildEither(second: Layers) -> Complete { .empty }
}
