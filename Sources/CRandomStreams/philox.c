#include "CRandomStreams.h"
#include "arithmetic.h"

void crs_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < philox_rounds; ++round) {
    uint64_t p0 = (uint64_t)c0 * PHILOX_M0;
    uint64_t p1 = (uint64_t)c2 * PHILOX_M1;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    k0 += PHILOX_W0;
    k1 += PHILOX_W1;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

crs_stream crs_stream_make(uint64_t key, uint64_t chain, uint32_t step) {
  crs_stream stream = {
      .key = {(uint32_t)key, (uint32_t)(key >> 32)},
      .counter = {(uint32_t)chain, (uint32_t)(chain >> 32), step, 0},
      .used = 4,
  };
  return stream;
}

void crs_stream_refill(crs_stream *stream) {
  crs_philox_block(stream->counter, stream->key, stream->words);
  stream->counter[3] += 1;
  stream->used = 0;
}

float crs_stream_uniform(crs_stream *stream) { return uniform_of(crs_stream_word(stream)); }

float crs_stream_normal(crs_stream *stream) {
  if (stream->mate) {
    uint32_t second = stream->used;
    stream->used = second + 1;
    stream->mate = 0;
    return radius_of(stream->words[second - 1]) * sine_of(stream->words[second]);
  }
  // A pair starts at an even word; after an odd number of other draws one word goes unused.
  if (stream->used & 1) crs_stream_word(stream);
  uint32_t first = crs_stream_word(stream);
  stream->mate = 1;
  return radius_of(first) * cosine_of(stream->words[stream->used]);
}

uint32_t crs_stream_index(crs_stream *stream, uint32_t bound) {
  uint32_t low = crs_stream_word(stream);
  return index_of(low, crs_stream_word(stream), bound);
}
