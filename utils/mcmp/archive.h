/* SPDX-License-Identifier: MIT */
/* An archive compared with a tree, or with another archive. */
#ifndef MCMP_ARCHIVE_H
#define MCMP_ARCHIVE_H

#include "mcmp/tree.h"

/*
 * compare_archives -- compare two things, where one at least is a file that may be an archive.
 *
 * One archive is gone through once, in its order, and then what only the other side has is told;
 * a second archive is gone through twice, and once more for each member that stands before one
 * that was asked for earlier.
 *
 * Returns false where none of them is an archive: nothing was said then.
 */
bool compare_archives(struct tree *tree, const char *const paths[2], const struct stat st[2]);

#endif
