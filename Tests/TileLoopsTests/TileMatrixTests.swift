import CGSL
import Testing

/// Sums of k products: the error of any order of summation is below k eps times the sum of the magnitudes.
private func expectClose<Scalar: TileScalar>(
  _ result: [Scalar], _ expected: [Double], magnitudes: [Double], terms: Int, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let epsilon = Double(Scalar.ulpOfOne) * Double(terms + 2)
  let bad = result.indices.first { !(abs(Double(result[$0]) - expected[$0]) <= epsilon * magnitudes[$0]) }
  #expect(result.count == expected.count, sourceLocation: sourceLocation)
  #expect(
    bad == nil, "\(what): \(bad.map { "[\($0)] \(result[$0]) for \(expected[$0])" } ?? "")",
    sourceLocation: sourceLocation)
}

/// a times b through GSL, row-major, each optionally transposed as stored.
private func gslProduct(
  _ a: [Double], rows: Int, inner: Int, transposeA: Bool = false, _ b: [Double], columns: Int, transposeB: Bool = false
) -> [Double] {
  var a = a
  var b = b
  var product = [Double](repeating: 0, count: rows * columns)
  a.withUnsafeMutableBufferPointer { a in
    b.withUnsafeMutableBufferPointer { b in
      product.withUnsafeMutableBufferPointer { product in
        var left = gsl_matrix_view_array(a.baseAddress, transposeA ? inner : rows, transposeA ? rows : inner)
        var right = gsl_matrix_view_array(b.baseAddress, transposeB ? columns : inner, transposeB ? inner : columns)
        var result = gsl_matrix_view_array(product.baseAddress, rows, columns)
        gsl_blas_dgemm(
          transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, 1, &left.matrix,
          &right.matrix, 0, &result.matrix)
      }
    }
  }
  return product
}

private func doubles<Scalar: TileScalar>(_ values: [Scalar]) -> [Double] { values.map { Double($0) } }
private func magnitudes<Scalar: TileScalar>(_ values: [Scalar]) -> [Double] { values.map { abs(Double($0)) } }

struct TileMatrixTests {
  /// Every count of leftover outputs and inputs, and every number of row vectors.
  static let shapes: [(rows: Int, inputs: Int, outputs: Int)] = {
    var generator = SeededGenerator(state: 3)
    let fixed = (1...14).map { (rows: 16 * (1 + $0 % 5), inputs: 15 - $0, outputs: $0) }
    let drawn = (0..<12).map { _ in
      (
        rows: 16 * Int.random(in: 1...16, using: &generator), inputs: Int.random(in: 1...70, using: &generator),
        outputs: Int.random(in: 1...70, using: &generator)
      )
    }
    // Few rows and many features, where the product that sums over rows has one of them transposed.
    let wide = [(16, 50, 50), (32, 50, 20), (48, 37, 21), (64, 70, 9), (64, 64, 8), (32, 131, 5), (16, 16, 40)]
    return fixed + drawn + [(256, 20, 50), (64, 16, 4), (64, 2, 16)] + wide
  }()

  @Test(arguments: TileLevel.available)
  func productsAgreeWithGSL(level: TileLevel) throws {
    for shape in Self.shapes {
      try checkProducts(TileLoops<Float>(level), shape.rows, shape.inputs, shape.outputs)
      try checkProducts(TileLoops<Double>(level), shape.rows, shape.inputs, shape.outputs)
    }
  }

