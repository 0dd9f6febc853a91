import Formulas

/// Rows of inputs and values of parameters, to compute expressions and their gradients with.
struct Bench {
  var inputs: [String: [[Double]]] = [:]
  var parameters: [(name: String, shape: Shape, values: [Double])] = []
  var rows: Int

  var layout: ParameterLayout {
    var layout = ParameterLayout()
    for parameter in parameters { layout.append(parameter.name, shape: parameter.shape) }
    return layout
  }

  func buffer(_ precision: Precision) -> AlignedBuffer {
    let layout = layout
    let buffer = AlignedBuffer(count: layout.count, precision: precision)
    for parameter in parameters {
      let offset = layout[parameter.name]?.offset ?? 0
      for (index, value) in parameter.values.enumerated() { buffer[offset + index] = value }
    }
    return buffer
  }

  /// The values of an expression, row by row.
  func values(
    _ expression: Formula, precision: Precision = .double, step: Int = 1, level: VectorLevel = .best
  ) throws -> [[Double]] {
    let program = try TileProgram(outputs: [expression], layout: layout, precision: precision)
    let shared = SharedValues(program: program, parameters: buffer(precision), level: level)
    let workspace = TileWorkspace(shared: shared, maximumRows: rows)
    let lanes = TileWorkspace.padded(rows)
    Feeder(inputs: inputs).fill(workspace, firstRow: 0, rows: rows, lanes: lanes, step: step)
    workspace.run(lanes: lanes, step: step)
    let start = program.outputOffset(0) * lanes
    return (0..<rows).map { row in
      (0..<expression.shape.count).map { workspace.lanes[start + $0 * lanes + row] }
    }
  }

  /// The loss summed over rows and tiles, and its gradient by parameter.
  func gradient(
    _ loss: Formula, precision: Precision = .double, tileRows: Int = 16,
    stepOfTile: @escaping (Int) -> Int = { _ in 1 },
    threads: Int = 1, level: VectorLevel = .best
  ) throws -> (loss: Double, gradient: [String: [Double]], touched: [[Int]]) {
    let program = try TileProgram(outputs: [], loss: loss, layout: layout, precision: precision)
    let shared = SharedValues(program: program, parameters: buffer(precision), level: level)
    let runner = GradientRunner(
      shared: shared, pool: WorkerPool(threads: threads), tileRows: tileRows, batch: rows, stepCount: 100)
    let feeder = Feeder(inputs: inputs)
    let value = runner.run(feeder: feeder, stepOfTile: stepOfTile)
    var gradient: [String: [Double]] = [:]
    for entry in program.trained {
      gradient[entry.name] = (0..<entry.shape.count).map { runner.gradient[entry.offset + $0] }
    }
    return (value, gradient, runner.touched)
  }
}

final class Feeder: TileFeeder {
  let inputs: [String: [[Double]]]

  init(inputs: [String: [[Double]]]) { self.inputs = inputs }

  func fill(_ workspace: TileWorkspace, firstRow: Int, rows: Int, lanes: Int, step: Int) {
    for (name, table) in inputs {
      guard let offset = workspace.program.input(name).offset else { continue }
      for feature in table[0].indices {
        for lane in 0..<lanes {
          workspace.lanes[(offset + feature) * lanes + lane] = table[firstRow + min(lane, rows - 1)][feature]
        }
      }
    }
    guard let offset = workspace.program.input(TileProgram.rowWeight).offset else { return }
    for lane in 0..<lanes { workspace.lanes[offset * lanes + lane] = lane < rows ? 1 : 0 }
  }
}

/// A small generator of its own, so that nothing here depends on the module that it helps to test.
struct Numbers {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func uniform(_ range: ClosedRange<Double> = -1...1) -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + (range.upperBound - range.lowerBound) * Double(state >> 11) / 0x1p53
  }

  mutating func vector(_ count: Int, _ range: ClosedRange<Double> = -1...1) -> [Double] {
    (0..<count).map { _ in uniform(range) }
  }
}

/// Plain computations with row-major matrices.
enum Plain {
  /// W x.
  static func product(_ matrix: [Double], _ x: [Double]) -> [Double] {
    var result: [Double] = []
    for start in stride(from: 0, to: matrix.count, by: x.count) {
      var total = 0.0
      for (index, value) in x.enumerated() { total += matrix[start + index] * value }
      result.append(total)
    }
    return result
  }

  /// W^T y.
  static func transposedProduct(_ matrix: [Double], _ y: [Double]) -> [Double] {
    let width = matrix.count / y.count
    var result = Array(repeating: 0.0, count: width)
    for (row, value) in y.enumerated() {
      for column in 0..<width { result[column] += matrix[row * width + column] * value }
    }
    return result
  }

  /// |x - c|^2 for each row c.
  static func squaredDistances(_ x: [Double], _ centres: [Double]) -> [Double] {
    var result: [Double] = []
    for start in stride(from: 0, to: centres.count, by: x.count) {
      var total = 0.0
      for (index, value) in x.enumerated() {
        let difference = value - centres[start + index]
        total += difference * difference
      }
      result.append(total)
    }
    return result
  }
}
