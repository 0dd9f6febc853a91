import CTileLoops

/// The scalar type that a program works in.
///
/// ```swift
/// let checking = ComputeOptions(precision: .double)
/// ```
public enum Precision: String, Codable, Sendable {
  /// Float: training, sampling, bounds.
  case single
  /// Double: checking.
  case double

  package var bytes: Int { self == .single ? 4 : 8 }
}

/// The processor's vector width that the inner loops are compiled for.
///
/// Results agree bit for bit within a level; between levels they differ by rounding.
///
/// ```swift
/// let portable = ComputeOptions(vectorLevel: .baseline)
/// let fastest = VectorLevel.allCases.last { $0.isAvailable } ?? .baseline
/// ```
public enum VectorLevel: Int, CaseIterable, Sendable {
  /// What every processor of the architecture has: SSE2 or NEON.
  case baseline = 0
  /// 256 bits, with fused multiply-adds.
  case avx2 = 1
  /// 512 bits, with fused multiply-adds.
  case avx512 = 2

  /// The widest level that this processor runs.
  public static var best: VectorLevel { VectorLevel(rawValue: Int(tile_best_level())) ?? .baseline }

  /// Whether this processor runs the level.
  public var isAvailable: Bool { tile_run_float(Int32(rawValue)) != nil }

  func run(_ precision: Precision) -> tile_run_function? {
    precision == .single ? tile_run_float(Int32(rawValue)) : tile_run_double(Int32(rawValue))
  }
}
