/* SPDX-License-Identifier: MIT */
/* The lines of the small files that options name. */
#ifndef MGREP_LINES_H
#define MGREP_LINES_H

#include <stddef.h>

/*
 * lines_read -- call `line` for each line of a file, without its newline; "-" is
 * standard input.
 *
 * Returns 0 or -errno; then some lines may have been seen.
 */
int lines_read(const char *name, void (*line)(void *context, const char *text, size_t len),
               void *context);

#endif
