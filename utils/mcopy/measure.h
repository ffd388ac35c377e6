/* SPDX-License-Identifier: MIT */
/* How much there is to copy, for --progress. */
#ifndef MCOPY_MEASURE_H
#define MCOPY_MEASURE_H

#include <stdint.h>

#include "mcopy/mcopy.h"

/* measure -- add what `path` and all below it hold to the sums.  What cannot be read is nothing. */
void measure(const struct options *options, const char *path, uint64_t *files, uint64_t *bytes);

#endif
