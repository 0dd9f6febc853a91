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

// Two operands, each a vector over the lanes or a scalar.
#define TILE_BINARY(EXPRESSION)                                                           \
  {                                                                                       \
    const int ma = code->a.mode, mb = code->b.mode;                                       \
    if (ma == TILE_FULL && mb == TILE_FULL) {                                             \
      TILE_VECTOR for (int64_t i = 0; i < total; ++i) {                                   \
        const REAL x = a[i], y = b[i];                                                    \
        d[i] = (EXPRESSION);                                                              \
      }                                                                                   \
    } else if (ma == TILE_FULL && mb == TILE_SCALAR) {                                    \
      const REAL y = b[0];                                                                \
      TILE_VECTOR for (int64_t i = 0; i < total; ++i) {                                   \
        const REAL x = a[i];                                                              \
        d[i] = (EXPRESSION);                                                              \
      }                                                                                   \
    } else if (ma == TILE_SCALAR && mb == TILE_FULL) {                                    \
      const REAL x = a[0];                                                                \
      TILE_VECTOR for (int64_t i = 0; i < total; ++i) {                                   \
        const REAL y = b[i];                                                              \
        d[i] = (EXPRESSION);                                                              \
      }                                                                                   \
    } else {                                                                              \
      for (int64_t f = 0; f < features; ++f) {                                            \
        const REAL *fa = TILE_AT(a, ma, f), *fb = TILE_AT(b, mb, f);                      \
        REAL *fd = d + f * lanes;                                                         \
        if (TILE_VARIES(ma) && TILE_VARIES(mb)) {                                         \
          TILE_LANES for (int64_t i = 0; i < lanes; ++i) {                                \
            const REAL x = fa[i], y = fb[i];                                              \
            fd[i] = (EXPRESSION);                                                         \
          }                                                                               \
        } else if (TILE_VARIES(ma)) {                                                     \
          const REAL y = fb[0];                                                           \
          TILE_LANES for (int64_t i = 0; i < lanes; ++i) {                                \
            const REAL x = fa[i];                                                         \
            fd[i] = (EXPRESSION);                                                         \
          }                                                                               \
        } else if (TILE_VARIES(mb)) {                                                     \
          const REAL x = fa[0];                                                           \
          TILE_LANES for (int64_t i = 0; i < lanes; ++i) {                                \
            const REAL y = fb[i];                                                         \
            fd[i] = (EXPRESSION);                                                         \
          }                                                                               \
        } else {                                                                          \
          const REAL x = fa[0], y = fb[0], value = (EXPRESSION);                          \
          for (int64_t i = 0; i < lanes; ++i) fd[i] = value;                              \
        }                                                                                 \
      }                                                                                   \
    }                                                                                     \
    break;                                                                                \
  }

// Three operands; the compiler of programs puts an operand that varies over the lanes first.
#define TILE_TERNARY(EXPRESSION)                                                          \
  {                                                                                       \
    const int ma = code->a.mode, mb = code->b.mode, mc = code->c.mode;                    \
    const int flat = ma == TILE_FULL && (mb == TILE_FULL || mb == TILE_SCALAR) &&         \
                     (mc == TILE_FULL || mc == TILE_SCALAR);                              \
    const int64_t outer = flat ? 1 : features, length = flat ? total : lanes;             \
    for (int64_t f = 0; f < outer; ++f) {                                                 \
      const REAL *fa = TILE_AT(a, ma, f), *fb = TILE_AT(b, mb, f), *fc = TILE_AT(c, mc, f); \
      REAL *fd = d + f * lanes;                                                           \
      const int va = TILE_VARIES(ma), vb = TILE_VARIES(mb), vc = TILE_VARIES(mc);         \
      if (va && vb && vc) {                                                               \
        TILE_LANES for (int64_t i = 0; i < length; ++i) {                                 \
          const REAL x = fa[i], y = fb[i], z = fc[i];                                     \
          fd[i] = (EXPRESSION);                                                           \
        }                                                                                 \
      } else if (va && vc) {                                                              \
        const REAL y = fb[0];                                                             \
        TILE_LANES for (int64_t i = 0; i < length; ++i) {                                 \
          const REAL x = fa[i], z = fc[i];                                                \
          fd[i] = (EXPRESSION);                                                           \
        }                                                                                 \
      } else if (va && vb) {                                                              \
        const REAL z = fc[0];                                                             \
        TILE_LANES for (int64_t i = 0; i < length; ++i) {                                 \
          const REAL x = fa[i], y = fb[i];                                                \
          fd[i] = (EXPRESSION);                                                           \
        }                                                                                 \
      } else if (va) {                                                                    \
        const REAL y = fb[0], z = fc[0];                                                  \
        TILE_LANES for (int64_t i = 0; i < length; ++i) {                                 \
          const REAL x = fa[i];                                                           \
          fd[i] = (EXPRESSION);                                                           \
        }                                                                                 \
      } else {                                                                            \
        for (int64_t i = 0; i < length; ++i) {                                            \
          const REAL x = fa[0], y = vb ? fb[i] : fb[0], z = vc ? fc[i] : fc[0];           \
          fd[i] = (EXPRESSION);                                                           \
        }                                                                                 \
      }                                                                                   \
    }                                                                                     \
    break;                                                                                \
  }
