// Products with blocks of a basis: some columns, each of as many rows, one behind the other. Rows are a multiple of 16.
// Included by tile_interpreter.inc, whose conventions hold here.

// products[k] = the sum over rows of column k of the block times v.
__attribute__((unused)) static void TILE_NAME(basis_products)(REAL *products, const REAL *block, const REAL *v,
                                                              int64_t columns, int64_t rows) {
  for (int64_t k = 0; k < columns; k++) products[k] = TILE_NAME(dot)(block + k * rows, v, rows);
}

// out[o][row] (+)= the sum over columns k of weights[o][k] times column k; out is apart from the block.
__attribute__((unused)) static void TILE_NAME(basis_sums)(REAL *out, const REAL *block, const REAL *weights,
                                                          int64_t outputs, int64_t columns, int64_t rows,
                                                          int accumulate) {
  TILE_NAME(matmul_forward)(out, block, weights, 0, rows, columns, outputs, columns, 1, accumulate);
}
