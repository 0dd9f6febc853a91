// The loops of instructions that work number by number, as the body of a case: `a`, `b` and `c` are the operands of an
// instruction, `code`, `d` its destination, x, y and z a number of each. Included for each type and width, and alike for
// all.
#pragma once

#include "tile_loop_pragmas.h"

// The opcodes of one operand that give a function of each number: FORMULA(opcode, expression of x), and ARRAY(opcode,
// name) for the functions of tile_math.h.
#define TILE_UNARY_OPCODES(FORMULA, ARRAY)                   \
  FORMULA(TILE_NEGATE, -x)                                   \
  ARRAY(TILE_EXP, exp)                                       \
  ARRAY(TILE_LOG, log)                                       \
  ARRAY(TILE_LOG1P, log1p)                                   \
  ARRAY(TILE_EXPM1, expm1)                                   \
  ARRAY(TILE_SQRT, sqrt)                                     \
  FORMULA(TILE_SQUARE, x * x)                                \
  FORMULA(TILE_RECIPROCAL, 1 / x)                            \
  ARRAY(TILE_TANH, tanh)                                     \
  ARRAY(TILE_SIGMOID, sigmoid)                               \
  ARRAY(TILE_SOFTPLUS, softplus)                             \
  FORMULA(TILE_RELU, x < 0 ? (REAL)0 : x)                    \
  FORMULA(TILE_LEAKY_RELU, x < 0 ? immediate * x : x)        \
  ARRAY(TILE_SIN, sin)                                       \
  ARRAY(TILE_COS, cos)                                       \
  FORMULA(TILE_ABSOLUTE, x < 0 ? -x : x)                     \
  FORMULA(TILE_SIGN, x > 0 ? (REAL)1 : x < 0 ? (REAL)-1 : x) \
  FORMULA(TILE_SCALE, immediate * x)                         \
  FORMULA(TILE_SHIFT, x + immediate)

// One operand, over a flat array.
#define TILE_UNARY(EXPRESSION)            \
  {                                       \
    TILE_VECTOR                           \
    for (int64_t i = 0; i < total; ++i) { \
      const REAL x = a[i];                \
      d[i] = (EXPRESSION);                \
    }                                     \
    break;                                \
  }

// Where feature f of an operand begins.
#define TILE_AT(pointer, mode, f) \
  ((mode) == TILE_FULL ? (pointer) + (f) * lanes : (mode) == TILE_FEATURE ? (pointer) + (f) : (pointer))
#define TILE_VARIES(mode) ((mode) == TILE_FULL || (mode) == TILE_LANE)
// How far apart the features of an operand are.
#define TILE_STEP(mode) ((mode) == TILE_FULL ? lanes : (mode) == TILE_FEATURE ? 1 : 0)

// Feature by feature, d[i] = EXPRESSION of a feature's lanes; ONCE declares the numbers that all lanes of a feature
// share, and EACH those of a lane. Tiles of images have 16 lanes: a loop of its own, whose length is known, serves them.
#define TILE_EACH_FEATURE(LOOP, LANES, ONCE, EACH, EXPRESSION)                        \
  for (int64_t f = 0; f < features; ++f, fa += sa, fb += sb, fc += sc, fd += LANES) { \
    ONCE                                                                              \
    LOOP for (int64_t i = 0; i < (LANES); ++i) {                                      \
      EACH                                                                            \
      fd[i] = (EXPRESSION);                                                           \
    }                                                                                 \
  }
#define TILE_FEATURES(ONCE, EACH, EXPRESSION)                                   \
  if (lanes == TILE_GRID_ROWS) {                                                \
    TILE_EACH_FEATURE(TILE_KNOWN_LANES, TILE_GRID_ROWS, ONCE, EACH, EXPRESSION) \
  } else {                                                                      \
    TILE_EACH_FEATURE(TILE_LANES, lanes, ONCE, EACH, EXPRESSION)                \
  }

// The same over a flat array, by a loop of one of the kinds above.
#define TILE_FLAT(LOOP, ONCE, EACH, EXPRESSION) \
  {                                             \
    ONCE                                        \
    LOOP for (int64_t i = 0; i < total; ++i) {  \
      EACH                                      \
      fd[i] = (EXPRESSION);                     \
    }                                           \
  }

