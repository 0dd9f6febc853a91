// Random numbers that are addressed, not consumed: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random
// numbers: as easy as 1, 2, 3", 2011), one at a time, as a GSL generator, and a tile at a time.
#pragma once
#include <gsl/gsl_rng.h>
#include <stdint.h>

// One block: out = Philox 4x32-10 of a counter under a key.
void crs_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

// A place in the numbers of one (key, chain, step). Word i of a stream is what a tile gives feature i.
typedef struct crs_stream {
  uint32_t key[2];
  uint32_t counter[4];  // chain low, chain high, step, block: the block that comes next
  uint32_t words[4];    // the block at hand
  uint32_t used;        // how many of its words are spent; 4 before the first
  uint32_t mate;        // 1 if the next normal is the second of a pair whose first has been given
} crs_stream;

crs_stream crs_stream_make(uint64_t key, uint64_t chain, uint32_t step);
void crs_stream_refill(crs_stream *stream);

static inline uint32_t crs_stream_word(crs_stream *stream) {
  if (stream->used == 4) crs_stream_refill(stream);
  stream->mate = 0;
  return stream->words[stream->used++];
}

static inline uint64_t crs_stream_two_words(crs_stream *stream) {
  uint64_t low = crs_stream_word(stream);
  return (uint64_t)crs_stream_word(stream) << 32 | low;
}

// What a tile holds, one at a time: the same words through the same arithmetic.
float crs_stream_uniform(crs_stream *stream);
float crs_stream_normal(crs_stream *stream);
uint32_t crs_stream_index(crs_stream *stream, uint32_t bound);

// The generator for GSL's samplers; its state is a crs_stream. Uniforms have 53 bits: two words each.
extern const gsl_rng_type *const crs_gsl_philox;

// The widths that the tile fills are compiled for. All of them give the same bits.
typedef enum crs_level { crs_level_baseline = 0, crs_level_avx2 = 1, crs_level_avx512 = 2 } crs_level;

// The widest level that this processor runs.
crs_level crs_best_level(void);

// Tiles are feature-major, out[feature * lanes + lane]; lane l belongs to chain first_chain + l (modulo 2^64).
// A level that the processor lacks falls back to the widest that it has.
void crs_fill_uniforms(crs_level level, float *out, int64_t features, int64_t lanes, uint64_t key,
                       uint64_t first_chain, uint32_t step);
void crs_fill_normals(crs_level level, float *out, int64_t features, int64_t lanes, uint64_t key,
                      uint64_t first_chain, uint32_t step);
// The numbers of one chain, out[feature]: the same as in its lane of a tile.
void crs_fill_uniforms_of_chain(crs_level level, float *out, int64_t features, uint64_t key, uint64_t chain,
                                uint32_t step);
void crs_fill_normals_of_chain(crs_level level, float *out, int64_t features, uint64_t key, uint64_t chain,
                               uint32_t step);
// One index in 0..<bound for each chain; bound is at least 1.
void crs_fill_indices(crs_level level, int32_t *out, int64_t count, uint32_t bound, uint64_t key,
                      uint64_t first_chain, uint32_t step);
