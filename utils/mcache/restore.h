/* SPDX-License-Identifier: MIT */
/* A state, read and loaded; see save.h. */
#ifndef MCACHE_RESTORE_H
#define MCACHE_RESTORE_H

#include <stdbool.h>

struct options;
struct stream;

/*
 * restore -- load what options->state says, in the order of the medium, and say how much it was.
 *
 * A file that is absent now, or shorter, loses what it lacks.  Returns whether all was loaded;
 * trouble was said.
 */
bool restore(const struct options *options, struct stream *out);

#endif
