// What a model is made of.

extension Diffusion {
  /// The extent of a row's image; nil where rows are no images.
  public var image: ImageShape? {
    guard kernel.parts.count == 1, let part = kernel.parts.first?.kernel as? any ImageKernel else { return nil }
    return part.image
  }
}

extension TrainedDiffusion {
  /// The layers of the reverse network in the order of the definition, each before those inside it, and the readout: what
  /// each gives, and what it takes; none where the reverse steps come from no network.
  ///
  ///     for layer in trained.layers { print(layer) }
  public var layers: [LayerSummary] {
    guard case .network(let network) = definition.reverse else { return [] }
    return network.summaries(
      of: definition.kernel.stateShape, outputs: model.parts.last?.readouts.upperBound ?? 0, model.wholeTables)
  }
}
