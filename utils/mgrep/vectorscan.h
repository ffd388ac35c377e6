/* SPDX-License-Identifier: MIT */
/*
 * A plan's patterns in vectorscan's hands: it proposes lines, many GB/s of them searched, in
 * linear time.  The library is loaded when first asked for.
 */
#ifndef MGREP_VECTORSCAN_H
#define MGREP_VECTORSCAN_H

#include <stdbool.h>

struct engine_line;
struct plan;
struct vectorscan;

/*
 * vectorscan_new -- compile the plan.
 *
 * Returns NULL where the library is not there, or refuses a pattern.
 */
struct vectorscan *vectorscan_new(const struct plan *plan);

/*
 * vectorscan_share -- the same for another thread; it lives no longer than `vectorscan`, which
 * may not search meanwhile.
 */
struct vectorscan *vectorscan_share(const struct vectorscan *vectorscan);

void vectorscan_free(struct vectorscan *vectorscan);

/* vectorscan_blind -- may a line that is not all ASCII match without being proposed? */
bool vectorscan_blind(const struct vectorscan *vectorscan);

/*
 * vectorscan_sure -- does a line of nothing but ASCII, which is neither empty nor longer than
 * UINT_MAX, match when it is proposed?
 */
bool vectorscan_sure(const struct vectorscan *vectorscan);

/* vectorscan_region -- forget what was found: other text is searched from now on. */
void vectorscan_region(struct vectorscan *vectorscan);

/*
 * vectorscan_next -- the first proposed line at or after `from`, which is the beginning
 * of a line; the last ends at `end`.
 */
bool vectorscan_next(struct vectorscan *vectorscan, const unsigned char *from,
                     const unsigned char *end, struct engine_line *line);

/* vectorscan_demand -- end the program, with a message, where the library is not there. */
void vectorscan_demand(void);

#endif
