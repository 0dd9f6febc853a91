import DiffusionIO
import ProgramSupport

/// What `--json` prints.
struct DensityReport: Encodable, Sendable {
  var bitsPerRow: Double
  var bitsStandardError: Double
  var gaussianBitsPerRow: Double
  var gaussianStandardError: Double
  var kdeBitsPerRow: Double
  var kdeStandardError: Double
  /// Of the paired differences between the diffusion's rows and the Gaussian's.
  var standardError: Double
  var rows: Int
  var scoredRows: Int
  var dropped: Int
  var columns: [String]
  var leftOut: [LeftOutEntry]
  var quick: Bool
  var seed: UInt64
  var seconds: Double

  /// - Parameter validation: Its methods are the Gaussian, the kernel density estimate and the diffusion.
  init(_ validation: CrossValidation, table: NumericTable, options: FitOptions, seconds: Double) {
    let (gaussian, kernels, diffusion) = (0, 1, 2)
    bitsPerRow = validation.mean(diffusion)
    bitsStandardError = validation.standardError(diffusion)
    gaussianBitsPerRow = validation.mean(gaussian)
    gaussianStandardError = validation.standardError(gaussian)
    kdeBitsPerRow = validation.mean(kernels)
    kdeStandardError = validation.standardError(kernels)
    standardError = validation.difference(diffusion, minus: gaussian).standardError
    rows = table.count
    scoredRows = validation.places.count
    dropped = table.dropped
    columns = table.columns
    leftOut = table.leftOut.map(LeftOutEntry.init)
    quick = options.quick
    seed = options.seed
    self.seconds = seconds
  }

  private enum CodingKeys: String, CodingKey {
    case bitsPerRow = "bits_per_row"
    case bitsStandardError = "bits_standard_error"
    case gaussianBitsPerRow = "gaussian_bits_per_row"
    case gaussianStandardError = "gaussian_standard_error"
    case kdeBitsPerRow = "kde_bits_per_row"
    case kdeStandardError = "kde_standard_error"
    case standardError = "standard_error"
    case scoredRows = "scored_rows"
    case leftOut = "left_out"
    case rows, dropped, columns, quick, seed, seconds
  }

  /// The keys explained, for `--help`.
  static let help = """
    --json prints one object. bits_per_row, gaussian_bits_per_row and kde_bits_per_row: held-out bits of the diffusion \
    model (a lower bound), the Gaussian and the kernel density estimate; bits_standard_error, gaussian_standard_error \
    and kde_standard_error: the standard error of each over the scored rows. standard_error: that of the paired \
    difference between the diffusion model and the Gaussian, which is what to compare the two by. rows: complete rows, \
    that all are used for training; scored_rows: how many of them were scored; dropped: rows left out for missing \
    cells. columns: the names used; left_out: the others, each with column and reason. quick, seed: the options. \
    seconds: of the whole run.
    """
}
