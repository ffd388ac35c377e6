/* SPDX-License-Identifier: MIT */
/* Buffers whose pages are given away. */
#include <stdint.h>
#include <stdlib.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "common/supply.h"

/*
 * Buffers are cut one after the other from a large page, where those can be had: the kernel
 * clears it at once, which takes a fifth of the time of 512 faults.
 */
#define LARGE_PAGE ((size_t)2 << 20)

struct supply {
    struct mm_map *map;
    size_t begin;    /* of the large page, in the map */
    size_t size, at; /* of the buffer, in the large page */
};

struct supply *supply_new(size_t size)
{
    struct mm_map *map;
    if (size > LARGE_PAGE || mm_map_anonymous(2 * LARGE_PAGE, MM_MAP_NORESERVE, &map) != 0)
        return NULL;
    struct supply *supply = xmalloc(sizeof *supply);
    size_t behind = (uintptr_t)mm_map_data(map) % LARGE_PAGE;
    *supply = (struct supply){.map = map, .begin = behind ? LARGE_PAGE - behind : 0, .size = size};
    mm_map_advise(map, supply->begin, LARGE_PAGE, MM_ADVICE_HUGEPAGE);
    return supply;
}

void supply_free(struct supply *supply)
{
    if (!supply)
        return;
    mm_map_close(supply->map);
    free(supply);
}

unsigned char *supply_buffer(const struct supply *supply)
{
    return mm_map_data(supply->map) + supply->begin + supply->at;
}

bool supply_given(struct supply *supply, size_t len)
{
    size_t page = mm_page_size();
    supply->at += (len + page - 1) & ~(page - 1);
    if (supply->at + supply->size <= LARGE_PAGE)
        return true;
    supply->at = 0;
    return mm_map_advise(supply->map, supply->begin, LARGE_PAGE, MM_ADVICE_DONTNEED) == 0;
}
