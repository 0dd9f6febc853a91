// The tile interpreter's instruction set and its entry points.
//
// A tile is a group of rows that share one time step. A value that differs from row to row lies
// feature-major, [feature][row], so that a loop over rows is a loop over neighbouring numbers and a bias is one
// scalar; rows are a multiple of 16, so that no such loop has a tail. A value that is the same for all rows of
// the tile is 'uniform' and lies as a plain array.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Where an operand lies. Lanes are counted in features (the address is offset * rows); all else in numbers.
enum {
  TILE_SPACE_LANES = 0,       // thread-local, per row
  TILE_SPACE_UNIFORM = 1,     // thread-local, one value for the tile
  TILE_SPACE_CONSTANTS = 2,   // of the program
  TILE_SPACE_PARAMETERS = 3,  // of the model
  TILE_SPACE_SHARED = 4,      // computed once for all tiles from the parameters
  TILE_SPACE_SUMS = 5,        // sums over the tiles of a group
  TILE_SPACE_RECORD = 6,      // sums over the tiles of a group that share a time step
  TILE_SPACE_POINTS = 7,      // kernels at the points, computed once for all tiles
  TILE_SPACE_COUNT = 8
};

// How an operand is spread over [feature][row].
enum {
  TILE_FULL = 0,     // one number for each feature and row
  TILE_LANE = 1,     // one number for each row, the same for all features
  TILE_FEATURE = 2,  // one number for each feature, the same for all rows
  TILE_SCALAR = 3    // one number
};

enum {
  TILE_FLAG_UNIFORM = 1,     // the instruction works on uniform values: one 'feature' of `features` numbers
  TILE_FLAG_ACCUMULATE = 2,  // adds to the destination
  TILE_FLAG_BIAS = 4,        // operand c is a bias
  TILE_FLAG_COARSE = 8,      // operand c is an image of half the height and width
  TILE_FLAG_MEAN = 16,       // of the pixels pooled
  TILE_FLAG_POINTS = 32,     // a convolution at points, with scratch memory
  TILE_FLAG_PREPARED = 64,   // its kernel has been taken to the points
  TILE_FLAG_TURNED = 128     // a kernel at the points is that of the transposed convolution
};

typedef enum {
  // One operand.
  TILE_COPY, TILE_NEGATE, TILE_EXP, TILE_LOG, TILE_LOG1P, TILE_EXPM1, TILE_SQRT, TILE_SQUARE, TILE_RECIPROCAL,
  TILE_TANH, TILE_SIGMOID, TILE_SOFTPLUS, TILE_RELU, TILE_LEAKY_RELU, TILE_SIN, TILE_COS, TILE_ABSOLUTE,
  TILE_SIGN, TILE_SCALE, TILE_SHIFT, TILE_FILL,
  // Two operands.
  TILE_ADD, TILE_SUBTRACT, TILE_MULTIPLY, TILE_DIVIDE, TILE_MAXIMUM, TILE_MINIMUM, TILE_GREATER,
  TILE_TANH_GRADIENT, TILE_SIGMOID_GRADIENT, TILE_SOFTPLUS_GRADIENT, TILE_LEAKY_RELU_GRADIENT,
  // Three operands.
  TILE_MULTIPLY_ADD, TILE_MULTIPLY_SUBTRACT, TILE_NEGATED_MULTIPLY_ADD, TILE_SELECT,
  // Sums.
  TILE_SUM_FEATURES, TILE_SUM_LANES, TILE_DOT_LANES, TILE_SUM_ALL, TILE_DOT_ALL, TILE_DOT_FEATURES,
  TILE_CUMULATIVE_SUM, TILE_REVERSE_CUMULATIVE_SUM,
  // Matrices: `features` outputs, `inner` inputs.
  TILE_AFFINE, TILE_AFFINE_TRANSPOSED, TILE_OUTER,
  TILE_WEIGHTED_SUM, TILE_OUTER_PRODUCT, TILE_CONTRACT_ROWS,
  // Images: `height` and `width` of the finer one; `inner` channels of a kernel.
  TILE_CONVOLVE, TILE_CONVOLVE_TRANSPOSED, TILE_CONVOLUTION_KERNEL, TILE_POOL, TILE_UPSAMPLE, TILE_SUM_PLANES,
  TILE_POINT_KERNEL,  // of `inner` channels and `features` outputs: takes a kernel to the points
  // Radial bases and normalisation over features.
  TILE_SQUARED_DISTANCE, TILE_SQUARED_DISTANCE_GRADIENT_X, TILE_SQUARED_DISTANCE_GRADIENT_CENTRES,
  TILE_SOFTMAX, TILE_SOFTMAX_GRADIENT, TILE_LOG_SUM_EXP,
  TILE_OPCODE_COUNT
} tile_opcode;

typedef struct {
  int32_t space;
  int32_t mode;
  int64_t offset;
  int64_t step_stride;  // numbers between the values of neighbouring time steps, 0 where t does not matter
} tile_operand;

typedef struct {
  int32_t opcode;
  int32_t flags;
  int32_t features;
  int32_t inner;
  int32_t height, width;                // of an image
  int32_t kernel_height, kernel_width;  // of a convolution, odd
  int32_t activation;                   // a function without immediate, applied to a convolution; TILE_COPY: none
  double immediate;
  tile_operand destination, a, b, c;
  tile_operand scratch;  // memory that the instruction alone uses
  tile_operand points;   // a convolution's kernel at the points, with TILE_FLAG_PREPARED
} tile_instruction;

