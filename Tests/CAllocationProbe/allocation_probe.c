#include "CAllocationProbe.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_ALLOCATOR_OF_ITS_OWN 1
#endif
#endif

static _Thread_local allocation_count counts;

void allocation_probe_start(void) { counts = (allocation_count){0, 0, 0}; }

allocation_count allocation_probe_read(void) { return counts; }

#if defined(__GLIBC__) && !defined(HAS_ALLOCATOR_OF_ITS_OWN)
// The program's own malloc takes the place of the library's for all that it links, which calls on the library's under
// its other name.
#include <errno.h>
#include <malloc.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

int allocation_probe_works(void) { return 1; }

static void *counted(void *memory) {
  if (memory) {
    counts.allocations += 1;
    counts.live += (int64_t)malloc_usable_size(memory);
    if (counts.live > counts.peak) counts.peak = counts.live;
  }
  return memory;
}

static void forget(void *memory) {
  if (memory) counts.live -= (int64_t)malloc_usable_size(memory);
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *old, size_t size) {
  const int64_t before = old ? (int64_t)malloc_usable_size(old) : 0;
  void *memory = __libc_realloc(old, size);
  if (memory || size == 0) counts.live -= before;
  return counted(memory);
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void *memory = counted(__libc_memalign(alignment, size));
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

void free(void *memory) {
  forget(memory);
  __libc_free(memory);
}
#else
int allocation_probe_works(void) { return 0; }
#endif
