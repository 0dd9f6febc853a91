// The extents of a convolution, and which way of computing it they suit; alike for all scalar types and vector widths, so
// that a result's way does not depend on the machine.
#pragma once

// The images of a convolution, and the kernel's extent, which is odd.
typedef struct {
  long channels, outputs, height, width, kernel_height, kernel_width, rows;
} tile_convolution;

// How many numbers lie between the weights of neighbouring outputs, channels, lines and taps.
typedef struct {
  long output, channel, line, tap;
} tile_kernel_strides;

// Points at which products of polynomials are taken (tile_winograd.h).
enum { TILE_POINTS = 6 };

// Blocks of a line at the points: each has the outputs that six products give.
static inline __attribute__((unused)) long tile_winograd_blocks(const tile_convolution *shape) {
  const long step = TILE_POINTS + 1 - shape->kernel_width;
  return (shape->width + step - 1) / step;
}

// Whether the transforms to the points and back cost less than the products that they save: 26 operations for each block
// and channel, which serve all outputs, and 25 for each block and output, as counted in the loops.
static inline __attribute__((unused)) int tile_suits_winograd(const tile_convolution *shape) {
  if (shape->kernel_width != 3 && shape->kernel_width != 5) return 0;
  const double step = TILE_POINTS + 1 - shape->kernel_width, terms = (double)shape->kernel_height * shape->channels;
  const double there = 26.0 * shape->channels / shape->outputs, back = 25;
  return TILE_POINTS * terms + there + back < 0.9 * step * shape->kernel_width * terms;
}

// Numbers of the lines of the image at the points that are kept at a time.
static inline __attribute__((unused)) long tile_winograd_ring(const tile_convolution *shape) {
  return shape->kernel_height * shape->channels * TILE_POINTS * tile_winograd_blocks(shape) * shape->rows;
}

// Pixels around an image that are gathered for a channel (tile_surroundings.h).
static inline __attribute__((unused)) long tile_surrounding_pixels(const tile_convolution *shape) {
  const long above = shape->kernel_height / 2, before = shape->kernel_width / 2;
  return 2 * above * (shape->width + 2 * before) + shape->height * 2 * before;
}
