/* SPDX-License-Identifier: MIT */
/* --create: a directory, or a file, packed into an archive. */
#ifndef MCOPY_CREATE_H
#define MCOPY_CREATE_H

#include "mcopy/mcopy.h"

/*
 * create -- pack what is in `from`, or the file, into the archive `to`.
 *
 * Returns whether all went well; trouble was reported.  An archive that could not be finished is
 * not there.
 */
bool create(const struct options *options, const char *format, const char *from, const char *to);

#endif
