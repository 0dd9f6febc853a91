// The builders of networks. Overloads that are unavailable are there for their messages: the compiler shows the
// remedy where a wrong composition stands.

/// Builds the layers of `Parallel`, `Chain` and `Residual`.
@resultBuilder
public enum LayerBuilder {
  public typealias Layers = [Placed<Layer>]

  public static func buildExpression<L: NetworkLayer>(
    _ layer: L, fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    [Placed(layer.layer, at: SourceLocation(fileID: fileID, line: line))]
  }

  /// Layers that a function or a variable holds.
  public static func buildExpression<L: NetworkLayer>(
    _ layers: [L], fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    layers.map { Placed($0.layer, at: SourceLocation(fileID: fileID, line: line)) }
  }

  public static func buildPartialBlock(first: Layers) -> Layers { first }
  public static func buildPartialBlock(accumulated: Layers, next: Layers) -> Layers { accumulated + next }
  public static func buildOptional(_ layers: Layers?) -> Layers { layers ?? [] }
  public static func buildEither(first: Layers) -> Layers { first }
  public static func buildEither(second: Layers) -> Layers { second }
  public static func buildArray(_ layers: [Layers]) -> Layers { layers.flatMap { $0 } }

  @available(*, unavailable, message: "a Readout ends a ReverseNetwork; it cannot stand inside Parallel, Chain or Residual")
  public static func buildExpression(_ readout: Readout) -> Layers { [] }

  @_disfavoredOverload
  @available(*, unavailable, message: "this is no layer: write Dense, RadialBasis, Parallel, Chain or Residual")
  public static func buildExpression<T>(_ stray: T) -> Layers { [] }
}

/// Builds the body of a `ReverseNetwork`: layers, then one `Readout`.
@resultBuilder
public enum NetworkBuilder {
  /// Layers without a readout.
  public struct Layers: Sendable {
    var layers: [Placed<Layer>]
  }

  /// Layers and their readout.
  public struct Complete: Sendable {
    var layers: [Placed<Layer>]
    var readout: Placed<Readout>
  }

  public static func buildExpression<L: NetworkLayer>(
    _ layer: L, fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    Layers(layers: LayerBuilder.buildExpression(layer, fileID: fileID, line: line))
  }

  public static func buildExpression<L: NetworkLayer>(
    _ layers: [L], fileID: String = #fileID, line: UInt = #line
  ) -> Layers {
    Layers(layers: LayerBuilder.buildExpression(layers, fileID: fileID, line: line))
  }

  public static func buildExpression(
    _ readout: Readout, fileID: String = #fileID, line: UInt = #line
  ) -> Complete {
    Complete(layers: [], readout: Placed(readout, at: SourceLocation(fileID: fileID, line: line)))
  }

  public static func buildPartialBlock(first: Layers) -> Layers { first }
  public static func buildPartialBlock(first: Complete) -> Complete { first }
  public static func buildPartialBlock(accumulated: Layers, next: Layers) -> Layers {
    Layers(layers: accumulated.layers + next.layers)
  }
  public static func buildPartialBlock(accumulated: Layers, next: Complete) -> Complete {
    Complete(layers: accumulated.layers + next.layers, readout: next.readout)
  }
  public static func buildOptional(_ layers: Layers?) -> Layers { layers ?? Layers(layers: []) }
  public static func buildEither(first: Layers) -> Layers { first }
  public static func buildEither(second: Layers) -> Layers { second }
  public static func buildEither(first: Complete) -> Complete { first }
  public static func buildEither(second: Complete) -> Complete { second }
  public static func buildArray(_ layers: [Layers]) -> Layers { Layers(layers: layers.flatMap(\.layers)) }
  public static func buildFinalResult(_ network: Complete) -> Complete { network }

  @available(*, unavailable, message: "a ReverseNetwork ends with a Readout: add Readout(.perStep), Readout(.bumps(10)) or Readout(.shared) as its last line")
  public static func buildFinalResult(_ network: Layers) -> Complete { Complete(layers: network.layers, readout: Placed(Readout(.shared))) }

  @available(*, unavailable, message: "a Readout is the last line of a ReverseNetwork: move the layer before it")
  public static func buildPartialBlock(accumulated: Complete, next: Layers) -> Complete { accumulated }

  @available(*, unavailable, message: "a ReverseNetwork has one Readout: remove the other")
  public static func buildPartialBlock(accumulated: Complete, next: Complete) -> Complete { accumulated }

  @_disfavoredOverload
  @available(*, unavailable, message: "this is no layer: write Dense, RadialBasis, Parallel, Chain, Residual or Readout")
  public static func buildExpression<T>(_ stray: T) -> Layers { Layers(layers: []) }
}
