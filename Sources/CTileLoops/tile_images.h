// What instructions for images are to the loops of tile_convolution.h; for one scalar type at one width.

// [channels][pixels] to [outputs][pixels], or with `transposed` the other way by the same kernel, whose `outputs` are
// then the channels of x.
__attribute__((unused)) static void TILE_NAME(convolve_image)(const tile_instruction *code, REAL *d, const REAL *w,
                                                             const REAL *x, const REAL *addend, REAL *scratch,
                                                             int64_t rows, int transposed) {
  const int64_t pixels = (int64_t)code->height * code->width;
  const int64_t outputs = code->features / pixels, channels = code->inner;
  const int64_t size = (int64_t)code->kernel_height * code->kernel_width;
  const REAL *bias = code->flags & TILE_FLAG_BIAS ? addend : 0, *coarse = code->flags & TILE_FLAG_COARSE ? addend : 0;
  // A kernel of one pixel is a matrix, and the image's pixels are so many more rows.
  if (size == 1 && !coarse) {
    TILE_NAME(matmul_forward)(d, x, w, bias, rows * pixels, channels, outputs, transposed ? 1 : channels,
                              transposed ? outputs : 1, 0);
    return;
  }
  const tile_convolution shape = {channels, outputs, code->height, code->width, code->kernel_height,
                                  code->kernel_width, rows};
  const tile_kernel_strides straight = {channels * size, size, code->kernel_width, 1};
  const tile_kernel_strides turned = {size, outputs * size, -code->kernel_width, -1};
  const REAL *first = transposed ? w + size - 1 : w;
  const tile_kernel_strides *strides = transposed ? &turned : &straight;
  if (code->flags & TILE_FLAG_POINTS)
    TILE_NAME(convolve_winograd)(&shape, d, x, first, strides, bias, coarse, scratch);
  else
    TILE_NAME(convolve)(&shape, d, x, first, strides, bias, coarse);
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
