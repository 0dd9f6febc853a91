import ArgumentParser
import DiffusionDSL

/// What examples that train models of pictures are told on the command line, beside what every example is.
public struct PictureOptions: ParsableArguments, Sendable {
  /// The reverse network.
  @Option(help: "The network: the paper's, or the best that was found.")
  public var network = PictureNetwork.best

  /// How steps are spread, and beta_1.
  @Option(help: "Steps: the paper's beta_t = 1 / (T - t + 1), or even in log signal-to-noise from a small beta_1.")
  public var schedule = PictureSchedule.fine

  /// Updates in all; nil: the example's own number.
  @Option(parsing: .unconditional, help: .init("Training steps in all (default: see above).", valueName: "count"))
  public var steps: Int?

  /// Whether to go on from a checkpoint.
  @Flag(help: "Go on from the checkpoint in the output directory.")
  public var resume = false

  /// Whether the model that comes with the example is shown, and none is trained.
  @Flag(help: "Train nothing: show what the model that comes with the example does.")
  public var pretrained = false

  /// No options given.
  public init() {}

  /// - Throws: `ValidationError` for a number of steps that is not possible, and for options of training where nothing is
  ///   trained.
  public func validate() throws {
    if pretrained, network != .best || schedule != .fine || steps != nil || resume {
      throw ValidationError(
        "--pretrained trains nothing: leave out --network, --schedule, --steps and --resume")
    }
    if let steps, !(1...100_000_000).contains(steps) {
      throw ValidationError("--steps \(steps) is not possible: give a number from 1 to 100000000")
    }
  }
}

/// The schedules to choose from.
public enum PictureSchedule: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// beta_t = 1 / (T - t + 1), so that beta_1 is 1 / T (section 2.4.1).
  case paper
  /// Even in the log signal-to-noise ratio, from a beta_1 of 1e-5.
  case fine
}
