// Products that sum over the rows of a tile: gradients of weights and biases. Included by tile_matrix.h, whose
// conventions and macros hold here.

// The sums over the lanes of four vectors. They go by address: by value, four doubles at the baseline would be outside
// its calling convention.
TX_FUNCTION void TILE_NAME(sum_lanes)(TILE_NAME(four) *sums, TX_VECTOR a, TX_VECTOR b, TX_VECTOR c, TX_VECTOR d) {
#if TILE_WIDTH == 2
  const TX_VECTOR ab = __builtin_shufflevector(a, b, 0, 2) + __builtin_shufflevector(a, b, 1, 3);
  const TX_VECTOR cd = __builtin_shufflevector(c, d, 0, 2) + __builtin_shufflevector(c, d, 1, 3);
  *sums = __builtin_shufflevector(ab, cd, 0, 1, 2, 3);
#else
  // Two rounds of interleaving leave the four partial sums side by side in each group of four lanes.
#if TILE_WIDTH == 4
#define TX_LOW(p, q) __builtin_shufflevector(p, q, 0, 4, 1, 5)
#define TX_HIGH(p, q) __builtin_shufflevector(p, q, 2, 6, 3, 7)
#define TX_LOW_PAIRS(p, q) __builtin_shufflevector(p, q, 0, 1, 4, 5)
#define TX_HIGH_PAIRS(p, q) __builtin_shufflevector(p, q, 2, 3, 6, 7)
#elif TILE_WIDTH == 8
#define TX_LOW(p, q) __builtin_shufflevector(p, q, 0, 8, 1, 9, 4, 12, 5, 13)
#define TX_HIGH(p, q) __builtin_shufflevector(p, q, 2, 10, 3, 11, 6, 14, 7, 15)
#define TX_LOW_PAIRS(p, q) __builtin_shufflevector(p, q, 0, 1, 8, 9, 4, 5, 12, 13)
#define TX_HIGH_PAIRS(p, q) __builtin_shufflevector(p, q, 2, 3, 10, 11, 6, 7, 14, 15)
#else
#define TX_LOW(p, q) __builtin_shufflevector(p, q, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define TX_HIGH(p, q) __builtin_shufflevector(p, q, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define TX_LOW_PAIRS(p, q) __builtin_shufflevector(p, q, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define TX_HIGH_PAIRS(p, q) __builtin_shufflevector(p, q, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#endif
  const TX_VECTOR ab = TX_LOW(a, b) + TX_HIGH(a, b);
  const TX_VECTOR cd = TX_LOW(c, d) + TX_HIGH(c, d);
  const TX_VECTOR all = TX_LOW_PAIRS(ab, cd) + TX_HIGH_PAIRS(ab, cd);
#undef TX_LOW
#undef TX_HIGH
#undef TX_LOW_PAIRS
#undef TX_HIGH_PAIRS
#if TILE_WIDTH == 4
  *sums = all;
#elif TILE_WIDTH == 8
  *sums = __builtin_shufflevector(all, all, 0, 1, 2, 3) + __builtin_shufflevector(all, all, 4, 5, 6, 7);
#else
  *sums = (__builtin_shufflevector(all, all, 0, 1, 2, 3) + __builtin_shufflevector(all, all, 8, 9, 10, 11)) +
          (__builtin_shufflevector(all, all, 4, 5, 6, 7) + __builtin_shufflevector(all, all, 12, 13, 14, 15));
#endif
#endif
}

// Puts the first `count` of four sums at `stride` apart.
TX_FUNCTION void TILE_NAME(put_four)(REAL *to, const TILE_NAME(four) *sums, long stride, long count, int accumulate) {
  if (stride == 1 && count == 4) {
    TILE_NAME(stored_four) *place = (TILE_NAME(stored_four) *)to;
    *place = accumulate ? *place + *sums : *sums;
    return;
  }
  if (count > 0) to[0] = accumulate ? to[0] + (*sums)[0] : (*sums)[0];
  if (count > 1) to[stride] = accumulate ? to[stride] + (*sums)[1] : (*sums)[1];
  if (count > 2) to[2 * stride] = accumulate ? to[2 * stride] + (*sums)[2] : (*sums)[2];
  if (count > 3) to[3 * stride] = accumulate ? to[3 * stride] + (*sums)[3] : (*sums)[3];
}

