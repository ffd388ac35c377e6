/* SPDX-License-Identifier: MIT */
/*
 * A thread that maps the next window of an output and faults its pages in while the
 * caller still stores into this one: the kernel's share of a copy, on another core.
 */
#ifndef LIBMM_AHEAD_H
#define LIBMM_AHEAD_H

#include <libmm/mm.h>

struct ahead;

/* mm__ahead_new -- a helper for the file `fd`, which is lent.  NULL without memory or a thread. */
struct ahead *mm__ahead_new(int fd);

/* mm__ahead_begin -- begin with `len` bytes from `off` on, which the file already has. */
void mm__ahead_begin(struct ahead *ahead, uint64_t off, size_t len);

/*
 * mm__ahead_take -- exchange *map for the window begun last, once that is ready.
 *
 * Returns false, and leaves *map, where another window was begun, or none, or where
 * it could not be mapped.
 */
bool mm__ahead_take(struct ahead *ahead, uint64_t off, size_t len, struct mm_map **map);

/* mm__ahead_free -- wait for the thread, and forget.  NULL is fine. */
void mm__ahead_free(struct ahead *ahead);

#endif
