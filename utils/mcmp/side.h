/* SPDX-License-Identifier: MIT */
/* One of the two files that are compared. */
#ifndef MCMP_SIDE_H
#define MCMP_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include <libmm/mm.h>

#include "common/input.h"

struct members;
struct options;

struct side {
    struct mm_scan *scan;
    struct input input;
    struct members *members; /* what it is decoded from, NULL: it is a file */
    uint64_t start;          /* where the comparison begins in the file */
};

#define TOLD 1 /* an error that was told */

/*
 * side_open -- the file of that name, or standard input for "-"; with -J a compressed file's
 * content, or a member of an archive, which without one is a directory.
 *
 * Returns 0, -errno, or TOLD after a message.
 */
int side_open(struct side *side, const char *name, const struct options *options);

/* side_skip -- begin so many bytes later.  Returns EQUAL, or TROUBLE after a message. */
int side_skip(struct side *side, uint64_t len);

/* side_length -- how many bytes of a mapped file are to be compared; UINT64_MAX: nobody knows. */
uint64_t side_length(const struct side *side);

/* sides_same -- are both the same file, from the same byte on?  Directories are, too. */
bool sides_same(const struct side *a, const struct side *b);

/* side_trouble -- say what went wrong with it.  Returns TROUBLE. */
int side_trouble(const struct side *side, int error);

#endif
