import Formulas

/// Diffusion of one field with K classes towards pi: each step keeps the class with probability 1 - beta_t, and else
/// draws it anew from pi.
///
/// A row of data is one number, the class, counted from 0. The binomial kernel of Sohl-Dickstein et al. 2015, Table
/// App.1, for more than two values.
public struct CategoricalKernel: DiffusionKernel {
  /// K.
  public let classes: Int
  /// pi, positive and adding up to 1; none where they are to be taken from data.
  public let shares: [Double]

  /// - Parameters:
  ///   - classes: K, 2 or more.
  ///   - shares: of the classes in pi.
  public init(classes: Int, shares: ClassShares = .uniform) {
    self.classes = classes
    self.shares =
      switch shares {
      case .uniform: CategoricalKernel.uniform(classes)
      case .given(let shares): shares
      case .fromData: []
      }
  }

  private static func uniform(_ classes: Int) -> [Double] {
    Array(repeating: 1 / Double(max(1, classes)), count: max(0, min(classes, SizeLimit.extent)))
  }

  /// pi; uniform where it is yet to be taken from data.
  var probabilities: [Double] { shares.isEmpty ? CategoricalKernel.uniform(classes) : shares }

  /// A given pi, for instance the classes' shares in the data.
  ///
  /// - Parameter shares: positive and adding up to 1, 2 or more.
  public init(shares: [Double]) {
    classes = shares.count
    self.shares = shares
  }

  public var faults: [String] {
    if classes < 2 { return ["a kernel over \(classes) classes has nothing to choose from: give 2 or more"] }
    if classes > SizeLimit.extent {
      return ["a kernel over \(classes) classes is too large: give \(SizeLimit.extent) or fewer"]
    }
    if shares.isEmpty { return [] }
    if shares.count != classes {
      return ["a kernel over \(classes) classes has \(shares.count) shares: make them equal"]
    }
    for (index, share) in shares.enumerated() where !(share > 0 && share < 1) {
      return ["the share of class \(index) is \(share): give shares between 0 and 1"]
    }
    let total = shares.reduce(0, +)
    return abs(total - 1) <= 1e-9 ? [] : ["the classes' shares add up to \(total): make it 1"]
  }
}

extension CategoricalKernel {
  public static let typeName = "categorical"
  public static let featureName = "classes"
  public static let isContinuous = false

  public var dimensions: Int { 1 }
  public var stateShape: Shape { [classes] }
  public var description: String { "one of \(classes) classes" }
  public var columnKind: Column.Kind { .category((0..<max(0, min(classes, SizeLimit.extent))).map(String.init)) }
  public var cellCheck: CellCheck? { .classes(classes) }
  public func tableCount(steps: Int) -> Int { saturatingProduct([classes, classes]) }

  public var isUndetermined: Bool { shares.isEmpty }
  public func adapted(to data: Dataset, first: Int) -> CategoricalKernel {
    isUndetermined ? CategoricalKernel(shares: data.shares(column: first, values: classes)) : self
  }

  public var undetermined: CategoricalKernel { CategoricalKernel(classes: classes, shares: .fromData) }

  public func transitions(_ settings: KernelSettings) -> CategoricalTransitions {
    CategoricalTransitions(shares: probabilities, betas: settings.betas, probability: settings.probability)
  }

  public var stepForm: StepForm {
    StepForm(
      [.init(CategoricalStep.formula, title: "probabilities", shape: [classes], allowsScalar: false)],
      options: StepFormulas.meanings)
  }

  public var sourceText: String { "CategoricalKernel(classes: \(classes))" }

  public func fieldText(_ column: Column, unit: Continuous.Unit?) -> String {
    let labels = (column.labels ?? []).map(\.debugDescription).joined(separator: ", ")
    return "Category(\(column.name.debugDescription), of: [\(labels)])"
  }
}
