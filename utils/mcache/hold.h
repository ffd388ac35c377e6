/* SPDX-License-Identifier: MIT */
/* One file that is kept in memory, by its name, whatever becomes of it. */
#ifndef MCACHE_HOLD_H
#define MCACHE_HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct mm_map;

struct hold {
    char *name;
    int fd; /* -1: there is no such file now */
    dev_t device;
    ino_t inode;
    struct mm_map *map; /* NULL: the file is empty, or gone */
    uint64_t size;      /* that is locked */
    struct timespec changed;
    int error; /* what was said last of this file, so that it is said once */
};

/*
 * hold_look -- have the file that has the name now locked, as long as it is now.
 *
 * What is gone is let go.  Between two parts of a large file it asks stop(), and returns early.
 * Returns 0, -ENOLCK where the limit would be passed, or another -errno; what was locked before
 * stays locked.
 */
int hold_look(struct hold *hold, bool (*stop)(void));

/* hold_end -- unlock, and forget. */
void hold_end(struct hold *hold);

#endif
