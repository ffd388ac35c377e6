/* SPDX-License-Identifier: MIT */
/* What a run has done, as one JSON object. */
#ifndef MCOPY_JSON_H
#define MCOPY_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "mcopy/tally.h"

struct stream;

/* json_need -- load what is needed to write one; the end where that is not there. */
void json_need(void);

/* json_summary -- write the object, in a line of its own. */
void json_summary(struct stream *stream, const struct tally *done, uint64_t nanoseconds, bool good);

#endif
