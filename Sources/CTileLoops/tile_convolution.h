// Convolutions of images over feature-major tiles: values, the gradient of the image, the gradient of the kernel.
// Included by tile_matrix.h, whose conventions and macros hold here.
//
// An image of a tile is [channel][y][x][row]: the rows of a pixel are neighbours in memory, and so are neighbouring
// pixels of a line. A line of pixels is therefore a line of `width * rows / TILE_WIDTH` whole vectors, in which a step
// of one pixel is a step of `rows / TILE_WIDTH` vectors. Blocks are runs of such vectors; how many belong to one pixel
// does not matter to them. Nothing is copied or padded: lines of the kernel that lie above or below the image are left
// out, and so is a tap where all of a block's vectors would lie beside it; where some would, these read zeros.
//
// A row's result is one chain of multiply-adds in the order of the kernel's lines, its taps and the channels, whatever
// block it falls into.

#include "tile_convolution_shape.h"

// Zeros that are read beside the image.
static const _Alignas(64) REAL TILE_NAME(beside)[TILE_WIDTH] = {0};

#include "tile_surroundings.h"
#include "tile_unary.h"

// Adds one tap of all channels to a block's sums. `x` is where the tap's first vector lies.
TX_FUNCTION void TILE_NAME(add_tap_inside)(TX_VECTOR sums[TX_OUTPUTS][TX_ROW_VECTORS], const REAL *x, long plane,
                                           const REAL *w, const tile_kernel_strides *strides, long channels,
                                           const int vectors, const int count) {
  for (long c = 0; c < channels; c++) {
    TX_VECTOR pixels[TX_ROW_VECTORS];
    TX_UNROLL for (int v = 0; v < vectors; v++) pixels[v] = TILE_NAME(load)(x + v * TILE_WIDTH);
    TX_UNROLL for (int o = 0; o < count; o++) {
      const TX_VECTOR weight = TILE_NAME(splat)(w[o * strides->output]);
      TX_UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = pixels[v] * weight + sums[o][v];
    }
    x += plane;
    w += strides->channel;
  }
}

// The same where some vectors lie beside the image: `first` is the tap's first vector in its line of `across` vectors.
TX_FUNCTION void TILE_NAME(add_tap_at_edge)(TX_VECTOR sums[TX_OUTPUTS][TX_ROW_VECTORS], const TILE_NAME(line) *line,
                                            const REAL *w, const tile_kernel_strides *strides, long channels,
                                            long first, long across, const int vectors, const int count) {
  const REAL *places[TX_ROW_VECTORS];
  long steps[TX_ROW_VECTORS];
  TX_UNROLL for (int v = 0; v < vectors; v++) {
    const int inside = first + v >= 0 && first + v < across;
    const REAL *start = inside ? line->inside : first + v < 0 ? line->left : line->right;
    places[v] = start ? start + (first + v) * TILE_WIDTH : TILE_NAME(beside);
    steps[v] = inside ? line->plane : line->side_plane;
  }
  for (long c = 0; c < channels; c++) {
    TX_VECTOR pixels[TX_ROW_VECTORS];
    TX_UNROLL for (int v = 0; v < vectors; v++) {
      pixels[v] = TILE_NAME(load)(places[v]);
      places[v] += steps[v];
    }
    TX_UNROLL for (int o = 0; o < count; o++) {
      const TX_VECTOR weight = TILE_NAME(splat)(w[o * strides->output]);
      TX_UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = pixels[v] * weight + sums[o][v];
    }
    w += strides->channel;
  }
}

