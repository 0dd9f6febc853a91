// The builder of diffusions. A block's type says which phase of the definition it has reached, so a wrong composition
// is a wrong type, and the unavailable overloads give that type a message that says what to do. What an unavailable
// overload returns is accepted by all that follows: one mistake gets one message.

/// Builds a `Diffusion`: a kernel, a schedule, then a reverse network or function.
///
/// `if` with `else` and `switch` choose between parts of one kind.
@resultBuilder
public enum DiffusionBuilder {
  /// A part or block without a mistake.
  public protocol SoundPhase: Sendable {}
  /// A block that begins with a kernel, as it should.
  public protocol BegunPhase: SoundPhase {}
  /// A part that stands before the kernel, or without one.
  public protocol HeadlessPhase: SoundPhase {}

  /// A kernel alone.
  public protocol KernelPhase: BegunPhase {
    /// The kernel with its line.
    var kernel: Placed<KernelDefinition> { get }
  }
  /// A kernel alone, with continuous parts only; any schedule may follow.
  public struct Kernel: KernelPhase {
    /// The kernel with its line.
    public let kernel: Placed<KernelDefinition>
  }
  /// A kernel alone, with a discrete part; a schedule of given betas has to follow.
  public struct DiscreteKernel: KernelPhase {
    /// The kernel with its line.
    public let kernel: Placed<KernelDefinition>
  }
  /// A schedule alone.
  public protocol SchedulePhase: HeadlessPhase {
    /// The schedule with its line.
    var schedule: Placed<AnySchedule> { get }
  }
  /// A schedule of given betas alone.
  public struct Schedule: SchedulePhase {
    /// The schedule with its line.
    public let schedule: Placed<AnySchedule>
  }
  /// A schedule alone whose type does not say that its betas are given: it may be learned.
  public struct Learned: SchedulePhase {
    /// The schedule with its line.
    public let schedule: Placed<AnySchedule>
  }
  /// A reverse network or function alone.
  public struct Reverse: HeadlessPhase {
    var reverse: Placed<ReverseDefinition>
  }
  /// A kernel and a schedule.
  public struct ForwardProcess: BegunPhase {
    var kernel: Placed<KernelDefinition>
    var schedule: Placed<AnySchedule>
  }
  /// A whole definition.
  public struct Complete: BegunPhase {
    var kernel: Placed<KernelDefinition>
    var schedule: Placed<AnySchedule>
    var reverse: Placed<ReverseDefinition>
  }
  /// A part or block whose mistake has been reported.
  public struct Faulty: Sendable {}

  /// A kernel with continuous parts only, with its line.
  public static func buildExpression<K: ContinuousKernel>(
    _ kernel: K, fileID: String = #fileID, line: UInt = #line
  ) -> Kernel {
    Kernel(kernel: Placed(kernel.definition, at: SourceLocation(fileID: fileID, line: line)))
  }

  /// Any other kernel, with its line.
  public static func buildExpression<K: KernelTerm>(
    _ kernel: K, fileID: String = #fileID, line: UInt = #line
  ) -> DiscreteKernel {
    DiscreteKernel(kernel: Placed(kernel.definition, at: SourceLocation(fileID: fileID, line: line)))
  }

  /// A schedule of given betas, with its line.
  public static func buildExpression<S: GivenSchedule>(
    _ schedule: S, fileID: String = #fileID, line: UInt = #line
  ) -> Schedule {
    Schedule(schedule: Placed(AnySchedule(schedule), at: SourceLocation(fileID: fileID, line: line)))
  }

  /// Any other schedule, with its line.
  public static func buildExpression<S: DiffusionSchedule>(
    _ schedule: S, fileID: String = #fileID, line: UInt = #line
  ) -> Learned {
    Learned(schedule: Placed(AnySchedule(schedule), at: SourceLocation(fileID: fileID, line: line)))
  }

  /// A reverse network, with its line.
  public static func buildExpression(
    _ network: ReverseNetwork, fileID: String = #fileID, line: UInt = #line
  ) -> Reverse {
    Reverse(reverse: Placed(.network(network), at: SourceLocation(fileID: fileID, line: line)))
  }

  /// A reverse function, with its line.
  public static func buildExpression(
    _ function: ReverseFunction, fileID: String = #fileID, line: UInt = #line
  ) -> Reverse {
    Reverse(reverse: Placed(.function(function), at: SourceLocation(fileID: fileID, line: line)))
  }

  /// A regression over rows, with its line.
  public static func buildExpression(
    _ regression: KernelRegression, fileID: String = #fileID, line: UInt = #line
  ) -> Reverse {
    Reverse(reverse: Placed(.regression(regression), at: SourceLocation(fileID: fileID, line: line)))
  }

  /// The first part of the block.
  public static func buildPartialBlock<Phase>(first: Phase) -> Phase { first }

  /// A continuous kernel, and any schedule.
  public static func buildPartialBlock<S: SchedulePhase>(accumulated: Kernel, next: S) -> ForwardProcess {
    ForwardProcess(kernel: accumulated.kernel, schedule: next.schedule)
  }

  /// A kernel with a discrete part, and a schedule of given betas.
  public static func buildPartialBlock(accumulated: DiscreteKernel, next: Schedule) -> ForwardProcess {
    ForwardProcess(kernel: accumulated.kernel, schedule: next.schedule)
  }

  /// A kernel, a schedule and a reverse network or function: a whole definition.
  public static func buildPartialBlock(accumulated: ForwardProcess, next: Reverse) -> Complete {
    Complete(kernel: accumulated.kernel, schedule: accumulated.schedule, reverse: next.reverse)
  }

