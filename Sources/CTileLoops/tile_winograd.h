// Convolutions with fewer products, for kernels three or five wide. Included by tile_convolution.h, whose conventions and
// macros hold here.
//
// Along a line, m neighbouring outputs of a kernel r wide are values of a product of polynomials, and m + r - 1 products
// suffice to find them (Winograd 1980; Lavin, Gray 2016, "Fast algorithms for convolutional neural networks"). Here
// m + r - 1 = 6, at the points 0, 1, -1, 2, -2 and infinity: a block of six pixels and the kernel are each taken to the
// points, multiplied there and added up over channels and lines of the kernel, and the sums are taken back to m outputs.
// r = 3 gives m = 4 with 6 products instead of 12, r = 5 gives m = 2 with 6 instead of 10. In Float the result differs
// from that of the direct sums by about a millionth of the largest term.
//
// The transformed lines of the image that an output line needs are kept in a ring, so each is transformed once. A row's
// result is one chain of operations whatever block it falls into, as it is in the direct loops.

#define TX_POINTS TILE_POINTS

// The kernels at the points, as [group of outputs][point][line][channel][output].
TX_FUNCTION void TILE_NAME(winograd_kernels)(const tile_convolution *shape, REAL *u, const REAL *w,
                                             const tile_kernel_strides *strides) {
  const long groups = (shape->outputs + TX_OUTPUTS - 1) / TX_OUTPUTS, r = shape->kernel_width;
  for (long group = 0, o = 0; group < groups; group++) {
    const long count = (shape->outputs - o + groups - group - 1) / (groups - group);
    const long point = shape->kernel_height * shape->channels * count;
    for (long k = 0; k < shape->kernel_height; k++) {
      for (long c = 0; c < shape->channels; c++) {
        for (long i = 0; i < count; i++) {
          const REAL *from = w + (o + i) * strides->output + c * strides->channel + k * strides->line;
          REAL even = 0, odd = 0, even2 = 0, odd2 = 0;
          for (long t = r - 1; t >= 0; t--) {
            const REAL x = from[t * strides->tap];
            const REAL scaled = x * (REAL)(1 << t);
            if (t % 2) {
              odd += x;
              odd2 += scaled;
            } else {
              even += x;
              even2 += scaled;
            }
          }
          REAL *to = u + (k * shape->channels + c) * count + i;
          to[0] = from[0] / 4;
          to[point] = -(even + odd) / 6;
          to[2 * point] = (odd - even) / 6;
          to[3 * point] = (even2 + odd2) / 24;
          to[4 * point] = (even2 - odd2) / 24;
          to[5 * point] = from[(r - 1) * strides->tap];
        }
      }
    }
    u += TX_POINTS * point;
    o += count;
  }
}

// A line of the image, or of those above and below it, at the points, as [channel][point][block][row].
TX_FUNCTION void TILE_NAME(winograd_line)(const tile_convolution *shape, REAL *v, const REAL *x, const REAL *around,
                                          long number) {
  const long step = TX_POINTS + 1 - shape->kernel_width, before = shape->kernel_width / 2, rows = shape->rows;
  const long blocks = tile_winograd_blocks(shape), point = blocks * rows;
  const TX_VECTOR four = TILE_NAME(splat)(4), five = TILE_NAME(splat)(5), two = TILE_NAME(splat)(2);
  const TILE_NAME(line) line = TILE_NAME(line_at)(shape, x, around, number);
  for (long block = 0; block < blocks; block++) {
    // Where a pixel of the first channel lies, how far the next channel's is, and how far the next row's.
    const REAL *pixels[TX_POINTS];
    long planes[TX_POINTS], moves[TX_POINTS];
    TX_UNROLL for (int i = 0; i < TX_POINTS; i++) {
      const long pixel = block * step - before + i;
      const int inside = pixel >= 0 && pixel < shape->width;
      // Behind the last of `before` pixels, which no output reads, there are zeros too.
      const REAL *start = inside ? line.inside : pixel < 0 ? line.left
                          : pixel < shape->width + before ? line.right : 0;
      pixels[i] = start ? start + pixel * rows : TILE_NAME(beside);
      planes[i] = !start ? 0 : inside ? line.plane : line.side_plane;
      moves[i] = start != 0;
    }
    for (long c = 0; c < shape->channels; c++) {
      REAL *to = v + (c * TX_POINTS * blocks + block) * rows;
      for (long r = 0; r < rows; r += TILE_WIDTH) {
        TX_VECTOR d[TX_POINTS];
        TX_UNROLL for (int i = 0; i < TX_POINTS; i++) {
          d[i] = TILE_NAME(load)(pixels[i] + c * planes[i] + r * moves[i]);
        }
        const TX_VECTOR high = d[4] - d[2], turn = (d[3] - d[1]) * two;
        TILE_NAME(store)(to + r, four * d[0] - five * d[2] + d[4]);
        TILE_NAME(store)(to + r + point, (d[3] + d[4]) - four * (d[1] + d[2]));
        TILE_NAME(store)(to + r + 2 * point, (d[4] - d[3]) + four * (d[1] - d[2]));
        TILE_NAME(store)(to + r + 3 * point, high + turn);
        TILE_NAME(store)(to + r + 4 * point, high - turn);
        TILE_NAME(store)(to + r + 5 * point, four * d[1] - five * d[3] + d[5]);
      }
    }
  }
}

