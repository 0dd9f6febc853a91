import CTileLoops

extension TileWorkspace {
  /// Copies rows of a row-major table into a tile, [column][lane]: (number - mean) * inverse.
  package func gatherRows(
    into target: UnsafeMutableRawPointer, table: UnsafeRawPointer, isDouble: Bool, width: Int,
    indices: UnsafePointer<Int32>, rows: Int, lanes: Int, mean: UnsafePointer<Double>, inverse: UnsafePointer<Double>
  ) {
    switch program.precision {
    case .single:
      tile_gather_float(
        target.assumingMemoryBound(to: Float.self), table, isDouble ? 1 : 0, Int64(width), indices, Int64(rows),
        Int64(lanes), mean, inverse)
    case .double:
      tile_gather_double(
        target.assumingMemoryBound(to: Double.self), table, isDouble ? 1 : 0, Int64(width), indices, Int64(rows),
        Int64(lanes), mean, inverse)
    }
  }
}
