/* SPDX-License-Identifier: MIT */
/* A bar that shows where in a file the pages in memory are. */
#ifndef MCACHE_PICTURE_H
#define MCACHE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

struct stream;

/* picture_put -- a file's levels, one column each; `ascii`: no block characters. */
void picture_put(struct stream *out, const unsigned char *levels, size_t columns, bool ascii);

#endif