// A block of `vectors` vectors from vector `first` of line `line` on, by `count` outputs; both known when compiled.
// `around` is what lies around x, NULL for zeros; `coarse`, where it is not NULL, has half the height and width, rounded
// up, and is added.
TX_FUNCTION void TILE_NAME(convolution_block)(const tile_convolution *shape, REAL *y, const REAL *x,
                                              const REAL *around, const REAL *w,
                                              const tile_kernel_strides *strides, const REAL *bias,
                                              const REAL *coarse, long line, long first, const int vectors,
                                              const int count) {
  const long per_pixel = shape->rows / TILE_WIDTH, across = shape->width * per_pixel;
  const long stretch = shape->width * shape->rows, plane = shape->height * stretch;
  TX_VECTOR sums[TX_OUTPUTS][TX_ROW_VECTORS];
  TX_UNROLL for (int o = 0; o < count; o++) {
    const TX_VECTOR start = TILE_NAME(splat)(bias ? bias[o] : 0);
    TX_UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = start;
  }
  if (coarse) {
    const long coarse_stretch = (shape->width + 1) / 2 * shape->rows;
    const long coarse_plane = (shape->height + 1) / 2 * coarse_stretch;
    TX_UNROLL for (int v = 0; v < vectors; v++) {
      const long pixel = (first + v) / per_pixel, part = (first + v) % per_pixel;
      const REAL *from = coarse + line / 2 * coarse_stretch + pixel / 2 * shape->rows + part * TILE_WIDTH;
      TX_UNROLL for (int o = 0; o < count; o++) sums[o][v] += TILE_NAME(load)(from + o * coarse_plane);
    }
  }
  const long above = shape->kernel_height / 2, before = shape->kernel_width / 2;
  const long top = line < above && !around ? above - line : 0;
  const long last = shape->height + above - line;
  const long bottom = last < shape->kernel_height && !around ? last : shape->kernel_height;
  for (long k = top; k < bottom; k++) {
    const TILE_NAME(line) source = TILE_NAME(line_at)(shape, x, around, line + k - above);
    for (long t = 0; t < shape->kernel_width; t++) {
      const long shift = (t - before) * per_pixel, start = first + shift;
      const REAL *weights = w + k * strides->line + t * strides->tap;
      if (start >= 0 && start + vectors <= across) {
        TILE_NAME(add_tap_inside)(sums, source.inside + start * TILE_WIDTH, source.plane, weights, strides,
                                  shape->channels, vectors, count);
      } else if (around || (start + vectors > 0 && start < across)) {
        TILE_NAME(add_tap_at_edge)(sums, &source, weights, strides, shape->channels, start, across, vectors, count);
      }
    }
  }
  TX_UNROLL for (int o = 0; o < count; o++) {
    TX_UNROLL for (int v = 0; v < vectors; v++) {
      TILE_NAME(store)(y + o * plane + line * stretch + (first + v) * TILE_WIDTH, sums[o][v]);
    }
  }
}

// All outputs of a block of vectors, in groups that differ by one output at most.
TX_FUNCTION void TILE_NAME(convolution_outputs)(const tile_convolution *shape, REAL *y, const REAL *x,
                                                const REAL *around, const REAL *w,
                                                const tile_kernel_strides *strides, const REAL *bias,
                                                const REAL *coarse, long line, long first, const int vectors) {
  const long plane = shape->height * shape->width * shape->rows;
  const long coarse_plane = (shape->height + 1) / 2 * ((shape->width + 1) / 2) * shape->rows;
  const long groups = (shape->outputs + TX_OUTPUTS - 1) / TX_OUTPUTS;
  for (long group = 0, o = 0; group < groups; group++) {
    const long count = (shape->outputs - o + groups - group - 1) / (groups - group);
#define TX_CASE(n)                                                                                                   \
  case n:                                                                                                            \
    if (n <= TX_OUTPUTS) {                                                                                           \
      TILE_NAME(convolution_block)(shape, y + o * plane, x, around, w + o * strides->output, strides,                \
                                   bias ? bias + o : 0, coarse ? coarse + o * coarse_plane : 0, line, first,         \
                                   vectors, n <= TX_OUTPUTS ? n : TX_OUTPUTS);                                       \
    }                                                                                                                \
    break;
    switch (count) {
      TX_CASE(1)
      TX_CASE(2)
      TX_CASE(3)
      TX_CASE(4)
      TX_CASE(5)
      TX_CASE(6)
    }
#undef TX_CASE
    o += count;
  }
}

// Applies an operation on one number to a finished line of all outputs, while the line is in a near cache.
TX_FUNCTION void TILE_NAME(activate_line)(const tile_convolution *shape, REAL *y, long line, tile_opcode then) {
  const long stretch = shape->width * shape->rows;
  if (then == TILE_COPY) return;
  for (long o = 0; o < shape->outputs; o++) {
    REAL *place = y + (o * shape->height + line) * stretch;
    TILE_NAME(unary)(then, place, place, 0, stretch);
  }
}

