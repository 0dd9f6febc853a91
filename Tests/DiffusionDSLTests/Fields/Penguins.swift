import DiffusionDSL

/// Fields of each kind, and structures with the same names.
enum Penguins {
  enum Island: String, CaseIterable, Codable {
    case biscoe = "Biscoe"
    case dream = "Dream"
    case torgersen = "Torgersen"
  }
  /// Without raw values, which is encoded otherwise.
  enum Stage: CaseIterable, Codable { case adult, juvenile }

  static let species = Category("species", of: ["Adelie", "Chinstrap", "Gentoo"])
  static let island = Category("island", of: Island.self)
  static let stage = Category("stage", of: Stage.self)
  static let sex = Binary("sex", "female", "male")
  static let bill = Continuous("bill")

  static let schema = Schema(species, island, stage, sex, bill)
}