  func checkProducts<Scalar: TileScalar>(_ loops: TileLoops<Scalar>, _ rows: Int, _ inputs: Int, _ outputs: Int) throws
  {
    var generator = SeededGenerator(state: UInt64(rows * 10_000 + inputs * 100 + outputs))
    let x: [Scalar] = generator.values(rows * inputs)
    let dy: [Scalar] = generator.values(rows * outputs)
    let w: [Scalar] = generator.values(inputs * outputs)
    let bias: [Scalar] = generator.values(outputs)
    let shape = "\(rows)x\(inputs)x\(outputs) \(Scalar.self) \(loops.level)"

    let product = gslProduct(doubles(w), rows: outputs, inner: inputs, doubles(x), columns: rows)
    let size = gslProduct(magnitudes(w), rows: outputs, inner: inputs, magnitudes(x), columns: rows)
    let plain = loops.forward(x, w, rows: rows, inputs: inputs, outputs: outputs)
    expectClose(plain, product, magnitudes: size, terms: inputs, "forward \(shape)")
    let biased = loops.forward(x, w, bias: bias, rows: rows, inputs: inputs, outputs: outputs, addedTo: dy)
    let whole = product.indices.map { product[$0] + Double(bias[$0 / rows]) + Double(dy[$0]) }
    let wholeSize = size.indices.map { size[$0] + abs(Double(bias[$0 / rows])) + abs(Double(dy[$0])) }
    expectClose(biased, whole, magnitudes: wholeSize, terms: inputs + 2, "biased, accumulated \(shape)")

    let back = gslProduct(doubles(w), rows: inputs, inner: outputs, transposeA: true, doubles(dy), columns: rows)
    let backSize = gslProduct(
      magnitudes(w), rows: inputs, inner: outputs, transposeA: true, magnitudes(dy), columns: rows)
    let transposed = loops.forward(dy, w, rows: rows, inputs: outputs, outputs: inputs, transposed: true)
    expectClose(transposed, back, magnitudes: backSize, terms: outputs, "transposed \(shape)")

    let outer = gslProduct(doubles(dy), rows: outputs, inner: rows, doubles(x), columns: inputs, transposeB: true)
    let outerSize = gslProduct(
      magnitudes(dy), rows: outputs, inner: rows, magnitudes(x), columns: inputs, transposeB: true)
    let dw = loops.outer(dy, x, rows: rows, inputs: inputs, outputs: outputs)
    expectClose(dw, outer, magnitudes: outerSize, terms: rows, "outer \(shape)")
    let accumulated = loops.outer(dy, x, rows: rows, inputs: inputs, outputs: outputs, addedTo: w)
    #expect(accumulated == zip(w, dw).map { $0 + $1 }, "accumulated outer \(shape)")

    let ones = [Double](repeating: 1, count: rows)
    let sums = gslProduct(doubles(x), rows: inputs, inner: rows, ones, columns: 1)
    let sumsSize = gslProduct(magnitudes(x), rows: inputs, inner: rows, ones, columns: 1)
    let rowSums = loops.rowSums(x, rows: rows, features: inputs)
    expectClose(rowSums, sums, magnitudes: sumsSize, terms: rows, "row sums \(shape)")
    let start: [Scalar] = generator.values(inputs)
    #expect(loops.rowSums(x, rows: rows, features: inputs, addedTo: start) == zip(start, rowSums).map { $0 + $1 })
  }

  /// Weighted sums of rows of any length, in whose rows of weight 0 anything may lie.
  @Test(arguments: TileLevel.available, [1, 15, 16, 64, 80, 147])
  func weightedSumsAgreeWithGSL(level: TileLevel, columns: Int) throws {
    try checkWeightedSum(TileLoops<Float>(level), columns)
    try checkWeightedSum(TileLoops<Double>(level), columns)
  }

  func checkWeightedSum<Scalar: TileScalar>(_ loops: TileLoops<Scalar>, _ columns: Int) throws {
    var generator = SeededGenerator(state: UInt64(columns))
    let count = 10
    var weights: [Scalar] = generator.values(count)
    var rows: [Scalar] = generator.values(count * columns)
    weights[3] = 0
    for column in 0..<columns { rows[3 * columns + column] = 0 }
    let expected = gslProduct(doubles(weights), rows: 1, inner: count, doubles(rows), columns: columns)
    let size = gslProduct(magnitudes(weights), rows: 1, inner: count, magnitudes(rows), columns: columns)
    for column in 0..<columns { rows[3 * columns + column] = .nan }
    expectClose(
      loops.weightedSum(weights, rows), expected, magnitudes: size, terms: count, "weighted sum of \(columns)")
  }

  /// A row's bits do not depend on where in a tile it is or how many rows there are.
  @Test(arguments: TileLevel.available)
  func rowsDoNotDependOnTheTile(level: TileLevel) throws {
    try checkRows(TileLoops<Float>(level))
    try checkRows(TileLoops<Double>(level))
  }

