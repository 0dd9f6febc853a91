/// What `--json` prints of the cells that were filled in.
struct ImputationFigures: Encodable, Sendable {
  let nrmse: Double
  let nrmseError: Double
  let accuracy: Double
  let accuracyError: Double
  let meanModeNRMSE: Double
  let meanModeAccuracy: Double
  let neighboursNRMSE: Double
  let neighboursAccuracy: Double
  let nrmseOverMeanMode: Double
  let nrmseOverMeanModeError: Double
  let accuracyOverMeanMode: Double
  let accuracyOverMeanModeError: Double
  let nrmseOverNeighbours: Double
  let nrmseOverNeighboursError: Double
  let accuracyOverNeighbours: Double
  let accuracyOverNeighboursError: Double
  let coverage: Double
  let coverageError: Double
  let measurements: Int
  let labels: Int
  let seconds: Double

  init(_ study: ImputationStudy) {
    let model = study.model
    (nrmse, nrmseError) = model.nrmse.parts
    (accuracy, accuracyError) = model.accuracy.parts
    (meanModeNRMSE, meanModeAccuracy) = (study.meanMode.nrmse.value, study.meanMode.accuracy.value)
    (neighboursNRMSE, neighboursAccuracy) = (study.neighbours.nrmse.value, study.neighbours.accuracy.value)
    (nrmseOverMeanMode, nrmseOverMeanModeError) = model.nrmseGain(over: study.meanMode).parts
    (accuracyOverMeanMode, accuracyOverMeanModeError) = model.accuracyGain(over: study.meanMode).parts
    (nrmseOverNeighbours, nrmseOverNeighboursError) = model.nrmseGain(over: study.neighbours).parts
    (accuracyOverNeighbours, accuracyOverNeighboursError) = model.accuracyGain(over: study.neighbours).parts
    (coverage, coverageError) = model.coverage.parts
    (measurements, labels) = model.cells
    seconds = study.seconds
  }

  private enum CodingKeys: String, CodingKey {
    case nrmse = "imputation_nrmse"
    case nrmseError = "imputation_nrmse_standard_error"
    case accuracy = "imputation_accuracy"
    case accuracyError = "imputation_accuracy_standard_error"
    case meanModeNRMSE = "mean_mode_nrmse"
    case meanModeAccuracy = "mean_mode_accuracy"
    case neighboursNRMSE = "nearest_neighbours_nrmse"
    case neighboursAccuracy = "nearest_neighbours_accuracy"
    case nrmseOverMeanMode = "nrmse_gain_over_mean_mode"
    case nrmseOverMeanModeError = "nrmse_gain_over_mean_mode_standard_error"
    case accuracyOverMeanMode = "accuracy_gain_over_mean_mode"
    case accuracyOverMeanModeError = "accuracy_gain_over_mean_mode_standard_error"
    case nrmseOverNeighbours = "nrmse_gain_over_nearest_neighbours"
    case nrmseOverNeighboursError = "nrmse_gain_over_nearest_neighbours_standard_error"
    case accuracyOverNeighbours = "accuracy_gain_over_nearest_neighbours"
    case accuracyOverNeighboursError = "accuracy_gain_over_nearest_neighbours_standard_error"
    case coverage = "imputation_coverage"
    case coverageError = "imputation_coverage_standard_error"
    case measurements = "hidden_measurements"
    case labels = "hidden_labels"
    case seconds = "imputation_seconds"
  }

  /// The keys explained, for `--help`.
  static let help = """
    Of cells of held-out rows that were hidden and filled in (hidden_measurements and hidden_labels of them): \
    imputation_nrmse, the root of the mean squared error of measurements in standard deviations of the training rows, \
    and imputation_accuracy, the share of labels that are right, with imputation_nrmse_standard_error and \
    imputation_accuracy_standard_error over rows; mean_mode_nrmse and mean_mode_accuracy, the same for the training \
    rows' means and most frequent labels; nearest_neighbours_nrmse and nearest_neighbours_accuracy, the same for the \
    nearest training rows'; nrmse_gain_over_mean_mode, accuracy_gain_over_mean_mode, \
    nrmse_gain_over_nearest_neighbours and accuracy_gain_over_nearest_neighbours, by how much the model is better, \
    with standard errors as nrmse_gain_over_mean_mode_standard_error, accuracy_gain_over_mean_mode_standard_error, \
    nrmse_gain_over_nearest_neighbours_standard_error and accuracy_gain_over_nearest_neighbours_standard_error; \
    imputation_coverage, the share of hidden measurements in the model's 90% intervals, with \
    imputation_coverage_standard_error; imputation_seconds, what the model takes to fill in every row once.
    """
}

extension FillScores.Estimate {
  fileprivate var parts: (Double, Double) { (value, standardError) }
}
