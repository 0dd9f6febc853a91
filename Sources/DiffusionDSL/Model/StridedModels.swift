import Foundation

extension TrainedDiffusion {
  /// The same model with fewer steps: a chain that takes several of the trained steps at once.
  ///
  ///     let fast = try trained.strided(steps: 50)
  ///     print(try trained.lowerBound(on: rows).bits - fast.lowerBound(on: rows).bits)  // what it costs
  ///
  /// It is a model like any other, for bounds, samples, posteriors and files; see `Strided` for what its steps are. A
  /// learned schedule stays as it was trained.
  ///
  /// - Parameter steps: how many, from 2 to as many as there are; spread evenly over t.
  /// - Throws: `DefinitionError` for a number of steps that is not possible, a kernel that is not Gaussian throughout, or a
  ///   model that has fewer steps already.
  public func strided(steps count: Int) throws(DefinitionError) -> TrainedDiffusion {
    guard (2...max(2, steps)).contains(count) else {
      throw DefinitionError([
        DefinitionFault("a chain of \(steps) steps has none of \(count): give a number from 2 to \(steps)")
      ])
    }
    return try strided(
      at: (0..<count).map { 1 + Int((Double($0) * Double(steps - 1) / Double(count - 1)).rounded()) })
  }

  /// The same model with some of its steps.
  ///
  /// - Parameter chosen: the steps, ascending to the last. One that leaves out the first steps is a model of larger beta_1,
  ///   the 1 - abar of the first step that is kept, as bounds that are to compare with others' may need.
  /// - Throws: `DefinitionError`, as for a number of steps.
  public func strided(at chosen: [Int]) throws(DefinitionError) -> TrainedDiffusion {
    // Behind a learned schedule stands what was learned.
    let base = definition.schedule.isLearned ? AnySchedule(Fixed(betas)) : definition.schedule
    let other = try DiffusionModel(
      Diffusion(
        kernel: definition.kernelPart,
        schedule: Placed(AnySchedule(Strided(base, at: chosen)), at: definition.schedulePart.location),
        reverse: definition.reversePart))
    return carried(to: other)
  }
}
