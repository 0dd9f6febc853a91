import CTileLoops

/// What the numbers of a table are in memory.
package enum TableForm: Sendable {
  case doubles, floats, bytes
  /// Bytes of which each stands for its number and a half.
  case levels

  fileprivate var code: tile_table {
    switch self {
    case .doubles: TILE_TABLE_DOUBLES
    case .floats: TILE_TABLE_FLOATS
    case .bytes: TILE_TABLE_BYTES
    case .levels: TILE_TABLE_LEVELS
    }
  }
}

extension TileWorkspace {
  /// Copies rows of a row-major table into a tile, [column][lane]: (number - mean) * inverse.
  package func gatherRows(
    into target: UnsafeMutableRawPointer, table: UnsafeRawPointer, form: TableForm, width: Int,
    indices: UnsafePointer<Int32>, rows: Int, lanes: Int, mean: UnsafePointer<Double>, inverse: UnsafePointer<Double>
  ) {
    switch program.precision {
    case .single:
      tile_gather_float(
        target.assumingMemoryBound(to: Float.self), table, form.code, Int64(width), indices, Int64(rows),
        Int64(lanes), mean, inverse)
    case .double:
      tile_gather_double(
        target.assumingMemoryBound(to: Double.self), table, form.code, Int64(width), indices, Int64(rows),
        Int64(lanes), mean, inverse)
    }
  }
}
