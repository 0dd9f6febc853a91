/// How data is scaled before training; kept with the model and undone in samples and bits.
public enum DataScaling: Sendable {
  /// Mean 0 and standard deviation 1, column by column; bits and classes stay as they are.
  case standardise
  /// All numbers of a row by one mean and one deviation, over all rows and columns: for the pixels of images, whose
  /// differences between places are part of the picture. Bits and classes stay as they are.
  case whole
  /// As it is: the data has about mean 0 and variance 1 already.
  case none
}
