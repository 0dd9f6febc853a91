// The interpreter at every vector width that the architecture has, and the choice among them.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CTileLoops.h"

// A normalised basis far from its centre has weights around 1e-38, and a processor takes a hundred times as long for a
// number below the normal range; in Float they count as 0. Double, which is for checking, keeps them.
#if defined(__x86_64__)
typedef unsigned int tile_rounding;
static inline tile_rounding tile_flush_subnormals(void) {
  const tile_rounding before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | 0x8040);
  return before;
}
static inline void tile_restore(tile_rounding before) { __builtin_ia32_ldmxcsr(before); }
#elif defined(__aarch64__)
typedef uint64_t tile_rounding;
static inline tile_rounding tile_flush_subnormals(void) {
  tile_rounding before;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(before));
  __asm__ __volatile__("msr fpcr, %0" ::"r"(before | (1u << 24)));
  return before;
}
static inline void tile_restore(tile_rounding before) { __asm__ __volatile__("msr fpcr, %0" ::"r"(before)); }
#else
typedef int tile_rounding;
static inline tile_rounding tile_flush_subnormals(void) { return 0; }
static inline void tile_restore(tile_rounding before) { (void)before; }
#endif

#define TILE_SOURCE "tile_interpreter.inc"

#define TILE_LEVEL_NAME baseline
#define TILE_BYTES 16
#include "tile_levels.inc"
#undef TILE_LEVEL_NAME
#undef TILE_BYTES

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define TILE_LEVEL_NAME avx2
#define TILE_BYTES 32
#include "tile_levels.inc"
#undef TILE_LEVEL_NAME
#undef TILE_BYTES
#pragma clang attribute pop

// The features are listed because arch=x86-64-v4 alone makes the compiler prefer half the width.
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2,bmi,bmi2"))), apply_to = function)
#define TILE_LEVEL_NAME avx512
#define TILE_BYTES 64
#include "tile_levels.inc"
#undef TILE_LEVEL_NAME
#undef TILE_BYTES
#pragma clang attribute pop
#endif

static int supports(int level) {
#if defined(__x86_64__)
  if (level == TILE_LEVEL_AVX512) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
  }
  if (level == TILE_LEVEL_AVX2) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  }
#endif
  return level == TILE_LEVEL_BASELINE;
}

int tile_best_level(void) {
  if (supports(TILE_LEVEL_AVX512)) return TILE_LEVEL_AVX512;
  if (supports(TILE_LEVEL_AVX2)) return TILE_LEVEL_AVX2;
  return TILE_LEVEL_BASELINE;
}

#if defined(__x86_64__)
#define TILE_CHOOSE(level, name, type)                                 \
  (!supports(level)                ? NULL                              \
   : (level) == TILE_LEVEL_AVX512 ? TILE_JOIN(name, type, avx512)     \
   : (level) == TILE_LEVEL_AVX2   ? TILE_JOIN(name, type, avx2)       \
                                   : TILE_JOIN(name, type, baseline))
#else
#define TILE_CHOOSE(level, name, type) (supports(level) ? TILE_JOIN(name, type, baseline) : NULL)
#endif

int tile_convolution_suits_points(int64_t channels, int64_t outputs, int64_t kernel_height, int64_t kernel_width) {
  const tile_convolution shape = {channels, outputs, 1, 1, kernel_height, kernel_width, 16};
  return tile_suits_winograd(&shape);
}

int64_t tile_pixels_at_points(int64_t kernel_width) { return TILE_POINTS + 1 - kernel_width; }

int64_t tile_point_kernel_count(int64_t channels, int64_t outputs, int64_t kernel_height) {
  return kernel_height * channels * outputs * TILE_POINTS;
}

int64_t tile_convolution_scratch(int64_t channels, int64_t outputs, int64_t height, int64_t width, int64_t kernel_height,
                                 int64_t kernel_width, int at_points, int has_kernel, int in_blocks) {
  // With more rows than these the kernels take a smaller part of the features.
  const tile_convolution shape = {channels, outputs, height, width, kernel_height, kernel_width, 16};
  const int64_t kernel = at_points && !has_kernel ? tile_point_kernel_count(channels, outputs, kernel_height) : 0;
  return (in_blocks ? tile_surrounding_pixels(&shape) * channels : 0) +
         (at_points ? tile_winograd_ring(&shape) / 16 : 0) + (kernel + 15) / 16;
}

tile_run_function tile_run_float(int level) { return TILE_CHOOSE(level, run, float); }
tile_run_function tile_run_double(int level) { return TILE_CHOOSE(level, run, double); }

#define TILE_UPDATES(type)                                                                \
  switch (kind) {                                                                         \
    case TILE_ADAM: return TILE_CHOOSE(level, adam, type);                                \
    case TILE_RMSPROP: return TILE_CHOOSE(level, rmsprop, type);                          \
    case TILE_MOMENTUM: return TILE_CHOOSE(level, momentum, type);                        \
    case TILE_AVERAGE: return TILE_CHOOSE(level, average, type);                          \
  }                                                                                       \
  return NULL;

