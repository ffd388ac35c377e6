/* SPDX-License-Identifier: MIT */
/* The lines of a file, or of a file in /proc: names of files, and states. */
#ifndef MCACHE_NAMES_H
#define MCACHE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * lines_each -- every line of `file` ("-": standard input), without its end, which is `end`,
 * and with a NUL behind it that is not counted.
 *
 * each() returns false to end it; it may write into the line.  Returns 0 or -errno.
 */
int lines_each(const char *file, char end, bool (*each)(void *context, char *line, size_t len),
               void *context);

/* names_each -- every line but empty ones, as a name; `nul`: names end in NUL. */
int names_each(const char *file, bool nul, void (*each)(void *context, const char *name),
               void *context);

#endif
