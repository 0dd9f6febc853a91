import Formulas
import Testing

/// Rows that stay in tiles between runs of programs.
@Suite struct TileRowsTests {
  /// A program whose output is its input plus numbers given for the whole tile.
  private static func space(_ features: Int, _ precision: Precision) throws -> TileWorkspace {
    let x = Formula.input("x", shape: [features])
    let added = Formula.tileInput("added", shape: [features])
    let program = try TileProgram(
      outputs: [x + added], tileInputs: ["added"], layout: ParameterLayout(), precision: precision)
    let shared = SharedValues(program: program, parameters: AlignedBuffer(count: 0, precision: precision))
    return TileWorkspace(shared: shared, maximumRows: 32)
  }

  @Test(arguments: [Precision.single, .double], [1, 16, 31, 32, 33, 77])
  func rowsMoveAsTheyAreTold(_ precision: Precision, _ rows: Int) throws {
    let features = 3
    let space = try Self.space(features, precision)
    let input = space.program.input("x")
    space.write([100, 200, 300], to: space.program.tileInput("added"))
    let tiles = TileRows(features: features, rows: rows, tileRows: 32, precision: precision)
    for tile in 0..<(rows + 31) / 32 {
      let lanes = tiles.lanes(ofTile: tile)
      space.write([0, 0, 0], to: input, lanes: lanes)
      for lane in 0..<lanes {
        for feature in 0..<features {
          let number = Double(feature * 1_000 + tile * 32 + lane)
          guard let target = space.pointer(to: input, lanes: lanes) else { continue }
          switch precision {
          case .single: target.assumingMemoryBound(to: Float.self)[feature * lanes + lane] = Float(number)
          case .double: target.assumingMemoryBound(to: Double.self)[feature * lanes + lane] = number
          }
        }
      }
      space.run(lanes: lanes, step: 1)
      tiles.store(tile: tile, from: space, output: 0)
    }
    func expected(_ row: Int, _ feature: Int, runs: Double) -> Double {
      Double(feature * 1_000 + row) + runs * Double(100 * (feature + 1))
    }
    for row in 0..<rows {
      for feature in 0..<features { #expect(tiles[row, feature] == expected(row, feature, runs: 1)) }
    }
    for tile in 0..<(rows + 31) / 32 {
      tiles.load(tile: tile, into: space, input)
      space.run(lanes: tiles.lanes(ofTile: tile), step: 1)
      tiles.store(tile: tile, from: space, output: 0)
    }
    var numbers = Numbers(seed: 3)
    var sources = Array(0..<rows)
    for _ in 0..<20 {
      let chosen = (0..<rows).map { _ in min(rows - 1, Int(numbers.uniform(0...Double(rows)))) }.sorted()
      tiles.rearrange(chosen)
      sources = chosen.map { sources[$0] }
      let found = tiles.values
      let wanted = sources.flatMap { row in (0..<features).map { expected(row, $0, runs: 2) } }
      #expect(found == wanted)
      if Set(sources).count == 1 { break }
    }
  }
}
