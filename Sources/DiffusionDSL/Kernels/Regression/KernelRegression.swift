/// A reverse function without a network: x_0 is predicted from the rows of the training data that x_t may have come
/// from.
///
///     let smoothed = Diffusion {
///       GaussianKernel(dimensions: 2)
///       ConstantErasure(steps: 100)
///       KernelRegression(bandwidth: 0.2)
///     }
///
/// Each row i gets the weight q(x_t | row i), the density of x_t had the forward process begun near that row, and the
/// prediction is the weighted mean (Nadaraya 1964; Watson 1964). The step's variances and chances follow from the
/// weights too: it is the best factorised reverse step for data with the density that a kernel estimate with these
/// rows has. Sohl-Dickstein et al. 2015, section 2.3, name such methods beside networks.
///
/// The rows are the model's parameters, kept with it. Training changes only how far "near" is: a bandwidth for each
/// continuous part of the kernel, and for each discrete part the chance that a value is replaced by a draw from pi.
/// Each row is scored without itself, or the best bandwidth would be 0.
public struct KernelRegression: Codable, Hashable, Sendable {
  /// How many rows are kept; nil: all complete rows of the training data, `mostRows` at most.
  public let rows: Int?
  /// The standard deviation around a row that training starts from, in scaled units.
  public let bandwidth: Double
  /// The chance that a discrete value is replaced by a draw from pi, that training starts from.
  public let replacement: Double
  /// Where p(x_0 | x_1) comes from.
  public let lastStep: LastStep

  /// How many rows are kept where no number is given.
  public static let mostRows = 1_000

  /// - Parameters:
  ///   - rows: how many rows to keep, 2 or more, drawn from the complete ones of the training data; nil: all of them,
  ///     up to `mostRows`.
  ///   - bandwidth: positive, in scaled units.
  ///   - replacement: in (0, 1).
  ///   - lastStep: where p(x_0 | x_1) comes from.
  public init(
    rows: Int? = nil, bandwidth: Double = 0.3, replacement: Double = 0.05, lastStep: LastStep = .paper
  ) {
    self.rows = rows
    self.bandwidth = bandwidth
    self.replacement = replacement
    self.lastStep = lastStep
  }

  var faults: [String] {
    var faults: [String] = []
    if let rows, rows < 2 || rows > SizeLimit.regressionRows {
      faults.append("KernelRegression keeps \(rows) rows; give from 2 to \(SizeLimit.regressionRows)")
    }
    if !(bandwidth > 0 && bandwidth.isFinite) { faults.append("the bandwidth is \(bandwidth); give a positive number") }
    if !(replacement > 0 && replacement < 1) {
      faults.append("the replacement is \(replacement); give a chance between 0 and 1")
    }
    return faults
  }

  /// The regression as it would be written.
  public var sourceText: String {
    "KernelRegression(rows: \(rows.map(String.init) ?? "all"), bandwidth: \(bandwidth), "
      + "replacement: \(replacement), \(lastStep.sourceText))"
  }
}
