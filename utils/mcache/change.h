/* SPDX-License-Identifier: MIT */
/* Files that were loaded or evicted: did it work, and if not, why? */
#ifndef MCACHE_CHANGE_H
#define MCACHE_CHANGE_H

#include <stdbool.h>

struct file;
struct options;
struct users;

/*
 * change_note -- what is to be said of a file behind its line, NULL for nothing.
 *
 * Sets *short_of where pages stayed that were to go, or are absent that were to come.  The text
 * is valid until the next call.
 */
const char *change_note(const struct options *options, struct users *users, const struct file *file,
                        bool *short_of);

#endif
