/* SPDX-License-Identifier: MIT */
/* --parents: the directories that lead to a copy, made as those that lead to its source. */
#ifndef MCOPY_PARENTS_H
#define MCOPY_PARENTS_H

#include <stddef.h>

#include "mcopy/mcopy.h"

struct parents;

/*
 * parents_make -- make what is missing of the directories that lead to `to`, whose part from
 * `source` on is the source's own name.
 *
 * Returns false after trouble, which was reported.  *is_new: the last one is new.  *made is to be
 * given to parents_finish() in either case.
 */
bool parents_make(const struct options *options, const char *to, size_t source, bool *is_new,
                  struct parents **made);

/* parents_finish -- give them their attributes, and free.  Without `settle` only free. */
bool parents_finish(const struct options *options, struct parents *made, bool settle);

#endif