  /// The `if` branch.
  public static func buildEither<Phase>(first: Phase) -> Phase { first }
  /// The `else` branch.
  public static func buildEither<Phase>(second: Phase) -> Phase { second }
  /// The whole definition.
  public static func buildFinalResult(_ complete: Complete) -> Complete { complete }

  // Where the types of the branches differ, both get the more general one.

  /// The kernel of the `if` branch, where the branches' kernels differ in type.
  @_disfavoredOverload
  public static func buildEither<K: KernelPhase>(first: K) -> DiscreteKernel { DiscreteKernel(kernel: first.kernel) }
  /// The kernel of the `else` branch, where the branches' kernels differ in type.
  @_disfavoredOverload
  public static func buildEither<K: KernelPhase>(second: K) -> DiscreteKernel { DiscreteKernel(kernel: second.kernel) }
  /// The schedule of the `if` branch, where the branches' schedules differ in type.
  @_disfavoredOverload
  public static func buildEither<S: SchedulePhase>(first: S) -> Learned { Learned(schedule: first.schedule) }
  /// The schedule of the `else` branch, where the branches' schedules differ in type.
  @_disfavoredOverload
  public static func buildEither<S: SchedulePhase>(second: S) -> Learned { Learned(schedule: second.schedule) }
}

// MARK: - Wrong compositions

extension DiffusionBuilder {
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildPartialBlock<Part>(accumulated: Faulty, next: Part) -> Faulty { accumulated }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildPartialBlock<Phase: SoundPhase>(accumulated: Phase, next: Faulty) -> Faulty { next }
  /// Keeps a reported mistake, so that it gets one message only.
  public static func buildOptional(_ faulty: Faulty?) -> Faulty { Faulty() }

  /// Never run: the mistake has stopped the compiler.
  public static func buildFinalResult(_ faulty: Faulty) -> Complete {
    Complete(
      kernel: Placed(GaussianKernel(dimensions: 0).definition), schedule: Placed(AnySchedule(Fixed([]))),
      reverse: Placed(
        .function(ReverseFunction(dimensions: 0) { x, step in GaussianStep(mean: x, variance: step.beta) })))
  }

  @_disfavoredOverload
  @available(
    *, unavailable,
    message: """
      this is no part of a Diffusion: write a kernel, a schedule, then a ReverseNetwork with the \
      layers inside
      """
  )
  public static func buildExpression<T>(_ stray: T) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      the Diffusion is empty: write GaussianKernel(dimensions:), a schedule such as ConstantErasure(steps:), \
      then ReverseNetwork { ... }
      """
  )
  public static func buildBlock() -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      a Diffusion begins with a kernel: write GaussianKernel(dimensions:) first, then the schedule, then the \
      ReverseNetwork
      """
  )
  public static func buildPartialBlock<First: HeadlessPhase, Phase: SoundPhase>(
    accumulated: First, next: Phase
  ) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      a Diffusion begins with a kernel: write GaussianKernel(dimensions:) first, then the schedule, then the \
      ReverseNetwork
      """
  )
  public static func buildFinalResult<First: HeadlessPhase>(_ first: First) -> Complete {
    buildFinalResult(Faulty())
  }

  @available(
    *, unavailable,
    message: """
      the schedule is missing: write ConstantErasure(steps:), Cosine(steps:) or \
      LearnedSchedule(steps:firstVariance:) between the kernel and the ReverseNetwork
      """
  )
  public static func buildPartialBlock<K: KernelPhase>(accumulated: K, next: Reverse) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      a learned schedule needs a kernel that is continuous throughout, for bits and classes give no gradient through the noise: write \
      ConstantErasure(steps:) here
      """
  )
  public static func buildPartialBlock(accumulated: DiscreteKernel, next: Learned) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      the schedule and the ReverseNetwork are missing: write ConstantErasure(steps:) and ReverseNetwork { ... } \
      after the kernel
      """
  )
  public static func buildFinalResult<K: KernelPhase>(_ kernel: K) -> Complete { buildFinalResult(Faulty()) }

  @available(*, unavailable, message: "the ReverseNetwork is missing: write ReverseNetwork { ... } after the schedule")
  public static func buildFinalResult(_ process: ForwardProcess) -> Complete { buildFinalResult(Faulty()) }

  @available(*, unavailable, message: "a Diffusion has one kernel, as its first line: remove the other")
  public static func buildPartialBlock<Phase: BegunPhase, Next: BegunPhase>(
    accumulated: Phase, next: Next
  ) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      a Diffusion has one schedule, between the kernel and the ReverseNetwork: remove the other
      """
  )
  public static func buildPartialBlock<Phase: BegunPhase, S: SchedulePhase>(
    accumulated: Phase, next: S
  ) -> Faulty { Faulty() }

  @available(
    *, unavailable,
    message: """
      a Diffusion has one ReverseNetwork, ReverseFunction or KernelRegression, as its last line: remove the other
      """
  )
  public static func buildPartialBlock(accumulated: Complete, next: Reverse) -> Faulty { Faulty() }

  @available(*, unavailable, message: "an 'if' in a Diffusion needs an 'else' with a part of the same kind: add it")
  public static func buildOptional<S: SchedulePhase>(_ schedule: S?) -> Faulty { Faulty() }

  @available(*, unavailable, message: "a Diffusion has one part of each kind: write 'for' inside the ReverseNetwork")
  public static func buildArray(_ parts: [Any]) -> Faulty { Faulty() }
}
