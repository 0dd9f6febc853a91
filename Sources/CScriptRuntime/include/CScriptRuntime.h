#ifndef C_SCRIPT_RUNTIME_H
#define C_SCRIPT_RUNTIME_H

/// Written in Swift: says what an error is, and ends the process with status 1.
///
/// `error` is a value of `any Error`, as the runtime has it.
void diffusion_script_uncaught(const void *error) __attribute__((noreturn));

#endif
