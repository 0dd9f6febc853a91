import DiffusionDSL
import DiffusionPlots
import ExampleSupport
import Foundation

extension Study {
  /// All pairs of measurements, data beside samples, coloured by species.
  func pairs(_ samples: Table) throws -> Figure {
    let names = PenguinFields.schema.columns.filter { $0.labels == nil }.map(\.name)
    func rows(_ table: Table) -> [Double] {
      let columns = names.map { table.numbers(of: $0) ?? [] }
      return table.indices.flatMap { row in columns.map { $0[row] } }
    }
    return try .pairPlot(
      columns: names, data: rows(recorded), samples: rows(samples), steps: names.map { grid.steps[$0] },
      groups: groups(samples))
  }

  /// The shares of islands, sexes and years within each species, data beside samples.
  func shares(_ samples: Table) throws -> Figure {
    let columns = PenguinFields.schema.columns.filter { $0.labels != nil && $0.name != PenguinFields.species.name }
    return try .shares(
      of: columns.map { column in
        Figure.LabelledColumn(
          column.name, labels: column.labels ?? [], data: places(recorded, column.name),
          samples: places(samples, column.name))
      }, by: groups(samples))
  }

  private func groups(_ samples: Table) -> Figure.RowGroups {
    let species = PenguinFields.species
    return .init(
      species.labels, data: places(recorded, species.name), samples: places(samples, species.name))
  }

  /// The indices of labels; -1 for a missing cell.
  private func places(_ table: Table, _ name: String) -> [Int] {
    (table.numbers(of: name) ?? []).map { $0.isNaN ? -1 : Int($0) }
  }
}
