/* SPDX-License-Identifier: MIT */
/* Which files were met before: hard links, and operands that overlap. */
#ifndef MCACHE_SEEN_H
#define MCACHE_SEEN_H

#include <stdbool.h>
#include <sys/types.h>

struct seen;

struct seen *seen_new(void);

/* seen_add -- note a file.  Returns false where it was noted before. */
bool seen_add(struct seen *seen, dev_t device, ino_t inode);

void seen_free(struct seen *seen);

#endif