// The operands of an instruction and their steps, for the loops above; MODE is that of the third, TILE_SCALAR for none.
#define TILE_OPERANDS(MODE)                                                   \
  const int ma = code->a.mode, mb = code->b.mode, mc = (MODE);                \
  const int va = TILE_VARIES(ma), vb = TILE_VARIES(mb), vc = TILE_VARIES(mc); \
  const int64_t sa = TILE_STEP(ma), sb = TILE_STEP(mb), sc = TILE_STEP(mc);   \
  const REAL *fa = a, *fb = b, *fc = c;                                       \
  REAL *fd = d;                                                               \
  (void)vc;

// Two operands, each a vector over the lanes or a scalar.
#define TILE_BINARY(EXPRESSION)                                                         \
  {                                                                                     \
    TILE_OPERANDS(TILE_SCALAR)                                                          \
    if (ma == TILE_FULL && mb == TILE_FULL) {                                           \
      TILE_FLAT(TILE_VECTOR, , const REAL x = fa[i]; const REAL y = fb[i];, EXPRESSION) \
    } else if (ma == TILE_FULL && mb == TILE_SCALAR) {                                  \
      TILE_FLAT(TILE_VECTOR, const REAL y = fb[0];, const REAL x = fa[i];, EXPRESSION)  \
    } else if (ma == TILE_SCALAR && mb == TILE_FULL) {                                  \
      TILE_FLAT(TILE_VECTOR, const REAL x = fa[0];, const REAL y = fb[i];, EXPRESSION)  \
    } else if (va && vb) {                                                              \
      TILE_FEATURES(, const REAL x = fa[i]; const REAL y = fb[i];, EXPRESSION)          \
    } else if (va) {                                                                    \
      TILE_FEATURES(const REAL y = fb[0];, const REAL x = fa[i];, EXPRESSION)           \
    } else if (vb) {                                                                    \
      TILE_FEATURES(const REAL x = fa[0];, const REAL y = fb[i];, EXPRESSION)           \
    } else {                                                                            \
      TILE_FEATURES(const REAL x = fa[0]; const REAL y = fb[0];, , EXPRESSION)          \
    }                                                                                   \
    break;                                                                              \
  }

// Three operands; the compiler of programs puts an operand that varies over the lanes first.
#define TILE_TERNARY(EXPRESSION)                                                                                      \
  {                                                                                                                   \
    TILE_OPERANDS(code->c.mode)                                                                                       \
    if (ma == TILE_FULL && mb == TILE_FULL && mc == TILE_FULL) {                                                      \
      TILE_FLAT(TILE_LANES, , const REAL x = fa[i]; const REAL y = fb[i]; const REAL z = fc[i];, EXPRESSION)          \
    } else if (ma == TILE_FULL && mb == TILE_SCALAR && mc == TILE_FULL) {                                             \
      TILE_FLAT(TILE_LANES, const REAL y = fb[0];, const REAL x = fa[i]; const REAL z = fc[i];, EXPRESSION)           \
    } else if (ma == TILE_FULL && mb == TILE_FULL && mc == TILE_SCALAR) {                                             \
      TILE_FLAT(TILE_LANES, const REAL z = fc[0];, const REAL x = fa[i]; const REAL y = fb[i];, EXPRESSION)           \
    } else if (ma == TILE_FULL && mb == TILE_SCALAR && mc == TILE_SCALAR) {                                           \
      TILE_FLAT(TILE_LANES, const REAL y = fb[0]; const REAL z = fc[0];, const REAL x = fa[i];, EXPRESSION)           \
    } else if (va && vb && vc) {                                                                                      \
      TILE_FEATURES(, const REAL x = fa[i]; const REAL y = fb[i]; const REAL z = fc[i];, EXPRESSION)                  \
    } else if (va && vc) {                                                                                            \
      TILE_FEATURES(const REAL y = fb[0];, const REAL x = fa[i]; const REAL z = fc[i];, EXPRESSION)                   \
    } else if (va && vb) {                                                                                            \
      TILE_FEATURES(const REAL z = fc[0];, const REAL x = fa[i]; const REAL y = fb[i];, EXPRESSION)                   \
    } else if (va) {                                                                                                  \
      TILE_FEATURES(const REAL y = fb[0]; const REAL z = fc[0];, const REAL x = fa[i];, EXPRESSION)                   \
    } else {                                                                                                          \
      TILE_FEATURES(const REAL x = fa[0];, const REAL y = fb[vb ? i : 0]; const REAL z = fc[vc ? i : 0];, EXPRESSION) \
    }                                                                                                                 \
    break;                                                                                                            \
  }
