/* SPDX-License-Identifier: MIT */
/* Texts that begin or end where memory does, so that a look beyond ends the test. */
#ifndef UNIT_FENCE_H
#define UNIT_FENCE_H

#include <libmm/mm.h>

#include "harness.h"

/* fence_new -- a map of `len` bytes, rounded up to pages, between two that nobody may touch. */
static inline struct mm_map *fence_new(size_t len)
{
    struct mm_map *map;
    len = (len + PAGE - 1) / PAGE * PAGE;
    assert_int_equal(mm_map_anonymous(len, MM_MAP_FENCED, &map), 0);
    return map;
}

/* fence_text -- where a text of `len` bytes stands: flush with the map's end, or its begin. */
static inline unsigned char *fence_text(struct mm_map *map, size_t len, bool at_end)
{
    return mm_map_data(map) + (at_end ? mm_map_len(map) - len : 0);
}

#endif
