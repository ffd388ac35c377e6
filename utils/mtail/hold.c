/* SPDX-License-Identifier: MIT */
/*
 * The last part of a stream, in a list of blocks: nothing is moved when more is to be
 * held, and what is not wanted any more goes a block at a time, without a look at it.
 */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mtail/hold.h"

#define BLOCK ((size_t)4 << 20) /* wherever it is, a large page lies in it */
/* Large pages cost nothing where so much is held already; a smaller part may not fill them. */
#define SMALL (4 * BLOCK)

struct block {
    struct block *next;
    struct mm_map *map;
    size_t begin, end; /* what is held stands here in the map */
    uint64_t units;
};

static void block_free(struct block *block)
{
    if (block)
        mm_map_close(block->map);
    free(block);
}

static struct block *block_new(bool large)
{
    struct block *block = xmalloc(sizeof *block);
    if (mm_map_anonymous(BLOCK, 0, &block->map) != 0)
        xfail(exit_trouble, "memory exhausted");
    if (large)
        mm_map_advise(block->map, 0, BLOCK, MM_ADVICE_HUGEPAGE);
    return block;
}

static void drop_first(struct hold *hold)
{
    struct block *block = hold->first;
    hold->first = block->next;
    if (!hold->first)
        hold->last = NULL;
    hold->len -= block->end - block->begin;
    hold->units -= block->units;
    block_free(hold->spare);
    hold->spare = block;
}

void hold_add(struct hold *hold, const unsigned char *data, size_t len, uint64_t units)
{
    struct block *block = hold->last;
    if (!block || len > BLOCK - block->end) {
        block = hold->spare ? hold->spare : block_new(hold->len >= SMALL);
        hold->spare = NULL;
        block->next = NULL;
        block->begin = block->end = 0;
        block->units = 0;
        *(hold->last ? &hold->last->next : &hold->first) = block;
        hold->last = block;
    }
    memcpy(mm_map_data(block->map) + block->end, data, len);
    block->end += len;
    block->units += units;
    hold->len += len;
    hold->units += units;
}

uint64_t hold_drop(struct hold *hold, uint64_t units)
{
    while (hold->first && hold->first->units < units) {
        units -= hold->first->units;
        drop_first(hold);
    }
    return units;
}

struct mm_view hold_view(const struct hold *hold)
{
    const struct block *block = hold->first;
    if (!block)
        return (struct mm_view){(const unsigned char *)"", 0};
    return (struct mm_view){mm_map_data(block->map) + block->begin, block->end - block->begin};
}

void hold_consume(struct hold *hold, size_t len)
{
    hold->first->begin += len;
    hold->len -= len;
    if (hold->first->begin == hold->first->end)
        drop_first(hold);
}

void hold_free(struct hold *hold)
{
    while (hold->first)
        drop_first(hold);
    block_free(hold->spare);
    hold->spare = NULL;
}
