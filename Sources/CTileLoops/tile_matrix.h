// Matrix products, squared distances and softmax over feature-major tiles, for one scalar type at one vector width.
//
// Included once for each type and width, after tile_math.h and with the same macros defined. A tile is
// [feature][row] with the rows of a feature contiguous: feature f, row r is at f * rows + r. rows is a multiple of 16;
// numbers of features are any from 1.
//
// A row's result is one chain of multiply-adds in the order of the features summed over, whatever block of rows or
// outputs it falls into: its bits depend on the vector width (through fusing) but not on its position, the number of
// rows, or who computes it. A sum over rows is one chain in the order of the rows too, or goes lane by lane in that order
// and then across the lanes; which of the two depends on the numbers of rows and features alone.
//
// With `accumulate` a result is added to what is there.

#define TX_FUNCTION static inline __attribute__((always_inline, unused))
#define TX_PUBLIC __attribute__((unused)) static
#define TX_UNROLL _Pragma("clang loop unroll(full)")
#define TX_VECTOR_LOOP \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(TILE_WIDTH) interleave_count(1)")

// Blocks of TX_ROW_VECTORS vectors of rows by TX_OUTPUTS outputs fill the registers with accumulators. Where rows are
// left over, fewer vectors go with more outputs: with too few chains of sums each would wait for its own last step.
#define TX_MOST_OUTPUTS 12
#if defined(__aarch64__)
#define TX_ROW_VECTORS 4
#define TX_OUTPUTS 6
#elif (REAL_IS_FLOAT && TILE_WIDTH == 16) || (!REAL_IS_FLOAT && TILE_WIDTH == 8)
#define TX_ROW_VECTORS 4
#define TX_OUTPUTS 6
#elif (REAL_IS_FLOAT && TILE_WIDTH == 8) || (!REAL_IS_FLOAT && TILE_WIDTH == 4)
#define TX_ROW_VECTORS 2
#define TX_OUTPUTS 6
#else
#define TX_ROW_VECTORS 2
#define TX_OUTPUTS 4
#endif

