/* SPDX-License-Identifier: MIT */
/* How much memory a decoder may take. */
#ifndef ARCHIVE_LIMIT_H
#define ARCHIVE_LIMIT_H

/*
 * limit_memory -- this process may take 256 MiB more than it has: a dictionary of 128 MiB, and
 * as much again.  Where memory runs out all the same, it is the first to go.
 */
void limit_memory(void);

#endif