// What an output line is made of.
typedef struct {
  const tile_convolution *shape;
  const REAL *bias, *coarse;
  // The ring: line i of the image is at (i + kernel_height) % kernel_height.
  const REAL *lines;
  long line;
  int is_surrounded;
} TILE_NAME(winograd_task);

// Sums at the points for `vectors` vectors of blocks from vector `first` on, by `count` outputs; both known when compiled.
TX_FUNCTION void TILE_NAME(winograd_products)(const TILE_NAME(winograd_task) *task, TX_VECTOR *sums, const REAL *u,
                                              long first, const int vectors, const int count) {
  const tile_convolution *shape = task->shape;
  const long above = shape->kernel_height / 2, point = tile_winograd_blocks(shape) * shape->rows;
  const long last = shape->height + above - task->line;
  const long top = task->line < above && !task->is_surrounded ? above - task->line : 0;
  const long bottom = last < shape->kernel_height && !task->is_surrounded ? last : shape->kernel_height;
  for (long p = 0; p < TX_POINTS; p++) {
    TX_VECTOR at[TX_OUTPUTS][TX_ROW_VECTORS];
    TX_UNROLL for (int o = 0; o < count; o++) {
      TX_UNROLL for (int v = 0; v < vectors; v++) at[o][v] = TILE_NAME(splat)(0);
    }
    for (long k = top; k < bottom; k++) {
      const long slot = (task->line + k - above + shape->kernel_height) % shape->kernel_height;
      const REAL *x = task->lines + (slot * shape->channels * TX_POINTS + p) * point + first * TILE_WIDTH;
      const REAL *w = u + (p * shape->kernel_height + k) * shape->channels * count;
      for (long c = 0; c < shape->channels; c++) {
        TX_VECTOR blocks[TX_ROW_VECTORS];
        TX_UNROLL for (int v = 0; v < vectors; v++) blocks[v] = TILE_NAME(load)(x + v * TILE_WIDTH);
        TX_UNROLL for (int o = 0; o < count; o++) {
          const TX_VECTOR weight = TILE_NAME(splat)(w[o]);
          TX_UNROLL for (int v = 0; v < vectors; v++) at[o][v] = blocks[v] * weight + at[o][v];
        }
        x += TX_POINTS * point;
        w += count;
      }
    }
    TX_UNROLL for (int o = 0; o < count; o++) {
      TX_UNROLL for (int v = 0; v < vectors; v++) sums[(p * TX_OUTPUTS + o) * TX_ROW_VECTORS + v] = at[o][v];
    }
  }
}

