#include "CPNGFile.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// The bytes that libpng reads from or writes to, and where it puts its message.
typedef struct memory {
  const uint8_t *input;
  uint8_t *output;
  size_t count, place, room;
  cpf_report *report;
} memory;

static int is_little_endian(void) {
  const uint16_t one = 1;
  uint8_t first;
  memcpy(&first, &one, 1);
  return first == 1;
}

static void fail(png_structp png, png_const_charp message) {
  memory *state = png_get_error_ptr(png);
  strncpy(state->report->message, message, sizeof state->report->message - 1);
  png_longjmp(png, 1);
}

// Warnings are of parts of a file that pixels do not depend on.
static void ignore(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void give(png_structp png, png_bytep bytes, size_t count) {
  memory *state = png_get_io_ptr(png);
  if (count > state->count - state->place) png_error(png, "the file ends too early");
  memcpy(bytes, state->input + state->place, count);
  state->place += count;
}

static void take(png_structp png, png_bytep bytes, size_t count) {
  memory *state = png_get_io_ptr(png);
  if (count > state->room - state->place) {
    if (count > SIZE_MAX / 4 || state->place > SIZE_MAX / 4) png_error(png, "the file is too large");
    size_t room = 2 * (state->place + count);
    uint8_t *output = realloc(state->output, room);
    if (!output) png_error(png, "there is not enough memory");
    state->output = output;
    state->room = room;
  }
  memcpy(state->output + state->place, bytes, count);
  state->place += count;
}

static void flush(png_structp png) { (void)png; }

// Runs inside of cpf_read's setjmp, so that no variable of its own has to survive the jump.
static void read_all(png_structp png, png_infop info, memory *state, uint8_t *pixels, size_t row_bytes, uint32_t rows) {
  png_set_read_fn(png, state, give);
  // The caller has checked the size against the file's; these are the format's own limits.
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  // Texts, profiles and the like are not unpacked.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);
  const int colour = png_get_color_type(png, info);
  const int bits = png_get_bit_depth(png, info);
  const int has_key = png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
  } else if (bits < 8) {
    if (has_key) png_set_expand_gray_1_2_4_to_8(png);
    else png_set_packing(png);
  }
  if (has_key) png_set_tRNS_to_alpha(png);
  if (bits == 16 && is_little_endian()) png_set_swap(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes || png_get_image_height(png, info) != rows) {
    png_error(png, "the picture's size is not that of its header");
  }
  for (int pass = 0; pass < passes; pass++) {
    for (uint32_t row = 0; row < rows; row++) png_read_row(png, pixels + (size_t)row * row_bytes, NULL);
  }
  png_read_end(png, NULL);
}

int cpf_read(const uint8_t *file, size_t count, uint8_t *pixels, size_t row_bytes, uint32_t rows, cpf_report *report) {
  memset(report, 0, sizeof *report);
  memory state = {.input = file, .count = count, .report = report};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &state, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    strncpy(report->message, "libpng cannot be used", sizeof report->message - 1);
    return 1;
  }
  // Nothing local changes behind setjmp but what has an address (state), whose memory the jump leaves as it is.
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    report->offset = state.place;
    return 1;
  }
  read_all(png, info, &state, pixels, row_bytes, rows);
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

// As read_all, inside of cpf_write's setjmp.
static void write_all(png_structp png, png_infop info, memory *state, const uint8_t *pixels, uint32_t width,
                      uint32_t rows, int channels, int bits) {
  static const int colours[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA};
  png_set_write_fn(png, state, take, flush);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(png, info, width, rows, bits, colours[channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (bits < 8) png_set_packing(png);
  if (bits == 16 && is_little_endian()) png_set_swap(png);
  const size_t row_bytes = (size_t)width * (size_t)channels * (bits == 16 ? 2 : 1);
  for (uint32_t row = 0; row < rows; row++) png_write_row(png, pixels + (size_t)row * row_bytes);
  png_write_end(png, NULL);
}

int cpf_write(const uint8_t *pixels, uint32_t width, uint32_t rows, int channels, int bits, uint8_t **file,
              size_t *count, cpf_report *report) {
  memset(report, 0, sizeof *report);
  *file = NULL;
  *count = 0;
  if (channels < 1 || channels > 4) {
    strncpy(report->message, "there are 1 to 4 channels", sizeof report->message - 1);
    return 1;
  }
  memory state = {.report = report};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    strncpy(report->message, "libpng cannot be used", sizeof report->message - 1);
    return 1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(state.output);
    report->offset = state.place;
    return 1;
  }
  write_all(png, info, &state, pixels, width, rows, channels, bits);
  png_destroy_write_struct(&png, &info);
  *file = state.output;
  *count = state.place;
  return 0;
}
