/* SPDX-License-Identifier: MIT */
/* The comparison of two files. */
#ifndef MCMP_COMPARE_H
#define MCMP_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/archives.h"
#include "common/input.h"
#include "common/part.h"
#include "common/stream.h"

enum { EQUAL = 0, DIFFERENT = 1, TROUBLE = 2 };

enum report { FIRST, ALL, STATUS, STATUS_AND_EOF };

struct options {
    enum report report;
    bool print_bytes;
    bool recurse;
    bool progress;
    unsigned threads;
    uint64_t limit;
    uint64_t skip[2];
    struct part part; /* of the larger file */
    struct archives archives;
};

/* What compares: one pair of files after the other. */
struct comparer;

/* comparer_new -- `options` and `out` are lent. */
struct comparer *comparer_new(const struct options *options, struct stream *out);

void comparer_free(struct comparer *comparer);

/*
 * compare -- two operands ("-": standard input), and say what is to be said.
 *
 * Returns EQUAL, DIFFERENT, or TROUBLE after a message.
 */
int compare(struct comparer *comparer, const char *const names[2]);

/*
 * compare_inputs -- two inputs that are open, each on the comparer's scan of its side; the caller
 * closes them.
 */
int compare_inputs(struct comparer *comparer, const struct input inputs[2]);

/* comparer_scan -- of side 0 or 1. */
struct mm_scan *comparer_scan(struct comparer *comparer, int side);

#endif
