/* SPDX-License-Identifier: MIT */
/* gzip by ISA-L: twice as fast as zlib, and the sums are looked at, which libarchive does not. */
#ifndef ARCHIVE_INFLATE_H
#define ARCHIVE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct inflater;

/* inflate_prepare -- load the library.  Returns false where it is not there. */
bool inflate_prepare(void);

/*
 * inflater_new -- for what `read` gives: a run of bytes, none at the end, below 0 for trouble.
 *
 * Returns NULL without memory, or without the library.
 */
struct inflater *inflater_new(ssize_t (*read)(void *context, const void **data), void *context);

void inflater_free(struct inflater *inflater);

/* inflater_next -- more of the content.  Returns 1, 0 at the end, -1 for trouble. */
int inflater_next(struct inflater *inflater, const void **data, size_t *len);

/* inflater_words -- what the trouble is; NULL where `read` has the words. */
const char *inflater_words(const struct inflater *inflater);

#endif
