/* SPDX-License-Identifier: MIT */
/* --include and --exclude: which names are looked at. */
#ifndef MCACHE_GLOBS_H
#define MCACHE_GLOBS_H

#include <stdbool.h>

struct globs;

/* globs_add -- one more glob; *globs grows from NULL.  The text is lent. */
void globs_add(struct globs **globs, const char *glob, bool include);

/*
 * globs_skip -- is what `name`, the last component, names in a directory left out?
 *
 * An --exclude that matches leaves out a file, or a directory with all below it.  Where there
 * is an --include, a file that none of them matches is left out too.
 */
bool globs_skip(const struct globs *globs, const char *name, bool directory);

void globs_free(struct globs *globs);

#endif
