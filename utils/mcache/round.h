/* SPDX-License-Identifier: MIT */
/* Files worked on together: collected, performed by several threads, and taken in order. */
#ifndef MCACHE_ROUND_H
#define MCACHE_ROUND_H

#include <stdbool.h>
#include <sys/types.h>

struct folder;
struct round;
struct walk;

/* round_new -- `again`: any file may be met twice, not only those with several links. */
struct round *round_new(struct walk *walk, bool again);

/* round_folder -- files of this directory follow; it takes the descriptor. */
struct folder *round_folder(struct round *round, const char *path, int fd);

/* round_left -- no further file of the directory follows. */
void round_left(struct round *round, struct folder *folder);

/* round_add -- one file more, by its name in `folder`, or by a path where that is NULL. */
void round_add(struct round *round, struct folder *folder, const char *name, ino_t inode);

/* round_end -- work on what was collected, and have it taken. */
void round_end(struct round *round);

/* round_free -- end, and forget. */
void round_free(struct round *round);

#endif