// Vectors wider than the level's registers pass between functions of this file only, so how they are passed is nobody
// else's matter.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef REAL TILE_NAME(vector) __attribute__((vector_size(TILE_WIDTH * sizeof(REAL))));
typedef REAL TILE_NAME(four) __attribute__((vector_size(4 * sizeof(REAL))));
// The same in memory, aligned as the scalar is.
typedef REAL TILE_NAME(stored_vector)
    __attribute__((vector_size(TILE_WIDTH * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
typedef REAL TILE_NAME(stored_four) __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
#define TX_VECTOR TILE_NAME(vector)

TX_FUNCTION TX_VECTOR TILE_NAME(load)(const REAL *from) { return *(const TILE_NAME(stored_vector) *)from; }
TX_FUNCTION void TILE_NAME(store)(REAL *to, TX_VECTOR x) { *(TILE_NAME(stored_vector) *)to = x; }
TX_FUNCTION TX_VECTOR TILE_NAME(splat)(REAL x) { return (TX_VECTOR){0} + x; }

// ---- Products that keep the rows

// One block: `vectors` vectors of rows from `row` on by `count` outputs, both known when compiled. Features are
// `x_stride` apart in x and `y_stride` in y.
TX_FUNCTION void TILE_NAME(forward_block)(REAL *y, const REAL *x, const REAL *w, const REAL *bias, long y_stride,
                                          long x_stride, long inputs, long output_stride, long input_stride,
                                          int accumulate, const int vectors, const int count) {
  TX_VECTOR sums[TX_MOST_OUTPUTS][TX_ROW_VECTORS];
  TX_UNROLL for (int o = 0; o < count; o++) {
    const TX_VECTOR start = TILE_NAME(splat)(bias ? bias[o] : 0);
    TX_UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = start;
  }
  for (long i = 0; i < inputs; i++) {
    TX_VECTOR column[TX_ROW_VECTORS];
    TX_UNROLL for (int v = 0; v < vectors; v++) column[v] = TILE_NAME(load)(x + v * TILE_WIDTH);
    TX_UNROLL for (int o = 0; o < count; o++) {
      const TX_VECTOR weight = TILE_NAME(splat)(w[o * output_stride]);
      TX_UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = column[v] * weight + sums[o][v];
    }
    x += x_stride;
    w += input_stride;
  }
  if (accumulate) {
    TX_UNROLL for (int o = 0; o < count; o++) {
      TX_UNROLL for (int v = 0; v < vectors; v++) sums[o][v] += TILE_NAME(load)(y + o * y_stride + v * TILE_WIDTH);
    }
  }
  TX_UNROLL for (int o = 0; o < count; o++) {
    TX_UNROLL for (int v = 0; v < vectors; v++) TILE_NAME(store)(y + o * y_stride + v * TILE_WIDTH, sums[o][v]);
  }
}

// All outputs for `vectors` vectors of rows, at most `most` (known when compiled) at once.
TX_FUNCTION void TILE_NAME(forward_rows)(REAL *y, const REAL *x, const REAL *w, const REAL *bias, long y_stride,
                                         long x_stride, long inputs, long outputs, long output_stride,
                                         long input_stride, int accumulate, const int vectors, const int most) {
  long left = outputs;
  while (left > 0) {
    // What is left over is halved rather than left as a thin block, which would wait for its few chains of sums.
    const long count = left <= most ? left : left < most + most / 2 ? (left + 1) / 2 : most;
#define TX_CASE(n)                                                                                             \
  case n:                                                                                                      \
    if (n <= most) {                                                                                           \
      TILE_NAME(forward_block)(y, x, w, bias, y_stride, x_stride, inputs, output_stride, input_stride,         \
                               accumulate, vectors, n);                                                        \
    }                                                                                                          \
    break;
    switch (count) {
      TX_CASE(1)
      TX_CASE(2)
      TX_CASE(3)
      TX_CASE(4)
      TX_CASE(5)
      TX_CASE(6)
      TX_CASE(7)
      TX_CASE(8)
      TX_CASE(9)
      TX_CASE(10)
      TX_CASE(11)
      TX_CASE(12)
    }
#undef TX_CASE
    y += count * y_stride;
    w += count * output_stride;
    bias = bias ? bias + count : bias;
    left -= count;
  }
}

// All outputs for up to TX_ROW_VECTORS vectors of rows.
TX_FUNCTION void TILE_NAME(forward_stripe)(REAL *y, const REAL *x, const REAL *w, const REAL *bias, long y_stride,
                                           long x_stride, long inputs, long outputs, long output_stride,
                                           long input_stride, int accumulate, long vectors) {
#define TX_CASE(n, most)                                                                                          \
  case n:                                                                                                         \
    TILE_NAME(forward_rows)(y, x, w, bias, y_stride, x_stride, inputs, outputs, output_stride, input_stride,      \
                            accumulate, n, most);                                                                 \
    break;
  switch (vectors) {
#if TX_ROW_VECTORS == 4
    TX_CASE(1, TX_OUTPUTS + TX_OUTPUTS / 3)
    TX_CASE(2, 2 * TX_OUTPUTS)
    TX_CASE(3, TX_OUTPUTS + TX_OUTPUTS / 3)
    TX_CASE(4, TX_OUTPUTS)
#else
    TX_CASE(1, 2 * TX_OUTPUTS)
    TX_CASE(2, TX_OUTPUTS)
#endif
  }
#undef TX_CASE
}

// y[o][r] = bias[o] + sum_i w[o * output_stride + i * input_stride] x[i][r], o < outputs, i < inputs.
//
// A row-major [outputs][inputs] matrix has strides (inputs, 1); (1, columns) takes a row-major matrix transposed, which
// is the product for the gradient of x. `bias` may be NULL.
TX_PUBLIC void TILE_NAME(matmul_forward)(REAL *y, const REAL *x, const REAL *w, const REAL *bias, long rows,
                                         long inputs, long outputs, long output_stride, long input_stride,
                                         int accumulate) {
  long r = 0;
  for (; r + TX_ROW_VECTORS * TILE_WIDTH <= rows; r += TX_ROW_VECTORS * TILE_WIDTH) {
    TILE_NAME(forward_rows)(y + r, x + r, w, bias, rows, rows, inputs, outputs, output_stride, input_stride,
                            accumulate, TX_ROW_VECTORS, TX_OUTPUTS);
  }
  if (r < rows) {
    TILE_NAME(forward_stripe)(y + r, x + r, w, bias, rows, rows, inputs, outputs, output_stride, input_stride,
                              accumulate, (rows - r) / TILE_WIDTH);
  }
}

// ---- Products that sum over the rows

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

// ---- Products of values that are the same for all rows

// Sums for `vectors` (known when compiled) vectors of columns.
TX_FUNCTION void TILE_NAME(weighted_block)(REAL *out, const REAL *weights, const REAL *rows, long row_count,
                                           long columns, const int vectors) {
  TX_VECTOR sums[4];
  TX_UNROLL for (int v = 0; v < vectors; v++) sums[v] = TILE_NAME(splat)(0);
  for (long j = 0; j < row_count; j++) {
    if (weights[j] != 0) {
      const TX_VECTOR weight = TILE_NAME(splat)(weights[j]);
      TX_UNROLL for (int v = 0; v < vectors; v++) {
        sums[v] = weight * TILE_NAME(load)(rows + j * columns + v * TILE_WIDTH) + sums[v];
      }
    }
  }
  TX_UNROLL for (int v = 0; v < vectors; v++) TILE_NAME(store)(out + v * TILE_WIDTH, sums[v]);
}

// out[n] = sum over j of weights[j] rows[j][n], in the order of j. A row of weight 0 counts for nothing, whatever is in
// it.
TX_PUBLIC void TILE_NAME(weighted_sum)(REAL *out, const REAL *weights, const REAL *rows, long row_count, long columns) {
  long n = 0;
  for (; n + 4 * TILE_WIDTH <= columns; n += 4 * TILE_WIDTH) {
    TILE_NAME(weighted_block)(out + n, weights, rows + n, row_count, columns, 4);
  }
  for (; n + TILE_WIDTH <= columns; n += TILE_WIDTH) {
    TILE_NAME(weighted_block)(out + n, weights, rows + n, row_count, columns, 1);
  }
  for (; n < columns; n++) {
    REAL sum = 0;
    for (long j = 0; j < row_count; j++) {
      if (weights[j] != 0) sum = weights[j] * rows[j * columns + n] + sum;
    }
    out[n] = sum;
  }
}

#include "tile_distance.h"
#include "tile_softmax.h"

#pragma clang diagnostic pop

#undef TX_FUNCTION
#undef TX_PUBLIC
#undef TX_UNROLL
#undef TX_VECTOR_LOOP
#undef TX_ROW_VECTORS
#undef TX_OUTPUTS
#undef TX_MOST_OUTPUTS
#undef TX_TURNED_ROWS
#undef TX_VECTOR
