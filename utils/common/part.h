/* SPDX-License-Identifier: MIT */
/*
 * One of several parts of a file, for an engine that spreads the parts over machines.
 *
 * As in coreutils' `split -n l/K/N` a part has a size in bytes, and a line belongs to the
 * part that it begins in: all parts together are the file, and a part may be empty.
 */
#ifndef COMMON_PART_H
#define COMMON_PART_H

#include <stdbool.h>
#include <stdint.h>

#include <libmm/mm.h>

struct part {
    uint64_t number, count; /* 1 to count; count 0: all of it */
};

/* part_read -- "K/N", with 1 <= K <= N.  Returns false, with nothing changed, for anything else. */
bool part_read(const char *text, struct part *part);

/* part_bytes -- the bytes [*begin, *end) of `size` that the part has, before lines are asked for. */
void part_bytes(const struct part *part, uint64_t size, uint64_t *begin, uint64_t *end);

/*
 * part_lines -- the part's lines, of the file that `scan` shows from where it stands on.
 *
 * The scan then stands at *begin.  Returns 0, the scan's error, or -ESPIPE for a stream.
 */
int part_lines(const struct part *part, struct mm_scan *scan, unsigned char eol, uint64_t *begin,
               uint64_t *end);

#endif
