/* SPDX-License-Identifier: MIT */
/* The thread that faults a scan's next window in. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "guard.h"
#include "helper.h"
#include "map.h"
#include "next.h"

/* A fault maps the pages around it that are in memory: so many bytes, unless told otherwise. */
#define AROUND ((size_t)64 << 10)

struct range {
    unsigned char *start;
    size_t len;
    atomic_bool stop;
};

struct next {
    struct helper *helper;
    unsigned turns;         /* begun */
    struct range ranges[2]; /* of the last two turns: in the caller's window, and in the next */
    struct mm_map *map;     /* shows [off, end) of the file; a spare one where they are equal */
    uint64_t off;
    uint64_t end;
};

/* Fault in one page of each that come together.  An error is for the caller's load to find. */
static void work(void *argument, unsigned turn)
{
    struct next *next = argument;
    struct range *range = &next->ranges[turn % 2];
    for (size_t at = 0; at < range->len && !atomic_load(&range->stop); at += AROUND) {
        if (madvise(range->start + at, mm__guard_page(), MADV_POPULATE_READ) != 0)
            break;
    }
}

/* Have the pages of `map` from byte `from` on faulted in; the turn before the last is over. */
static void begin(struct next *next, const struct mm_map *map, size_t from)
{
    struct range *range = &next->ranges[next->turns % 2];
    if (mm__map_range(map, from, mm_map_len(map) - from, &range->start, &range->len) != 0)
        return;
    atomic_store(&range->stop, false);
    next->turns++;
    mm__helper_begin(next->helper);
}

/* Bring the last turn but one to its end. */
static void leave_window(struct next *next)
{
    atomic_store(&next->ranges[next->turns % 2].stop, true);
    mm__helper_wait(next->helper, 1);
}

static void leave_both(struct next *next)
{
    atomic_store(&next->ranges[0].stop, true);
    atomic_store(&next->ranges[1].stop, true);
    mm__helper_wait(next->helper, 0);
}

bool mm__next_pays(size_t window, int64_t *faults)
{
    struct rusage usage;
    int64_t before = *faults;
    if (getrusage(RUSAGE_THREAD, &usage) != 0)
        return false;
    *faults = usage.ru_minflt;
    return *faults - before >= (int64_t)(window / AROUND / 2);
}

struct next *mm__next_new(const struct mm_map *now, size_t from)
{
    struct next *next = calloc(1, sizeof *next);
    if (!next)
        return NULL;
    next->helper = mm__helper_new(work, next);
    if (!next->helper) {
        free(next);
        return NULL;
    }
    begin(next, now, from);
    return next;
}

void mm__next_begin(struct next *next, int fd, uint64_t off, uint64_t from, uint64_t end)
{
    size_t len = (size_t)(end - off);
    int error = next->map ? mm_map_slide(next->map, fd, off, len)
                          : mm_map_file(fd, off, len, 0, &next->map);
    if (error)
        return;
    mm_map_advise(next->map, 0, len, MM_ADVICE_SEQUENTIAL);
    next->off = off;
    next->end = end;
    begin(next, next->map, (size_t)(from - off));
}

bool mm__next_take(struct next *next, uint64_t off, uint64_t end, uint64_t size,
                   struct mm_map **map, uint64_t *map_off, uint64_t *map_end)
{
    if (off < next->off || end > next->end || next->end > size)
        return false;
    leave_window(next);
    struct mm_map *old = *map;
    *map = next->map;
    *map_off = next->off;
    *map_end = next->end;
    next->map = old;
    next->off = next->end = 0;
    /* Unlike mapping over them, this does not stop the thread's faults. */
    mm_map_advise(old, 0, mm_map_len(old), MM_ADVICE_DONTNEED);
    return true;
}

void mm__next_drop(struct next *next)
{
    if (!next)
        return;
    leave_both(next);
    next->off = next->end = 0;
}

void mm__next_free(struct next *next)
{
    if (!next)
        return;
    leave_both(next);
    mm__helper_free(next->helper);
    mm_map_close(next->map);
    free(next);
}
