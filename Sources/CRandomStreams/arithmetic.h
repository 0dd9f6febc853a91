// From words to numbers. Shared by the streams and, at each vector width, by the tiles: since nothing is contracted
// into fused operations and every step is correctly rounded, all of them give the same bits.
#pragma once
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

enum { philox_rounds = 10 };
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u

// The middles of 2^23 equal cells: exact in Float, never 0 or 1, symmetric about 1/2.
static inline float uniform_of(uint32_t word) {
  return ((float)(int32_t)(word >> 9) + 0.5f) * 0x1p-23f;
}

// Multiply and shift: an index's probability differs from 1 / bound by less than 2^-64.
static inline uint32_t index_of(uint32_t low, uint32_t high, uint32_t bound) {
  uint64_t carry = (uint64_t)low * bound >> 32;
  return (uint32_t)(((uint64_t)high * bound + carry) >> 32);
}

// Box-Muller, radius: sqrt(-2 ln u) for u = (word / 2 + 1/2) / 2^31, so up to 6.66.
static inline float radius_of(uint32_t word) {
  float v = (float)(int32_t)(word >> 1) + 0.5f;
  // v = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); ln(1 + f) = f P(f), P minimax to 3e-8.
  const int32_t root_half = 0x3f3504f3;
  int32_t bits;
  memcpy(&bits, &v, sizeof bits);
  int32_t offset = bits - root_half;
  int32_t mantissa = (offset & 0x7fffff) + root_half;
  float e = (float)((offset >> 23) - 31);
  float m;
  memcpy(&m, &mantissa, sizeof m);
  float f = m - 1.0f;
  float p = 0x1.6f0e14p-4f;
  p = p * f - 0x1.28a27ap-3f;
  p = p * f + 0x1.3183c8p-3f;
  p = p * f - 0x1.52cf8cp-3f;
  p = p * f + 0x1.98bf4ep-3f;
  p = p * f - 0x1.0007c0p-2f;
  p = p * f + 0x1.555782p-2f;
  p = p * f - 0x1.fffff2p-2f;
  p = p * f + 1.0f;
  float logarithm = e * 0x1.62e430p-1f + p * f;
  return __builtin_elementwise_sqrt(-2.0f * logarithm);
}

// Box-Muller, direction: the upper 31 bits choose an angle in [-pi/2, pi/2), the last one the cosine's sign, which
// together go round the circle once. Both polynomials are minimax to 5e-9.
static inline float angle_of(uint32_t word) {
  return (float)((int32_t)word >> 1) * 0x1.921fb6p-30f;
}

static inline float cosine_of(uint32_t word) {
  float a = angle_of(word);
  float q = a * a;
  float p = -2.6051495e-07f;
  p = p * q + 2.4760162e-05f;
  p = p * q - 0.0013888362f;
  p = p * q + 0.041666638f;
  p = p * q - 0.5f;
  p = p * q + 1.0f;
  uint32_t bits;
  memcpy(&bits, &p, sizeof bits);
  bits ^= word << 31;
  memcpy(&p, &bits, sizeof p);
  return p;
}

static inline float sine_of(uint32_t word) {
  float a = angle_of(word);
  float q = a * a;
  float p = 2.6052248e-06f;
  p = p * q - 0.00019809075f;
  p = p * q + 0.008333051f;
  p = p * q - 0.16666658f;
  p = p * q + 1.0f;
  return p * a;
}
