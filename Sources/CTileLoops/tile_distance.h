// Squared distances of a tile's rows from centres, and their gradients. Included by tile_matrix.h, whose conventions
// and macros hold here; centres are row-major [centres][dimensions].
//
// Differences are formed before they are squared or summed: the expanded form x^2 - 2 x c + c^2 would lose what
// distinguishes near points far from the origin.

// Four centres at a time over `vectors` vectors of rows; 1 to 4 of them are stored.
TX_FUNCTION void TILE_NAME(distance_block)(REAL *distances, const REAL *x, const REAL *centres, long rows,
                                           long dimensions, const int vectors, const int count) {
  TX_VECTOR sums[4][TX_ROW_VECTORS];
  TX_UNROLL for (int j = 0; j < count; j++) {
    TX_UNROLL for (int v = 0; v < vectors; v++) sums[j][v] = TILE_NAME(splat)(0);
  }
  for (long d = 0; d < dimensions; d++) {
    TX_VECTOR column[TX_ROW_VECTORS];
    TX_UNROLL for (int v = 0; v < vectors; v++) column[v] = TILE_NAME(load)(x + d * rows + v * TILE_WIDTH);
    TX_UNROLL for (int j = 0; j < count; j++) {
      const TX_VECTOR centre = TILE_NAME(splat)(centres[j * dimensions + d]);
      TX_UNROLL for (int v = 0; v < vectors; v++) {
        const TX_VECTOR difference = column[v] - centre;
        sums[j][v] = difference * difference + sums[j][v];
      }
    }
  }
  TX_UNROLL for (int j = 0; j < count; j++) {
    TX_UNROLL for (int v = 0; v < vectors; v++) {
      TILE_NAME(store)(distances + j * rows + v * TILE_WIDTH, sums[j][v]);
    }
  }
}

TX_FUNCTION void TILE_NAME(distance_rows)(REAL *distances, const REAL *x, const REAL *centres, long rows,
                                          long centre_count, long dimensions, const int vectors) {
  long j = 0;
  for (; j + 4 <= centre_count; j += 4) {
    TILE_NAME(distance_block)(distances + j * rows, x, centres + j * dimensions, rows, dimensions, vectors, 4);
  }
  for (; j < centre_count; j++) {
    TILE_NAME(distance_block)(distances + j * rows, x, centres + j * dimensions, rows, dimensions, vectors, 1);
  }
}

// distances[j][r] = sum_d (x[d][r] - centres[j][d])^2.
TX_PUBLIC void TILE_NAME(squared_distance)(REAL *distances, const REAL *x, const REAL *centres, long rows,
                                           long centre_count, long dimensions) {
  const long step = TX_ROW_VECTORS * TILE_WIDTH;
  long r = 0;
  // Two dimensions are worth a loop that is unrolled.
  for (; r + step <= rows; r += step) {
    if (dimensions == 2) {
      TILE_NAME(distance_rows)(distances + r, x + r, centres, rows, centre_count, 2, TX_ROW_VECTORS);
    } else {
      TILE_NAME(distance_rows)(distances + r, x + r, centres, rows, centre_count, dimensions, TX_ROW_VECTORS);
    }
  }
  for (; r < rows; r += TILE_WIDTH) {
    TILE_NAME(distance_rows)(distances + r, x + r, centres, rows, centre_count, dimensions, 1);
  }
}

// dx[d][r] for `count` dimensions from d = 0 on.
TX_FUNCTION void TILE_NAME(distance_x_block)(REAL *dx, const REAL *x, const REAL *centres, const REAL *g, long rows,
                                             long centre_count, long dimensions, int accumulate, const int vectors,
                                             const int count) {
  TX_VECTOR place[2][TX_ROW_VECTORS];
  TX_VECTOR sums[2][TX_ROW_VECTORS];
  TX_UNROLL for (int d = 0; d < count; d++) {
    TX_UNROLL for (int v = 0; v < vectors; v++) {
      place[d][v] = TILE_NAME(load)(x + d * rows + v * TILE_WIDTH);
      sums[d][v] = TILE_NAME(splat)(0);
    }
  }
  for (long j = 0; j < centre_count; j++) {
    TX_UNROLL for (int d = 0; d < count; d++) {
      const TX_VECTOR centre = TILE_NAME(splat)(centres[j * dimensions + d]);
      TX_UNROLL for (int v = 0; v < vectors; v++) {
        const TX_VECTOR difference = place[d][v] - centre;
        sums[d][v] = difference * TILE_NAME(load)(g + j * rows + v * TILE_WIDTH) + sums[d][v];
      }
    }
  }
  TX_UNROLL for (int d = 0; d < count; d++) {
    TX_UNROLL for (int v = 0; v < vectors; v++) {
      REAL *to = dx + d * rows + v * TILE_WIDTH;
      const TX_VECTOR twice = sums[d][v] + sums[d][v];
      TILE_NAME(store)(to, accumulate ? TILE_NAME(load)(to) + twice : twice);
    }
  }
}