// Takes the sums back to outputs, adds what is to be added and stores them.
TX_FUNCTION void TILE_NAME(winograd_outputs)(const TILE_NAME(winograd_task) *task, REAL *y, const TX_VECTOR *sums,
                                             long first, long output, long vectors, long count) {
  const tile_convolution *shape = task->shape;
  const long step = TX_POINTS + 1 - shape->kernel_width, per_pixel = shape->rows / TILE_WIDTH;
  const long stretch = shape->width * shape->rows, plane = shape->height * stretch;
  const long coarse_stretch = (shape->width + 1) / 2 * shape->rows;
  const long coarse_plane = (shape->height + 1) / 2 * coarse_stretch;
  const TX_VECTOR two = TILE_NAME(splat)(2), four = TILE_NAME(splat)(4), eight = TILE_NAME(splat)(8);
  const long next = TX_OUTPUTS * TX_ROW_VECTORS;
  for (long v = 0; v < vectors; v++) {
    const long pixel = (first + v) / per_pixel * step, part = (first + v) % per_pixel * TILE_WIDTH;
    const long used = shape->width - pixel < step ? shape->width - pixel : step;
    REAL *to = y + output * plane + task->line * stretch + pixel * shape->rows + part;
    const REAL *coarse = task->coarse ? task->coarse + output * coarse_plane + task->line / 2 * coarse_stretch + part : 0;
    for (long o = 0; o < count; o++) {
      const TX_VECTOR start = TILE_NAME(splat)(task->bias ? task->bias[output + o] : 0);
      const TX_VECTOR *at = sums + o * TX_ROW_VECTORS + v;
      const TX_VECTOR sum1 = at[next] + at[2 * next], difference1 = at[next] - at[2 * next];
      const TX_VECTOR sum2 = at[3 * next] + at[4 * next], difference2 = at[3 * next] - at[4 * next];
      TX_VECTOR outputs[4];
      outputs[0] = (at[0] + sum1) + (sum2 + start);
      outputs[1] = difference1 + (two * difference2 + start);
      if (step == 2) {
        outputs[1] += at[5 * next];
      } else {
        outputs[2] = sum1 + (four * sum2 + start);
        outputs[3] = (difference1 + at[5 * next]) + (eight * difference2 + start);
      }
      TX_UNROLL for (int j = 0; j < 4; j++) {
        if (j >= used) break;
        TX_VECTOR result = outputs[j];
        if (coarse) result += TILE_NAME(load)(coarse + o * coarse_plane + (pixel + j) / 2 * shape->rows);
        TILE_NAME(store)(to + o * plane + j * shape->rows, result);
      }
    }
  }
}

// The same as `convolve` (tile_convolution.h), with `lines` for tile_winograd_ring numbers; `u` are the kernels at the
// points.
TX_PUBLIC void TILE_NAME(convolve_winograd)(const tile_convolution *shape, REAL *y, const REAL *x, const REAL *around,
                                            const REAL *u, const REAL *bias, const REAL *coarse, tile_opcode then,
                                            REAL *lines) {
  const long blocks = tile_winograd_blocks(shape), above = shape->kernel_height / 2, ring = shape->kernel_height;
  const long slot = shape->channels * TX_POINTS * blocks * shape->rows;
  const long across = blocks * (shape->rows / TILE_WIDTH);
  const long parts = (across + TX_ROW_VECTORS - 1) / TX_ROW_VECTORS;
  const long groups = (shape->outputs + TX_OUTPUTS - 1) / TX_OUTPUTS;
  const long size = TX_POINTS * shape->kernel_height * shape->channels;
  const long end = around ? shape->height + above : shape->height;
  for (long i = around ? -above : 0; i < above && i < end; i++) {
    TILE_NAME(winograd_line)(shape, lines + (i + ring) % ring * slot, x, around, i);
  }
  for (long line = 0; line < shape->height; line++) {
    const long fresh = line + above;
    if (fresh < end) TILE_NAME(winograd_line)(shape, lines + fresh % ring * slot, x, around, fresh);
    const TILE_NAME(winograd_task) task = {shape, bias, coarse, lines, line, around != 0};
    for (long part = 0, first = 0; part < parts; part++) {
      const long vectors = (across - first + parts - part - 1) / (parts - part);
      for (long group = 0, o = 0; group < groups; group++) {
        const long count = (shape->outputs - o + groups - group - 1) / (groups - group);
        TX_VECTOR sums[TX_POINTS * TX_OUTPUTS * TX_ROW_VECTORS];
#define TX_CASE(v, n)                                                                                             \
  case 8 * v + n:                                                                                                 \
    if (v <= TX_ROW_VECTORS && n <= TX_OUTPUTS) {                                                                 \
      TILE_NAME(winograd_products)(&task, sums, u + o * size, first, v <= TX_ROW_VECTORS ? v : TX_ROW_VECTORS,    \
                                   n <= TX_OUTPUTS ? n : TX_OUTPUTS);                                             \
    }                                                                                                             \
    break;
#define TX_CASES(v) TX_CASE(v, 1) TX_CASE(v, 2) TX_CASE(v, 3) TX_CASE(v, 4) TX_CASE(v, 5) TX_CASE(v, 6)
        switch (8 * vectors + count) {
          TX_CASES(1)
          TX_CASES(2)
          TX_CASES(3)
          TX_CASES(4)
        }
#undef TX_CASES
#undef TX_CASE
        TILE_NAME(winograd_outputs)(&task, y, sums, first, o, vectors, count);
        o += count;
      }
      first += vectors;
    }
    TILE_NAME(activate_line)(shape, y, line, then);
  }
}

#undef TX_POINTS
