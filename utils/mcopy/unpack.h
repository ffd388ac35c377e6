/* SPDX-License-Identifier: MIT */
/* An operand that is an archive, a part of one, or a compressed file. */
#ifndef MCOPY_UNPACK_H
#define MCOPY_UNPACK_H

#include "common/archives.h"

#include "mcopy/mcopy.h"

/*
 * unpack -- copy `from` to `to`, or, unless that is NULL, into the directory `into`.
 *
 * An archive's content goes into the directory itself.  Returns false for what is none of these:
 * then nothing was done.  *good: all went well; trouble was reported.
 */
bool unpack(const struct options *options, const struct archives *archives, const char *from,
            const char *into, const char *to, bool *good);

#endif
