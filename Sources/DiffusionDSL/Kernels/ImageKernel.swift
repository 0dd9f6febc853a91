/// A kernel whose rows may be images, of any extent.
protocol ImageKernel: DiffusionKernel {
  /// The extent of a row's image; nil where rows are no images.
  var image: ImageShape? { get }

  /// The same kernel over images of another extent; nil where it has something of its own for each number.
  func resized(to image: ImageShape) -> Self?
}

extension GaussianKernel: ImageKernel {
  func resized(to image: ImageShape) -> GaussianKernel? { GaussianKernel(image: image) }
}

extension BinomialKernel: ImageKernel {
  func resized(to image: ImageShape) -> BinomialKernel? {
    means.count == 1 ? BinomialKernel(image: image, mean: means[0]) : nil
  }
}
