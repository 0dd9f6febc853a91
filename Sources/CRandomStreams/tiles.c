#include "CRandomStreams.h"
#include "arithmetic.h"

// Words are made this many chains at a time, in the first-level cache.
enum { chunk_lanes = 256 };

typedef struct tile_fills {
  void (*uniforms)(float *, int64_t, int64_t, uint64_t, uint64_t, uint32_t);
  void (*normals)(float *, int64_t, int64_t, uint64_t, uint64_t, uint32_t);
  void (*uniforms_of_chain)(float *, int64_t, uint64_t, uint64_t, uint32_t);
  void (*normals_of_chain)(float *, int64_t, uint64_t, uint64_t, uint32_t);
  void (*indices)(int32_t *, int64_t, uint32_t, uint64_t, uint64_t, uint32_t);
} tile_fills;

#define NAME(x) baseline_##x
#include "tiles.inc"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define NAME(x) avx2_##x
#include "tiles.inc"
#undef NAME
#pragma clang attribute pop

// The features one by one: the name of the level alone would use half the register width.
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2,bmi,bmi2"))), apply_to = function)
#define NAME(x) avx512_##x
#include "tiles.inc"
#undef NAME
#pragma clang attribute pop
#endif

static const tile_fills *const table[] = {
    &baseline_fills,
#if defined(__x86_64__)
    &avx2_fills,
    &avx512_fills,
#endif
};

// Written once, before main or by the loader, and only read afterwards.
static crs_level best_level = crs_level_baseline;

__attribute__((constructor)) static void find_best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2")) {
    best_level = crs_level_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
      best_level = crs_level_avx512;
    }
  }
#endif
}

crs_level crs_best_level(void) { return best_level; }

static const tile_fills *fills_at(crs_level level) { return table[level < best_level ? level : best_level]; }

void crs_fill_uniforms(crs_level level, float *out, int64_t features, int64_t lanes, uint64_t key,
                       uint64_t first_chain, uint32_t step) {
  fills_at(level)->uniforms(out, features, lanes, key, first_chain, step);
}

void crs_fill_normals(crs_level level, float *out, int64_t features, int64_t lanes, uint64_t key,
                      uint64_t first_chain, uint32_t step) {
  fills_at(level)->normals(out, features, lanes, key, first_chain, step);
}

void crs_fill_uniforms_of_chain(crs_level level, float *out, int64_t features, uint64_t key, uint64_t chain,
                                uint32_t step) {
  fills_at(level)->uniforms_of_chain(out, features, key, chain, step);
}

void crs_fill_normals_of_chain(crs_level level, float *out, int64_t features, uint64_t key, uint64_t chain,
                               uint32_t step) {
  fills_at(level)->normals_of_chain(out, features, key, chain, step);
}

void crs_fill_indices(crs_level level, int32_t *out, int64_t count, uint32_t bound, uint64_t key,
                      uint64_t first_chain, uint32_t step) {
  fills_at(level)->indices(out, count, bound, key, first_chain, step);
}
