import DiffusionDSL
import Testing

/// Training and queries on a table are those on its numbers in the definition's order.
@Suite struct TableQueryTests {
  static let model = Diffusion {
    ProductKernel {
      Penguins.species
      Penguins.bill
      ProductKernel {
        Penguins.sex
        Penguins.stage
      }
    }
    ConstantErasure(steps: 8)
    ReverseNetwork {
      Dense(6, activation: .tanh)
      Readout(.shared)
    }
  }

  struct Penguin: Codable {
    var bill: Double
    var sex: String
    var species: String
    var stage: Penguins.Stage
  }

  /// As the model has them.
  static let rows = (0..<60).map { row in
    let numbers: [Int] = [row % 3, 30 + row * 7 % 11, row % 2, row / 30]
    return numbers.map { Double($0) }
  }

  /// In another order, with labels in another order.
  static func table() throws -> Table {
    let schema = Schema([
      Column("stage", .category(["juvenile", "adult"])), Column("sex", .binary(["male", "female"])),
      Column("x", .continuous), Penguins.species.column, Penguins.bill.column,
    ])
    let cells = rows.flatMap { row -> [Double] in [1 - row[3], 1 - row[2], 9, row[0], row[1]] }
    return try Table(cells: cells, schema: schema)
  }

  @Test func aDefinitionHasItsFieldsAsASchema() {
    #expect(
      TableQueryTests.model.schema == Schema(Penguins.species, Penguins.bill, Penguins.sex, Penguins.stage))
  }

  @Test func aTableIsTakenByName() async throws {
    let table = try TableQueryTests.table()
    let model = TableQueryTests.model
    let data = try Dataset(TableQueryTests.rows)
    let trained = try await model.fit(to: table, steps: 5, seed: 3)
    let same = try await model.training(on: data, steps: 5, seed: 3).value
    for (name, _) in trained.parameterShapes { #expect(trained.parameter(name) == same.parameter(name)) }
    #expect(try trained.sample(20, seed: 1) == same.sample(20, seed: 1))

    let bound = try trained.lowerBound(on: table, seed: 4, draws: 2)
    #expect(try bound.rowNats == same.lowerBound(on: data, seed: 4, draws: 2).rowNats)
    let weighted = try table.weighted(by: (0..<60).map { $0 < 30 ? 1 : 0 })
    let first = try trained.lowerBound(on: table.rows(at: 0..<30), seed: 4, draws: 2)
    #expect(try abs(trained.lowerBound(on: weighted, seed: 4, draws: 2).nats - first.nats) < 1e-6)
    #expect(
      try trained.logProbability(of: table, trajectories: 3).nats
        == same.logProbability(of: data, trajectories: 3).nats)

    let further = try await trained.resume(on: table, totalSteps: 8)
    let sameFurther = try await same.resume(on: data, totalSteps: 8)
    #expect(try further.sample(20, seed: 1) == sameFurther.sample(20, seed: 1))
    #expect(try await trained.resuming(on: table, totalSteps: 6).value.trainingSteps == 6)
    #expect(try await model.training(on: table, steps: 2, seed: 1).value.trainingSteps == 2)
  }

  @Test func samplesAreRecordsAndStructures() async throws {
    let trained = try await TableQueryTests.model.fit(to: TableQueryTests.table(), steps: 5, seed: 3)
    let samples = try trained.sampleTable(50, seed: 7)
    let numbers = try trained.sample(50, seed: 7)
    #expect(samples.count == 50 && samples.schema == TableQueryTests.model.schema)
    for (record, row) in zip(samples, numbers) {
      #expect(record.numbers == row)
      #expect(record["species"] == .label(["Adelie", "Chinstrap", "Gentoo"][Int(row[0])]))
      #expect(record[Penguins.bill] == row[1])
      #expect(record[Penguins.sex] == ["female", "male"][Int(row[2])])
      #expect(record[Penguins.stage] == [.adult, .juvenile][Int(row[3])])
    }
    let penguins = try samples.decoded(as: Penguin.self)
    #expect(penguins.map(\.bill) == numbers.column(1))
    #expect(penguins.map(\.stage) == samples.column(Penguins.stage))
    #expect(try trained.sampleTable(20, seed: 7, firstChain: 30).map(\.numbers) == Array(numbers.dropFirst(30)))
    #expect(try trained.table(of: numbers) == samples)
    #expect(try Table(penguins, schema: samples.schema) == samples)
  }

  @Test func rowsOfAnotherModelAreRefused() async throws {
    let trained = try await TableQueryTests.model.fit(to: TableQueryTests.table(), steps: 1, seed: 3)
    let other = try await Diffusion {
      GaussianKernel(dimensions: 2)
      ConstantErasure(steps: 2)
      ReverseNetwork { Readout(.shared) }
    }.fit(to: [[1.0, 2], [3, 5], [0, 1]], steps: 1, seed: 1)
    let rows = try other.sample(3, seed: 1)
    #expect(throws: DataError.wrongDimensions(expected: 4, found: 2)) { try trained.table(of: rows) }
    #expect(try other.table(of: rows).schema.names == ["x0", "x1"])
  }

  @Test func wrongTablesAreRefusedBeforeTraining() throws {
    let table = try TableQueryTests.table()
    let model = TableQueryTests.model
    #expect(throws: DataError.absentField(name: "bill", row: nil)) {
      try model.training(on: Table(table, schema: Schema(Penguins.species)), steps: 1, seed: 1)
    }
    let cells = TableQueryTests.rows.flatMap { [$0[0], .nan, $0[2], $0[3]] }
    let missing = #expect(throws: DataError.self) {
      try model.training(on: Table(cells: cells, schema: model.schema), steps: 1, seed: 1)
    }
    #expect(missing == .missingColumn(ColumnPlace(1, name: "bill")))
    #expect(
      missing.map { "\($0)" }
        == "field 'bill' is missing in every row, so nothing can be learned of it: leave it out of the kernel")
  }

  @Test func aFieldNamedTwiceIsAFaultOfTheDefinition() throws {
    let twice = Diffusion {
      ProductKernel {
        Penguins.bill
        Penguins.sex
        Continuous("bill")
      }
      ConstantErasure(steps: 0)
      ReverseNetwork { Readout(.shared) }
    }
    let error = try #require(
      #expect(throws: DefinitionError.self) {
        try twice.training(on: TableQueryTests.table(), steps: 1, seed: 1)
      })
    #expect(error.faults.count == 2)
    #expect(error.faults.first?.message == "there are two fields named 'bill': give one another name")
    #expect(error.faults.first?.location?.fileID == "DiffusionDSLTests/TableQueryTests.swift")
  }
}
