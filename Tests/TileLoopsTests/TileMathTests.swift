import CTileProbe
import Foundation
import Testing

struct TileMathTests {
  /// Every float exponent and both signs: bit patterns a prime apart, against the C library's double precision, whose
  /// own error is a billionth of a float's.
  @Test(arguments: ElementaryFunction.allCases)
  func floatErrorsStayWithinTheTable(function: ElementaryFunction) throws {
    #if DEBUG
      let stride: UInt32 = 200_003
    #else
      let stride: UInt32 = 2_003
    #endif
    let inputs = Swift.stride(from: UInt32(0), to: .max - stride, by: Int(stride))
      .map { Float(bitPattern: $0) }.filter { function.covers(Double($0)) }
    let references = inputs.map { function.reference(Double($0)) }
    for level in TileLevel.available {
      let loops = try TileLoops<Float>(level)
      let outputs = loops.elementwise(function.loop(in: loops.table), inputs)
      var worst = (error: 0.0, input: Float(0))
      for index in inputs.indices {
        let error = errorInUlps(outputs[index], references[index], flushes: function.flushes)
        if error > worst.error { worst = (error, inputs[index]) }
      }
      #expect(worst.error <= function.largestError.float, "\(function) of \(worst.input) at \(level)")
    }
  }

  /// Against values correctly rounded by mpmath (Generators/double_references.py).
  @Test(arguments: TileLevel.available)
  func doubleErrorsStayWithinTheTable(level: TileLevel) throws {
    let references = try DoubleReferences()
    let loops = try TileLoops<Double>(level)
    for function in ElementaryFunction.allCases where function != .sqrt {
      let pairs = try #require(references.pairs[function])
      #expect(pairs.count >= 400)
      let outputs = loops.elementwise(function.loop(in: loops.table), pairs.map(\.input))
      var worst = (error: 0.0, input: 0.0)
      for (output, pair) in zip(outputs, pairs) {
        let error = errorInUlps(output, pair.output, flushes: function.flushes)
        if error > worst.error { worst = (error, pair.input) }
      }
      #expect(worst.error <= function.largestError.double, "\(function) of \(worst.input) at \(level)")
    }
  }

  @Test(arguments: TileLevel.available)
  func limitsAreExact(level: TileLevel) throws {
    try checkLimits(TileLoops<Float>(level), huge: 3e38)
    try checkLimits(TileLoops<Double>(level), huge: 1e308)
  }

  func checkLimits<Scalar: TileScalar>(_ loops: TileLoops<Scalar>, huge: Scalar) throws {
    let table = loops.table
    let cases: [(ElementaryFunction, [(Scalar, Scalar)])] = [
      (.exp, [(-.infinity, 0), (.infinity, .infinity), (-huge, 0), (huge, .infinity), (0, 1)]),
      (.expm1, [(-.infinity, -1), (.infinity, .infinity), (-huge, -1), (huge, .infinity), (0, 0)]),
      (.log, [(0, -.infinity), (-0.0, -.infinity), (.infinity, .infinity), (1, 0)]),
      (.log1p, [(-1, -.infinity), (.infinity, .infinity), (0, 0)]),
      (.tanh, [(-.infinity, -1), (.infinity, 1), (-huge, -1), (huge, 1), (0, 0)]),
      (.sigmoid, [(-.infinity, 0), (.infinity, 1), (-huge, 0), (huge, 1), (0, 0.5)]),
      (.softplus, [(-.infinity, 0), (.infinity, .infinity), (-huge, 0), (huge, huge)]),
      (.sin, [(0, 0)]), (.cos, [(0, 1)]), (.sqrt, [(0, 0), (.infinity, .infinity)]),
    ]
    for (function, pairs) in cases {
      let outputs = loops.elementwise(function.loop(in: table), pairs.map(\.0))
      for (output, pair) in zip(outputs, pairs) {
        #expect(output == pair.1, "\(function) of \(pair.0) at \(loops.level)")
      }
    }
    // NaNs of any payload stay NaN: the exponent arithmetic on bits must not turn one into a number.
    let nans: [Scalar] = [.nan, -.nan, .nan(payload: 1), .nan(payload: 257), .nan(payload: 0x3f_fff)]
    for function in ElementaryFunction.allCases {
      let outputs = loops.elementwise(function.loop(in: table), nans)
      #expect(outputs.allSatisfy { $0.isNaN }, "\(function) of NaN at \(loops.level)")
    }
    for (function, input) in [
      (ElementaryFunction.log, Scalar(-1)), (.log, -.infinity), (.log1p, -2), (.log1p, -.infinity), (.sqrt, -1),
      (.sin, .infinity), (.cos, -.infinity),
    ] {
      #expect(loops.elementwise(function.loop(in: table), [input])[0].isNaN, "\(function) of \(input)")
    }
    for function in [ElementaryFunction.sin, .cos] {
      let outputs = loops.elementwise(function.loop(in: table), [1e9, -1e20, huge, -huge])
      #expect(outputs.allSatisfy { abs($0) <= 1 }, "\(function) of a huge argument at \(loops.level)")
    }
  }

  /// An element's bits depend neither on its place nor on the number of elements, and nothing is written past the end.
  @Test(arguments: TileLevel.available)
  func elementsDoNotDependOnTheirPlace(level: TileLevel) throws {
    try checkPlaces(TileLoops<Float>(level))
    try checkPlaces(TileLoops<Double>(level))
  }

  func checkPlaces<Scalar: TileScalar>(_ loops: TileLoops<Scalar>) throws {
    var generator = SeededGenerator(state: 11)
    let inputs: [Scalar] = generator.values(64, in: 0.01...5)
    for function in ElementaryFunction.allCases {
      let loop = function.loop(in: loops.table)
      let together = loops.elementwise(loop, inputs)
      for count in [1, 2, 3, 15, 16, 17, 31, 33, 63] {
        var output = [Scalar](repeating: -7, count: 66)
        loop(&output, Array(inputs.suffix(count)), count)
        #expect(Array(output.prefix(count)) == Array(together.suffix(count)), "\(function), \(count) elements")
        #expect(output.dropFirst(count).allSatisfy { $0 == -7 })
      }
      var inPlace = inputs
      inPlace.withUnsafeMutableBytes { bytes in
        if let base = bytes.baseAddress { loop(base, base, inputs.count) }
      }
      #expect(inPlace == together, "\(function) in place")
    }
  }
}

/// The table of correctly rounded values.
struct DoubleReferences {
  private(set) var pairs: [ElementaryFunction: [(input: Double, output: Double)]] = [:]

  init() throws {
    let url = try #require(Bundle.module.url(forResource: "double_references", withExtension: "txt"))
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: " ")
      try #require(fields.count == 3)
      let function = try #require(ElementaryFunction(rawValue: String(fields[0])))
      let input = try #require(UInt64(fields[1], radix: 16))
      let output = try #require(UInt64(fields[2], radix: 16))
      pairs[function, default: []].append((Double(bitPattern: input), Double(bitPattern: output)))
    }
  }
}
