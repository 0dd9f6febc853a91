// Counts a thread's allocations: tests of memory that other tests, which run at the same time, do not disturb.
#pragma once

#include <stdint.h>

typedef struct {
  /// Calls of malloc and its kin.
  int64_t allocations;
  /// Bytes allocated and not freed, less those that the thread freed for others.
  int64_t live;
  /// The largest `live` since the start.
  int64_t peak;
} allocation_count;

/// Whether this build counts: it does with the GNU C library, where no sanitizer has its own allocator.
int allocation_probe_works(void);

/// Counts the calling thread's allocations from now on, from 0.
void allocation_probe_start(void);

/// What the calling thread has allocated since its start.
allocation_count allocation_probe_read(void);
