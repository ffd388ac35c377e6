/* SPDX-License-Identifier: MIT */
/*
 * The searcher: windows to lines to events.  It knows lines, context, inversion,
 * limits and counts, and no formatting.
 */
#ifndef MGREP_SEARCH_H
#define MGREP_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <libmm/mm.h>

#include "common/part.h"

struct engine;
struct printer;

enum goal {
    GOAL_LINES, /* every selected line is printed, with its context */
    GOAL_COUNT, /* they are counted */
    GOAL_FIRST, /* one is enough to know */
};

enum binary { BINARY_BINARY, BINARY_TEXT, BINARY_WITHOUT_MATCH };

struct search {
    struct engine *engine;
    struct printer *printer;
    enum goal goal;
    enum binary binary;
    bool invert;
    bool number;    /* lines must be counted */
    uint64_t limit; /* of selected lines, UINT64_MAX for none */
    uint64_t before, after;
    unsigned char eol;
    struct part part; /* of each input */
    unsigned threads; /* that may search one input */
};

struct found {
    uint64_t selected;
    bool binary;       /* selected lines were withheld, as the input is binary */
    bool limited;      /* the limit was reached */
    uint64_t searched; /* so many bytes */
    uint64_t nul; /* where a NUL or a hole makes it binary, counted as `searched`; or UINT64_MAX */
    uint64_t stopped; /* offset in the input where the peer would leave it */
};

#define SEARCH_FAILED 1 /* the engine gave up; engine_error() has the words */

/*
 * search_input -- search what `scan` shows, from where it stands.
 *
 * Returns 0, an error of the scan, -ESPIPE for a part of a stream, or SEARCH_FAILED; *found is set
 * in any case.
 */
int search_input(const struct search *search, struct mm_scan *scan, struct found *found);

#endif
