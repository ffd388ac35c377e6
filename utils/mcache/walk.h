/* SPDX-License-Identifier: MIT */
/* Operands and directories to files, each of which is worked on once. */
#ifndef MCACHE_WALK_H
#define MCACHE_WALK_H

#include <stdbool.h>

#include "mcache/file.h"

struct options;

/*
 * A walk.  Files come in batches, bounded in memory and descriptors: their names are collected,
 * directory by directory, then several threads work on them in the order of inodes, which is that
 * of the medium as a rule, then they are taken in the order of names.
 */
struct walk {
    const struct options *options;
    /* perform -- work on one open file, in any thread. */
    void (*perform)(const struct options *options, int fd, const struct stat *st,
                    struct file *file);
    /* take -- look at the result, in the order of names; of several links to a file, the first. */
    void (*take)(void *context, struct file *file);
    void *context;
    size_t columns; /* of each file's picture */
    bool trouble;   /* out: something could not be opened or read; it was said */
};

/* walk_all -- all operands, and those of --files-from. */
void walk_all(struct walk *walk);

#endif
