import Formulas
import Foundation

/// Rows as tiles take them in: scaled, missing cells filled in, with a mask that says which cells are observed.
struct PreparedData: Sendable {
  /// The rows with missing cells filled by the number that is 0 in scaled units.
  let filled: Dataset
  /// 1 for an observed cell, 0 for a missing one; nil where none is missing.
  private let mask: Dataset?
  /// Where in its level a number lies, of rows that are levels.
  private let levels: LevelNoise?
  private let scaling: PreparedScaling
  private let unscaled: PreparedScaling
  /// Whether each row has all its cells; nil where all have.
  let isComplete: [Bool]?
  /// For each row and column of a part, the logarithms of the observed cells' scales, added up part by part.
  private let partVolumes: [Double]
  private let rowVolumes: [[Double]]?

  /// - Parameter seed: of the noise within levels, where the rows are such.
  init(_ data: Dataset, _ scaling: Scaling, parts: [ModelPart], seed: UInt64) {
    levels = data.areLevels ? LevelNoise(seed: seed, dimensions: data.dimensions) : nil
    self.scaling = PreparedScaling(scaling)
    unscaled = PreparedScaling(.identity(data.dimensions))
    let logScales = scaling.scale.map { log($0) }
    partVolumes = parts.map { $0.columns.reduce(0.0) { $0 + logScales[$1] } }
    guard data.missingCells > 0 else {
      (filled, mask, isComplete, rowVolumes) = (data, nil, nil, nil)
      return
    }
    let width = data.dimensions
    var (numbers, observed) = ([Double](), [Float]())
    numbers.reserveCapacity(data.count * width)
    observed.reserveCapacity(data.count * width)
    var complete = Array(repeating: true, count: data.count)
    var volumes: [[Double]] = []
    data.withNumbers { cells in
      for row in 0..<data.count {
        for column in 0..<width {
          let number = cells[row * width + column]
          numbers.append(number.isNaN ? scaling.mean[column] : number)
          observed.append(number.isNaN ? 0 : 1)
          if number.isNaN { complete[row] = false }
        }
        volumes.append(
          parts.map { part in
            part.columns.reduce(0.0) { cells[row * width + $1].isNaN ? $0 : $0 + logScales[$1] }
          })
      }
    }
    filled = Dataset(finite: numbers, dimensions: width).withWeights(data.weights)
    mask = Dataset(finite: observed, dimensions: width)
    isComplete = complete
    rowVolumes = volumes
  }

  /// What log p of a row's observed cells in scaled units exceeds that in the data's units by, part by part, in nats.
  func logVolumes(_ row: Int) -> [Double] { rowVolumes?[row] ?? partVolumes }

  func isComplete(_ row: Int) -> Bool { isComplete?[row] ?? true }

  /// Writes rows, and their mask where there is one, into a program's inputs.
  ///
  /// - Parameter firstChain: the address of the first row's noise within levels.
  func gather(
    _ space: TileWorkspace, _ inputs: Inputs, rows: UnsafeBufferPointer<Int32>, lanes: Int, firstChain: UInt64
  ) {
    levels?.fill(space, inputs.levels, lanes: lanes, firstChain: firstChain, step: 0)
    filled.withNumbers { numbers in
      space.gather(
        inputs.data, from: numbers, dimensions: filled.dimensions, rows: rows, lanes: lanes, scaling: scaling)
    }
    mask?.withNumbers { numbers in
      space.gather(
        inputs.observed, from: numbers, dimensions: filled.dimensions, rows: rows, lanes: lanes, scaling: unscaled)
    }
  }

  /// Where a program takes rows in.
  struct Inputs: Sendable {
    let data: TileInput
    let observed: TileInput
    let levels: TileInput

    init(_ program: TileProgram) {
      data = program.input(DiffusionModel.data)
      observed = program.input(DiffusionModel.observed)
      levels = program.input(DiffusionModel.levels)
    }
  }
}
