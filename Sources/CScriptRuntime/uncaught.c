// What becomes of an error that a script throws and does not catch.
//
// Swift's runtime would trap, which prints registers and a backtrace and loses what was printed into a pipe. The program
// `diffusion-script` loads this library before the runtime, so that the interpreter finds this function in place of the
// runtime's of the same name.

// For unsetenv.
#define _POSIX_C_SOURCE 200112L

#include "CScriptRuntime.h"

#include <stdlib.h>
#include <string.h>

__attribute__((visibility("default"))) void swift_errorInMain(const void *error) { diffusion_script_uncaught(error); }

// Programs that the script starts are not to load this library, which is the first of those that are to be loaded. The
// compiler's driver has to hand the setting on to the interpreter.
__attribute__((constructor)) static void forget_preloading(int count, char **arguments) {
  for (int i = 1; i < count; ++i) {
    if (strcmp(arguments[i], "-interpret") != 0) continue;
    const char *libraries = getenv("LD_PRELOAD");
    const char *others = libraries ? strchr(libraries, ':') : NULL;
    if (others) {
      setenv("LD_PRELOAD", others + 1, 1);
    } else {
      unsetenv("LD_PRELOAD");
    }
    return;
  }
}
