// What instructions for images are to the loops of tile_convolution.h; for one scalar type at one width.

// How far apart the weights of a kernel [outputs][channels][line][tap] are; `first` is set to the first of them. With
// `turned` they are those of the transposed convolution, whose channels are the kernel's outputs.
static inline __attribute__((unused)) tile_kernel_strides TILE_NAME(kernel_strides)(const tile_convolution *shape,
                                                                                  int turned, const REAL **first) {
  const long size = shape->kernel_height * shape->kernel_width;
  if (!turned) return (tile_kernel_strides){shape->channels * size, size, shape->kernel_width, 1};
  *first += size - 1;
  return (tile_kernel_strides){size, shape->outputs * size, -shape->kernel_width, -1};
}

// [channels][pixels] to [outputs][pixels], or with `turned` the other way by the same kernel, whose `outputs` are then
// the channels of x.
__attribute__((unused)) static void TILE_NAME(convolve_image)(const tile_instruction *code, REAL *d, const REAL *w,
                                                             REAL *x, const REAL *addend, REAL *scratch,
                                                             const REAL *points, const tile_frame *frame, int turned) {
  const int64_t pixels = (int64_t)code->height * code->width, rows = frame->rows;
  const int64_t outputs = code->features / pixels, channels = code->inner;
  const int64_t size = (int64_t)code->kernel_height * code->kernel_width;
  const REAL *bias = code->flags & TILE_FLAG_BIAS ? addend : 0, *coarse = code->flags & TILE_FLAG_COARSE ? addend : 0;
  const tile_opcode then = (tile_opcode)code->activation;
  // A kernel of one pixel is a matrix, and the image's pixels are so many more rows.
  if (size == 1 && !coarse) {
    TILE_NAME(matmul_forward)(d, x, w, bias, rows * pixels, channels, outputs, turned ? 1 : channels,
                              turned ? outputs : 1, 0);
    TILE_NAME(unary)(then, d, d, 0, code->features * rows);
    return;
  }
  const tile_convolution shape = {channels, outputs, code->height, code->width, code->kernel_height,
                                  code->kernel_width, rows};
  const REAL *first = w, *around = 0;
  const tile_kernel_strides strides = TILE_NAME(kernel_strides)(&shape, turned, &first);
  if (frame->grid) {
    TILE_NAME(surround)(&shape, frame->grid, x, scratch);
    around = scratch;
    scratch += tile_surrounding_pixels(&shape) * channels * rows;
  }
  if (!(code->flags & TILE_FLAG_POINTS)) {
    TILE_NAME(convolve)(&shape, d, x, around, first, &strides, bias, coarse, then);
    return;
  }
  if (!points) {
    REAL *found = scratch + tile_winograd_ring(&shape);
    TILE_NAME(winograd_kernels)(&shape, found, first, &strides);
    points = found;
  }
  TILE_NAME(convolve_winograd)(&shape, d, x, around, points, bias, coarse, then, scratch);
}

// A kernel at the points.
__attribute__((unused)) static void TILE_NAME(point_kernel)(const tile_instruction *code, REAL *d, const REAL *w) {
  const tile_convolution shape = {code->inner, code->features, 1, 1, code->kernel_height, code->kernel_width, 16};
  const REAL *first = w;
  const tile_kernel_strides strides =
      TILE_NAME(kernel_strides)(&shape, code->flags & TILE_FLAG_TURNED, &first);
  TILE_NAME(winograd_kernels)(&shape, d, first, &strides);
}

// The kernel's gradient from that of the outputs, `g`, and the image.
__attribute__((unused)) static void TILE_NAME(convolution_gradient)(const tile_instruction *code, REAL *d,
                                                                   const REAL *g, const REAL *x, int64_t rows,
                                                                   int accumulate) {
  const int64_t size = (int64_t)code->kernel_height * code->kernel_width;
  const int64_t channels = code->inner, outputs = code->features / (channels * size);
  if (size == 1) {
    TILE_NAME(matmul_outer)(d, g, x, rows * code->height * code->width, channels, outputs, accumulate);
    return;
  }
  const tile_convolution shape = {channels, outputs, code->height, code->width, code->kernel_height,
                                  code->kernel_width, rows};
  TILE_NAME(convolution_kernel)(&shape, d, g, x, accumulate);
}