/// Whether a convolution is faster at points (tile_winograd.h).
int tile_convolution_suits_points(int64_t channels, int64_t outputs, int64_t kernel_height, int64_t kernel_width);

/// Pixels of a line that are computed together at points, for a kernel's width.
int64_t tile_pixels_at_points(int64_t kernel_width);

/// Numbers of a kernel at the points.
int64_t tile_point_kernel_count(int64_t channels, int64_t outputs, int64_t kernel_height);

/// Features of scratch memory of lanes that a convolution takes. Height and width are the image's.
///
/// \param at_points whether it is computed at points.
/// \param has_kernel whether its kernel has been taken there.
/// \param in_blocks whether rows are blocks of images (tile_grid).
int64_t tile_convolution_scratch(int64_t channels, int64_t outputs, int64_t height, int64_t width, int64_t kernel_height,
                                 int64_t kernel_width, int at_points, int has_kernel, int in_blocks);

// Rows of a tile whose rows are blocks of images.
enum { TILE_GRID_ROWS = 16 };

/// How the rows of a tile are blocks of images: row r is that of image r / (down * across) in line
/// r / across % down and column r % across of its grid of blocks. Rows behind the last whole image are not used.
typedef struct {
  int64_t down, across;               // blocks of an image, at most TILE_GRID_ROWS together
  int64_t block_height, block_width;  // in pixels of the finest scale
  int64_t height, width;              // of an image; the blocks may reach beyond it
} tile_grid;

typedef struct {
  void *spaces[TILE_SPACE_COUNT];
  int64_t rows;  // a multiple of 16
  int64_t step;  // the time step t that the tile's rows share
  const tile_grid *grid;  // NULL where each row is an image
} tile_frame;

typedef void (*tile_run_function)(const tile_instruction *code, int64_t count, const tile_frame *frame);

// Vector widths. Level 0 is what the compiler's baseline gives (SSE2, NEON).
enum { TILE_LEVEL_BASELINE = 0, TILE_LEVEL_AVX2 = 1, TILE_LEVEL_AVX512 = 2 };

/// The widest level that this processor runs.
int tile_best_level(void);
/// The interpreter in Float at a level, or null where the processor lacks it.
tile_run_function tile_run_float(int level);
/// The interpreter in Double at a level, or null where the processor lacks it.
tile_run_function tile_run_double(int level);

/// How an optimiser's update is scaled; each update documents what the numbers mean to it.
typedef struct {
  double rate, scale, epsilon, decay_first, decay_second, shrinkage;
} tile_update;

typedef enum { TILE_ADAM, TILE_RMSPROP, TILE_MOMENTUM, TILE_AVERAGE } tile_update_kind;

/// Updates `count` parameters by their gradient; `first` and `second` hold running moments.
typedef void (*tile_update_function)(void *parameters, const void *gradient, void *first, void *second, int64_t count,
                                     const tile_update *update);
tile_update_function tile_update_float(int level, tile_update_kind kind);
tile_update_function tile_update_double(int level, tile_update_kind kind);

/// A block of a basis is some columns, each of `rows` numbers (a multiple of 16), one behind the other.
///
/// products[k] = the sum over rows of column k times v.
void tile_basis_products(int level, double *products, const double *block, const double *v, int64_t columns,
                         int64_t rows);
/// out[o][row] (+)= the sum over columns k of weights[o][k] times column k; `out` is apart from the block.
void tile_basis_sums(int level, double *out, const double *block, const double *weights, int64_t outputs,
                     int64_t columns, int64_t rows, int accumulate);

/// total[i] = the sum over the parts of parts[p][i], in their order.
void tile_add_parts_float(int level, double *total, const void *const *parts, int64_t part_count, int64_t count);
void tile_add_parts_double(int level, double *total, const void *const *parts, int64_t part_count, int64_t count);

/// The sum of the squares of `count` numbers.
double tile_sum_of_squares_float(int level, const void *values, int64_t count);
double tile_sum_of_squares_double(int level, const void *values, int64_t count);

/// What the numbers of a table are. Levels are bytes of which each stands for its number and a half.
typedef enum { TILE_TABLE_FLOATS, TILE_TABLE_DOUBLES, TILE_TABLE_BYTES, TILE_TABLE_LEVELS } tile_table;

/// Copies rows of a row-major table of `width` columns into a tile, scaled: (table[index][column] - mean) * scale.
/// `rows` numbers of `indices` are read; lanes from `rows` to `lanes` repeat the last row.
void tile_gather_float(float *out, const void *table, tile_table form, int64_t width, const int32_t *indices,
                       int64_t rows, int64_t lanes, const double *mean, const double *scale);
void tile_gather_double(double *out, const void *table, tile_table form, int64_t width, const int32_t *indices,
                        int64_t rows, int64_t lanes, const double *mean, const double *scale);

/// Writes an image, [channel][y][x], into the rows of a tile that are its blocks; `index` counts the tile's images.
void tile_place_image_float(float *tile, const float *image, const tile_grid *grid, int64_t channels, int64_t index);
void tile_place_image_double(double *tile, const float *image, const tile_grid *grid, int64_t channels, int64_t index);

/// Tells the processor that this thread is waiting for another.
static inline void tile_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

#ifdef __cplusplus
}
#endif