// y[o] = bias[o] + coarse[o] at half the position + sum over c, k, t of w x[c] moved by the tap.
//
// With a kernel's own strides this is the convolution; with outputs and channels exchanged and lines and taps counted
// from the end it is the product for the gradient of x. `around` (tile_surroundings.h), `bias` and `coarse` may be
// NULL. `then` is applied to the result.
TX_PUBLIC void TILE_NAME(convolve)(const tile_convolution *shape, REAL *y, const REAL *x, const REAL *around, const REAL *w,
                                   const tile_kernel_strides *strides, const REAL *bias, const REAL *coarse,
                                   tile_opcode then) {
  const long across = shape->width * (shape->rows / TILE_WIDTH);
  const long blocks = (across + TX_ROW_VECTORS - 1) / TX_ROW_VECTORS;
  for (long line = 0; line < shape->height; line++) {
    for (long block = 0, first = 0; block < blocks; block++) {
      // Blocks differ by one vector at most, so that none is left with too few chains of sums.
      const long vectors = (across - first + blocks - block - 1) / (blocks - block);
#define TX_CASE(n)                                                                                                  \
  case n:                                                                                                           \
    if (n <= TX_ROW_VECTORS) {                                                                                      \
      TILE_NAME(convolution_outputs)(shape, y, x, around, w, strides, bias, coarse, line, first,                    \
                                     n <= TX_ROW_VECTORS ? n : TX_ROW_VECTORS);                                     \
    }                                                                                                               \
    break;
      switch (vectors) {
        TX_CASE(1)
        TX_CASE(2)
        TX_CASE(3)
        TX_CASE(4)
      }
#undef TX_CASE
      first += vectors;
    }
    TILE_NAME(activate_line)(shape, y, line, then);
  }
}

#include "tile_winograd.h"

// ---- The kernel's gradient

// A block of sums is `taps` neighbouring taps by some outputs, over some lines of the image. Sums of several blocks are
// kept between stretches of lines short enough to stay in the nearest cache while all blocks go over them.
#define TX_TAPS 3
#define TX_KERNEL_OUTPUTS (TX_ROW_VECTORS == 4 ? 8 : 4)
#define TX_KERNEL_BLOCKS 16
#define TX_KERNEL_STRETCH (12 << 10)

// Adds to the block of `taps` taps and `count` outputs, both known when compiled, what lines from `top` to before
// `bottom` give; line i of g meets line i + `down` of x, and the first tap is `shift` vectors to the right.
TX_FUNCTION void TILE_NAME(kernel_block)(const tile_convolution *shape, TX_VECTOR *kept, const REAL *g, const REAL *x,
                                         long top, long bottom, long down, long shift, const int taps,
                                         const int count) {
  const long per_pixel = shape->rows / TILE_WIDTH, across = shape->width * per_pixel;
  const long stretch = shape->width * shape->rows, plane = shape->height * stretch;
  const long wide = (taps - 1) * per_pixel;
  // Vectors whose taps all lie in the image.
  const long from = shift < 0 ? (-shift < across ? -shift : across) : 0;
  const long within = across - shift - wide < across ? across - shift - wide : across;
  const long to = within > from ? within : from;
  TX_VECTOR sums[TX_TAPS][TX_KERNEL_OUTPUTS];
  TX_UNROLL for (int t = 0; t < taps; t++) {
    TX_UNROLL for (int o = 0; o < count; o++) sums[t][o] = kept[t * count + o];
  }
  for (long line = top; line < bottom; line++) {
    const REAL *left = g + line * stretch, *right = x + (line + down) * stretch + shift * TILE_WIDTH;
    for (long u = 0; u < across; u++) {
      if (u == from) {
        for (; u < to; u++) {
          TX_VECTOR pixels[TX_TAPS];
          TX_UNROLL for (int t = 0; t < taps; t++) {
            pixels[t] = TILE_NAME(load)(right + (u + t * per_pixel) * TILE_WIDTH);
          }
          TX_UNROLL for (int o = 0; o < count; o++) {
            const TX_VECTOR adjoint = TILE_NAME(load)(left + o * plane + u * TILE_WIDTH);
            TX_UNROLL for (int t = 0; t < taps; t++) sums[t][o] = adjoint * pixels[t] + sums[t][o];
          }
        }
        if (u >= across) break;
      }
      TX_UNROLL for (int t = 0; t < taps; t++) {
        const long place = u + shift + t * per_pixel;
        if (place < 0 || place >= across) continue;
        const TX_VECTOR pixel = TILE_NAME(load)(right + (u + t * per_pixel) * TILE_WIDTH);
        TX_UNROLL for (int o = 0; o < count; o++) {
          sums[t][o] = TILE_NAME(load)(left + o * plane + u * TILE_WIDTH) * pixel + sums[t][o];
        }
      }
    }
  }
  TX_UNROLL for (int t = 0; t < taps; t++) {
    TX_UNROLL for (int o = 0; o < count; o++) kept[t * count + o] = sums[t][o];
  }
}

