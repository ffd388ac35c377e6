/* SPDX-License-Identifier: MIT */
/* Part K of N of something, for work that several machines share: --part=K/N. */
#ifndef COMMON_PART_H
#define COMMON_PART_H

#include <stdbool.h>
#include <stdint.h>

#include <libmm/mm.h>

struct part {
    uint64_t number, count; /* number 1 to count; count 0: no part was asked for */
};

/* part_parse -- of "K/N".  Returns false where that is no part. */
bool part_parse(const char *text, struct part *part);

/*
 * part_begin, part_end -- the range of bytes that the part is, of `size` bytes.
 *
 * All parts are size / count long and the last one has the rest, as of split -n in
 * coreutils 9.1.  Of fewer bytes than parts, each part has one; those behind the end are empty.
 */
uint64_t part_begin(const struct part *part, uint64_t size);
uint64_t part_end(const struct part *part, uint64_t size);

/*
 * part_lines -- the lines that begin in the part, of the file that `scan` shows from where it
 * stands on.
 *
 * The scan then stands at *begin.  Returns 0, the scan's error, or -ESPIPE for a stream.
 */
int part_lines(const struct part *part, struct mm_scan *scan, unsigned char eol, uint64_t *begin,
               uint64_t *end);

#endif