tile_update_function tile_update_float(int level, tile_update_kind kind) { TILE_UPDATES(float) }
tile_update_function tile_update_double(int level, tile_update_kind kind) { TILE_UPDATES(double) }

typedef double (*sum_function)(const void *values, int64_t count);

double tile_sum_of_squares_float(int level, const void *values, int64_t count) {
  const sum_function sum = TILE_CHOOSE(level, sum_of_squares, float);
  return sum ? sum(values, count) : 0;
}

double tile_sum_of_squares_double(int level, const void *values, int64_t count) {
  const sum_function sum = TILE_CHOOSE(level, sum_of_squares, double);
  return sum ? sum(values, count) : 0;
}

typedef void (*products_function)(double *products, const double *block, const double *v, int64_t columns, int64_t rows);

void tile_basis_products(int level, double *products, const double *block, const double *v, int64_t columns,
                         int64_t rows) {
  const products_function multiply = TILE_CHOOSE(level, basis_products, double);
  if (multiply) multiply(products, block, v, columns, rows);
}

typedef void (*basis_sums_function)(double *out, const double *block, const double *weights, int64_t outputs,
                                    int64_t columns, int64_t rows, int accumulate);

void tile_basis_sums(int level, double *out, const double *block, const double *weights, int64_t outputs,
                     int64_t columns, int64_t rows, int accumulate) {
  const basis_sums_function add = TILE_CHOOSE(level, basis_sums, double);
  if (add) add(out, block, weights, outputs, columns, rows, accumulate);
}

typedef void (*parts_function)(double *total, const void *const *parts, int64_t part_count, int64_t count);

void tile_add_parts_float(int level, double *total, const void *const *parts, int64_t part_count, int64_t count) {
  const parts_function add = TILE_CHOOSE(level, add_parts, float);
  if (add) add(total, parts, part_count, count);
}

void tile_add_parts_double(int level, double *total, const void *const *parts, int64_t part_count, int64_t count) {
  const parts_function add = TILE_CHOOSE(level, add_parts, double);
  if (add) add(total, parts, part_count, count);
}

#define TILE_GATHER(REAL, TABLE, HALF)                                                       \
  for (int64_t column = 0; column < width; ++column) {                                       \
    REAL *lane = out + column * lanes;                                                       \
    const double m = mean[column], s = scale[column];                                        \
    for (int64_t r = 0; r < rows; ++r) {                                                     \
      lane[r] = (REAL)(((double)((const TABLE *)table)[(int64_t)indices[r] * width + column] HALF - m) * s); \
    }                                                                                        \
    for (int64_t r = rows; r < lanes; ++r) lane[r] = lane[rows - 1];                         \
  }

#define TILE_GATHERS(REAL)                                          \
  switch (form) {                                                   \
    case TILE_TABLE_FLOATS: TILE_GATHER(REAL, float, ) break;       \
    case TILE_TABLE_DOUBLES: TILE_GATHER(REAL, double, ) break;     \
    case TILE_TABLE_BYTES: TILE_GATHER(REAL, uint8_t, ) break;      \
    case TILE_TABLE_LEVELS: TILE_GATHER(REAL, uint8_t, +0.5) break; \
  }

void tile_gather_float(float *out, const void *table, tile_table form, int64_t width, const int32_t *indices,
                       int64_t rows, int64_t lanes, const double *mean, const double *scale) {
  TILE_GATHERS(float)
}

void tile_gather_double(double *out, const void *table, tile_table form, int64_t width, const int32_t *indices,
                        int64_t rows, int64_t lanes, const double *mean, const double *scale) {
  TILE_GATHERS(double)
}

#define TILE_PLACE_IMAGE(REAL)                                                                                    \
  const int64_t blocks = grid->down * grid->across, rows = TILE_GRID_ROWS;                                        \
  for (int64_t block = 0; block < blocks; ++block) {                                                              \
    const int64_t line = block / grid->across * grid->block_height, column = block % grid->across * grid->block_width; \
    const int64_t below = grid->height - line, behind = grid->width - column;                                     \
    const int64_t height = below < grid->block_height ? below : grid->block_height;                               \
    const int64_t width = behind < grid->block_width ? behind : grid->block_width;                                \
    for (int64_t c = 0; c < channels; ++c) {                                                                      \
      for (int64_t y = 0; y < height; ++y) {                                                                      \
        const float *from = image + (c * grid->height + line + y) * grid->width + column;                         \
        REAL *to = tile + (c * grid->block_height + y) * grid->block_width * rows + index * blocks + block;       \
        for (int64_t x = 0; x < width; ++x) to[x * rows] = from[x];                                               \
      }                                                                                                           \
    }                                                                                                             \
  }

void tile_place_image_float(float *tile, const float *image, const tile_grid *grid, int64_t channels, int64_t index) {
  TILE_PLACE_IMAGE(float)
}

void tile_place_image_double(double *tile, const float *image, const tile_grid *grid, int64_t channels, int64_t index) {
  TILE_PLACE_IMAGE(double)
}
