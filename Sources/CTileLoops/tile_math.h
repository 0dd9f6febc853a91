// Elementary functions over the elements of a tile, for one scalar type at one vector width.
//
// Included once for each type and width, so there is no include guard. The includer defines
//   REAL            float or double
//   REAL_IS_FLOAT   1 or 0
//   TILE_NAME(x)    x with a suffix for the type and the width
//   TILE_WIDTH      elements in a vector
// and surrounds the inclusion with the target attribute of the width.
//
// Every function is straight-line code on one element, so a loop over it is vectorised and an element's bits do not
// depend on its place in the loop. Multiply-adds are written as `a * b + c` in one expression: fused where the target
// has the instruction, two roundings where it has not, and alike in vectors and in left-over elements.
//
// Largest errors in units in the last place: float over every seventh bit pattern of the whole range, from the exact
// value; double over 20,000 points a function, from the correctly rounded value (a whole number, then).
//                    exp  expm1   log  log1p  tanh  sigmoid  softplus   sin   cos  sqrt
//   float, fused    0.96   1.29  0.97   1.50  2.43     2.48      1.75  1.47  1.49  0.50
//   float, unfused  1.23   1.34  1.05   1.59  2.51     2.48      2.16  1.50  1.52  0.50
//   double             1      1     1      1     2        2         1     2     2     0
// The tests hold every level to 1.3, 1.4, 1.1, 1.6, 2.6, 2.5, 2.2, 1.6, 1.6 and 0.5 for float.
//
// Limits at 0 and at +-infinity are exact and NaN gives NaN. Results that would be subnormal are 0 in exp; sigmoid and
// softplus reach 0 within the subnormal range. log and log1p take subnormal arguments. sin and cos keep the stated
// error up to |x| = 1e6; beyond that the phase is lost gradually, but the result stays within [-1, 1].

#include <stdint.h>

#include "tile_coefficients.h"
#include "tile_loop_pragmas.h"

#if REAL_IS_FLOAT
#define TM_BITS uint32_t
#define TM_C(single, double) single
#define TM_FRACTION_BITS 23
#define TM_BIAS 127
#define TM_ROUNDER 0x1.8p23f  // adding it rounds to an integer, left in the low bits
#define TM_K(name) TM_F32_##name
#else
#define TM_BITS uint64_t
#define TM_C(single, double) double
#define TM_FRACTION_BITS 52
#define TM_BIAS 1023
#define TM_ROUNDER 0x1.8p52
#define TM_K(name) TM_F64_##name
#endif

#define TM_INFINITY ((REAL)__builtin_inf())
#define TM_NAN ((REAL)__builtin_nan(""))
#define TM_FUNCTION static inline __attribute__((always_inline, unused))

TM_FUNCTION TM_BITS TILE_NAME(bits_of)(REAL x) {
  union { REAL real; TM_BITS bits; } both = {.real = x};
  return both.bits;
}

TM_FUNCTION REAL TILE_NAME(from_bits)(TM_BITS bits) {
  union { TM_BITS bits; REAL real; } both = {.bits = bits};
  return both.real;
}

TM_FUNCTION REAL TILE_NAME(absolute)(REAL x) {
  return TILE_NAME(from_bits)(TILE_NAME(bits_of)(x) & (~(TM_BITS)0 >> 1));
}

// Bounds by a constant; the comparisons are written so that NaN in x passes through.
TM_FUNCTION REAL TILE_NAME(at_least)(REAL low, REAL x) { return low > x ? low : x; }
TM_FUNCTION REAL TILE_NAME(at_most)(REAL high, REAL x) { return high < x ? high : x; }

// NaN wherever either number is NaN, as IEEE 754-2019 defines maximum and minimum. The comparison alone, which is what
// one instruction of a processor does, would give y and lose a NaN in x; so only x is left to ask about. Of zeros with
// different signs y is taken.
TM_FUNCTION REAL TILE_NAME(maximum)(REAL x, REAL y) {
  const REAL greater = x > y ? x : y;
  return x == x ? greater : x;
}
TM_FUNCTION REAL TILE_NAME(minimum)(REAL x, REAL y) {
  const REAL lesser = x < y ? x : y;
  return x == x ? lesser : x;
}

// (exp(r) - 1 - r) / r^2 for |r| <= log(2) / 2.
TM_FUNCTION REAL TILE_NAME(exp_polynomial)(REAL r) {
#if REAL_IS_FLOAT
  REAL p = TM_K(EXP_4);
#else
  REAL p = TM_K(EXP_9);
  p = p * r + TM_K(EXP_8);
  p = p * r + TM_K(EXP_7);
  p = p * r + TM_K(EXP_6);
  p = p * r + TM_K(EXP_5);
  p = p * r + TM_K(EXP_4);
#endif
  p = p * r + TM_K(EXP_3);
  p = p * r + TM_K(EXP_2);
  p = p * r + TM_K(EXP_1);
  return p * r + TM_K(EXP_0);
}

