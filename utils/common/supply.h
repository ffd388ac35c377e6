/* SPDX-License-Identifier: MIT */
/*
 * Buffers whose pages are given away (vmsplice(2)): what was given is never stored into again,
 * however long its taker keeps it.
 */
#ifndef COMMON_SUPPLY_H
#define COMMON_SUPPLY_H

#include <stdbool.h>
#include <stddef.h>

struct supply;

/* supply_new -- of buffers of `size` bytes.  Returns NULL without memory. */
struct supply *supply_new(size_t size);

void supply_free(struct supply *supply);

/* supply_help -- from now on, a thread may make buffers ready before they are asked for. */
void supply_help(struct supply *supply);

/* supply_buffer -- the buffer to fill, of pages that nobody else has. */
unsigned char *supply_buffer(const struct supply *supply);

/*
 * supply_given -- the pages that hold its first `len` bytes were given: go on to another one.
 *
 * Returns false when there are no fresh pages to be had; then none must be given any more.
 */
bool supply_given(struct supply *supply, size_t len);

#endif
