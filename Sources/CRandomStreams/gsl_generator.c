#include "CRandomStreams.h"

#include <gsl/gsl_errno.h>

static void gsl_philox_set(void *state, unsigned long seed) { *(crs_stream *)state = crs_stream_make(seed, 0, 0); }

static unsigned long gsl_philox_get(void *state) { return crs_stream_word(state); }

static double gsl_philox_get_double(void *state) { return (double)(crs_stream_two_words(state) >> 11) * 0x1p-53; }

static const gsl_rng_type gsl_philox = {
    .name = "philox4x32-10",
    .max = 0xffffffffUL,
    .min = 0,
    .size = sizeof(crs_stream),
    .set = gsl_philox_set,
    .get = gsl_philox_get,
    .get_double = gsl_philox_get_double,
};

const gsl_rng_type *const crs_gsl_philox = &gsl_philox;

// GSL's default error handler aborts the process. It goes before anything else runs, so that no thread can meet it and
// a program that installs a handler of its own afterwards keeps it; errors arrive as status codes.
__attribute__((constructor)) static void keep_gsl_from_aborting(void) { gsl_set_error_handler_off(); }
