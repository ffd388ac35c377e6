/* SPDX-License-Identifier: MIT */
/* --lock: files that are kept in memory until a signal ends it. */
#ifndef MCACHE_LOCK_H
#define MCACHE_LOCK_H

#include <stdbool.h>

struct options;
struct stream;

/*
 * lock -- lock all files that the options name, say so, and stay.
 *
 * Where more would be locked than may be, nothing is.  SIGHUP has the names looked up anew,
 * SIGTERM and SIGINT end it.  Returns whether all went well; trouble was said.
 */
bool lock(const struct options *options, struct stream *out);

#endif
