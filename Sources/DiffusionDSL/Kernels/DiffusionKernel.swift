import Formulas

/// Anything that can be written as the kernel of a `Diffusion` or inside a `ProductKernel`: a kernel of some family, a
/// field or a product.
public protocol KernelTerm: Sendable {
  /// The kernel as a value.
  var definition: KernelDefinition { get }
}

/// A term with continuous parts only; a learned schedule can follow no other.
public protocol ContinuousKernel: KernelTerm {}

/// A kernel family: what the forward process does to one part of a row, as it stands in a definition and in a file.
///
/// A family is three types. The kernel is a value that users write and files hold; it says what its rows are and what
/// is wrong with it. Its `Transitions` are the diffusion as formulas, and their `States` the distribution of each step.
/// Whatever a consumer asks of a family (training, bounds, log p, samples, posteriors, missing cells, regression over
/// rows) is a requirement of one of these three, and none has a default: a family that compiles is complete.
///
/// `Tests/DiffusionDSLTests/Extension/OrdinalKernel.swift` is a whole family, written outside of the library.
/// A loader is told of such a type by `DefinitionTypes`.
public protocol DiffusionKernel: DefinitionPart, KernelTerm, CustomStringConvertible {
  /// The diffusion as formulas.
  associatedtype Transitions: KernelTransitions

  /// How many numbers a row of data has.
  var dimensions: Int { get }
  /// The shape of a state, as a network gets it: [n], or [channels, height, width] for an image. A state has the numbers
  /// of a row, or, say, K indicators for a class that is one number in a row.
  var stateShape: Shape { get }
  /// What messages call the numbers of a state: "bits".
  static var featureName: String { get }
  /// What a row is, for messages: "8 bits".
  var description: String { get }
  /// What a cell is in the columns of a kernel without a name.
  var columnKind: Column.Kind { get }
  /// Whether a row's numbers are continuous: these are scaled, have a unit, and can follow a learned schedule.
  static var isContinuous: Bool { get }

  /// What is wrong with the kernel: one sentence for each fault, with the offending value and the remedy. A kernel with
  /// faults is asked for nothing else but its sizes, its description and `stepForm`.
  var faults: [String] { get }
  /// Which numbers a cell may hold; nil: any finite number.
  var cellCheck: CellCheck? { get }
  /// How many numbers the largest table in the formulas has; a table that is too large is a fault of the definition.
  func tableCount(steps: Int) -> Int

  /// Whether part of the kernel, such as pi, is still to be estimated from data.
  var isUndetermined: Bool { get }
  /// The kernel with its undetermined parts estimated from data.
  ///
  /// - Parameters:
  ///   - data: rows that pass `cellCheck`; cells may be missing (NaN).
  ///   - first: the column of `data` that is the kernel's first.
  func adapted(to data: Dataset, first: Int) -> Self
  /// The kernel with everything that can be estimated from data marked as still to be estimated.
  var undetermined: Self { get }

  /// The diffusion for a schedule, and a reverse step of the form that a definition names.
  func transitions(_ settings: KernelSettings) -> Transitions
  /// The formulas that a hand-written reverse step of the family has.
  var stepForm: StepForm { get }

  /// A field of this kernel as it would be written in Swift: `Continuous("bill")`.
  ///
  /// - Parameters:
  ///   - column: the field's name and labels.
  ///   - unit: the mean and scale that it was given; nil for those of the data.
  func fieldText(_ column: Column, unit: Continuous.Unit?) -> String
}

extension DiffusionKernel {
  /// The kernel as a value.
  public var definition: KernelDefinition { KernelDefinition(self) }
  /// How many numbers a state has.
  public var features: Int { stateShape.count }
}

/// Which numbers a cell may hold, and the error for any other number.
public struct CellCheck: Sendable {
  let isValid: @Sendable (Double) -> Bool
  let error: @Sendable (_ row: Int, _ column: ColumnPlace, _ value: Double) -> DataError

  /// - Parameters:
  ///   - isValid: whether a cell may hold this number, which is finite.
  ///   - error: what is thrown for a number that a cell may not hold.
  public init(
    isValid: @escaping @Sendable (Double) -> Bool,
    error: @escaping @Sendable (_ row: Int, _ column: ColumnPlace, _ value: Double) -> DataError
  ) {
    self.isValid = isValid
    self.error = error
  }

  /// The classes 0, 1, ... `classes` - 1; others are `DataError.notAClass`.
  public static func classes(_ classes: Int) -> CellCheck {
    let last = Double(classes - 1)
    return CellCheck {
      $0 >= 0 && $0 <= last && $0 == $0.rounded()
    } error: {
      .notAClass(row: $0, column: $1, value: $2, classes: classes)
    }
  }
}

/// What a kernel's formulas depend on beside the kernel: the schedule, and what the reverse step's parameters mean.
public struct KernelSettings: Sendable {
  /// beta_1 ... beta_T; of a learned schedule those that training starts from.
  public let betas: [Double]
  /// What a readout means for a continuous step's mean.
  public let mean: MeanParameterisation
  /// Where a continuous step's variance comes from.
  public let variance: VarianceParameterisation
  /// What a readout means for a discrete step's probabilities.
  public let probability: ProbabilityParameterisation
  /// Where p(x_0 | x_1) comes from.
  public let lastStep: LastStep
  let tables: GaussianTables

  /// beta_t at the row's step, a scalar; a formula of parameters where the schedule is learned, as are those below.
  public var beta: Formula { tables.now(tables.beta) }
  /// abar_t at the row's step, the product of 1 - beta up to t.
  public var alphaBar: Formula { tables.now(tables.alphaBar) }
  /// 1 - abar_t at the row's step, accurate where abar_t is near 1.
  public var noise: Formula { tables.now(tables.noise) }
  /// abar_{t-1} at the row's step.
  public var alphaBarBefore: Formula { tables.now(tables.alphaBarBefore) }
  /// 1 - abar_{t-1} at the row's step.
  public var noiseBefore: Formula { tables.now(tables.noiseBefore) }
}

extension KernelSettings {
  /// A table's number at the row's step t, a scalar.
  ///
  /// - Parameter table: T numbers, that of t = 1 first.
  public func atStep(_ table: [Double]) -> Formula { Formula(table).atStep(offset: -1) }

  /// A table's entry at the row's step t, for instance a matrix of transition probabilities.
  ///
  /// - Parameters:
  ///   - table: T entries one behind the other, that of t = 1 first, each in row-major order.
  ///   - shape: that of one entry.
  public func atStep(_ table: [Double], shape: [Int]) -> Formula {
    Formula(table, shape: Shape([betas.count] + shape)).atStep(offset: -1)
  }
}
