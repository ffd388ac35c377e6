/* SPDX-License-Identifier: MIT */
/*
 * The window behind a scan's window, faulted in by a thread while the caller looks at this one:
 * where the page cache holds single pages, mapping them costs more than looking at them.
 */
#ifndef LIBMM_NEXT_H
#define LIBMM_NEXT_H

#include <libmm/mm.h>

struct next;

/*
 * mm__next_pays -- was a window of that size full of faults for this thread, since it asked last?
 *
 * It is not where the pages come as large folios, or where other threads look at them: a
 * helper would only be in the way.  *faults is for the next time.
 */
bool mm__next_pays(size_t window, int64_t *faults);

/*
 * mm__next_new -- a thread, which begins with the pages of the caller's window from byte `from` on.
 *
 * Returns NULL without memory or a thread.
 */
struct next *mm__next_new(const struct mm_map *now, size_t from);

/*
 * mm__next_begin -- map the bytes [off, end) of `fd`, and fault in those from `from` on.
 *
 * Called once after mm__next_new(), each take and each drop.  What is left to do in the caller's
 * window is done before.  A window that cannot be mapped is none, and a page that cannot be had
 * is found again by the load from it.
 */
void mm__next_begin(struct next *next, int fd, uint64_t off, uint64_t from, uint64_t end);

/*
 * mm__next_take -- exchange *map for the window begun last, if that holds [off, end) and nothing
 * of what is behind `size`.
 *
 * *map then shows [*map_off, *map_end), and the thread may still be at its last pages.
 */
bool mm__next_take(struct next *next, uint64_t off, uint64_t end, uint64_t size,
                   struct mm_map **map, uint64_t *map_off, uint64_t *map_end);

/*
 * mm__next_drop -- nothing is next, and the thread leaves the caller's window: it may be changed.
 *
 * NULL is fine.
 */
void mm__next_drop(struct next *next);

/* mm__next_free -- drop, end the thread, and forget.  NULL is fine. */
void mm__next_free(struct next *next);

#endif
