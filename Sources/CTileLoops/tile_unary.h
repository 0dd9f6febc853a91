// Instructions of one operand that give a function of each number, over a flat array; for one scalar type at one width.
// Out of line, so that the interpreter and the convolutions share one copy of the loops.

#include "include/CTileLoops.h"
#include "tile_elementwise.h"

#define TILE_FORMULA_CASE(opcode, expression) \
  case opcode: TILE_UNARY(expression)
#define TILE_ARRAY_CASE(opcode, name) \
  case opcode: TILE_NAME(name##_array)(d, a, total); break;

// d[i] = f(a[i]) for i < total, f the function of `opcode`, one of TILE_UNARY_OPCODES; d may be a.
__attribute__((noinline)) static void TILE_NAME(unary)(tile_opcode opcode, REAL *d, const REAL *a, REAL immediate,
                                                       int64_t total) {
  switch (opcode) {
    TILE_UNARY_OPCODES(TILE_FORMULA_CASE, TILE_ARRAY_CASE)
    default: break;
  }
}

#undef TILE_FORMULA_CASE
#undef TILE_ARRAY_CASE
