/* SPDX-License-Identifier: MIT */
/*
 * What is quick to find the lines that may match: a string that every match holds, or
 * vectorscan.  A way that proposes too many lines in vain gives way to the next.
 */
#ifndef MGREP_FILTER_H
#define MGREP_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct engine_line;
struct filter;
struct literal;
struct plan;

/* filter_new -- for a plan of POSIX patterns, which lives longer.  NULL: there is no quick way. */
struct filter *filter_new(const struct plan *plan);

/* filter_share -- the same for another thread; it lives no longer than `filter`. */
struct filter *filter_share(const struct filter *filter);

void filter_free(struct filter *filter);

/*
 * filter_invest -- there is much to search, such as this: what takes a millisecond to
 * prepare may be prepared.
 */
void filter_invest(struct filter *filter, const unsigned char *sample, size_t len);

/* filter_region -- another text, of lines up to `end`, is searched from now on. */
void filter_region(struct filter *filter, const unsigned char *end);

/* filter_works -- does it propose at all? */
bool filter_works(const struct filter *filter);

/* filter_sure -- is every proposal a match, until this way gives way to another? */
bool filter_sure(const struct filter *filter);

/*
 * filter_next -- the first proposed line at or after `from`, the beginning of a line.
 *
 * No line before it matches.  *sure: the line itself does, so far as PCRE2 can tell.
 */
bool filter_next(struct filter *filter, const unsigned char *from, struct engine_line *line,
                 bool *sure);

/*
 * filter_string -- the one string that all of the plan means in this line.
 *
 * Returns NULL where it means more.
 */
const struct literal *filter_string(const struct filter *filter, const unsigned char *line,
                                    size_t len);

/* filter_vain -- the last line that was proposed did not match. */
void filter_vain(struct filter *filter);

#endif
