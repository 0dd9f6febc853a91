import Formulas

/// Transitions whose reverse steps can be put together: several of them become one, for a chain of fewer steps
/// (`Strided`).
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
}

extension ComposableTransitions {
  /// The same for a caller that does not know the family; nil for steps or transitions of another.
  func composedStep(
    _ step: any PartStep, of whole: any KernelTransitions, taken: (Formula) -> Formula, state: Formula
  ) -> (any PartStep)? {
    guard let step = step as? FamilyStep<Self>, let whole = whole as? Self else { return nil }
    return FamilyStep(self, composed(step.states, of: whole, taken: taken, state: state))
  }
}
