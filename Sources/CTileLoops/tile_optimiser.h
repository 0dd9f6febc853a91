// What a training step does once its tiles are done: sums over their groups, and the update of parameters by their
// gradient; for one scalar type at one width.

// Adam: Kingma, Ba 2015, algorithm 1. `rate` holds the step size with both bias corrections in it:
// rate = a sqrt(1 - b2^k) / (1 - b1^k), and epsilon is scaled by sqrt(1 - b2^k) alike. `shrinkage` is the share of a
// parameter that is taken away beside (Loshchilov, Hutter 2019, algorithm 2).
__attribute__((unused)) static void TILE_NAME(adam)(void *parameters, const void *gradient, void *first, void *second,
                                                   int64_t count, const tile_update *update) {
  REAL *restrict p = parameters, *restrict m = first, *restrict v = second;
  const REAL *restrict g = gradient;
  const REAL rate = (REAL)update->rate, scale = (REAL)update->scale, epsilon = (REAL)update->epsilon;
  const REAL b1 = (REAL)update->decay_first, b2 = (REAL)update->decay_second, shrinkage = (REAL)update->shrinkage;
  for (int64_t i = 0; i < count; ++i) {
    const REAL x = g[i] * scale;
    const REAL mean = m[i] + (1 - b1) * (x - m[i]);
    const REAL square = v[i] + (1 - b2) * (x * x - v[i]);
    m[i] = mean;
    v[i] = square;
    p[i] -= shrinkage * p[i] + rate * mean / (TILE_NAME(sqrt)(square) + epsilon);
  }
}

// RMSprop: Tieleman, Hinton 2012, with an optional momentum in decay_first.
__attribute__((unused)) static void TILE_NAME(rmsprop)(void *parameters, const void *gradient, void *first,
                                                      void *second, int64_t count, const tile_update *update) {
  REAL *restrict p = parameters, *restrict m = first, *restrict v = second;
  const REAL *restrict g = gradient;
  const REAL rate = (REAL)update->rate, scale = (REAL)update->scale, epsilon = (REAL)update->epsilon;
  const REAL momentum = (REAL)update->decay_first, b2 = (REAL)update->decay_second;
  for (int64_t i = 0; i < count; ++i) {
    const REAL x = g[i] * scale;
    const REAL square = v[i] + (1 - b2) * (x * x - v[i]);
    v[i] = square;
    m[i] = momentum * m[i] + x / (TILE_NAME(sqrt)(square) + epsilon);
    p[i] -= rate * m[i];
  }
}

// Gradient descent with momentum.
__attribute__((unused)) static void TILE_NAME(momentum)(void *parameters, const void *gradient, void *first,
                                                       void *second, int64_t count, const tile_update *update) {
  (void)second;
  REAL *restrict p = parameters, *restrict m = first;
  const REAL *restrict g = gradient;
  const REAL rate = (REAL)update->rate, scale = (REAL)update->scale, momentum = (REAL)update->decay_first;
  for (int64_t i = 0; i < count; ++i) {
    m[i] = momentum * m[i] + g[i] * scale;
    p[i] -= rate * m[i];
  }
}

// average += (1 - decay) (p - average)
__attribute__((unused)) static void TILE_NAME(average)(void *parameters, const void *gradient, void *first,
                                                      void *second, int64_t count, const tile_update *update) {
  (void)gradient;
  (void)second;
  const REAL *restrict p = parameters;
  REAL *restrict average = first;
  const REAL weight = (REAL)(1 - update->decay_first);
  for (int64_t i = 0; i < count; ++i) average[i] += weight * (p[i] - average[i]);
}

// total[i] = sum over parts of parts[p][i], in their order.
__attribute__((unused)) static void TILE_NAME(add_parts)(double *total, const void *const *parts, int64_t part_count,
                                                        int64_t count) {
  enum { block = 256 };
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = count - start < block ? count - start : block;
    double *restrict to = total + start;
    for (int64_t i = 0; i < length; ++i) to[i] = 0;
    for (int64_t part = 0; part < part_count; ++part) {
      const REAL *restrict from = (const REAL *)parts[part] + start;
      for (int64_t i = 0; i < length; ++i) to[i] += (double)from[i];
    }
  }
}

__attribute__((unused)) static double TILE_NAME(sum_of_squares)(const void *values, int64_t count) {
  return (double)TILE_NAME(dot)(values, values, count);
}
