extension TrainedDiffusion {
  /// The same parameters over images of another height and width, with as many channels: for samples and posteriors of
  /// pictures larger than those that the model was trained on.
  ///
  ///     let large = try trained.resized(to: ImageShape(width: 256, height: 256))
  ///     let picture = try large.sample(1, seed: 1)
  ///
  /// Every layer has to be one that works at any size, such as `Convolution`, `MultiScaleConvolution` and `PerPixel`, and
  /// all pixels of a channel have to be scaled alike, as with `scaling: .whole`. The model has no state of training.
  ///
  /// - Parameter image: the new extent.
  /// - Throws: `DefinitionError` for a model whose rows are no images, another number of channels, a layer that has
  ///   parameters for one size only, which is named, or a scaling that differs from pixel to pixel.
  public func resized(to image: ImageShape) throws(DefinitionError) -> TrainedDiffusion {
    func failure(_ message: String, at location: SourceLocation?) -> DefinitionError {
      DefinitionError([DefinitionFault(message, at: location)])
    }
    let place = definition.kernelPart.location
    guard definition.kernel.parts.count == 1, let part = definition.kernel.parts.first,
      let kernel = part.kernel as? any ImageKernel, let old = kernel.image
    else { throw failure("only a model of images can be resized, and this is one of \(definition.kernel)", at: place) }
    guard image.channels == old.channels else {
      throw failure(
        "images of \(image.channels) channels do not suit a model of \(old.channels): keep the channels", at: place)
    }
    guard let resized = kernel.resized(to: image) else {
      throw failure("pi has a mean of its own for each number: train with one mean for all to resize", at: place)
    }
    let kernelPart = Placed(definition.kernel.mapParts { $0.with(resized) }, at: place)
    let other = try DiffusionModel(
      Diffusion(kernel: kernelPart, schedule: definition.schedulePart, reverse: definition.reversePart))
    for (before, after) in zip(model.parameters, other.parameters) where before.shape != after.shape {
      throw failure(
        "\(other.partOfNetwork(before.name)) works at one size only: its parameter '\(before.name)' has shape "
          + "\(before.shape) for \(old) and would have \(after.shape) for \(image)",
        at: definition.reversePart.location)
    }
    return TrainedDiffusion(
      model: other, parameters: parameters, scaling: try scaling(from: old, to: image, at: place), state: nil)
  }

  /// The scaling of an image of another extent.
  private func scaling(
    from old: ImageShape, to new: ImageShape, at location: SourceLocation?
  ) throws(DefinitionError) -> Scaling {
    func units(_ numbers: [Double]) -> [Double]? {
      let plane = old.width * old.height
      var units: [Double] = []
      for channel in 0..<old.channels {
        let numbers = numbers[channel * plane..<(channel + 1) * plane]
        guard let first = numbers.first, numbers.allSatisfy({ $0 == first }) else { return nil }
        units += Array(repeating: first, count: new.width * new.height)
      }
      return units
    }
    guard let mean = units(scaling.mean), let scale = units(scaling.scale) else {
      throw DefinitionError([
        DefinitionFault("the scaling differs from pixel to pixel: train with scaling: .whole to resize", at: location)
      ])
    }
    return Scaling(mean: mean, scale: scale)
  }
}

extension DiffusionModel {
  /// What messages call the layer or readout that has a parameter: "Dense (network.2)".
  fileprivate func partOfNetwork(_ parameter: String) -> String {
    let place = parameter.split(separator: ".").dropLast().joined(separator: ".")
    guard case .network(let network) = definition.reverse, place.hasPrefix("network") else { return "the readout" }
    var layers = network.layers
    var name = ""
    for step in place.split(separator: ".").dropFirst() {
      guard let index = Int(step), layers.indices.contains(index - 1) else { break }
      let layer = layers[index - 1].value.layer
      (name, layers) = (layer.name, layer.inside)
    }
    return name.isEmpty ? place : "\(name) (\(place))"
  }
}
