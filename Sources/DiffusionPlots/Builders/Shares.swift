extension Figure {
  /// A column of labels, in the data and among samples.
  public struct LabelledColumn: Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// What its labels are called.
    public var labels: [String]
    /// For each row of the data, the index of its label; any other number, such as -1, is a missing cell.
    public var data: [Int]
    /// The same for the samples.
    public var samples: [Int]

    /// A column of labels.
    public init(_ name: String, labels: [String], data: [Int], samples: [Int]) {
      self.name = name
      self.labels = labels
      self.data = data
      self.samples = samples
    }
  }

  /// The shares of each label within groups of rows, the data's beside the samples': a panel for each column, with a
  /// pair of bars for each label and group, the left one of the data, the right one, hollow, of the samples.
  ///
  /// A share is of the rows of the group whose cell is not missing, so that the bars of one group add up to 1.
  ///
  /// - Parameters:
  ///   - columns: The columns, at least one.
  ///   - groups: The groups that rows are of.
  /// - Throws: `PlotError.groupMismatch` for a column of another number of rows than the groups.
  public static func shares(
    of columns: [LabelledColumn], by groups: RowGroups, title: String? = nil
  ) throws -> Figure {
    for (groups, rows) in columns.flatMap({ [(groups.data, $0.data), (groups.samples, $0.samples)] })
    where groups.count != rows.count {
      throw PlotError.groupMismatch(rows: rows.count, groups: groups.count)
    }
    var panels: [Panel?] = columns.enumerated().map { index, column in
      Panel(
        title: column.name,
        x: .init(
          range: -0.55...Double(column.labels.count) - 0.45,
          marks: column.labels.enumerated().map { .init(Double($0), $1) }),
        y: .init(index == 0 ? "share within the group" : nil, range: 0...1.02, showsValues: index == 0),
        layers: bars(of: column, groups))
    }
    let kinds = [(true, "data"), (false, "samples")].map { filled, name in
      // Beyond the axes, as the groups' points are.
      PlotLayer(
        .histogram(edges: [-2, -1], densities: [1], filled: filled), color: .ink.opacity(filled ? 0.7 : 1), label: name)
    }
    panels.append(groups.legend(.topLeft, kinds))
    return Figure(title: title, panelSize: (260, 240), panels: [panels])
  }

  private static func bars(of column: LabelledColumn, _ groups: RowGroups) -> [PlotLayer] {
    let width = 0.8 / Double(max(1, 2 * groups.names.count))
    return groups.names.indices.flatMap { group in
      [(column.data, groups.data), (column.samples, groups.samples)].enumerated().flatMap { side, rows in
        let shares = shares(of: rows.0, labels: column.labels.count, where: rows.1.map { $0 == group })
        let isSample = side == 1
        // Hollow bars a little narrower, or outlines would lie on their neighbours' edges.
        let inset = isSample ? 0.08 * width : 0
        return shares.enumerated().map { label, share in
          let start = Double(label) - 0.4 + width * Double(2 * group + side)
          return PlotLayer(
            .histogram(edges: [start + inset, start + width - inset], densities: [share], filled: !isSample),
            color: PlotColor.series(group).opacity(isSample ? 1 : 0.7))
        }
      }
    }
  }

  private static func shares(of rows: [Int], labels: Int, where isIncluded: [Bool]) -> [Double] {
    var counts = Array(repeating: 0.0, count: labels)
    for (label, isIncluded) in zip(rows, isIncluded) where isIncluded && counts.indices.contains(label) {
      counts[label] += 1
    }
    let total = max(1, counts.reduce(0, +))
    return counts.map { $0 / total }
  }
}
