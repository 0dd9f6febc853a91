import DiffusionDSL
import Foundation

/// Rows by the group that they belong to: the group's smoothed share, times a normal distribution with the group's mean
/// and full covariance over the numbers that are observed, times, for every other field, the smoothed shares of its
/// labels in the group.
///
/// Means and covariances are those of maximum likelihood over the group's rows whose numbers are all observed.
struct GroupGaussian: RowDensity {
  private let group: String
  private let groups: SmoothedShares
  private let numbers: [String]
  private let gaussians: [GaussianMarginals]
  /// For each group, each other labelled column's shares.
  private let shares: [[(name: String, shares: SmoothedShares)]]

  /// - Parameter group: a field of labels; training rows that lack it are left out.
  /// - Throws: `SingularCovariance` where a group has too few rows for a covariance.
  init(_ training: Table, by group: some Field) throws {
    let columns = training.schema.columns
    let labels = group.column.labels ?? []
    let memberships = training.numbers(of: group.name) ?? []
    self.group = group.name
    numbers = columns.filter { $0.labels == nil }.map(\.name)
    groups = SmoothedShares(memberships, labels: labels.count)
    let parts = labels.indices.map { label in
      training.rows(at: training.indices.filter { memberships[$0] == Double(label) })
    }
    shares = parts.map { part in
      columns.compactMap { column in
        guard let labels = column.labels, column.name != group.name else { return nil }
        return (column.name, SmoothedShares(part.numbers(of: column.name) ?? [], labels: labels.count))
      }
    }
    var gaussians: [GaussianMarginals] = []
    for (label, part) in zip(labels, parts) {
      let rows = GroupGaussian.rows(of: part, numbers).filter { !$0.contains(where: \.isNaN) }
      guard let gaussian = GaussianMarginals(rows) else { throw SingularCovariance(group: label, rows: rows.count) }
      gaussians.append(gaussian)
    }
    self.gaussians = gaussians
  }

  func log2Density(of table: Table) -> [Double] {
    let memberships = table.numbers(of: group) ?? []
    let rows = GroupGaussian.rows(of: table, numbers)
    let labels = (shares.first ?? []).map { table.numbers(of: $0.name) ?? [] }
    func nats(_ row: Int, in group: Int) -> Double {
      zip(shares[group], labels).reduce(
        groups.log(Double(group)) + gaussians[group].logDensity(of: rows[row])
      ) { $0 + $1.0.shares.log($1.1[row]) }
    }
    return table.indices.map { row in
      guard memberships[row].isNaN else { return nats(row, in: Int(memberships[row])) / M_LN2 }
      // Of a row that might be of any group, the sum over them.
      let each = gaussians.indices.map { nats(row, in: $0) }
      let most = each.max() ?? 0
      return (most + log(each.reduce(0) { $0 + exp($1 - most) })) / M_LN2
    }
  }

  private static func rows(of table: Table, _ names: [String]) -> [[Double]] {
    let columns = names.map { table.numbers(of: $0) ?? [] }
    return table.indices.map { row in columns.map { $0[row] } }
  }
}

/// A group whose rows lie in a plane, or are too few not to.
struct SingularCovariance: Error, CustomStringConvertible {
  let group: String
  let rows: Int

  var description: String {
    "the \(rows) complete rows of '\(group)' in a training fold have no covariance of full rank: choose another --seed."
  }
}
