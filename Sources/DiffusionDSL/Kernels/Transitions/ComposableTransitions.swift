import Formulas

/// Transitions whose reverse steps say what x_0 they stand for: several of them become one, for a chain of fewer steps
/// (`Strided`), and a chain can be taken without noise (`TrainedDiffusion.deterministicSample`).
///
/// The forward process has this property whatever the family; of a reverse step it has to be said what it means for x_0.
protocol ComposableTransitions: KernelTransitions {
  /// The reverse step of this chain from that of the whole one, made at the same state.
  ///
  /// - Parameters:
  ///   - step: p(x_{t-1} | x_t) of the whole chain.
  ///   - whole: the whole chain's transitions.
  ///   - taken: makes a formula of the whole chain one of this.
  ///   - state: x_t of this part.
  func composed(_ step: States, of whole: Self, taken: (Formula) -> Formula, state: Formula) -> States

  /// x_{t-1} that follows from x_t without noise of its own: the estimate of x_0 that a step stands for and the noise in
  /// x_t that goes with it, put together as they are at t - 1 (Song, Meng, Ermon 2021, "Denoising diffusion implicit
  /// models", eq. 12 with eta = 0).
  ///
  /// - Parameters:
  ///   - step: p(x_{t-1} | x_t).
  ///   - state: x_t of this part.
  func implicit(_ step: States, state: Formula) -> Formula
}

extension ComposableTransitions {
  /// The same for a caller that does not know the family; nil for steps or transitions of another.
  func composedStep(
    _ step: any PartStep, of whole: any KernelTransitions, taken: (Formula) -> Formula, state: Formula
  ) -> (any PartStep)? {
    guard let step = step as? FamilyStep<Self>, let whole = whole as? Self else { return nil }
    return FamilyStep(self, composed(step.states, of: whole, taken: taken, state: state))
  }

  /// `implicit` for a caller that does not know the family; nil for a step of another.
  func implicitStep(_ step: any PartStep, state: Formula) -> Formula? {
    (step as? FamilyStep<Self>).map { implicit($0.states, state: state) }
  }
}
