/* SPDX-License-Identifier: MIT */
/* Figures of a search: of one input, or of all. */
#ifndef MGREP_STATS_H
#define MGREP_STATS_H

#include <stdint.h>

struct stream;

struct stats {
    uint64_t lines;    /* selected */
    uint64_t matches;  /* in them, where all are looked for: by JSON */
    uint64_t inputs;   /* searched, */
    uint64_t selected; /* of which so many have a selected line */
    uint64_t bytes_printed;
    uint64_t bytes_searched;
    uint64_t searching; /* nanoseconds spent so */
};

/* stats_add -- add what came of one input. */
void stats_add(struct stats *stats, const struct stats *more);

/* stats_put -- as lines of text; `total` is how many nanoseconds the whole run took. */
void stats_put(struct stream *stream, const struct stats *stats, uint64_t total);

/* stats_clock -- nanoseconds since some moment before the program began. */
uint64_t stats_clock(void);

#endif
