import Foundation
import Testing

struct TileSoftmaxTests {
  @Test(arguments: TileLevel.available)
  func softmaxAgreesWithPlainLoops(level: TileLevel) throws {
    for (rows, features) in [(64, 16), (16, 1), (80, 3), (256, 10), (144, 33)] {
      try checkSoftmax(TileLoops<Float>(level), rows, features)
      try checkSoftmax(TileLoops<Double>(level), rows, features)
    }
  }

  func checkSoftmax<Scalar: TileScalar>(_ loops: TileLoops<Scalar>, _ rows: Int, _ features: Int) throws {
    var generator = SeededGenerator(state: UInt64(rows + features))
    // Wide enough to overflow an exponential that is not shifted.
    let z: [Scalar] = generator.values(rows * features, in: 880...900)
    let dy: [Scalar] = generator.values(rows * features)
    let y = loops.softmax(z, rows: rows, features: features)
    let dz = loops.softmaxGradient(y, dy, rows: rows, features: features)
    let logs = loops.logSumExp(z, rows: rows, features: features)
    let epsilon = Double(Scalar.ulpOfOne)
    var failures: [String] = []
    for r in 0..<rows {
      let places = (0..<features).map { $0 * rows + r }
      let top = places.map { Double(z[$0]) }.max() ?? 0
      let exponentials = places.map { exp(Double(z[$0]) - top) }
      let sum = exponentials.reduce(0, +)
      let mean = zip(places, exponentials).map { Double(dy[$0]) * $1 / sum }.reduce(0, +)
      if abs(Double(logs[r]) - (top + log(sum))) > 2 * epsilon * top { failures.append("log-sum-exp of row \(r)") }
      for (place, exponential) in zip(places, exponentials) {
        let expected = exponential / sum
        // The error of the exponential, of the sum and of two more roundings.
        let slack = Double(features + 8) * epsilon * expected
        if abs(Double(y[place]) - expected) > slack { failures.append("softmax at \(place)") }
        let gradient = expected * (Double(dy[place]) - mean)
        if abs(Double(dz[place]) - gradient) > 4 * slack { failures.append("gradient at \(place)") }
      }
    }
    #expect(failures.isEmpty, "\(rows)x\(features) \(Scalar.self) \(loops.level): \(failures.prefix(3))")
    let added = loops.softmaxGradient(y, dy, rows: rows, features: features, addedTo: dy)
    let close = added.indices.allSatisfy { abs(added[$0] - (dy[$0] + dz[$0])) <= 2 * Scalar.ulpOfOne }
    #expect(close, "accumulated gradient")
  }

  @Test(arguments: TileLevel.available)
  func infiniteInputsHaveTheirLimits(level: TileLevel) throws {
    let loops = try TileLoops<Float>(level)
    var z = [Float](repeating: 0, count: 3 * 16)
    z[0] = -.infinity  // row 0: one class is impossible
    for feature in 0..<3 { z[feature * 16 + 1] = -.infinity }  // row 1: all are
    z[2] = .infinity  // row 2
    z[3] = .nan  // row 3
    let logs = loops.logSumExp(z, rows: 16, features: 3)
    #expect(abs(logs[0] - Float(log(2.0))) < 1e-6)
    #expect(logs[1] == -.infinity)
    #expect(logs[2] == .infinity)
    #expect(logs[3].isNaN)
    let y = loops.softmax(z, rows: 16, features: 3)
    #expect(y[0] == 0 && y[16] == 0.5 && y[32] == 0.5)
    #expect(y[3].isNaN && y[4] == y[20])
  }
}
