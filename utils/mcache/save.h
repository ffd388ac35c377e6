/* SPDX-License-Identifier: MIT */
/*
 * A state: which pages of which files are in memory.  Text, so that it can be looked at:
 *
 *     mcache-state 1
 *     page 4096
 *     file SIZE /PATH          backslashes and newlines in it are \\ and \n
 *     run FIRST COUNT          pages in memory, in ascending order; a file may have none
 */
#ifndef MCACHE_SAVE_H
#define MCACHE_SAVE_H

#include <stdbool.h>

#define STATE_HEAD "mcache-state 1"

struct file;
struct save;

/* save_new -- to the file `name`, which is complete or unchanged.  Ends the program on trouble. */
struct save *save_new(const char *name);

/* save_file -- one file and its runs, which are freed.  Trouble ends the program. */
void save_file(struct save *save, struct file *file);

/* save_end -- give the file its name, if `good`.  Trouble ends the program. */
void save_end(struct save *save, bool good);

#endif
