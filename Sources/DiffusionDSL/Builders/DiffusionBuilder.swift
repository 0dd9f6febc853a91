// The builder of diffusions. Each statement moves the definition from one phase to the next (kernel, schedule, reverse
// function), so a wrong order is a wrong type; the unavailable overloads give it a message that says what to do.

/// Builds a `Diffusion`: a kernel, a schedule, then a reverse network or function.
@resultBuilder
public enum DiffusionBuilder {
  public struct KernelPart: Sendable {
    var kernel: Placed<GaussianKernel>
  }
  public struct SchedulePart: Sendable {
    var schedule: Placed<ScheduleDefinition>
  }
  public struct ReversePart: Sendable {
    var reverse: Placed<ReverseDefinition>
  }
  public struct StrayPart: Sendable {}

  public struct AfterKernel: Sendable {
    var kernel: Placed<GaussianKernel>
  }
  public struct AfterSchedule: Sendable {
    var kernel: Placed<GaussianKernel>
    var schedule: Placed<ScheduleDefinition>
  }
  public struct Complete: Sendable {
    var kernel: Placed<GaussianKernel>
    var schedule: Placed<ScheduleDefinition>
    var reverse: Placed<ReverseDefinition>
  }

  public static func buildExpression(
    _ kernel: GaussianKernel, fileID: String = #fileID, line: UInt = #line
  ) -> KernelPart {
    KernelPart(kernel: Placed(kernel, at: SourceLocation(fileID: fileID, line: line)))
  }

  public static func buildExpression<S: DiffusionSchedule>(
    _ schedule: S, fileID: String = #fileID, line: UInt = #line
  ) -> SchedulePart {
    SchedulePart(schedule: Placed(schedule.definition, at: SourceLocation(fileID: fileID, line: line)))
  }

  public static func buildExpression(
    _ network: ReverseNetwork, fileID: String = #fileID, line: UInt = #line
  ) -> ReversePart {
    ReversePart(reverse: Placed(.network(network), at: SourceLocation(fileID: fileID, line: line)))
  }

  public static func buildExpression(
    _ function: ReverseFunction, fileID: String = #fileID, line: UInt = #line
  ) -> ReversePart {
    ReversePart(reverse: Placed(.function(function), at: SourceLocation(fileID: fileID, line: line)))
  }

  public static func buildPartialBlock(first: KernelPart) -> AfterKernel { AfterKernel(kernel: first.kernel) }

  public static func buildPartialBlock(accumulated: AfterKernel, next: SchedulePart) -> AfterSchedule {
    AfterSchedule(kernel: accumulated.kernel, schedule: next.schedule)
  }

  public static func buildPartialBlock(accumulated: AfterSchedule, next: ReversePart) -> Complete {
    Complete(kernel: accumulated.kernel, schedule: accumulated.schedule, reverse: next.reverse)
  }

  public static func buildFinalResult(_ complete: Complete) -> Complete { complete }
}

// MARK: - Wrong compositions

extension DiffusionBuilder {
  private static var nothing: Complete {
    Complete(
      kernel: Placed(GaussianKernel(dimensions: 0)), schedule: Placed(.fixed([])),
      reverse: Placed(.function(ReverseFunction(dimensions: 0) { x, step in GaussianStep(mean: x, variance: step.beta) })))
  }
  private static var afterSchedule: AfterSchedule {
    AfterSchedule(kernel: nothing.kernel, schedule: nothing.schedule)
  }

  @available(*, unavailable, message: "a Diffusion needs a kernel, a schedule and a ReverseNetwork: begin with GaussianKernel(dimensions:)")
  public static func buildBlock() -> Complete { nothing }

  @available(*, unavailable, message: "a Diffusion begins with a kernel: add GaussianKernel(dimensions:) before the schedule")
  public static func buildPartialBlock(first: SchedulePart) -> AfterSchedule { afterSchedule }

  @available(*, unavailable, message: "a Diffusion begins with a kernel and a schedule: add GaussianKernel(dimensions:) and ConstantErasure(steps:) before the reverse network")
  public static func buildPartialBlock(first: ReversePart) -> Complete { nothing }

  @available(*, unavailable, message: "a schedule is missing between the kernel and the reverse network: add ConstantErasure(steps:), Cosine(steps:) or LearnedSchedule(steps:firstVariance:)")
  public static func buildPartialBlock(accumulated: AfterKernel, next: ReversePart) -> Complete { nothing }

  @available(*, unavailable, message: "a Diffusion has one kernel: remove the other")
  public static func buildPartialBlock(accumulated: AfterKernel, next: KernelPart) -> AfterKernel { accumulated }

  @available(*, unavailable, message: "the kernel comes first and only once: move it before the schedule, or remove it")
  public static func buildPartialBlock(accumulated: AfterSchedule, next: KernelPart) -> AfterSchedule { accumulated }

  @available(*, unavailable, message: "a Diffusion has one schedule: remove the other")
  public static func buildPartialBlock(accumulated: AfterSchedule, next: SchedulePart) -> AfterSchedule { accumulated }

  @available(*, unavailable, message: "the order is kernel, schedule, reverse network: move the kernel to the front, or remove it")
  public static func buildPartialBlock(accumulated: Complete, next: KernelPart) -> Complete { accumulated }

  @available(*, unavailable, message: "the order is kernel, schedule, reverse network: move the schedule before the network, or remove it")
  public static func buildPartialBlock(accumulated: Complete, next: SchedulePart) -> Complete { accumulated }

  @available(*, unavailable, message: "a Diffusion has one reverse network: remove the other")
  public static func buildPartialBlock(accumulated: Complete, next: ReversePart) -> Complete { accumulated }

  @available(*, unavailable, message: "a schedule and a ReverseNetwork are missing: add ConstantErasure(steps:) and ReverseNetwork { ... }")
  public static func buildFinalResult(_ partial: AfterKernel) -> Complete { nothing }

  @available(*, unavailable, message: "a ReverseNetwork is missing: add ReverseNetwork { ...; Readout(.bumps(10)) } after the schedule")
  public static func buildFinalResult(_ partial: AfterSchedule) -> Complete { nothing }

  @_disfavoredOverload
  @available(*, unavailable, message: "this is no part of a Diffusion: write a kernel, a schedule, then a ReverseNetwork")
  public static func buildExpression<T>(_ stray: T) -> StrayPart { StrayPart() }
  public static func buildPartialBlock(first: StrayPart) -> StrayPart { first }
  public static func buildPartialBlock(accumulated: StrayPart, next: KernelPart) -> AfterKernel { AfterKernel(kernel: next.kernel) }
  public static func buildPartialBlock<Phase>(accumulated: Phase, next: StrayPart) -> Phase { accumulated }
}
