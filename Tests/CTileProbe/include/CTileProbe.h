// The header-only loops of CTileLoops as tables of function pointers, one for each vector width and scalar type.
//
// The loops are static and inlined into the interpreter, so nothing outside a C file that includes them can call them.
// This target exists for the tests alone, which force each width; it is no part of the library.
#pragma once

enum tile_probe_level { tile_probe_baseline = 0, tile_probe_avx2 = 1, tile_probe_avx512 = 2 };

// Pointers are to elements of the table's scalar type. The functions are those of the same names in tile_math.h and
// tile_matrix.h.
typedef void (*tile_probe_elementwise)(void *_Nonnull out, const void *_Nonnull in, long n);

typedef struct tile_probe {
  tile_probe_elementwise _Nonnull exp, expm1, log, log1p, tanh, sigmoid, softplus, sin, cos, sqrt;
  void (*_Nonnull matmul_forward)(void *_Nonnull y, const void *_Nonnull x, const void *_Nonnull w,
                                  const void *_Nullable bias, long rows, long inputs, long outputs,
                                  long output_stride, long input_stride, int accumulate);
  void (*_Nonnull matmul_outer)(void *_Nonnull dw, const void *_Nonnull dy, const void *_Nonnull x, long rows,
                                long inputs, long outputs, int accumulate);
  void (*_Nonnull weighted_sum)(void *_Nonnull out, const void *_Nonnull weights, const void *_Nonnull rows,
                                long row_count, long columns);
  void (*_Nonnull row_sums)(void *_Nonnull sums, const void *_Nonnull x, long rows, long features, int accumulate);
  void (*_Nonnull squared_distance)(void *_Nonnull distances, const void *_Nonnull x, const void *_Nonnull centres,
                                    long rows, long centre_count, long dimensions);
  void (*_Nonnull squared_distance_grad_x)(void *_Nonnull dx, const void *_Nonnull x, const void *_Nonnull centres,
                                           const void *_Nonnull g, long rows, long centre_count, long dimensions,
                                           int accumulate);
  void (*_Nonnull squared_distance_grad_c)(void *_Nonnull dc, const void *_Nonnull x, const void *_Nonnull centres,
                                           const void *_Nonnull g, long rows, long centre_count, long dimensions,
                                           int accumulate);
  void (*_Nonnull softmax)(void *_Nonnull y, const void *_Nonnull z, long rows, long features);
  void (*_Nonnull softmax_grad)(void *_Nonnull dz, const void *_Nonnull y, const void *_Nonnull dy, long rows,
                                long features, int accumulate);
  void (*_Nonnull logsumexp)(void *_Nonnull out, const void *_Nonnull z, long rows, long features);
} tile_probe;

// NULL where the processor lacks the level.
const tile_probe *_Nullable tile_probe_table(enum tile_probe_level level, int is_float);
