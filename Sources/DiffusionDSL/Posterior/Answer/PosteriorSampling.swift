import Formulas

// Posteriors asked for samples.

extension Posterior {
  /// Samples of the posterior, with the evidence.
  ///
  /// It costs `particles` chains for each repeat. With a `Factor` the way to t = 0 is tuned first, by chains of some
  /// tens of thousands, or of 1,536 where particles and repeats are fewer than 20,000 in all.
  ///
  /// - Parameters:
  ///   - count: how many samples, 1 or more.
  ///   - method: particles, or the paper's perturbed chain.
  ///   - guidance: how r acts along the trajectory; nil: `carried`, annealed where that has no closed form.
  ///   - seed: names the random numbers.
  ///   - options: threads, precision and vector width.
  /// - Returns: the answer. Where r is impossible, or no particle survives, it has no samples, log Z is -infinity, and it
  ///   says so (`PosteriorAnswer.isImpossible`, `warnings`).
  /// - Throws: `PosteriorError` for factors that do not fit the model, a guidance with the wrong limit for particles, and
  ///   an r that is NaN or infinite; `DefinitionError` where the model cannot be
  ///   compiled; `Cancelled` when the task is cancelled.
  public func sample(
    _ count: Int, method: PosteriorMethod = .particles(4_096), guidance: Guidance? = nil, seed: UInt64,
    options: ComputeOptions = .init()
  ) throws -> PosteriorAnswer {
    try Posterior.sample(count, from: [self], method: method, guidance: guidance, seed: seed, options: options)[0]
  }

  /// Samples of many posteriors. Those of one model that have the same kinds of factors on the same columns, whatever the
  /// observed values, share one compilation.
  ///
  /// Each answer is what `sample` gives for that posterior alone.
  ///
  /// - Parameters: as for one.
  /// - Returns: one answer a posterior, in their order.
  /// - Throws: as for one.
  public static func sample(
    _ count: Int, from posteriors: [Posterior], method: PosteriorMethod = .particles(4_096),
    guidance: Guidance? = nil, seed: UInt64, options: ComputeOptions = .init()
  ) throws -> [PosteriorAnswer] {
    let (particles, repeats, isWeighted): (Int, Int, Bool) =
      switch method {
      case .perturbed: (count, 1, false)
      case .particles(let particles, let repeats): (particles, repeats, true)
      }
    for (what, value) in [("the number of samples", count), ("particles", particles), ("repeats", repeats)]
    where value < 1 { throw PosteriorError.invalidCount(what: what, value: value) }
    let way = guidance ?? .carried
    let combined = try posteriors.map { posterior in
      if let fault = posterior.fault { throw fault }
      let trained = posterior.prior
      try DataError.check("the number of samples", count, limit: trained.model.mostChains)
      try DataError.check("particles", particles, limit: trained.model.mostChains / repeats)
      try way.check(steps: trained.steps)
      let factors = try CombinedFactors(posterior.factors, trained)
      for (_, trajectories) in factors.models {
        try DataError.check("trajectories", trajectories, limit: trained.model.mostChains / particles)
      }
      if isWeighted { try factors.check(way, trained.schema) }
      return factors
    }

    let pool = WorkerPool(threads: options.threads, progress: options.progress)
    var answers: [PosteriorAnswer?] = zip(posteriors, combined).map { posterior, factors in
      factors.contradiction.map { .impossible(posterior.prior, way, repeats: repeats, contradiction: $0) }
    }
    for group in groups(of: posteriors, combined, where: { answers[$0] == nil }) {
      let trained = posteriors[group[0]].prior
      var members = group.map { combined[$0] }
      let isTuned = isWeighted && members[0].isTuned(way)
      // A placeholder: programs have inputs for a tuning only where there is one.
      if isTuned { members[0].tuning = .init(width: 0, isGuiding: false) }
      let programs = try PosteriorPrograms(trained, members[0], way, options: options)
      if isTuned {
        members[0] = try members[0].tuned(
          trained, programs, way, walks: particles * repeats, particles: particles, seed: seed, pool)
      }
      let work = ParticleWork(
        trained, programs, members, particles: particles, repeats: repeats, isWeighted: isWeighted, seed: seed,
        threads: pool.threads,
        cancellation: Cancellation(of: "sampling a posterior", members.count * repeats, "repeats"))
      for (index, outcomes) in zip(group, try work.run(pool)) {
        let deaths = outcomes.compactMap(\.diedAt)
        answers[index] =
          deaths.count == outcomes.count
          ? .impossible(trained, way, repeats: repeats, deaths: deaths)
          : PosteriorAnswer(
            trained, combined[index], way, outcomes, count: count, isWeighted: isWeighted, seed: seed)
      }
    }
    return answers.compactMap { $0 }
  }

  /// The posteriors that can share one compilation, by their places: of one model, with factors of one form.
  ///
  /// General formulas cannot be compared, so each posterior with one stands for itself.
  private static func groups(
    of posteriors: [Posterior], _ combined: [CombinedFactors], where isAsked: (Int) -> Bool
  ) -> [[Int]] {
    var groups: [[Int]] = []
    for (index, factors) in combined.enumerated() where isAsked(index) {
      let group = groups.firstIndex { group in
        let first = combined[group[0]]
        return factors.formulas.isEmpty && first.formulas.isEmpty && first.form == factors.form
          && posteriors[group[0]].prior.isSame(as: posteriors[index].prior)
      }
      if let group { groups[group].append(index) } else { groups.append([index]) }
    }
    return groups
  }
}
