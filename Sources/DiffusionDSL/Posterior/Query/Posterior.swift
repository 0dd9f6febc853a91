import Formulas
import Foundation

/// A model multiplied by factors r(x): p(x_0) r(x_0) / Z, with p the model's own distribution, that of its reverse
/// chain.
///
///     let query = trained.posterior {
///       Observe(0, equals: 0.3)
///       Factor { x in -square(x[1] - 0.5) / (2 * 0.1 * 0.1) }
///     }
///     let answer = try query.sample(500, method: .particles(4_096), seed: 7)
///
/// It is a value: factors can be added (`posterior { ... }`, `* factor`), and two posteriors of one model multiplied.
/// Nothing is computed before it is asked. Sohl-Dickstein et al. 2015, section 2.5.
public struct Posterior: Sendable {
  /// The model.
  public let prior: TrainedDiffusion
  /// What it is multiplied by.
  public let factors: [PosteriorFactor]
  /// What is wrong with how it was made; sampling throws it.
  let fault: PosteriorError?

  init(prior: TrainedDiffusion, factors: [PosteriorFactor], fault: PosteriorError? = nil) {
    self.prior = prior
    self.factors = factors
    self.fault = fault
  }

  /// This posterior under further factors.
  public func posterior(@PosteriorBuilder _ factors: () -> [PosteriorFactor]) -> Posterior {
    Posterior(prior: prior, factors: self.factors + factors(), fault: fault)
  }

  /// This posterior under one more factor.
  public static func * (posterior: Posterior, term: some PosteriorTerm) -> Posterior {
    Posterior(prior: posterior.prior, factors: posterior.factors + [term.factor], fault: posterior.fault)
  }

  /// The model under the factors of both: of one and the same model, or sampling throws
  /// `PosteriorError.differentModels`. To multiply by another model, write that model as a factor.
  public static func * (left: Posterior, right: Posterior) -> Posterior {
    let isOneModel = left.prior.isSame(as: right.prior)
    return Posterior(
      prior: left.prior, factors: left.factors + right.factors,
      fault: left.fault ?? right.fault ?? (isOneModel ? nil : .differentModels))
  }
}

/// How a posterior is sampled.
public enum PosteriorMethod: Sendable {
  /// The paper's method (Sohl-Dickstein et al. 2015, section 2.5): each step of the chain is moved towards r, and
  /// nothing is weighted. Its samples only approximate the posterior, and there is no evidence.
  case perturbed
  /// Sequential Monte Carlo: the number of particles of each run, and the number of independent runs, from whose spread
  /// the standard errors come; with one run there are none.
  case particles(Int, repeats: Int = 30)
}

extension TrainedDiffusion {
  /// The model multiplied by factors.
  public func posterior(@PosteriorBuilder _ factors: () -> [PosteriorFactor]) -> Posterior {
    Posterior(prior: self, factors: factors())
  }

  /// The model multiplied by a factor.
  public static func * (trained: TrainedDiffusion, term: some PosteriorTerm) -> Posterior {
    Posterior(prior: trained, factors: [term.factor])
  }
}

extension TrainedDiffusion: PosteriorTerm {
  /// This model's density as a factor of another's, estimated by 64 trajectories for each particle; see
  /// `factor(trajectories:)`.
  public var factor: PosteriorFactor { factor(trajectories: 64) }

  /// This model's density as a factor of another model's.
  ///
  /// It is estimated without bias (eq. 9) for each particle, so the posterior is exact for any number of trajectories;
  /// more of them make its weights more even. (The exponential of a bound would not do.)
  ///
  /// - Parameter trajectories: for each particle, 1 or more.
  public func factor(trajectories: Int) -> PosteriorFactor {
    PosteriorFactor(kind: .model(self, trajectories: trajectories), location: nil)
  }
}

extension Posterior: CustomStringConvertible {
  /// The model and how many factors.
  public var description: String {
    "\(prior), times \(factors.count) factor\(factors.count == 1 ? "" : "s")"
  }
}
