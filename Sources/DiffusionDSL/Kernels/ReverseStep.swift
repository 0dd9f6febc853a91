import Formulas

/// The parameters of a reverse step of one kernel, as formulas: what a reverse function returns.
///
///     struct OrdinalStep: ReverseStep {
///       var probabilities: Formula
///       var formulas: StepFormulas { StepFormulas("ordinal", ["probabilities": probabilities]) }
///     }
public protocol ReverseStep: Sendable {
  /// The step as a value.
  var formulas: StepFormulas { get }
}

/// A reverse step of one kernel as a value, as it stands in a definition and in a saved model.
public struct StepFormulas: Hashable, Sendable {
  /// The type name of the kernel family that it is for.
  public let kernel: String
  let formulas: [String: Formula]
  /// What the formulas mean, where a family has several forms.
  let options: [String: String]

  /// - Parameters:
  ///   - kernel: the type name of the kernel family that it is for.
  ///   - formulas: by the names that the family's `stepForm` has.
  ///   - options: what they mean, by the names that `stepForm` has.
  public init(_ kernel: String, _ formulas: [String: Formula], options: [String: String] = [:]) {
    self.kernel = kernel
    self.formulas = formulas
    self.options = options
  }

  /// A formula by its name; a faulty one where there is none of the name.
  public subscript(name: String) -> Formula { formulas[name] ?? .fault("the reverse step has no formula '\(name)'") }

  /// An option by its name.
  public func option(_ name: String) -> String? { options[name] }

  /// The names of the formulas in order.
  var names: [String] { formulas.keys.sorted() }

  /// The same with each formula changed.
  func mapFormulas(_ change: (Formula) -> Formula) -> StepFormulas {
    StepFormulas(kernel, formulas.mapValues(change), options: options)
  }
}

/// A renamed type.
@available(*, deprecated, renamed: "StepFormulas")
public typealias ReverseStepFormulas = StepFormulas

extension StepFormulas: Codable {
  // An object of one key, the kernel's type name, with the formulas and options side by side.

  /// A stored step.
  ///
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: PartCoding.Name.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a reverse step has to name one kernel"))
    }
    let inside = try container.nestedContainer(keyedBy: PartCoding.Name.self, forKey: key)
    var (formulas, options) = ([String: Formula](), [String: String]())
    for name in inside.allKeys {
      if let option = try? inside.decode(String.self, forKey: name) {
        options[name.stringValue] = option
      } else {
        formulas[name.stringValue] = try inside.decode(Formula.self, forKey: name)
      }
    }
    self.init(key.stringValue, formulas, options: options)
  }

  /// Stores the formulas and options under the kernel's type name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: PartCoding.Name.self)
    var inside = container.nestedContainer(keyedBy: PartCoding.Name.self, forKey: PartCoding.Name(kernel))
    for (name, formula) in formulas { try inside.encode(formula, forKey: PartCoding.Name(name)) }
    for (name, option) in options { try inside.encode(option, forKey: PartCoding.Name(name)) }
  }
}

/// The formulas that a hand-written reverse step of a kernel family has.
public struct StepForm: Sendable {
  /// One formula.
  public struct Entry: Sendable {
    let name: String
    let title: String
    let shape: [Int]
    let allowsScalar: Bool

    /// - Parameters:
    ///   - name: what files call it.
    ///   - title: what messages call it; nil: its name.
    ///   - shape: what it has to have.
    ///   - allowsScalar: whether a scalar stands for all.
    public init(_ name: String, title: String? = nil, shape: [Int], allowsScalar: Bool) {
      self.name = name
      self.title = title ?? name
      self.shape = shape
      self.allowsScalar = allowsScalar
    }
  }

  let entries: [Entry]
  let options: [String: [String]]

  /// - Parameters:
  ///   - entries: the formulas.
  ///   - options: each option's possible values.
  public init(_ entries: [Entry], options: [String: [String]] = [:]) {
    self.entries = entries
    self.options = options
  }

  /// Whether a step has these formulas and options.
  func fits(_ step: StepFormulas) -> Bool {
    step.names == entries.map(\.name).sorted() && step.options.keys.sorted() == options.keys.sorted()
      && step.options.allSatisfy { options[$0.key]?.contains($0.value) == true }
  }

  /// What is wrong with the shapes of a step that has these formulas.
  func faults(_ step: StepFormulas) -> [String] {
    entries.filter { entry in
      let shape = step[entry.name].shape
      return shape != Shape(entry.shape) && !(entry.allowsScalar && shape == .scalar)
    }.map { entry in
      "the reverse function's \(entry.title) has shape \(step[entry.name].shape) where \(Shape(entry.shape))"
        + (entry.allowsScalar ? " or a scalar is needed" : " is needed")
    }
  }
}

extension StepFormulas {
  /// The key, in files, of the option that says what a discrete step's probabilities are of: x_0 or x_{t-1}.
  static let meaning = "_1"
  /// The values that the option may have, for `StepForm`.
  static let meanings = [meaning: ProbabilityParameterisation.allCases.map(\.rawValue)]
  /// The option's value. `StepForm.fits` has rejected steps without the option before this is asked.
  var meaning: ProbabilityParameterisation {
    option(StepFormulas.meaning).flatMap(ProbabilityParameterisation.init) ?? .data
  }
}
