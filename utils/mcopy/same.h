/* SPDX-License-Identifier: MIT */
/* A source and a destination that are one file. */
#ifndef MCOPY_SAME_H
#define MCOPY_SAME_H

#include "mcopy/mcopy.h"

enum sameness {
    SAME_NOT,  /* or it does no harm: go on */
    SAME_DONE, /* there is nothing left to do */
    SAME_BAD,  /* the copy would destroy its source */
};

/*
 * same_judge -- of the source `st`, as it is followed or not (`follow`), and what is `there`.
 */
enum sameness same_judge(const struct options *options, bool follow, const char *from,
                         const struct stat *st, const char *to, const struct stat *there);

#endif