// A block of `count` (known when compiled) features of a by four features of b, of which `used` are stored; the others
// repeat the last one.
TX_FUNCTION void TILE_NAME(outer_block)(REAL *product, const REAL *a, const REAL *b, long rows, long a_stride,
                                        long b_stride, int accumulate, long used, const int count) {
  TX_VECTOR sums[TX_OUTPUTS][4];
  TX_UNROLL for (int i = 0; i < count; i++) {
    TX_UNROLL for (int j = 0; j < 4; j++) sums[i][j] = TILE_NAME(splat)(0);
  }
  const REAL *b1 = used > 1 ? b + rows : b;
  const REAL *b2 = used > 2 ? b1 + rows : b1;
  const REAL *b3 = used > 3 ? b2 + rows : b2;
  for (long r = 0; r < rows; r += TILE_WIDTH) {
    const TX_VECTOR right[4] = {TILE_NAME(load)(b + r), TILE_NAME(load)(b1 + r), TILE_NAME(load)(b2 + r),
                                TILE_NAME(load)(b3 + r)};
    TX_UNROLL for (int i = 0; i < count; i++) {
      const TX_VECTOR left = TILE_NAME(load)(a + i * rows + r);
      TX_UNROLL for (int j = 0; j < 4; j++) sums[i][j] = left * right[j] + sums[i][j];
    }
  }
  TX_UNROLL for (int i = 0; i < count; i++) {
    TILE_NAME(four) total;
    TILE_NAME(sum_lanes)(&total, sums[i][0], sums[i][1], sums[i][2], sums[i][3]);
    TILE_NAME(put_four)(product + i * a_stride, &total, b_stride, used, accumulate);
  }
}

// product[i * a_stride + j * b_stride] = sum_r a[i][r] b[j][r], blocked by four over b.
TX_FUNCTION void TILE_NAME(outer_by_four)(REAL *product, const REAL *a, const REAL *b, long rows, long a_count,
                                          long b_count, long a_stride, long b_stride, int accumulate) {
  for (long left = a_count; left > 0;) {
    const long count = left <= TX_OUTPUTS ? left : left < TX_OUTPUTS + 3 ? (left + 1) / 2 : TX_OUTPUTS;
    for (long j = 0; j < b_count; j += 4) {
      const long used = b_count - j < 4 ? b_count - j : 4;
      REAL *place = product + j * b_stride;
      const REAL *right = b + j * rows;
#define TX_CASE(n)                                                                                       \
  case n:                                                                                                \
    TILE_NAME(outer_block)(place, a, right, rows, a_stride, b_stride, accumulate, used, n);              \
    break;
      switch (count) {
        TX_CASE(1)
        TX_CASE(2)
        TX_CASE(3)
#if TX_OUTPUTS > 4
        TX_CASE(4)
        TX_CASE(5)
#endif
        default:
          TILE_NAME(outer_block)(place, a, right, rows, a_stride, b_stride, accumulate, used, TX_OUTPUTS);
      }
#undef TX_CASE
    }
    product += count * a_stride;
    a += count * rows;
    left -= count;
  }
}

// Transposes a square of TILE_WIDTH by TILE_WIDTH numbers by interleaving its halves until all are apart.
TX_FUNCTION void TILE_NAME(transpose)(REAL *to, long to_stride, const REAL *from, long from_stride) {
#if TILE_WIDTH == 2
#define TX_ZIP_LOW(p, q) __builtin_shufflevector(p, q, 0, 2)
#define TX_ZIP_HIGH(p, q) __builtin_shufflevector(p, q, 1, 3)
#elif TILE_WIDTH == 4
#define TX_ZIP_LOW(p, q) __builtin_shufflevector(p, q, 0, 4, 1, 5)
#define TX_ZIP_HIGH(p, q) __builtin_shufflevector(p, q, 2, 6, 3, 7)
#elif TILE_WIDTH == 8
#define TX_ZIP_LOW(p, q) __builtin_shufflevector(p, q, 0, 8, 1, 9, 2, 10, 3, 11)
#define TX_ZIP_HIGH(p, q) __builtin_shufflevector(p, q, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define TX_ZIP_LOW(p, q) __builtin_shufflevector(p, q, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define TX_ZIP_HIGH(p, q) __builtin_shufflevector(p, q, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#endif
  TX_VECTOR square[TILE_WIDTH], zipped[TILE_WIDTH];
  TX_UNROLL for (int i = 0; i < TILE_WIDTH; i++) square[i] = TILE_NAME(load)(from + i * from_stride);
  TX_UNROLL for (int apart = 1; apart < TILE_WIDTH; apart *= 2) {
    TX_UNROLL for (int i = 0; i < TILE_WIDTH / 2; i++) {
      zipped[2 * i] = TX_ZIP_LOW(square[i], square[i + TILE_WIDTH / 2]);
      zipped[2 * i + 1] = TX_ZIP_HIGH(square[i], square[i + TILE_WIDTH / 2]);
    }
    TX_UNROLL for (int i = 0; i < TILE_WIDTH; i++) square[i] = zipped[i];
  }
  TX_UNROLL for (int i = 0; i < TILE_WIDTH; i++) TILE_NAME(store)(to + i * to_stride, square[i]);
#undef TX_ZIP_LOW
#undef TX_ZIP_HIGH
}

