// What lies around an image of a tile. Included by tile_convolution.h, whose conventions and macros hold here.
//
// Where a row is an image, that is nothing: zeros. Where rows are blocks of larger images (tile_grid), a block's
// neighbour is the same image of another row, so its pixels beyond an edge are those at the opposite edge, some rows on:
// a load that begins some numbers earlier or later, of which a mask keeps what belongs to the same image. These pixels
// are gathered before a convolution, and its loops read them by address, so that they are the same for both.
//
// Gathered pixels are, for each channel, lines from `above` lines above the image to as many below it: those outside
// have the image's width and `before` pixels more at each end, those beside the image have these ends alone.

#include "include/CTileLoops.h"

// A line of an image with what lies beside it. Pixel p, from -before on, is at p * rows behind one of the pointers.
typedef struct {
  const REAL *inside, *left, *right;
  long plane, side_plane;  // numbers between channels
} TILE_NAME(line);

// `around` is NULL for zeros; the line then is one of the image.
TX_FUNCTION TILE_NAME(line) TILE_NAME(line_at)(const tile_convolution *shape, const REAL *x, const REAL *around,
                                               long line) {
  const long above = shape->kernel_height / 2, before = shape->kernel_width / 2, rows = shape->rows;
  const long plane = shape->height * shape->width * rows;
  const REAL *inside = x + line * shape->width * rows;
  if (!around) return (TILE_NAME(line)){inside, 0, 0, plane, 0};
  const long whole = shape->width + 2 * before, side_plane = tile_surrounding_pixels(shape) * rows;
  if (line >= 0 && line < shape->height) {
    const REAL *ends = around + (above * whole + line * 2 * before + before) * rows;
    return (TILE_NAME(line)){inside, ends, ends - shape->width * rows, plane, side_plane};
  }
  const long number = line < 0 ? (line + above) * whole
                               : above * whole + shape->height * 2 * before + (line - shape->height) * whole;
  const REAL *start = around + (number + before) * rows;
  return (TILE_NAME(line)){start, start, start, side_plane, side_plane};
}

#if REAL_IS_FLOAT
typedef int32_t TILE_NAME(integer);
#else
typedef int64_t TILE_NAME(integer);
#endif
typedef TILE_NAME(integer) TILE_NAME(integers) __attribute__((vector_size(TILE_WIDTH * sizeof(REAL))));

#define TX_TILE_VECTORS (TILE_GRID_ROWS / TILE_WIDTH)

// Where the blocks of a tile's rows begin in their images, and the images' extents at the scale of `shape`.
typedef struct {
  TILE_NAME(integers) lines[TX_TILE_VECTORS], columns[TX_TILE_VECTORS];
  long height, width;
} TILE_NAME(block_places);

TX_FUNCTION void TILE_NAME(find_blocks)(TILE_NAME(block_places) *places, const tile_convolution *shape,
                                        const tile_grid *grid) {
  const long blocks = grid->down * grid->across;
  for (long row = 0; row < TILE_GRID_ROWS; row++) {
    // Rows behind the last image are far outside.
    const int used = row < TILE_GRID_ROWS / blocks * blocks;
    const TILE_NAME(integer) outside = -(1 << 30);
    places->lines[row / TILE_WIDTH][row % TILE_WIDTH] = used ? row % blocks / grid->across * shape->height : outside;
    places->columns[row / TILE_WIDTH][row % TILE_WIDTH] = used ? row % grid->across * shape->width : outside;
  }
  places->height = grid->height * shape->height / grid->block_height;
  places->width = grid->width * shape->width / grid->block_width;
}

// All bits for the rows in whose image line `line` and column `column` of the block lie.
TX_FUNCTION TILE_NAME(integers) TILE_NAME(rows_with_pixel)(const TILE_NAME(block_places) *places, int part, long line,
                                                           long column) {
  const TILE_NAME(integers) zero = {0};
  const TILE_NAME(integers) y = places->lines[part] + (zero + (TILE_NAME(integer))line);
  const TILE_NAME(integers) x = places->columns[part] + (zero + (TILE_NAME(integer))column);
  return (y >= zero) & (y < zero + (TILE_NAME(integer))places->height) & (x >= zero) &
         (x < zero + (TILE_NAME(integer))places->width);
}

TX_FUNCTION TX_VECTOR TILE_NAME(kept)(TX_VECTOR x, TILE_NAME(integers) mask) {
  return (TX_VECTOR)((TILE_NAME(integers))x & mask);
}

// The quotient, rounded down.
static inline __attribute__((unused)) long TILE_NAME(blocks_on)(long place, long extent) {
  return place >= 0 ? place / extent : -((extent - 1 - place) / extent);
}

// Writes zeros to the pixels of x that lie beyond their images, where blocks do not fill these, and gathers what lies
// around it. Up to TILE_GRID_ROWS numbers before and behind x are read.
TX_PUBLIC void TILE_NAME(surround)(const tile_convolution *shape, const tile_grid *grid, REAL *x, REAL *around) {
  const long above = shape->kernel_height / 2, before = shape->kernel_width / 2, rows = TILE_GRID_ROWS;
  const long height = shape->height, width = shape->width, plane = height * width * rows;
  const long side_plane = tile_surrounding_pixels(shape) * rows;
  TILE_NAME(block_places) places;
  TILE_NAME(find_blocks)(&places, shape, grid);
  const long filled_height = places.height - (grid->down - 1) * height;
  const long filled_width = places.width - (grid->across - 1) * width;
  if (filled_height < height || filled_width < width) {
    for (long line = 0; line < height; line++) {
      for (long column = line < filled_height ? (filled_width > 0 ? filled_width : 0) : 0; column < width; column++) {
        REAL *pixel = x + (line * width + column) * rows;
        TX_UNROLL for (int part = 0; part < TX_TILE_VECTORS; part++) {
          const TILE_NAME(integers) mask = TILE_NAME(rows_with_pixel)(&places, part, line, column);
          for (long c = 0; c < shape->channels; c++) {
            REAL *here = pixel + c * plane + part * TILE_WIDTH;
            TILE_NAME(store)(here, TILE_NAME(kept)(TILE_NAME(load)(here), mask));
          }
        }
      }
    }
  }
  REAL *to = around;
  for (long line = -above; line < height + above; line++) {
    const long down = TILE_NAME(blocks_on)(line, height);
    for (long column = -before; column < width + before; column++) {
      if (down == 0 && column == 0) {
        column = width;
        if (before == 0) break;
      }
      const long right = TILE_NAME(blocks_on)(column, width), shift = down * grid->across + right;
      const REAL *from = x + ((line - down * height) * width + column - right * width) * rows + shift;
      const int reaches = shift > -rows && shift < rows;
      TX_UNROLL for (int part = 0; part < TX_TILE_VECTORS; part++) {
        const TILE_NAME(integers) mask = TILE_NAME(rows_with_pixel)(&places, part, line, column);
        for (long c = 0; c < shape->channels; c++) {
          const TX_VECTOR pixel = reaches ? TILE_NAME(load)(from + c * plane + part * TILE_WIDTH) : TILE_NAME(splat)(0);
          TILE_NAME(store)(to + c * side_plane + part * TILE_WIDTH, TILE_NAME(kept)(pixel, mask));
        }
      }
      to += rows;
    }
  }
}

#undef TX_TILE_VECTORS
