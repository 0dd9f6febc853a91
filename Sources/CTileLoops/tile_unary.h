// Instructions of one operand that give a function of each number, over a flat array; for one scalar type at one width.
// Out of line, so that the interpreter and the convolutions share one copy of the loops.

#include "include/CTileLoops.h"
#include "tile_elementwise.h"

// d[i] = f(a[i]) for i < total, f the function of `opcode`; d may be a. Other opcodes do nothing.
__attribute__((noinline)) static void TILE_NAME(unary)(tile_opcode opcode, REAL *d, const REAL *a, REAL immediate,
                                                       int64_t total) {
  switch (opcode) {
    case TILE_NEGATE: TILE_UNARY(-x)
    case TILE_EXP: TILE_NAME(exp_array)(d, a, total); break;
    case TILE_LOG: TILE_NAME(log_array)(d, a, total); break;
    case TILE_LOG1P: TILE_NAME(log1p_array)(d, a, total); break;
    case TILE_EXPM1: TILE_NAME(expm1_array)(d, a, total); break;
    case TILE_SQRT: TILE_NAME(sqrt_array)(d, a, total); break;
    case TILE_SQUARE: TILE_UNARY(x * x)
    case TILE_RECIPROCAL: TILE_UNARY(1 / x)
    case TILE_TANH: TILE_NAME(tanh_array)(d, a, total); break;
    case TILE_SIGMOID: TILE_NAME(sigmoid_array)(d, a, total); break;
    case TILE_SOFTPLUS: TILE_NAME(softplus_array)(d, a, total); break;
    case TILE_RELU: TILE_UNARY(x < 0 ? (REAL)0 : x)
    case TILE_LEAKY_RELU: TILE_UNARY(x < 0 ? immediate * x : x)
    case TILE_SIN: TILE_NAME(sin_array)(d, a, total); break;
    case TILE_COS: TILE_NAME(cos_array)(d, a, total); break;
    case TILE_ABSOLUTE: TILE_UNARY(x < 0 ? -x : x)
    case TILE_SIGN: TILE_UNARY(x > 0 ? (REAL)1 : x < 0 ? (REAL)-1 : x)
    case TILE_SCALE: TILE_UNARY(immediate * x)
    case TILE_SHIFT: TILE_UNARY(x + immediate)
    default: break;
  }
}
