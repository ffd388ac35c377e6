/* SPDX-License-Identifier: MIT */
/* One file that is kept in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "mcache/hold.h"

#define AT_ONCE ((size_t)64 << 20) /* bytes locked between two looks at signals */

static void let_go(struct hold *hold)
{
    mm_map_close(hold->map);
    hold->map = NULL;
    hold->size = 0;
    if (hold->fd >= 0)
        close(hold->fd);
    hold->fd = -1;
}

void hold_end(struct hold *hold)
{
    let_go(hold);
    free(hold->name);
}

/* Lock what is not locked yet, and load again what of it was lost. */
static int lock_from(struct hold *hold, size_t begin, bool (*stop)(void))
{
    size_t end = mm_map_len(hold->map);
    int error = 0;
    for (size_t at = begin; !error && at < end && !stop(); at += AT_ONCE)
        error = mm_map_lock(hold->map, at, end - at < AT_ONCE ? end - at : AT_ONCE, 0);
    return error;
}

/* Have the map as long as the file. */
static int fit(struct hold *hold, uint64_t size, bool (*stop)(void))
{
    int error = 0;
    uint64_t before = hold->size;
    if (size == 0) {
        mm_map_close(hold->map);
        hold->map = NULL;
    } else if (!hold->map) {
        before = 0;
        error = mm_map_file(hold->fd, 0, size, MM_MAP_SHARED, &hold->map);
        if (error)
            hold->map = NULL;
    } else if (size != before) {
        /* A locked map that grows is locked as a whole. */
        error = mm_map_resize(hold->map, size, 0);
        error = error == -EAGAIN ? -ENOLCK : error;
    }
    if (error)
        return error;
    hold->size = size;
    error = size > before ? lock_from(hold, before, stop) : 0;
    if (error && before == 0) {
        mm_map_close(hold->map);
        hold->map = NULL;
        hold->size = 0;
    }
    return error;
}

/* A file that was cut and grew again between two looks has lost pages under the lock. */
static int load_again(struct hold *hold, bool (*stop)(void))
{
    struct mm_resident now;
    if (!hold->map || mm_file_resident(hold->fd, 0, 0, &now) != 0 || now.cached == now.pages)
        return 0;
    return lock_from(hold, 0, stop);
}

int hold_look(struct hold *hold, bool (*stop)(void))
{
    struct stat st;
    if (stat(hold->name, &st) != 0) {
        int error = -errno;
        let_go(hold);
        return error;
    }
    if (hold->fd >= 0 && (st.st_dev != hold->device || st.st_ino != hold->inode))
        let_go(hold);
    bool opened = hold->fd < 0;
    if (opened) {
        hold->fd = open(hold->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (hold->fd < 0 || fstat(hold->fd, &st) != 0)
            return -errno;
        hold->device = st.st_dev;
        hold->inode = st.st_ino;
    }
    if (!S_ISREG(st.st_mode)) {
        let_go(hold);
        return -ENODEV;
    }
    bool changed = opened || st.st_mtim.tv_sec != hold->changed.tv_sec ||
                   st.st_mtim.tv_nsec != hold->changed.tv_nsec;
    if (!changed && (uint64_t)st.st_size == hold->size)
        return 0;
    int error = fit(hold, (uint64_t)st.st_size, stop);
    if (!error && !opened)
        error = load_again(hold, stop);
    /* ENOMEM: it was cut while it was being locked; the next look finds it shorter. */
    if (!error)
        hold->changed = st.st_mtim;
    return error;
}
