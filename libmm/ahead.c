/* SPDX-License-Identifier: MIT */
/* The thread that faults an output's next window in. */
#include <stdlib.h>

#include "ahead.h"
#include "helper.h"

struct ahead {
    struct helper *helper;
    bool begun; /* and not yet taken */
    int fd;
    uint64_t off;
    size_t len;
    struct mm_map *map; /* the window, or one that is to be used again */
    int error;
};

static void work(void *argument, unsigned turn)
{
    struct ahead *ahead = argument;
    (void)turn;
    ahead->error = ahead->map ? mm_map_slide(ahead->map, ahead->fd, ahead->off, ahead->len)
                              : mm_map_file(ahead->fd, ahead->off, ahead->len,
                                            MM_MAP_WRITE | MM_MAP_SHARED, &ahead->map);
    /* A page that cannot be had is found again by the store into it. */
    if (!ahead->error)
        mm_map_advise(ahead->map, 0, ahead->len, MM_ADVICE_POPULATE_WRITE);
}

struct ahead *mm__ahead_new(int fd)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    if (!ahead)
        return NULL;
    ahead->fd = fd;
    ahead->helper = mm__helper_new(work, ahead);
    if (!ahead->helper) {
        free(ahead);
        return NULL;
    }
    return ahead;
}

/* Let a window that nobody wants be finished. */
static void drain(struct ahead *ahead)
{
    mm__helper_wait(ahead->helper, 0);
    ahead->begun = false;
}

void mm__ahead_begin(struct ahead *ahead, uint64_t off, size_t len)
{
    drain(ahead);
    ahead->off = off;
    ahead->len = len;
    ahead->begun = true;
    mm__helper_begin(ahead->helper);
}

bool mm__ahead_take(struct ahead *ahead, uint64_t off, size_t len, struct mm_map **map)
{
    bool same = ahead->begun && ahead->off == off && ahead->len == len;
    drain(ahead);
    if (!same || ahead->error)
        return false;
    struct mm_map *spare = *map;
    *map = ahead->map;
    ahead->map = spare;
    return true;
}

void mm__ahead_free(struct ahead *ahead)
{
    if (!ahead)
        return;
    mm__helper_free(ahead->helper);
    mm_map_close(ahead->map);
    free(ahead);
}
