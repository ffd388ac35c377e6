/* SPDX-License-Identifier: MIT */
/* What a process maps: /proc/PID/maps, or smaps. */
#ifndef MCACHE_MAPS_H
#define MCACHE_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping {
    uint64_t begin, end; /* in the process's memory */
    dev_t device;
    ino_t inode;      /* 0: of no file */
    const char *path; /* as the kernel shows it, but with its newlines */
    bool locked;      /* only where it was asked for */
};

/*
 * maps_each -- every mapping of a file; `locks`: tell which are locked, which takes longer.
 *
 * The mapping lives until each() returns.  Returns 0, or -ENOENT for no such process, -EACCES.
 */
int maps_each(pid_t pid, bool locks, void (*each)(void *context, const struct mapping *mapping),
              void *context);

/* maps_command -- the name of a process, "?" where nobody tells.  Returns `name`. */
const char *maps_command(pid_t pid, char name[64]);

#endif
