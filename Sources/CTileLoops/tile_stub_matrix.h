// Plain loops, for one scalar type at one width.
static void TILE_NAME(affine)(REAL *d, const REAL *w, const REAL *x, const REAL *bias, int64_t m, int64_t k, int64_t n) {
  for (int64_t o = 0; o < m; ++o) { REAL *row = d + o * n; REAL b = bias ? bias[o] : 0;
    for (int64_t r = 0; r < n; ++r) row[r] = b;
    for (int64_t i = 0; i < k; ++i) { REAL v = w[o * k + i]; for (int64_t r = 0; r < n; ++r) row[r] += v * x[i * n + r]; } } }
static void TILE_NAME(affine_transposed)(REAL *d, const REAL *w, const REAL *y, int64_t m, int64_t k, int64_t n) {
  for (int64_t i = 0; i < k; ++i) { REAL *row = d + i * n;
    for (int64_t r = 0; r < n; ++r) row[r] = 0;
    for (int64_t o = 0; o < m; ++o) { REAL v = w[o * k + i]; for (int64_t r = 0; r < n; ++r) row[r] += v * y[o * n + r]; } } }
static void TILE_NAME(outer)(REAL *d, const REAL *y, const REAL *x, int64_t m, int64_t k, int64_t n, int accumulate) {
  for (int64_t o = 0; o < m; ++o) for (int64_t i = 0; i < k; ++i) { REAL s = 0; for (int64_t r = 0; r < n; ++r) s += y[o * n + r] * x[i * n + r];
    if (accumulate) d[o * k + i] += s; else d[o * k + i] = s; } }
static void TILE_NAME(squared_distance)(REAL *d, const REAL *x, const REAL *c, int64_t n, int64_t dims, int64_t rows) {
  for (int64_t j = 0; j < n; ++j) for (int64_t r = 0; r < rows; ++r) { REAL s = 0; for (int64_t i = 0; i < dims; ++i) { REAL u = x[i * rows + r] - c[j * dims + i]; s += u * u; } d[j * rows + r] = s; } }
static void TILE_NAME(squared_distance_grad_x)(REAL *d, const REAL *x, const REAL *c, const REAL *g, int64_t n, int64_t dims, int64_t rows) {
  for (int64_t i = 0; i < dims; ++i) for (int64_t r = 0; r < rows; ++r) { REAL s = 0; for (int64_t j = 0; j < n; ++j) s += 2 * (x[i * rows + r] - c[j * dims + i]) * g[j * rows + r]; d[i * rows + r] = s; } }
static void TILE_NAME(squared_distance_grad_centres)(REAL *d, const REAL *x, const REAL *c, const REAL *g, int64_t n, int64_t dims, int64_t rows, int accumulate) {
  for (int64_t j = 0; j < n; ++j) for (int64_t i = 0; i < dims; ++i) { REAL s = 0; for (int64_t r = 0; r < rows; ++r) s -= 2 * (x[i * rows + r] - c[j * dims + i]) * g[j * rows + r];
    if (accumulate) d[j * dims + i] += s; else d[j * dims + i] = s; } }
static void TILE_NAME(softmax)(REAL *d, const REAL *z, int64_t n, int64_t rows) {
  for (int64_t r = 0; r < rows; ++r) { REAL top = z[r], s = 0; for (int64_t j = 1; j < n; ++j) if (z[j * rows + r] > top) top = z[j * rows + r];
    for (int64_t j = 0; j < n; ++j) s += d[j * rows + r] = TILE_NAME(exp)(z[j * rows + r] - top);
    for (int64_t j = 0; j < n; ++j) d[j * rows + r] /= s; } }
static void TILE_NAME(softmax_grad)(REAL *d, const REAL *y, const REAL *dy, int64_t n, int64_t rows) {
  for (int64_t r = 0; r < rows; ++r) { REAL s = 0; for (int64_t j = 0; j < n; ++j) s += y[j * rows + r] * dy[j * rows + r];
    for (int64_t j = 0; j < n; ++j) d[j * rows + r] = y[j * rows + r] * (dy[j * rows + r] - s); } }
static void TILE_NAME(log_sum_exp)(REAL *d, const REAL *z, int64_t n, int64_t rows) {
  for (int64_t r = 0; r < rows; ++r) { REAL top = z[r], s = 0; for (int64_t j = 1; j < n; ++j) if (z[j * rows + r] > top) top = z[j * rows + r];
    for (int64_t j = 0; j < n; ++j) s += TILE_NAME(exp)(z[j * rows + r] - top);
    d[r] = top + TILE_NAME(log)(s); } }