// product[o * output_stride + i] = sum_r dy[o][r] x[i][r] for a whole number of vectors of features i, and at most
// TX_TURNED_ROWS rows.
//
// With x transposed, features lie beside each other and the sum over rows is a product like the forward one: no sums
// across lanes.
#define TX_TURNED_ROWS 64
TX_PUBLIC void TILE_NAME(outer_transposed)(REAL *product, const REAL *dy, const REAL *x, long rows, long inputs,
                                           long outputs, long output_stride, int accumulate) {
  enum { most = TX_ROW_VECTORS * TILE_WIDTH };
  _Alignas(64) REAL turned[TX_TURNED_ROWS * most];
  for (long i = 0; i < inputs; i += most) {
    const long features = inputs - i < most ? inputs - i : most;
    for (long f = 0; f < features; f += TILE_WIDTH) {
      for (long r = 0; r < rows; r += TILE_WIDTH) {
        TILE_NAME(transpose)(turned + r * features + f, features, x + (i + f) * rows + r, rows);
      }
    }
    TILE_NAME(forward_stripe)(product + i, turned, dy, 0, output_stride, features, rows, outputs, rows, 1, accumulate,
                              features / TILE_WIDTH);
  }
}

// dw[o][i] = sum_r dy[o][r] x[i][r]: the gradient of matmul_forward's weights, row-major [outputs][inputs].
TX_PUBLIC void TILE_NAME(matmul_outer)(REAL *dw, const REAL *dy, const REAL *x, long rows, long inputs, long outputs,
                                       int accumulate) {
  const long stride = inputs;
  const long whole = inputs / TILE_WIDTH * TILE_WIDTH;
  // Transposing is worth it when enough outputs share it, and a single vector of features makes for a slow product.
  const long worth = whole > TILE_WIDTH ? 8 * outputs : outputs / 2;
  if (whole > 0 && rows <= TX_TURNED_ROWS && rows <= worth) {
    TILE_NAME(outer_transposed)(dw, dy, x, rows, whole, outputs, stride, accumulate);
    dw += whole;
    x += whole * rows;
    inputs -= whole;
    if (inputs == 0) return;
  }
  // Blocks are four wide on one side: the side that wastes less of them.
  const long waste_inputs = outputs * ((inputs + 3) / 4);
  const long waste_outputs = inputs * ((outputs + 3) / 4);
  if (waste_inputs <= waste_outputs)
    TILE_NAME(outer_by_four)(dw, dy, x, rows, outputs, inputs, stride, 1, accumulate);
  else
    TILE_NAME(outer_by_four)(dw, x, dy, rows, inputs, outputs, 1, stride, accumulate);
}

// sums[f] = sum_r x[f][r]: the gradient of a bias.
TX_PUBLIC void TILE_NAME(row_sums)(REAL *sums, const REAL *x, long rows, long features, int accumulate) {
  for (long f = 0; f < features; f += 4) {
    const long used = features - f < 4 ? features - f : 4;
    const REAL *x0 = x + f * rows;
    const REAL *x1 = used > 1 ? x0 + rows : x0;
    const REAL *x2 = used > 2 ? x1 + rows : x1;
    const REAL *x3 = used > 3 ? x2 + rows : x2;
    TX_VECTOR s0 = TILE_NAME(splat)(0), s1 = s0, s2 = s0, s3 = s0;
    for (long r = 0; r < rows; r += TILE_WIDTH) {
      s0 += TILE_NAME(load)(x0 + r);
      s1 += TILE_NAME(load)(x1 + r);
      s2 += TILE_NAME(load)(x2 + r);
      s3 += TILE_NAME(load)(x3 + r);
    }
    TILE_NAME(four) total;
    TILE_NAME(sum_lanes)(&total, s0, s1, s2, s3);
    TILE_NAME(put_four)(sums + f, &total, 1, used, accumulate);
  }
}
