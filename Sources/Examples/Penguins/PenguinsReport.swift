import Foundation

/// What `--json` prints: one object of both.
struct PenguinsReport: Encodable, Sendable {
  let bounds: BoundFigures
  let imputation: ImputationFigures

  func encode(to encoder: any Encoder) throws {
    try bounds.encode(to: encoder)
    try imputation.encode(to: encoder)
  }

  /// The keys explained, for `--help`.
  static let help = "JSON: \(BoundFigures.help) \(ImputationFigures.help)"
}

/// Of the bounds, and of the run.
struct BoundFigures: Encodable, Sendable {
  let bits: Double
  let standardError: Double
  let independentBits: Double
  let speciesGaussianBits: Double
  let overIndependent: Double
  let overIndependentError: Double
  let overSpeciesGaussian: Double
  let overSpeciesGaussianError: Double
  let logProbabilityBits: Double
  let logProbabilityError: Double
  let unreliableRows: Int
  let rows: Int
  let missingCells: Int
  let seed: UInt64
  let quick: Bool
  let seconds: Double

  init(_ outcome: Study.Outcome, _ study: Study, seconds: Double) {
    let validation = outcome.validation
    let own = validation.moments(of: Study.Method.bound)
    let probability = validation.moments(of: Study.Method.probability)
    let overIndependent = validation.difference(Study.Method.bound, minus: Study.Method.independent)
    let overGroups = validation.difference(Study.Method.bound, minus: Study.Method.groups)
    bits = own.mean
    standardError = own.standardError
    independentBits = validation.moments(of: Study.Method.independent).mean
    speciesGaussianBits = validation.moments(of: Study.Method.groups).mean
    self.overIndependent = overIndependent.mean
    overIndependentError = overIndependent.standardError
    overSpeciesGaussian = overGroups.mean
    overSpeciesGaussianError = overGroups.standardError
    logProbabilityBits = probability.mean
    logProbabilityError = probability.standardError
    unreliableRows = outcome.unreliableRows
    rows = study.table.count
    missingCells = study.missingCells
    seed = study.options.seed
    quick = study.options.quick
    self.seconds = seconds
  }

  private enum CodingKeys: String, CodingKey {
    case bits = "bits_per_row"
    case standardError = "standard_error"
    case independentBits = "independent_bits_per_row"
    case speciesGaussianBits = "species_gaussian_bits_per_row"
    case overIndependent = "difference_to_independent"
    case overIndependentError = "difference_to_independent_standard_error"
    case overSpeciesGaussian = "difference_to_species_gaussian"
    case overSpeciesGaussianError = "difference_to_species_gaussian_standard_error"
    case logProbabilityBits = "log_probability_bits_per_row"
    case logProbabilityError = "log_probability_standard_error"
    case unreliableRows = "unreliable_rows"
    case missingCells = "missing_cells"
    case rows, seed, quick, seconds
  }

  /// The keys explained, for `--help`.
  static let help = """
    bits_per_row, K of the diffusion model over all rows, each held out once, and its standard_error over rows; \
    independent_bits_per_row and species_gaussian_bits_per_row, the baselines'; difference_to_independent and \
    difference_to_species_gaussian, K less the baseline's, each with the standard error of the rows' differences as \
    difference_to_independent_standard_error and difference_to_species_gaussian_standard_error; \
    log_probability_bits_per_row, log p by importance sampling, its log_probability_standard_error over rows, and \
    unreliable_rows, how many rows' estimates rest on too few trajectories; rows; missing_cells; seed and quick as \
    they were; seconds, all in all.
    """
}
