// PNG pictures in memory, by libpng. libpng reports an error by a jump over its caller's frames, which Swift's do not
// survive: each function here catches the jump and returns whether there was one.
#pragma once
#include <stddef.h>
#include <stdint.h>

// What went wrong.
typedef struct cpf_report {
  char message[160];  // libpng's, or empty
  size_t offset;      // how many bytes of the file had been read
} cpf_report;

// The pixels of a file: rows from the top, channels side by side, one byte a number, or two in the machine's order for
// files of 16 bits. Gray of less than 8 bits is not scaled: a number of 1 bit is 0 or 1. A palette becomes colours, and
// transparency by colour a channel of opacity, for which gray is scaled to 8 bits.
//
// pixels has room for row_bytes * rows bytes. Returns 0 where the file is in order and its size is that one.
int cpf_read(const uint8_t *file, size_t count, uint8_t *pixels, size_t row_bytes, uint32_t rows, cpf_report *report);

// A file of pixels as cpf_read gives them.
//
// channels is 1 to 4, bits is 1, 2, 4, 8 or 16; less than 8 with one channel only. On success *file is to be freed with
// free(). Returns 0 on success.
int cpf_write(const uint8_t *pixels, uint32_t width, uint32_t rows, int channels, int bits, uint8_t **file,
              size_t *count, cpf_report *report);
