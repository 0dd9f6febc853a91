import CTileProbe
import Testing

/// A vector width that the loops are compiled for.
enum TileLevel: String, CaseIterable, CustomTestStringConvertible {
  case baseline, avx2, avx512

  var probeLevel: tile_probe_level {
    switch self {
    case .baseline: tile_probe_baseline
    case .avx2: tile_probe_avx2
    case .avx512: tile_probe_avx512
    }
  }

  var isAvailable: Bool { tile_probe_table(probeLevel, 1) != nil }
  var testDescription: String { rawValue }

  static var available: [TileLevel] { allCases.filter(\.isAvailable) }
}

/// The scalar types of the loops.
protocol TileScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  static var isFloat: Bool { get }
  static func nan(payload: Int) -> Self
}

extension Float: TileScalar {
  static var isFloat: Bool { true }
  static func nan(payload: Int) -> Float { Float(nan: RawSignificand(payload), signaling: false) }
}

extension Double: TileScalar {
  static var isFloat: Bool { false }
  static func nan(payload: Int) -> Double { Double(nan: RawSignificand(payload), signaling: false) }
}

/// The loops of one level for one scalar type, on arrays.
struct TileLoops<Scalar: TileScalar> {
  let level: TileLevel
  let table: tile_probe

  init(_ level: TileLevel) throws {
    self.level = level
    table = try #require(tile_probe_table(level.probeLevel, Scalar.isFloat ? 1 : 0)).pointee
  }

  func elementwise(_ function: tile_probe_elementwise, _ input: [Scalar]) -> [Scalar] {
    var output = [Scalar](repeating: 0, count: input.count)
    function(&output, input, input.count)
    return output
  }

  /// `start` is added to; without it the product overwrites NaN.
  func forward(
    _ x: [Scalar], _ weights: [Scalar], bias: [Scalar]? = nil, rows: Int, inputs: Int, outputs: Int,
    transposed: Bool = false, addedTo start: [Scalar]? = nil
  ) -> [Scalar] {
    var y = start ?? [Scalar](repeating: .nan, count: rows * outputs)
    let strides = transposed ? (1, outputs) : (inputs, 1)
    let accumulate: Int32 = start == nil ? 0 : 1
    if let bias {
      table.matmul_forward(&y, x, weights, bias, rows, inputs, outputs, strides.0, strides.1, accumulate)
    } else {
      table.matmul_forward(&y, x, weights, nil, rows, inputs, outputs, strides.0, strides.1, accumulate)
    }
    return y
  }

  func outer(
    _ dy: [Scalar], _ x: [Scalar], rows: Int, inputs: Int, outputs: Int, addedTo start: [Scalar]? = nil
  ) -> [Scalar] {
    var product = start ?? [Scalar](repeating: .nan, count: inputs * outputs)
    table.matmul_outer(&product, dy, x, rows, inputs, outputs, start == nil ? 0 : 1)
    return product
  }

  func weightedSum(_ weights: [Scalar], _ rows: [Scalar]) -> [Scalar] {
    let columns = rows.count / weights.count
    var sum = [Scalar](repeating: .nan, count: columns)
    table.weighted_sum(&sum, weights, rows, weights.count, columns)
    return sum
  }

  func rowSums(_ x: [Scalar], rows: Int, features: Int, addedTo start: [Scalar]? = nil) -> [Scalar] {
    var sums = start ?? [Scalar](repeating: .nan, count: features)
    table.row_sums(&sums, x, rows, features, start == nil ? 0 : 1)
    return sums
  }

  func squaredDistance(_ x: [Scalar], _ centres: [Scalar], rows: Int, count: Int, dimensions: Int) -> [Scalar] {
    var distances = [Scalar](repeating: .nan, count: rows * count)
    table.squared_distance(&distances, x, centres, rows, count, dimensions)
    return distances
  }

  func distanceGradientX(
    _ x: [Scalar], _ centres: [Scalar], _ g: [Scalar], rows: Int, count: Int, dimensions: Int,
    addedTo start: [Scalar]? = nil
  ) -> [Scalar] {
    var dx = start ?? [Scalar](repeating: .nan, count: rows * dimensions)
    table.squared_distance_grad_x(&dx, x, centres, g, rows, count, dimensions, start == nil ? 0 : 1)
    return dx
  }

  func distanceGradientC(
    _ x: [Scalar], _ centres: [Scalar], _ g: [Scalar], rows: Int, count: Int, dimensions: Int,
    addedTo start: [Scalar]? = nil
  ) -> [Scalar] {
    var dc = start ?? [Scalar](repeating: .nan, count: count * dimensions)
    table.squared_distance_grad_c(&dc, x, centres, g, rows, count, dimensions, start == nil ? 0 : 1)
    return dc
  }

  func softmax(_ z: [Scalar], rows: Int, features: Int) -> [Scalar] {
    var y = [Scalar](repeating: .nan, count: rows * features)
    table.softmax(&y, z, rows, features)
    return y
  }

  func softmaxGradient(
    _ y: [Scalar], _ dy: [Scalar], rows: Int, features: Int, addedTo start: [Scalar]? = nil
  ) -> [Scalar] {
    var dz = start ?? [Scalar](repeating: .nan, count: rows * features)
    table.softmax_grad(&dz, y, dy, rows, features, start == nil ? 0 : 1)
    return dz
  }

  func logSumExp(_ z: [Scalar], rows: Int, features: Int) -> [Scalar] {
    var out = [Scalar](repeating: .nan, count: rows)
    table.logsumexp(&out, z, rows, features)
    return out
  }
}

/// A small generator with a fixed seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func values<Scalar: TileScalar>(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Scalar] {
    (0..<count).map { _ in Scalar(Double.random(in: range, using: &self)) }
  }
}

struct TileLevelTests {
  @Test(arguments: TileLevel.allCases)
  func tablesComeForBothScalarTypes(level: TileLevel) {
    #expect((tile_probe_table(level.probeLevel, 0) != nil) == level.isAvailable)
  }

  @Test(.enabled(if: TileLevel.avx2.isAvailable, "this processor lacks AVX2: that width goes untested here"))
  func avx2IsTested() { #expect(TileLevel.available.contains(.avx2)) }

  @Test(.enabled(if: TileLevel.avx512.isAvailable, "this processor lacks AVX-512: that width goes untested here"))
  func avx512IsTested() { #expect(TileLevel.available.contains(.avx512)) }
}