// The sums of `count` outputs and `taps` taps (known when compiled) for the lines of kernels `begin` to before `end`,
// counted over all channels: line k of channel c is number c * kernel_height + k.
TX_FUNCTION void TILE_NAME(kernel_lines)(const tile_convolution *shape, REAL *dw, const REAL *g, const REAL *x,
                                         long begin, long end, long tap, int accumulate, const int taps,
                                         const int count) {
  TX_VECTOR kept[TX_KERNEL_BLOCKS * TX_TAPS * TX_KERNEL_OUTPUTS];
  const long per_pixel = shape->rows / TILE_WIDTH, stretch = shape->width * shape->rows;
  const long plane = shape->height * stretch, size = shape->kernel_height * shape->kernel_width;
  const long above = shape->kernel_height / 2, shift = (tap - shape->kernel_width / 2) * per_pixel;
  for (long i = 0; i < (end - begin) * taps * count; i++) kept[i] = TILE_NAME(splat)(0);
  const long bytes = count * stretch * (long)sizeof(REAL);
  const long lines = bytes < TX_KERNEL_STRETCH ? TX_KERNEL_STRETCH / bytes : 1;
  for (long first = 0; first < shape->height; first += lines) {
    const long next = first + lines < shape->height ? first + lines : shape->height;
    for (long number = begin; number < end; number++) {
      const long channel = number / shape->kernel_height, down = number % shape->kernel_height - above;
      const long top = first < -down ? -down : first;
      const long bottom = next + down > shape->height ? shape->height - down : next;
      TILE_NAME(kernel_block)(shape, kept + (number - begin) * taps * count, g, x + channel * plane, top, bottom, down,
                              shift, taps, count);
    }
  }
  for (long number = begin; number < end; number++) {
    const long channel = number / shape->kernel_height, k = number % shape->kernel_height;
    TX_VECTOR *sums = kept + (number - begin) * taps * count;
    TX_UNROLL for (int t = 0; t < taps; t++) {
      REAL *place = dw + channel * size + k * shape->kernel_width + tap + t;
      TX_UNROLL for (int o = 0; o < count; o += 4) {
        const int used = count - o < 4 ? count - o : 4;
        TX_VECTOR *four = sums + t * count + o;
        TILE_NAME(four) total;
        TILE_NAME(sum_lanes)(&total, four[0], four[used > 1 ? 1 : 0], four[used > 2 ? 2 : 0], four[used > 3 ? 3 : 0]);
        TILE_NAME(put_four)(place + o * shape->channels * size, &total, shape->channels * size, used, accumulate);
      }
    }
  }
}

