/* SPDX-License-Identifier: MIT */
/*
 * The guard: which address ranges are libmm's, and what was lost in them.  Every
 * file map has a place; the SIGBUS handler looks an address up among the places.
 */
#ifndef LIBMM_GUARD_H
#define LIBMM_GUARD_H

#include <stddef.h>

#define GUARD_INTACT ((size_t)-1)

struct guard_place;

/* mm__guard_take -- a free place, watching nothing yet; NULL without memory. */
struct guard_place *mm__guard_take(void);

/* mm__guard_give -- the place is free again.  NULL is fine. */
void mm__guard_give(struct guard_place *place);

/*
 * mm__guard_watch -- watch `len` bytes from the page-aligned `start` on.
 *
 * Lost pages are replaced by zero pages with protection `prot`.  Length 0
 * watches nothing.  What was lost before stays marked until mm__guard_reset().
 */
void mm__guard_watch(struct guard_place *place, void *start, size_t len, int prot);

/* mm__guard_reset -- nothing is lost yet. */
void mm__guard_reset(struct guard_place *place);

/* mm__guard_shift -- the range is about to begin `len` bytes later; an earlier loss is one at its
 * start. */
void mm__guard_shift(struct guard_place *place, size_t len);

/* mm__guard_lost -- the lowest lost page's distance from the start, or GUARD_INTACT. */
size_t mm__guard_lost(const struct guard_place *place);

/* mm__guard_page -- the size of a page, in bytes. */
size_t mm__guard_page(void);

#endif
