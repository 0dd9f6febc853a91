import DiffusionDSL
import ExampleSupport
import Foundation

extension Study {
  /// What the baselines are, for help and output.
  static let baselines = [
    """
    Independent fields: a normal with the training rows' mean and standard deviation for each measurement, and for \
    each labelled field the shares of its labels, half a row being added for each label.
    """,
    """
    Gaussian within each species: the share of the species; given the species, a normal with its mean and full \
    covariance over the measurements, and the shares of islands, sexes and years among its rows, each by itself, half \
    a row being added for each label.
    """,
    "Where cells are missing, both give the density of those that are observed, exactly.",
  ]

  /// What is about to be done.
  var introduction: String {
    let incomplete = table.filter { $0.numbers.contains(where: \.isNaN) }.count
    return "\(Penguins.fileName): \(counted(table.count, "row")) of \(table.schema.names.joined(separator: ", ")); "
      + "\(missingCells) cells are missing, in \(counted(incomplete, "row")), which are trained on and scored too"
  }

  /// The table of methods and what to know about it.
  func results(_ outcome: Outcome) -> String {
    let validation = outcome.validation
    var text = TextTable([
      "method", "bits/row", "s.e.", "over independent", "s.e.", "over species' Gaussian", "s.e.",
    ])
    for method in [Method.bound, Method.probability, Method.groups, Method.independent] {
      let own = validation.moments(of: method)
      var cells = [method, decimals(own.mean), decimals(own.standardError)]
      for other in [Method.independent, Method.groups] {
        let difference = validation.difference(method, minus: other)
        cells += method == other ? ["", ""] : [decimals(difference.mean), decimals(difference.standardError)]
      }
      text.add(cells)
    }
    return "\(text)\n\n"
      + "\(Study.folds)-fold cross-validation; log2 of the density of a row's observed cells, per mm and g; higher is "
      + "better. Differences are of the same rows, with standard errors (s.e.) of their own.\n"
      + Study.baselines.joined(separator: "\n") + "\n"
      + verdict(validation) + unreliable(outcome)
  }

  /// How K stands against the stronger baseline.
  private func verdict(_ validation: CrossValidation) -> String {
    let gain = validation.difference(Method.bound, minus: Method.groups)
    let ways = gain.mean >= 0 ? "above" : "below"
    return "K is \(decimals(abs(gain.mean))) bits a row \(ways) the Gaussian within each species, "
      + "\(decimals(abs(gain.mean) / gain.standardError, 1)) standard errors of the difference"
      + (gain.mean < 0 && options.quick ? "; with --quick it was trained for a moment only." : ".")
  }

  private func unreliable(_ outcome: Outcome) -> String {
    guard outcome.unreliableRows > 0 else { return "" }
    return "\nThe estimate of log p rests on under 10 trajectories of \(trajectories) in "
      + "\(counted(outcome.unreliableRows, "row")), where it tends to be too low: judge by K."
  }
}
