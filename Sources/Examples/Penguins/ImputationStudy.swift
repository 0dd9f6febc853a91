import DiffusionDSL
import ExampleSupport
import Foundation

/// How well the model fills in cells of held-out rows that were hidden, beside two other ways.
struct ImputationStudy: Sendable {
  /// The share of held-out cells that are hidden.
  static let hiddenShare = 0.25
  /// How often each row is filled in, each time with other cells hidden; once would give too few cells to compare.
  static let copies = 10
  /// The nominal probability of the model's intervals.
  static let intervalProbability = 0.9

  var model = FillScores()
  var meanMode = FillScores()
  var neighbours = FillScores()
  /// What the model took to fill in every row once.
  var seconds = 0.0

  /// Adds a fold.
  ///
  /// - Parameters:
  ///   - heldOut: rows that none of the methods has seen.
  ///   - names: the rows' names in the noise.
  mutating func add(
    _ trained: TrainedDiffusion, training: Table, heldOut: Table, names: [Int], _ study: Study
  ) throws {
    let copies = study.options.quick ? 1 : ImputationStudy.copies
    let hidden = try HiddenCells(
      heldOut, names: names, copies: copies, share: ImputationStudy.hiddenShare, seed: study.options.seed)
    meanMode.add(MeanModeFill(training).fill(hidden), for: hidden, training: training)
    neighbours.add(NearestNeighboursFill(training).fill(hidden), for: hidden, training: training)

    let start = ContinuousClock.now
    let imputation = try trained.impute(
      hidden.table, draws: study.options.quick ? 50 : 200, particles: study.options.quick ? 64 : 1_024,
      seed: study.options.seed, options: study.computation)
    seconds += (ContinuousClock.now - start) / .seconds(1) / Double(copies)
    // Other cells of the rows are missing in the data themselves, so their fills cannot be scored.
    let cells = hidden.cells.compactMap { imputation[$0.row, $0.column] }
    let columns = training.schema.columns
    model.add(
      cells.map { columns[$0.column].labels == nil ? $0.mean : $0.mode },
      intervals: cells.map {
        columns[$0.column].labels == nil ? $0.interval(ImputationStudy.intervalProbability) : nil
      }, for: hidden, training: training)
  }
}

extension ImputationStudy {
  /// The table of methods, and what to know about it.
  var results: String {
    var table = TextTable([
      "hidden cells filled in", "NRMSE", "s.e.", "gain", "s.e.", "accuracy", "s.e.", "gain", "s.e.",
    ])
    func add(_ name: String, _ scores: FillScores, gainOf model: FillScores?) {
      var cells = [name]
      let errorGain = model?.nrmseGain(over: scores)
      let accuracyGain = model?.accuracyGain(over: scores)
      for (own, gain) in [(scores.nrmse, errorGain), (scores.accuracy, accuracyGain)] {
        cells += [decimals(own.value), decimals(own.standardError)]
        cells += gain.map { [decimals($0.value), decimals($0.standardError)] } ?? ["", ""]
      }
      table.add(cells)
    }
    add("diffusion, mean or mode of draws", model, gainOf: nil)
    add("\(NearestNeighboursFill.usualCount) nearest neighbours", neighbours, gainOf: model)
    add("mean or mode of training rows", meanMode, gainOf: model)
    let (measurements, labels) = model.cells
    let coverage = model.coverage
    return "\(table)\n\n"
      + "A quarter of the cells of held-out rows were hidden, anew each time: \(measurements) measurements and "
      + "\(labels) labels. NRMSE: the\nroot of the mean squared error of measurements, in standard deviations of the "
      + "training rows; accuracy: the share of\nlabels that are right; gain: of the diffusion model over the line's "
      + "method, on the same cells.\n"
      + "The model's 90% intervals hold \(decimals(100 * coverage.value, 1))% +- "
      + "\(decimals(100 * coverage.standardError, 1)) of the hidden measurements. Filling in takes it "
      + "\(decimals(seconds, 1)) s for the \(counted(model.rowCount, "row")) once."
  }
}