  func checkRows<Scalar: TileScalar>(_ loops: TileLoops<Scalar>) throws {
    var generator = SeededGenerator(state: 5)
    for (inputs, outputs) in [(16, 4), (2, 16), (7, 13), (50, 50)] {
      let rows = 240
      let x: [Scalar] = generator.values(rows * inputs, in: -3...3)
      let g: [Scalar] = generator.values(rows * outputs)
      let w: [Scalar] = generator.values(inputs * outputs)
      let bias: [Scalar] = generator.values(outputs)
      typealias Operation = (_ rows: Int, _ x: [Scalar], _ g: [Scalar]) -> [Scalar]
      let operations: [(String, Operation)] = [
        ("forward", { rows, x, _ in loops.forward(x, w, bias: bias, rows: rows, inputs: inputs, outputs: outputs) }),
        (
          "transposed",
          { rows, _, g in
            loops.forward(g, w, rows: rows, inputs: outputs, outputs: inputs, transposed: true)
          }
        ),
        (
          "accumulated",
          { rows, x, g in
            loops.forward(x, w, rows: rows, inputs: inputs, outputs: outputs, addedTo: g)
          }
        ),
        (
          "distance",
          { rows, x, _ in
            loops.squaredDistance(x, w, rows: rows, count: outputs, dimensions: inputs)
          }
        ),
        (
          "gradient",
          { rows, x, g in
            loops.distanceGradientX(x, w, g, rows: rows, count: outputs, dimensions: inputs)
          }
        ),
        ("softmax", { rows, x, _ in loops.softmax(x, rows: rows, features: inputs) }),
        ("softmax gradient", { rows, x, _ in loops.softmaxGradient(x, x, rows: rows, features: inputs) }),
        ("log-sum-exp", { rows, x, _ in loops.logSumExp(x, rows: rows, features: inputs) }),
      ]
      for (name, operation) in operations {
        let whole = operation(rows, x, g)
        let features = whole.count / rows
        for (first, count) in [(0, 16), (16, 16), (224, 16), (32, 32), (48, 48), (80, 64), (16, 80), (0, 224)] {
          // The part's rows in reverse, so that each sits in another lane.
          let part = (0..<count).map { first + count - 1 - $0 }
          let take = { (tile: [Scalar], features: Int) in
            (0..<features * count).map { tile[$0 / count * rows + part[$0 % count]] }
          }
          let alone = operation(count, take(x, inputs), take(g, outputs))
          #expect(alone == take(whole, features), "\(name), rows \(first)..<\(first + count) at \(loops.level)")
        }
      }
    }
  }

  @Test(arguments: TileLevel.available)
  func distancesAgreeWithPlainLoops(level: TileLevel) throws {
    for (rows, count, dimensions) in [(64, 16, 2), (16, 1, 1), (80, 5, 3), (48, 7, 2), (256, 10, 17), (32, 4, 5)] {
      try checkDistances(TileLoops<Float>(level), rows, count, dimensions)
      try checkDistances(TileLoops<Double>(level), rows, count, dimensions)
    }
  }

  func checkDistances<Scalar: TileScalar>(
    _ loops: TileLoops<Scalar>, _ rows: Int, _ count: Int, _ dimensions: Int
  ) throws {
    var generator = SeededGenerator(state: UInt64(rows + count + dimensions))
    // Far from the origin, where the expanded form of the square would lose most digits.
    let x: [Scalar] = generator.values(rows * dimensions, in: 99...101)
    let centres: [Scalar] = generator.values(count * dimensions, in: 99...101)
    let g: [Scalar] = generator.values(rows * count)
    var expected = [Double](repeating: 0, count: rows * count)
    var dx = [Double](repeating: 0, count: rows * dimensions)
    var dxSize = dx
    var dc = [Double](repeating: 0, count: count * dimensions)
    var dcSize = dc
    for j in 0..<count {
      for d in 0..<dimensions {
        for r in 0..<rows {
          let difference = Double(x[d * rows + r]) - Double(centres[j * dimensions + d])
          let term = 2 * difference * Double(g[j * rows + r])
          expected[j * rows + r] += difference * difference
          dx[d * rows + r] += term
          dxSize[d * rows + r] += abs(term)
          dc[j * dimensions + d] -= term
          dcSize[j * dimensions + d] += abs(term)
        }
      }
    }
    let shape = "\(rows) rows, \(count) centres, \(dimensions) dimensions, \(Scalar.self) \(loops.level)"
    let distances = loops.squaredDistance(x, centres, rows: rows, count: count, dimensions: dimensions)
    expectClose(distances, expected, magnitudes: expected, terms: dimensions + 2, "distance, \(shape)")
    let gradientX = loops.distanceGradientX(x, centres, g, rows: rows, count: count, dimensions: dimensions)
    expectClose(gradientX, dx, magnitudes: dxSize, terms: count + 2, "gradient of x, \(shape)")
    let gradientC = loops.distanceGradientC(x, centres, g, rows: rows, count: count, dimensions: dimensions)
    expectClose(gradientC, dc, magnitudes: dcSize, terms: rows + 2, "gradient of centres, \(shape)")
    let addedX = loops.distanceGradientX(
      x, centres, g, rows: rows, count: count, dimensions: dimensions, addedTo: x)
    #expect(addedX == zip(x, gradientX).map { $0 + $1 }, "\(shape)")
    let addedC = loops.distanceGradientC(
      x, centres, g, rows: rows, count: count, dimensions: dimensions, addedTo: centres)
    #expect(addedC == zip(centres, gradientC).map { $0 + $1 }, "\(shape)")
  }
}
