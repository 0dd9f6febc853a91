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

// Vectors wider than the level's registers pass between functions of this file only, so that the calling convention for
// them, which the warning is about, does not matter.
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
TX_FUNCTION TX_VECTOR TILE_NAME(splat)(REAL x) { return x - (TX_VECTOR){0}; }

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

#include "tile_outer.h"

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
#include "tile_convolution.h"

#pragma clang diagnostic pop

#undef TX_FUNCTION
#undef TX_PUBLIC
#undef TX_UNROLL
#undef TX_ROW_VECTORS
#undef TX_OUTPUTS
#undef TX_MOST_OUTPUTS
#undef TX_TURNED_ROWS
#undef TX_VECTOR
