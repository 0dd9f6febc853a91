/// Where the reverse steps come from.
public enum ReverseDefinition: Codable, Hashable, Sendable {
  /// A network, to be trained.
  case network(ReverseNetwork)
  /// Formulas without parameters.
  case function(ReverseFunction)
  /// Rows of the training data, and how near to them x_0 is.
  case regression(KernelRegression)

  /// Where p(x_0 | x_1) comes from.
  public var lastStep: LastStep {
    switch self {
    case .network(let network): network.lastStep
    case .function(let function): function.lastStep
    case .regression(let regression): regression.lastStep
    }
  }

  /// The reverse function as it would be written; the formulas of one that is written by hand are left out.
  public var sourceText: String {
    switch self {
    case .network(let network): network.sourceText
    case .function(let function): function.sourceText
    case .regression(let regression): regression.sourceText
    }
  }

  /// What a network's readout means; formulas need no such thing.
  var mean: MeanParameterisation { if case .network(let network) = self { network.mean } else { .direct } }
  var variance: VarianceParameterisation { if case .network(let network) = self { network.variance } else { .learned } }
  var probability: ProbabilityParameterisation {
    if case .network(let network) = self { network.probability } else { .data }
  }
}

/// A diffusion model's definition: a kernel, a schedule and a reverse function.
///
///     let swissRoll = Diffusion {
///       GaussianKernel(dimensions: 2)
///       LearnedSchedule(steps: 40, firstVariance: 1e-3)
///       ReverseNetwork {
///         RadialBasis(units: 16)
///         Readout(.perStep)
///       }
///     }
///
/// It holds no data and no parameters; training gives a `TrainedDiffusion`. Two definitions are equal when they say
/// the same, wherever they stand.
public struct Diffusion: Codable, Hashable, Sendable {
  let kernelPart: Placed<KernelDefinition>
  let schedulePart: Placed<AnySchedule>
  let reversePart: Placed<ReverseDefinition>

  /// A definition from a kernel, a schedule and a reverse network, function or regression, in this order.
  ///
  /// Only types are checked here. All other mistakes are thrown together as a `DefinitionError` when the definition is
  /// trained or compiled.
  public init(@DiffusionBuilder _ definition: () -> DiffusionBuilder.Complete) {
    let definition = definition()
    kernelPart = definition.kernel
    schedulePart = definition.schedule
    reversePart = definition.reverse
  }

  init(
    kernel: Placed<KernelDefinition>, schedule: Placed<AnySchedule>, reverse: Placed<ReverseDefinition>
  ) {
    kernelPart = kernel
    schedulePart = schedule
    reversePart = reverse
  }

  private enum CodingKeys: String, CodingKey {
    case kernelPart = "kernel"
    case schedulePart = "schedule"
    case reversePart = "reverse"
  }

  /// What the forward process does to a state.
  public var kernel: KernelDefinition { kernelPart.value }
  /// How fast it does so.
  public var schedule: AnySchedule { schedulePart.value }
  /// Where the reverse steps come from.
  public var reverse: ReverseDefinition { reversePart.value }

  /// How many numbers a row has.
  public var dimensions: Int { kernel.dimensions }
  /// The columns of a row, by name.
  public var schema: Schema { kernel.schema }

  /// T.
  public var steps: Int { schedule.steps }
}

extension Diffusion: CustomStringConvertible {
  /// The definition as it would be written; formulas that are written by hand are left out.
  public var sourceText: String {
    sourceBlock("Diffusion", [kernel.sourceText, schedule.sourceText, reverse.sourceText])
  }

  /// The definition as it would be written.
  public var description: String { sourceText }
}

extension Diffusion {
  /// Whether states are images.
  var isOfImages: Bool { kernel.stateShape.axes.count > 1 }

  /// The definition as older files mean it, where a readout that stands behind an image has weights of their own for
  /// each pixel.
  var readingAllOfImages: Diffusion {
    guard isOfImages, kernel.faults.isEmpty, case .network(let network) = reverse,
      network.leavesImage(of: kernel.stateShape, GaussianTables(schedule, logits: nil))
    else { return self }
    let readout = Readout(network.readout.value.kind, readsAllOfImages: true)
    return Diffusion(
      kernel: kernelPart, schedule: schedulePart,
      reverse: Placed(.network(ReverseNetwork(network, readout)), at: reversePart.location))
  }
}
