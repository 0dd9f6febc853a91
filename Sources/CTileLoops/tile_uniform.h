// Small products of values that are the same for all rows, and sums over features; for one scalar type at one width.

__attribute__((unused)) static void TILE_NAME(affine_uniform)(REAL *out, const REAL *weights, const REAL *x,
                                                             const REAL *bias, int64_t outputs, int64_t inputs) {
  for (int64_t o = 0; o < outputs; ++o) {
    REAL sum = bias ? bias[o] : 0;
    for (int64_t i = 0; i < inputs; ++i) sum += weights[o * inputs + i] * x[i];
    out[o] = sum;
  }
}

__attribute__((unused)) static void TILE_NAME(affine_transposed_uniform)(REAL *out, const REAL *weights, const REAL *y,
                                                                        int64_t outputs, int64_t inputs) {
  for (int64_t i = 0; i < inputs; ++i) out[i] = 0;
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t i = 0; i < inputs; ++i) out[i] += weights[o * inputs + i] * y[o];
  }
}

__attribute__((unused)) static void TILE_NAME(outer_uniform)(REAL *out, const REAL *y, const REAL *x, int64_t outputs,
                                                            int64_t inputs, int accumulate) {
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t i = 0; i < inputs; ++i) {
      if (accumulate)
        out[o * inputs + i] += y[o] * x[i];
      else
        out[o * inputs + i] = y[o] * x[i];
    }
  }
}

// Sums over features, 16 lanes at a time, so that the running sums stay in registers.
__attribute__((unused)) static void TILE_NAME(sum_features)(REAL *restrict out, const REAL *restrict in,
                                                           int64_t features, int64_t rows) {
  for (int64_t first = 0; first < rows; first += 16) {
    REAL sums[16];
    for (int r = 0; r < 16; ++r) sums[r] = in[first + r];
    for (int64_t f = 1; f < features; ++f) {
      const REAL *own = in + f * rows + first;
      for (int r = 0; r < 16; ++r) sums[r] += own[r];
    }
    for (int r = 0; r < 16; ++r) out[first + r] = sums[r];
  }
}

__attribute__((unused)) static void TILE_NAME(dot_features)(REAL *restrict out, const REAL *restrict a,
                                                           const REAL *restrict b, int64_t features, int64_t rows) {
  for (int64_t first = 0; first < rows; first += 16) {
    REAL sums[16];
    for (int r = 0; r < 16; ++r) sums[r] = a[first + r] * b[first + r];
    for (int64_t f = 1; f < features; ++f) {
      const REAL *x = a + f * rows + first, *y = b + f * rows + first;
      for (int r = 0; r < 16; ++r) sums[r] += x[r] * y[r];
    }
    for (int r = 0; r < 16; ++r) out[first + r] = sums[r];
  }
}