TX_FUNCTION void TILE_NAME(distance_x_rows)(REAL *dx, const REAL *x, const REAL *centres, const REAL *g, long rows,
                                            long centre_count, long dimensions, int accumulate, const int vectors) {
  long d = 0;
  for (; d + 2 <= dimensions; d += 2) {
    TILE_NAME(distance_x_block)(dx + d * rows, x + d * rows, centres + d, g, rows, centre_count, dimensions,
                                accumulate, vectors, 2);
  }
  if (d < dimensions) {
    TILE_NAME(distance_x_block)(dx + d * rows, x + d * rows, centres + d, g, rows, centre_count, dimensions,
                                accumulate, vectors, 1);
  }
}

// dx[d][r] = sum_j 2 (x[d][r] - centres[j][d]) g[j][r], g the gradient of the distances.
TX_PUBLIC void TILE_NAME(squared_distance_grad_x)(REAL *dx, const REAL *x, const REAL *centres, const REAL *g,
                                                  long rows, long centre_count, long dimensions, int accumulate) {
  const long step = TX_ROW_VECTORS * TILE_WIDTH;
  long r = 0;
  for (; r + step <= rows; r += step) {
    TILE_NAME(distance_x_rows)(dx + r, x + r, centres, g + r, rows, centre_count, dimensions, accumulate,
                               TX_ROW_VECTORS);
  }
  for (; r < rows; r += TILE_WIDTH) {
    TILE_NAME(distance_x_rows)(dx + r, x + r, centres, g + r, rows, centre_count, dimensions, accumulate, 1);
  }
}

// dc[j][d] for up to four centres by `count` dimensions; centres beyond `used` repeat the last one.
TX_FUNCTION void TILE_NAME(distance_c_block)(REAL *dc, const REAL *x, const REAL *centres, const REAL *g, long rows,
                                             long dimensions, int accumulate, long used, const int count) {
  TX_VECTOR sums[2][4];
  TX_VECTOR centre[2][4];
  const REAL *from[4];
  TX_UNROLL for (int j = 0; j < 4; j++) {
    const long present = j < used ? j : used - 1;
    from[j] = g + present * rows;
    TX_UNROLL for (int d = 0; d < count; d++) {
      sums[d][j] = TILE_NAME(splat)(0);
      centre[d][j] = TILE_NAME(splat)(centres[present * dimensions + d]);
    }
  }
  for (long r = 0; r < rows; r += TILE_WIDTH) {
    TX_UNROLL for (int d = 0; d < count; d++) {
      const TX_VECTOR column = TILE_NAME(load)(x + d * rows + r);
      TX_UNROLL for (int j = 0; j < 4; j++) {
        const TX_VECTOR difference = centre[d][j] - column;
        sums[d][j] = difference * TILE_NAME(load)(from[j] + r) + sums[d][j];
      }
    }
  }
  TX_UNROLL for (int d = 0; d < count; d++) {
    TILE_NAME(four) total;
    TILE_NAME(sum_lanes)(&total, sums[d][0], sums[d][1], sums[d][2], sums[d][3]);
    total += total;
    TILE_NAME(put_four)(dc + d, &total, dimensions, used, accumulate);
  }
}

// dc[j][d] = sum_r -2 (x[d][r] - centres[j][d]) g[j][r], row-major as the centres are.
TX_PUBLIC void TILE_NAME(squared_distance_grad_c)(REAL *dc, const REAL *x, const REAL *centres, const REAL *g,
                                                  long rows, long centre_count, long dimensions, int accumulate) {
  for (long j = 0; j < centre_count; j += 4) {
    const long used = centre_count - j < 4 ? centre_count - j : 4;
    REAL *to = dc + j * dimensions;
    const REAL *at = centres + j * dimensions;
    long d = 0;
    for (; d + 2 <= dimensions; d += 2) {
      TILE_NAME(distance_c_block)(to + d, x + d * rows, at + d, g + j * rows, rows, dimensions, accumulate, used, 2);
    }
    if (d < dimensions) {
      TILE_NAME(distance_c_block)(to + d, x + d * rows, at + d, g + j * rows, rows, dimensions, accumulate, used, 1);
    }
  }
}
