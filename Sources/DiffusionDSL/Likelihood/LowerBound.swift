import Foundation

/// The bound K <= log p(x_0), row by row and on average, in the data's units: log densities per unit of volume of a
/// row.
///
/// Sohl-Dickstein et al. 2015, eqs. 9-14, with the terms that make it hold for every single row (Docs/Mathematics.md,
/// section 6).
///
/// K is an expectation over the forward process; each row's value has one draw of noise for each step (or as many as
/// were asked for), so it is unbiased and carries noise of its own, which the standard error includes.
public struct LowerBound: Sendable {
  /// One part of K, averaged over rows.
  public struct Term: Sendable {
    /// Which part of K.
    public enum Kind: Hashable, Sendable {
      /// -KL(q(x_T | x_0) || pi).
      case prior
      /// -KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)) for this t, 2 or more.
      case step(Int)
      /// L_0, the last step's term: E log p(x_0 | x_1), or its closed form with the paper's last step.
      case lastStep
      /// The change of units from scaled data to data: minus the sum of the logarithms of `Scaling.scale`.
      case scaling
    }
    /// Which part of K it is.
    public let kind: Kind
    /// Which part of the kernel it is of, an index of `LowerBound.parts`.
    public let part: Int
    /// Its mean over rows, in nats.
    public let nats: Double
    /// Its mean over rows, in bits.
    public var bits: Double { nats / M_LN2 }
  }

  /// K of each row, in nats and in the order of the rows; -infinity for those in `impossibleRows`, never NaN.
  public let rowNats: [Double]
  /// The rows with a K of -infinity, each with the number that is to blame.
  public let impossibleRows: [ImpossibleRow]
  /// The parts of the kernel: fields by their name, others by what they are; one for a kernel that is no product.
  public let parts: [String]
  /// What K is the sum of, part by part of the kernel: the prior's term, steps T to 2, the last step's, and the
  /// scaling's.
  public let terms: [Term]
  /// The mean of log pi(x_0) of each part of the kernel, in nats.
  public let partNullNats: [Double]
  /// Row weights with mean 1; nil: unweighted.
  private let weights: [Double]?
  /// What the rows are.
  private let form: Form

  /// What the rows of a bound are, as far as its units are concerned.
  struct Form {
    /// Numbers of a row.
    var values: Int
    /// Pixels of an image, where the rows are such.
    var pixels: Int?
    /// Whether the numbers are levels.
    var areLevels: Bool
  }

  init(
    rowNats: [Double], impossibleRows: [ImpossibleRow] = [], weights: [Double]?, parts: [String], terms: [Term],
    partNullNats: [Double], form: Form
  ) {
    self.form = form
    self.rowNats = rowNats
    self.impossibleRows = impossibleRows
    self.weights = weights
    self.parts = parts
    self.terms = terms
    self.partNullNats = partNullNats
  }

  private var average: (mean: Double, standardError: Double) { RowAverage(weights)(rowNats) }
  /// The mean of log pi(x_0), in nats: L_null, what pi itself gives.
  public var nullNats: Double { partNullNats.reduce(0, +) }
  /// What a part of the kernel has of K, averaged over rows, in nats; nil where there is none of the name.
  public func nats(of part: String) -> Double? {
    parts.firstIndex(of: part).map { index in terms.reduce(0) { $1.part == index ? $0 + $1.nats : $0 } }
  }
  /// The same in bits.
  public func bits(of part: String) -> Double? { nats(of: part).map { $0 / M_LN2 } }

  /// K averaged over rows, in nats.
  public var nats: Double { average.mean }
  /// K averaged over rows, in bits.
  public var bits: Double { nats / M_LN2 }
  /// The standard error of `nats`; NaN for one row.
  public var standardErrorNats: Double { average.standardError }
  /// The standard error of `bits`; NaN for one row.
  public var standardError: Double { standardErrorNats / M_LN2 }
  /// K of each row, in bits.
  public var rowBits: [Double] { rowNats.map { $0 / M_LN2 } }
  /// L_null in bits.
  public var nullBits: Double { nullNats / M_LN2 }
  /// K - L_null, in bits.
  public var overNull: Double { bits - nullBits }
}

// MARK: - By pixel and by number

extension LowerBound {
  /// K in bits for each number of a row; a pixel of three colours has three.
  public var bitsPerValue: Double { bits / Double(form.values) }

  /// K in bits a pixel, all its channels together; nil where the rows are no images.
  public var bitsPerPixel: Double? { form.pixels.map { bits / Double($0) } }

  /// -K in bits for each number, of rows that are levels (`Dataset.areLevels`): at least what a code by the model takes,
  /// 8 for noise of 8 bits; nil where the numbers are not levels.
  public var bitsPerDim: Double? { form.areLevels ? -bitsPerValue : nil }

  /// K of the scaled rows, in bits: as papers give it that bring the data's variance to 1.
  public var scaledBits: Double {
    bits - terms.reduce(0) { $1.kind == .scaling ? $0 + $1.bits : $0 }
  }

  /// K of the scaled rows in bits a pixel, all its channels together: the unit of Table 1 of Sohl-Dickstein et al. 2015;
  /// nil where the rows are no images.
  public var scaledBitsPerPixel: Double? { form.pixels.map { scaledBits / Double($0) } }
}

extension LowerBound: CustomStringConvertible {
  /// K in bits with its standard error, and what it is over; rows of -infinity on lines of their own.
  public var description: String {
    let text =
      "K = \(bits.decimals(standardError: standardError)) bits a row over \(rowNats.count.counted("row")), "
      + "\(overNull.decimals()) over L_null"
    return ([text] + impossibleRows.lines).joined(separator: "\n")
  }
}

extension LowerBound.Term: CustomStringConvertible {
  /// Which term, and what it is in bits: `step 7: -0.012 bits a row`.
  public var description: String {
    let name =
      switch kind {
      case .prior: "prior"
      case .step(let t): "step \(t)"
      case .lastStep: "last step"
      case .scaling: "scaling"
      }
    return "\(name): \(bits.decimals()) bits a row"
  }
}
