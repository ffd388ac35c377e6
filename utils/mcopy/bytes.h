/* SPDX-License-Identifier: MIT */
/* The bytes of one file, from mapping to mapping. */
#ifndef MCOPY_BYTES_H
#define MCOPY_BYTES_H

#include "common/input.h"

#include "mcopy/mcopy.h"

/*
 * bytes_copy -- copy what the source has behind the bytes that are committed, up to the end
 * that it had when it was opened.
 *
 * Returns whether that was done; trouble was reported.  A source that shrank meanwhile, or
 * was changed without growing, is trouble.
 */
bool bytes_copy(const struct options *options, struct input *source, struct mm_output *output,
                const char *to);

#endif
