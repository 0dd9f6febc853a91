import DiffusionDSL
import DiffusionIO
import ExampleSupport
import Foundation

/// The columns of the penguins' table as typed fields, the same for the data, the model, the baselines and the figures.
enum PenguinFields {
  static let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
  static let island = Category("island", of: ["Biscoe", "Dream", "Torgersen"])
  static let sex = Binary("sex", "female", "male")
  static let year = Category("year", of: ["2007", "2008", "2009"])
  static let billLength = Continuous("bill_length_mm")
  static let billDepth = Continuous("bill_depth_mm")
  static let flipperLength = Continuous("flipper_length_mm")
  static let bodyMass = Continuous("body_mass_g")

  /// All fields side by side over one clock.
  static let kernel = ProductKernel {
    species
    island
    sex
    year
    billLength
    billDepth
    flipperLength
    bodyMass
  }

  static let schema = Schema(species, island, sex, year, billLength, billDepth, flipperLength, bodyMass)

  /// How many numbers x_t has: one for a measurement or a bit, an indicator for each label of a category.
  static let features = schema.columns.reduce(0) { features, column in
    if case .category(let labels) = column.kind { features + labels.count } else { features + 1 }
  }

  /// The steps of the grids on which the continuous fields were recorded, by the fields' names.
  static let recordingSteps = [
    billLength.name: 0.1, billDepth.name: 0.1, flipperLength.name: 1, bodyMass.name: 25,
  ]

  /// The embedded table, as it was recorded.
  ///
  /// - Throws: `CSVError`, which the embedded text gives no cause for.
  static func recorded() throws -> Table {
    try Table(data: Data(Penguins.csv.utf8), name: Penguins.fileName, schema: schema)
  }
}
