/* SPDX-License-Identifier: MIT */
/* Buffers whose pages are given away. */
#include <stdint.h>
#include <stdlib.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "common/supply.h"
#include "common/threads.h"

/*
 * Buffers are cut one after the other from a large page, where those can be had: the kernel
 * clears it at once, which takes a fifth of the time of 512 faults.  While one is cut up, a
 * thread may have another one cleared.
 */
#define LARGE_PAGE ((size_t)2 << 20)
#define PAGES      2
/* Threads pay from so many large pages on. */
#define ALONE 4

struct supply {
    struct mm_map *map;
    size_t begin;    /* of the first large page, in the map */
    size_t size, at; /* of the buffer, in its large page */
    size_t number;   /* of large pages that were used up */
    bool help;       /* of a thread is wanted, and was not asked for yet */
    struct threads *threads;
    int errors[PAGES];
};

static size_t page_begin(const struct supply *supply, size_t number)
{
    return supply->begin + number % PAGES * LARGE_PAGE;
}

/* Take fresh memory for a large page. */
static void prepare(void *context, unsigned thread, size_t number)
{
    (void)thread;
    struct supply *supply = context;
    size_t begin = page_begin(supply, number);
    supply->errors[number % PAGES] =
        mm_map_advise(supply->map, begin, LARGE_PAGE, MM_ADVICE_DONTNEED);
    /* Where that fails, the faults tell. */
    mm_map_advise(supply->map, begin, LARGE_PAGE, MM_ADVICE_POPULATE_WRITE);
}

struct supply *supply_new(size_t size)
{
    struct mm_map *map;
    if (size > LARGE_PAGE ||
        mm_map_anonymous((PAGES + 1) * LARGE_PAGE, MM_MAP_NORESERVE, &map) != 0)
        return NULL;
    struct supply *supply = xmalloc(sizeof *supply);
    size_t behind = (uintptr_t)mm_map_data(map) % LARGE_PAGE;
    *supply = (struct supply){.map = map, .begin = behind ? LARGE_PAGE - behind : 0, .size = size};
    mm_map_advise(map, supply->begin, PAGES * LARGE_PAGE, MM_ADVICE_HUGEPAGE);
    return supply;
}

void supply_free(struct supply *supply)
{
    if (!supply)
        return;
    threads_free(supply->threads);
    mm_map_close(supply->map);
    free(supply);
}

void supply_help(struct supply *supply)
{
    supply->help = threads_default() > 1;
}

unsigned char *supply_buffer(const struct supply *supply)
{
    return mm_map_data(supply->map) + page_begin(supply, supply->number) + supply->at;
}

bool supply_given(struct supply *supply, size_t len)
{
    size_t page = mm_page_size();
    supply->at += (len + page - 1) & ~(page - 1);
    if (supply->at + supply->size <= LARGE_PAGE)
        return true;
    supply->at = 0;
    supply->number++;
    if (supply->help && supply->number == ALONE) {
        supply->help = false;
        supply->threads = threads_new(2, PAGES, prepare, supply);
        supply->number = 0; /* its pieces are counted anew */
        if (supply->threads)
            threads_start(supply->threads, SIZE_MAX);
    }
    if (supply->threads)
        threads_wait(supply->threads, supply->number);
    else
        prepare(supply, 0, supply->number);
    return supply->errors[supply->number % PAGES] == 0;
}