// dw[o][c][k][t] = sum over pixels and rows of g[o] times x[c] moved by the tap: the gradient of convolve's kernel.
TX_PUBLIC void TILE_NAME(convolution_kernel)(const tile_convolution *shape, REAL *dw, const REAL *g, const REAL *x,
                                             int accumulate) {
  const long plane = shape->height * shape->width * shape->rows, all = shape->channels * shape->kernel_height;
  const long size = shape->kernel_height * shape->kernel_width;
  const long groups = (shape->outputs + TX_KERNEL_OUTPUTS - 1) / TX_KERNEL_OUTPUTS;
  const long tap_groups = (shape->kernel_width + TX_TAPS - 1) / TX_TAPS;
  for (long group = 0, o = 0; group < groups; group++) {
    const long count = (shape->outputs - o + groups - group - 1) / (groups - group);
    for (long begin = 0; begin < all; begin += TX_KERNEL_BLOCKS) {
      const long end = begin + TX_KERNEL_BLOCKS < all ? begin + TX_KERNEL_BLOCKS : all;
      for (long part = 0, tap = 0; part < tap_groups; part++) {
        const long taps = (shape->kernel_width - tap + tap_groups - part - 1) / (tap_groups - part);
#define TX_CASE(t, n)                                                                                                  case 8 * t + n - 1:                                                                                                    if (n <= TX_KERNEL_OUTPUTS) {                                                                                          TILE_NAME(kernel_lines)(shape, dw + o * shape->channels * size, g + o * plane, x, begin, end, tap, accumulate,                               t, n <= TX_KERNEL_OUTPUTS ? n : TX_KERNEL_OUTPUTS);                                        }                                                                                                                    break;
#define TX_CASES(t) \
  TX_CASE(t, 1) TX_CASE(t, 2) TX_CASE(t, 3) TX_CASE(t, 4) TX_CASE(t, 5) TX_CASE(t, 6) TX_CASE(t, 7) TX_CASE(t, 8)
        switch (8 * taps + count - 1) {
          TX_CASES(1)
          TX_CASES(2)
          TX_CASES(3)
        }
#undef TX_CASES
#undef TX_CASE
        tap += taps;
      }
    }
    o += count;
  }
}

#undef TX_TAPS
#undef TX_KERNEL_OUTPUTS
#undef TX_KERNEL_BLOCKS
#undef TX_KERNEL_STRETCH

// ---- Pooling and upsampling by two

// y[c] at half the position: the sum of the up to four pixels of x that are there, or their mean.
TX_PUBLIC void TILE_NAME(pool)(REAL *restrict y, const REAL *restrict x, long channels, long height, long width,
                               long rows, int mean) {
  const long low = (height + 1) / 2, narrow = (width + 1) / 2, stretch = width * rows;
  for (long c = 0; c < channels; c++) {
    for (long j = 0; j < low; j++) {
      const REAL *first = x + (c * height + 2 * j) * stretch;
      const int tall = 2 * j + 1 < height;
      for (long i = 0; i < narrow; i++) {
        const int wide = 2 * i + 1 < width;
        const REAL *a = first + 2 * i * rows, *below = tall ? a + stretch : TILE_NAME(beside);
        const REAL factor = mean ? (REAL)1 / (REAL)((1 + tall) * (1 + wide)) : 1;
        for (long r = 0; r < rows; r += TILE_WIDTH) {
          TX_VECTOR sum = TILE_NAME(load)(a + r);
          if (wide) sum += TILE_NAME(load)(a + rows + r);
          if (tall) sum += wide ? TILE_NAME(load)(below + r) + TILE_NAME(load)(below + rows + r)
                                : TILE_NAME(load)(below + r);
          TILE_NAME(store)(y + r, sum * TILE_NAME(splat)(factor));
        }
        y += rows;
      }
    }
  }
}

// y[c], of the given height and width, from x at half the position; with `mean` divided by how many pixels share it.
TX_PUBLIC void TILE_NAME(upsample)(REAL *restrict y, const REAL *restrict x, long channels, long height, long width,
                                   long rows, int mean) {
  const long low = (height + 1) / 2, narrow = (width + 1) / 2;
  for (long c = 0; c < channels; c++) {
    for (long j = 0; j < height; j++) {
      const int tall = (j | 1) < height;
      const REAL *line = x + (c * low + j / 2) * narrow * rows;
      for (long i = 0; i < width; i++) {
        const int wide = (i | 1) < width;
        const TX_VECTOR factor = TILE_NAME(splat)(mean ? (REAL)1 / (REAL)((1 + tall) * (1 + wide)) : 1);
        const REAL *from = line + i / 2 * rows;
        for (long r = 0; r < rows; r += TILE_WIDTH) TILE_NAME(store)(y + r, TILE_NAME(load)(from + r) * factor);
        y += rows;
      }
    }
  }
}
