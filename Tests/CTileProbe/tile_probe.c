#include "CTileProbe.h"

#include <stddef.h>
#include <stdint.h>

#define REAL float
#define REAL_IS_FLOAT 1
#define TILE_NAME(x) x##_f32_baseline
#define TILE_WIDTH 4
#include "tile_probe_scalar.inc"

#define REAL double
#define REAL_IS_FLOAT 0
#define TILE_NAME(x) x##_f64_baseline
#define TILE_WIDTH 2
#include "tile_probe_scalar.inc"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define REAL float
#define REAL_IS_FLOAT 1
#define TILE_NAME(x) x##_f32_avx2
#define TILE_WIDTH 8
#include "tile_probe_scalar.inc"

#define REAL double
#define REAL_IS_FLOAT 0
#define TILE_NAME(x) x##_f64_avx2
#define TILE_WIDTH 4
#include "tile_probe_scalar.inc"
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2,bmi,bmi2"))), apply_to = function)
#define REAL float
#define REAL_IS_FLOAT 1
#define TILE_NAME(x) x##_f32_avx512
#define TILE_WIDTH 16
#include "tile_probe_scalar.inc"

#define REAL double
#define REAL_IS_FLOAT 0
#define TILE_NAME(x) x##_f64_avx512
#define TILE_WIDTH 8
#include "tile_probe_scalar.inc"
#pragma clang attribute pop
#endif

const tile_probe *tile_probe_table(enum tile_probe_level level, int is_float) {
  if (level == tile_probe_baseline) return is_float ? &probe_table_f32_baseline : &probe_table_f64_baseline;
#if defined(__x86_64__)
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                   __builtin_cpu_supports("bmi2");
  if (level == tile_probe_avx2 && avx2) return is_float ? &probe_table_f32_avx2 : &probe_table_f64_avx2;
  const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (level == tile_probe_avx512 && avx512) return is_float ? &probe_table_f32_avx512 : &probe_table_f64_avx512;
#endif
  return NULL;
}
