// Logarithms over the elements of a tile. Included by tile_math.h, whose macros and conventions hold here.

// k log(2) + log(1 + f), for 1 + f from sqrt(1/2) to sqrt(2).
TM_FUNCTION REAL TILE_NAME(log_reduced)(REAL k, REAL f) {
#if REAL_IS_FLOAT
  REAL p = TM_K(LOG_7);
  p = p * f + TM_K(LOG_6);
  p = p * f + TM_K(LOG_5);
  p = p * f + TM_K(LOG_4);
  p = p * f + TM_K(LOG_3);
  p = p * f + TM_K(LOG_2);
  p = p * f + TM_K(LOG_1);
  p = p * f + TM_K(LOG_0);
  p = p * f - 0.5f;
  const REAL low = k * TM_K(LN2_1);
  const REAL rest = (f * f) * p + low;
  return k * TM_K(LN2_0) + (f + rest);
#else
  const REAL s = f / (2 + f);
  const REAL z = s * s;
  REAL p = TM_K(LOG_6);
  p = p * z + TM_K(LOG_5);
  p = p * z + TM_K(LOG_4);
  p = p * z + TM_K(LOG_3);
  p = p * z + TM_K(LOG_2);
  p = p * z + TM_K(LOG_1);
  p = p * z + TM_K(LOG_0);
  const REAL half_square = 0.5 * f * f;
  const REAL inner = p * z + half_square;
  const REAL low = k * TM_K(LN2_1);
  const REAL rest = s * inner + low;
  return k * TM_K(LN2_0) + (f - (half_square - rest));
#endif
}

// Splits x = 2^k m with m from sqrt(1/2) to sqrt(2): subtracting sqrt(1/2) puts the break there. Gives m, k and the
// exponent field of 2^k less the bias.
#define TM_HALF_ROOT TM_C(0x3f3504f3u, 0x3fe6a09e667f3bcdull)
TM_FUNCTION REAL TILE_NAME(log_split)(REAL x, REAL *k, TM_BITS *power) {
  const TM_BITS bits = TILE_NAME(bits_of)(x);
  const TM_BITS shifted = bits - TM_HALF_ROOT;
  *power = shifted & (~(TM_BITS)0 << TM_FRACTION_BITS);
#if REAL_IS_FLOAT
  *k = (float)((int32_t)shifted >> TM_FRACTION_BITS);
#else
  // Widths below AVX-512 have neither this shift nor this conversion for 64 bits; the fraction of 2^52 does for both.
  const TM_BITS biased = (shifted + ((TM_BITS)TM_BIAS << TM_FRACTION_BITS)) >> TM_FRACTION_BITS;
  *k = TILE_NAME(from_bits)(biased | TILE_NAME(bits_of)(0x1p52)) - (0x1p52 + TM_BIAS);
#endif
  return TILE_NAME(from_bits)(bits - *power);
}

TM_FUNCTION REAL TILE_NAME(log)(REAL x) {
  const REAL least = TM_C(0x1p-126f, 0x1p-1022);
  const REAL normal = x < least ? x * TM_C(0x1p24f, 0x1p53) : x;
  const REAL shift = x < least ? (REAL)TM_C(24, 53) : 0;
  REAL k;
  TM_BITS power;
  const REAL m = TILE_NAME(log_split)(normal, &k, &power);
  const REAL y = TILE_NAME(log_reduced)(k - shift, m - 1);
  const REAL upper = x < TM_INFINITY ? y : x;
  const REAL lower = x == 0 ? -TM_INFINITY : TM_NAN;
  return x > 0 ? upper : lower;
}

TM_FUNCTION REAL TILE_NAME(log1p)(REAL x) {
  // sum + missing = 1 + x exactly; what the sum lost is put back into f.
  const REAL sum = 1 + x;
  const REAL part = sum - 1;
  const REAL missing = (1 - (sum - part)) + (x - part);
  REAL k;
  TM_BITS power;
  const REAL m = TILE_NAME(log_split)(sum, &k, &power);
  const REAL inverse = TILE_NAME(from_bits)(((TM_BITS)TM_BIAS << TM_FRACTION_BITS) - power);
  const REAL scale = x < TM_C(0x1p60f, 0x1p60) ? inverse : 0;
  const REAL y = TILE_NAME(log_reduced)(k, missing * scale + (m - 1));
  const REAL upper = x < TM_INFINITY ? y : x;
  const REAL lower = x == -1 ? -TM_INFINITY : TM_NAN;
  return x > -1 ? upper : lower;
}
