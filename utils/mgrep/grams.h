/* SPDX-License-Identifier: MIT */
/*
 * Many strings, any of which is looked for: the text is sampled.
 *
 * A string of m bytes covers one of every s = m - 3 places from which four bytes may
 * be read; those that begin at the first s places of every string are kept in a bitmap.
 * Only where a sample of the text is in there the strings themselves are looked up, by
 * their first bytes.
 */
#ifndef MGREP_GRAMS_H
#define MGREP_GRAMS_H

#include "mgrep/needle.h"

struct grams;

/*
 * grams_new -- prepare to look for `count` strings; with `fold` ASCII letters match in either
 * case.
 *
 * Returns NULL where one of them is shorter than GRAMS_MIN bytes.
 */
#define GRAMS_MIN 3
struct grams *grams_new(const struct needle *strings, size_t count, bool fold);

void grams_free(struct grams *grams);

/*
 * grams_find -- a byte of the first line of [from, end) that holds one of the strings,
 * or NULL.  It may be used by several threads at a time.
 */
const unsigned char *grams_find(const struct grams *grams, const unsigned char *from,
                                const unsigned char *end);

#endif
