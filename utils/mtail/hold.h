/* SPDX-License-Identifier: MIT */
/* The last part of a stream where it is too long for a scan's ring: blocks, filled once. */
#ifndef MTAIL_HOLD_H
#define MTAIL_HOLD_H

#include <stddef.h>
#include <stdint.h>

#include <libmm/mm.h>

struct block;

/* What is counted in it, bytes or line ends, is the caller's affair. */
struct hold {
    struct block *first, *last;
    struct block *spare; /* dropped, to be filled again */
    uint64_t len;        /* bytes in all blocks */
    uint64_t units;      /* bytes, or line ends, in all blocks */
};

#define HOLD_MOST ((size_t)1 << 20) /* to be added at once */

/* hold_add -- append a copy of bytes, in which `units` are counted.  Ends the program without
 * memory. */
void hold_add(struct hold *hold, const unsigned char *data, size_t len, uint64_t units);

/*
 * hold_drop -- drop blocks from the front that have fewer than `units` units together.
 *
 * Returns how many of these units are left to be dropped.
 */
uint64_t hold_drop(struct hold *hold, uint64_t units);

/* hold_view -- the first bytes that are held, none at the end; valid until something is dropped. */
struct mm_view hold_view(const struct hold *hold);

/* hold_consume -- the first `len` bytes of that view are done with; their units are not counted. */
void hold_consume(struct hold *hold, size_t len);

/* hold_free -- let all memory go. */
void hold_free(struct hold *hold);

#endif