// x - n log(2), exact but for one rounding.
TM_FUNCTION REAL TILE_NAME(exp_remainder)(REAL x, REAL n) {
  REAL r = x - n * TM_K(LN2_0);
  return r - n * TM_K(LN2_1);
}

TM_FUNCTION REAL TILE_NAME(exp)(REAL x) {
  const REAL shifted = x * TM_K(LOG2E) + TM_ROUNDER;
  const REAL r = TILE_NAME(exp_remainder)(x, shifted - TM_ROUNDER);
  REAL p = TILE_NAME(exp_polynomial)(r);
  p = p * r + 1;
  p = p * r + 1;
  // n goes straight into the exponent, so that n = 128 (1024) works for p below 1.
  const REAL y = TILE_NAME(from_bits)(TILE_NAME(bits_of)(p) + (TILE_NAME(bits_of)(shifted) << TM_FRACTION_BITS));
  // The limits are log of the least normal number and of the overflow; the sum turns NaN into NaN.
  const REAL upper = x < TM_C(0x1.62e43p6f, 0x1.62e42fefa39fp9) ? y : x + TM_INFINITY;
  return x < TM_C(-0x1.5d589ep6f, -0x1.6232bdd7abcd2p9) ? 0 : upper;
}

// exp without the selections: 0 below the normal range, infinity from 2^127.5 (2^1023.5) on. For arguments bounded to
// [TM_EXP_LOW, TM_EXP_HIGH], whose n + bias is 0 and all ones at the ends.
#define TM_EXP_LOW TM_C(-88.0f, -709.0)
#define TM_EXP_HIGH TM_C(89.0f, 710.0)
TM_FUNCTION REAL TILE_NAME(exp_bounded)(REAL x) {
  const REAL shifted = x * TM_K(LOG2E) + (TM_ROUNDER + TM_BIAS);
  const REAL r = TILE_NAME(exp_remainder)(x, shifted - (TM_ROUNDER + TM_BIAS));
  REAL p = TILE_NAME(exp_polynomial)(r);
  p = p * r + 1;
  p = p * r + 1;
  return p * TILE_NAME(from_bits)(TILE_NAME(bits_of)(shifted) << TM_FRACTION_BITS);
}

TM_FUNCTION REAL TILE_NAME(expm1)(REAL x) {
  const REAL bounded = TILE_NAME(at_most)(TM_EXP_HIGH, TILE_NAME(at_least)(-50, x));
  const REAL shifted = bounded * TM_K(LOG2E) + (TM_ROUNDER + (TM_BIAS - 1));
  const REAL r = TILE_NAME(exp_remainder)(bounded, shifted - (TM_ROUNDER + (TM_BIAS - 1)));
  // Half of the power of two, which would overflow just below the largest argument.
  const REAL scale = TILE_NAME(from_bits)(TILE_NAME(bits_of)(shifted) << TM_FRACTION_BITS);
  const REAL linear = scale * r + (scale - (REAL)0.5);
  const REAL half = (scale * (r * r)) * TILE_NAME(exp_polynomial)(r) + linear;
  return half + half;
}

TM_FUNCTION REAL TILE_NAME(tanh)(REAL x) {
  // tanh rounds to 1 from 9.01 (19.06) on.
  const REAL magnitude = TILE_NAME(at_most)(TM_C(10.0f, 20.0), TILE_NAME(absolute)(x));
  const REAL twice = magnitude + magnitude;
  const REAL shifted = twice * TM_K(LOG2E) + (TM_ROUNDER + TM_BIAS);
  const REAL r = TILE_NAME(exp_remainder)(twice, shifted - (TM_ROUNDER + TM_BIAS));
  const REAL scale = TILE_NAME(from_bits)(TILE_NAME(bits_of)(shifted) << TM_FRACTION_BITS);
  const REAL linear = scale * r + (scale - 1);
  const REAL e = (scale * (r * r)) * TILE_NAME(exp_polynomial)(r) + linear;  // expm1(2 |x|)
  const REAL y = e / (e + 2);
  const TM_BITS sign = TILE_NAME(bits_of)(x) & ~(~(TM_BITS)0 >> 1);
  return TILE_NAME(from_bits)(TILE_NAME(bits_of)(y) | sign);
}

TM_FUNCTION REAL TILE_NAME(sigmoid)(REAL x) {
  return 1 / (1 + TILE_NAME(exp_bounded)(TILE_NAME(at_most)(TM_EXP_HIGH, TILE_NAME(at_least)(TM_EXP_LOW, -x))));
}

