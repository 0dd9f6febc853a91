// Softmax and its kin over the features of each row. Included by tile_matrix.h, whose conventions and macros hold here;
// needs tile_math.h.
//
// Rows are taken in blocks whose features stay in the first-level cache between the passes. A block's length is known
// when it is compiled, so that its loops are a few whole vectors without a test.

#define TX_BLOCK 64
#define TX_BLOCKS(block, ...)                                                        \
  {                                                                                  \
    long start = 0;                                                                  \
    for (; start + TX_BLOCK <= rows; start += TX_BLOCK) block(__VA_ARGS__, TX_BLOCK); \
    for (; start < rows; start += 16) block(__VA_ARGS__, 16);                        \
  }

// The largest feature of each of `lanes` rows, or 0 where it is infinite: subtracting it would give NaN where the limit
// is known.
TX_FUNCTION void TILE_NAME(row_shift)(REAL *shift, const REAL *z, long rows, long features, const long lanes) {
  TILE_LANES
  for (long r = 0; r < lanes; r++) shift[r] = z[r];
  for (long j = 1; j < features; j++) {
    TILE_LANES
    for (long r = 0; r < lanes; r++) shift[r] = shift[r] > z[j * rows + r] ? shift[r] : z[j * rows + r];
  }
  TILE_LANES
  for (long r = 0; r < lanes; r++) shift[r] = TILE_NAME(absolute)(shift[r]) < (REAL)__builtin_inf() ? shift[r] : 0;
}

TX_FUNCTION void TILE_NAME(softmax_block)(REAL *y, const REAL *z, long rows, long features, const long lanes) {
  REAL shift[TX_BLOCK], sum[TX_BLOCK];
  TILE_NAME(row_shift)(shift, z, rows, features, lanes);
  TILE_LANES
  for (long r = 0; r < lanes; r++) sum[r] = 0;
  for (long j = 0; j < features; j++) {
    TILE_LANES
    for (long r = 0; r < lanes; r++) {
      const REAL e = TILE_NAME(exp)(z[j * rows + r] - shift[r]);
      y[j * rows + r] = e;
      sum[r] += e;
    }
  }
  TILE_LANES
  for (long r = 0; r < lanes; r++) sum[r] = 1 / sum[r];
  for (long j = 0; j < features; j++) {
    TILE_LANES
    for (long r = 0; r < lanes; r++) y[j * rows + r] *= sum[r];
  }
}

// y[j][r] = exp(z[j][r]) / sum_k exp(z[k][r]); y may be z.
TX_PUBLIC void TILE_NAME(softmax)(REAL *y, const REAL *z, long rows, long features) {
  TX_BLOCKS(TILE_NAME(softmax_block), y + start, z + start, rows, features)
}

TX_FUNCTION void TILE_NAME(softmax_grad_block)(REAL *dz, const REAL *y, const REAL *dy, long rows, long features,
                                               int accumulate, const long lanes) {
  REAL mean[TX_BLOCK];
  TILE_LANES
  for (long r = 0; r < lanes; r++) mean[r] = 0;
  for (long j = 0; j < features; j++) {
    const long at = j * rows;
    TILE_LANES
    for (long r = 0; r < lanes; r++) mean[r] = y[at + r] * dy[at + r] + mean[r];
  }
  for (long j = 0; j < features; j++) {
    const long at = j * rows;
    if (accumulate) {
      TILE_LANES
      for (long r = 0; r < lanes; r++) dz[at + r] = y[at + r] * (dy[at + r] - mean[r]) + dz[at + r];
    } else {
      TILE_LANES
      for (long r = 0; r < lanes; r++) dz[at + r] = y[at + r] * (dy[at + r] - mean[r]);
    }
  }
}

// dz[j][r] = y[j][r] (dy[j][r] - sum_k y[k][r] dy[k][r]), y the softmax; dz may be dy where it does not accumulate.
TX_PUBLIC void TILE_NAME(softmax_grad)(REAL *dz, const REAL *y, const REAL *dy, long rows, long features,
                                       int accumulate) {
  TX_BLOCKS(TILE_NAME(softmax_grad_block), dz + start, y + start, dy + start, rows, features, accumulate)
}

TX_FUNCTION void TILE_NAME(logsumexp_block)(REAL *out, const REAL *z, long rows, long features, const long lanes) {
  REAL shift[TX_BLOCK], sum[TX_BLOCK];
  TILE_NAME(row_shift)(shift, z, rows, features, lanes);
  TILE_LANES
  for (long r = 0; r < lanes; r++) sum[r] = 0;
  for (long j = 0; j < features; j++) {
    TILE_LANES
    for (long r = 0; r < lanes; r++) sum[r] += TILE_NAME(exp)(z[j * rows + r] - shift[r]);
  }
  TILE_LANES
  for (long r = 0; r < lanes; r++) out[r] = shift[r] + TILE_NAME(log)(sum[r]);
}

// out[r] = log(sum_j exp(z[j][r])).
TX_PUBLIC void TILE_NAME(logsumexp)(REAL *out, const REAL *z, long rows, long features) {
  TX_BLOCKS(TILE_NAME(logsumexp_block), out + start, z + start, rows, features)
}

#undef TX_BLOCK
#undef TX_BLOCKS
