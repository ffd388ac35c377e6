/* SPDX-License-Identifier: MIT */
/* What of an input is shown: all, --part=K/N or --range=OFF:LEN. */
#ifndef MCAT_RANGE_H
#define MCAT_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <libmm/mm.h>

#include "common/part.h"

struct range_options {
    struct part part;
    bool given; /* the next two were */
    uint64_t offset, length;
};

/* Counted in the file, or in the stream read. */
struct range {
    uint64_t begin, end;
};

/* range_parse -- of "OFF:LEN".  Returns false where that is no range. */
bool range_parse(const char *text, struct range_options *options);

/*
 * range_find -- the range of the input that `scan` has just opened; without options all of it,
 * and all that will be appended.
 *
 * A line belongs to the part that its first byte is in, as with split -n l/K/N.
 *
 * Returns 0, or -ESPIPE for a part of what has no size, or the scan's error.
 */
int range_find(struct mm_scan *scan, const struct range_options *options, struct range *range);

/* range_skip -- go to byte `begin`.  Returns 0 or the scan's error. */
int range_skip(struct mm_scan *scan, uint64_t begin);

#endif