// 2 atanh(s) = 2 s + s z R(z) with z = s^2, for |s| <= 1/3; this is z R(z).
TM_FUNCTION REAL TILE_NAME(atanh_polynomial)(REAL z) {
#if REAL_IS_FLOAT
  REAL p = TM_K(ATANH_4);
#else
  REAL p = TM_K(ATANH_10);
  p = p * z + TM_K(ATANH_9);
  p = p * z + TM_K(ATANH_8);
  p = p * z + TM_K(ATANH_7);
  p = p * z + TM_K(ATANH_6);
  p = p * z + TM_K(ATANH_5);
  p = p * z + TM_K(ATANH_4);
#endif
  p = p * z + TM_K(ATANH_3);
  p = p * z + TM_K(ATANH_2);
  p = p * z + TM_K(ATANH_1);
  p = p * z + TM_K(ATANH_0);
  return p * z;
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). With e = e^-|x|, s = e / (2 + e) and z = s^2,
// log(1 + e) = 2 atanh(s) = 2 s + s z R(z), and 2 s = e - s e leaves the leading term unrounded.
TM_FUNCTION REAL TILE_NAME(softplus)(REAL x) {
  const REAL e = TILE_NAME(exp_bounded)(TILE_NAME(at_least)(TM_EXP_LOW, -TILE_NAME(absolute)(x)));
  const REAL s = e / (2 + e);
  const REAL tail = e - s * (e - TILE_NAME(atanh_polynomial)(s * s));
  return TILE_NAME(at_least)(0, x) + tail;
}

#include "tile_logarithm.h"

TM_FUNCTION REAL TILE_NAME(sqrt)(REAL x) { return __builtin_elementwise_sqrt(x); }

// sin(x + quarters pi / 2). The reduction is in double for both types: for float it is then exact enough over the whole
// useful range.
TM_FUNCTION REAL TILE_NAME(sine_quarters)(REAL x, uint32_t quarters) {
  const double rounder = 0x1.8p52;
  const double shifted = x * TM_F64_TWO_OVER_PI + rounder;
  const double n = shifted - rounder;
  double remainder = x - n * TM_F64_HALF_PI_0;
  remainder = remainder - n * TM_F64_HALF_PI_1;
  remainder = remainder - n * TM_F64_HALF_PI_2;
  remainder = 0.8 < remainder ? 0.8 : remainder;
  remainder = -0.8 > remainder ? -0.8 : remainder;
  union { double real; uint64_t bits; } both = {.real = shifted};
  const TM_BITS quadrant = (TM_BITS)both.bits + quarters;
  const REAL r = (REAL)remainder;
  const REAL z = r * r;
#if REAL_IS_FLOAT
  REAL s = TM_K(SIN_3);
  REAL c = TM_K(COS_3);
#else
  REAL s = TM_K(SIN_6);
  s = s * z + TM_K(SIN_5);
  s = s * z + TM_K(SIN_4);
  s = s * z + TM_K(SIN_3);
  REAL c = TM_K(COS_6);
  c = c * z + TM_K(COS_5);
  c = c * z + TM_K(COS_4);
  c = c * z + TM_K(COS_3);
#endif
  s = s * z + TM_K(SIN_2);
  s = s * z + TM_K(SIN_1);
  s = s * z + TM_K(SIN_0);
  c = c * z + TM_K(COS_2);
  c = c * z + TM_K(COS_1);
  c = c * z + TM_K(COS_0);
  const REAL sine = (z * s) * r + r;
  const REAL half = (REAL)0.5 * z;
  const REAL head = 1 - half;
  const REAL cosine = head + ((z * z) * c + ((1 - head) - half));
  const REAL y = (quadrant & 1) != 0 ? cosine : sine;
  return TILE_NAME(from_bits)(TILE_NAME(bits_of)(y) ^ ((quadrant & 2) << (sizeof(REAL) * 8 - 2)));
}

TM_FUNCTION REAL TILE_NAME(sin)(REAL x) { return TILE_NAME(sine_quarters)(x, 0); }
TM_FUNCTION REAL TILE_NAME(cos)(REAL x) { return TILE_NAME(sine_quarters)(x, 1); }

// out[i] = function(in[i]) for i < n, any n; out may be in itself. Fastest where n is a multiple of TILE_STRETCH.
#define TM_ARRAY(name)                                                                               \
  __attribute__((unused)) static void TILE_NAME(name##_array)(REAL *out, const REAL *in, long n) {   \
    long i = 0;                                                                                      \
    for (; i + TILE_STRETCH <= n; i += TILE_STRETCH) {                                               \
      TILE_SIDE_BY_SIDE                                                                              \
      for (long j = 0; j < TILE_STRETCH; j++) out[i + j] = TILE_NAME(name)(in[i + j]);               \
    }                                                                                                \
    TILE_LANES                                                                                       \
    for (; i < n; i++) out[i] = TILE_NAME(name)(in[i]);                                              \
  }
TM_ARRAY(exp)
TM_ARRAY(expm1)
TM_ARRAY(log)
TM_ARRAY(log1p)
TM_ARRAY(tanh)
TM_ARRAY(sigmoid)
TM_ARRAY(softplus)
TM_ARRAY(sin)
TM_ARRAY(cos)
TM_ARRAY(sqrt)

#undef TM_BITS
#undef TM_C
#undef TM_FRACTION_BITS
#undef TM_BIAS
#undef TM_ROUNDER
#undef TM_K
#undef TM_INFINITY
#undef TM_NAN
#undef TM_FUNCTION
#undef TM_EXP_LOW
#undef TM_EXP_HIGH
#undef TM_HALF_ROOT
#undef TM_ARRAY
