// How loops over numbers are vectorised, alike for all scalar types and vector widths.
//
// All carry `assume_safety`, which leaves out the test for overlap: a destination is either the same array as an operand
// or apart from it. Which is the faster was measured (Docs/Performance.md).
#pragma once

// A flat array, few operations for each number: width and interleaving are the compiler's choice.
#define TILE_VECTOR _Pragma("clang loop vectorize(assume_safety) interleave(assume_safety)")

// Lanes, of which a tile of images has 16: one whole vector an iteration, so that nothing is left over.
#define TILE_LANES \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(TILE_WIDTH) interleave_count(1)")

// The same where the compiler knows how many lanes there are: unrolled, as it would unroll 16 of them, they would not be
// vectorised.
#define TILE_KNOWN_LANES \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(TILE_WIDTH) interleave_count(1) unroll(disable)")

// TILE_STRETCH numbers, many operations for each: four vectors side by side, since each operation of a long chain would
// wait for the one before.
#define TILE_SIDE_BY_SIDE \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(TILE_WIDTH) interleave_count(4)")
#define TILE_STRETCH (4 * TILE_WIDTH)
