// Softmax and its kin over the features of each row. Included by tile_matrix.h, whose conventions and macros hold here;
// needs tile_math.h.
//
// Rows are taken in blocks whose features stay in the first-level cache between the passes.

#define TX_BLOCK 64

// The largest feature of each of `lanes` rows, or 0 where it is infinite: subtracting it would give NaN where the limit
// is known.
TX_FUNCTION void TILE_NAME(row_shift)(REAL *shift, const REAL *z, long rows, long features, long lanes) {
  TX_VECTOR_LOOP
  for (long r = 0; r < lanes; r++) shift[r] = z[r];
  for (long j = 1; j < features; j++) {
    TX_VECTOR_LOOP
    for (long r = 0; r < lanes; r++) shift[r] = shift[r] > z[j * rows + r] ? shift[r] : z[j * rows + r];
  }
  TX_VECTOR_LOOP
  for (long r = 0; r < lanes; r++) shift[r] = TILE_NAME(absolute)(shift[r]) < (REAL)__builtin_inf() ? shift[r] : 0;
}

// y[j][r] = exp(z[j][r]) / sum_k exp(z[k][r]); y may be z.
TX_PUBLIC void TILE_NAME(softmax)(REAL *y, const REAL *z, long rows, long features) {
  REAL shift[TX_BLOCK], sum[TX_BLOCK];
  for (long start = 0; start < rows; start += TX_BLOCK) {
    const long lanes = rows - start < TX_BLOCK ? rows - start : TX_BLOCK;
    const REAL *from = z + start;
    REAL *to = y + start;
    TILE_NAME(row_shift)(shift, from, rows, features, lanes);
    TX_VECTOR_LOOP
    for (long r = 0; r < lanes; r++) sum[r] = 0;
    for (long j = 0; j < features; j++) {
      TX_VECTOR_LOOP
      for (long r = 0; r < lanes; r++) {
        const REAL e = TILE_NAME(exp)(from[j * rows + r] - shift[r]);
        to[j * rows + r] = e;
        sum[r] += e;
      }
    }
    TX_VECTOR_LOOP
    for (long r = 0; r < lanes; r++) sum[r] = 1 / sum[r];
    for (long j = 0; j < features; j++) {
      TX_VECTOR_LOOP
      for (long r = 0; r < lanes; r++) to[j * rows + r] *= sum[r];
    }
  }
}

// dz[j][r] = y[j][r] (dy[j][r] - sum_k y[k][r] dy[k][r]), y the softmax; dz may be dy where it does not accumulate.
TX_PUBLIC void TILE_NAME(softmax_grad)(REAL *dz, const REAL *y, const REAL *dy, long rows, long features,
                                       int accumulate) {
  REAL mean[TX_BLOCK];
  for (long start = 0; start < rows; start += TX_BLOCK) {
    const long lanes = rows - start < TX_BLOCK ? rows - start : TX_BLOCK;
    TX_VECTOR_LOOP
    for (long r = 0; r < lanes; r++) mean[r] = 0;
    for (long j = 0; j < features; j++) {
      const long at = j * rows + start;
      TX_VECTOR_LOOP
      for (long r = 0; r < lanes; r++) mean[r] = y[at + r] * dy[at + r] + mean[r];
    }
    for (long j = 0; j < features; j++) {
      const long at = j * rows + start;
      if (accumulate) {
        TX_VECTOR_LOOP
        for (long r = 0; r < lanes; r++) dz[at + r] = y[at + r] * (dy[at + r] - mean[r]) + dz[at + r];
      } else {
        TX_VECTOR_LOOP
        for (long r = 0; r < lanes; r++) dz[at + r] = y[at + r] * (dy[at + r] - mean[r]);
      }
    }
  }
}

// out[r] = log(sum_j exp(z[j][r])).
TX_PUBLIC void TILE_NAME(logsumexp)(REAL *out, const REAL *z, long rows, long features) {
  REAL shift[TX_BLOCK], sum[TX_BLOCK];
  for (long start = 0; start < rows; start += TX_BLOCK) {
    const long lanes = rows - start < TX_BLOCK ? rows - start : TX_BLOCK;
    const REAL *from = z + start;
    TILE_NAME(row_shift)(shift, from, rows, features, lanes);
    TX_VECTOR_LOOP
    for (long r = 0; r < lanes; r++) sum[r] = 0;
    for (long j = 0; j < features; j++) {
      TX_VECTOR_LOOP
      for (long r = 0; r < lanes; r++) sum[r] += TILE_NAME(exp)(from[j * rows + r] - shift[r]);
    }
    REAL *to = out + start;
    TX_VECTOR_LOOP
    for (long r = 0; r < lanes; r++) to[r] = shift[r] + TILE_NAME(log)(sum[r]);
  }
}

#undef TX_BLOCK
