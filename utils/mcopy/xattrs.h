/* SPDX-License-Identifier: MIT */
/* Extended attributes, and the access control lists that are kept in them. */
#ifndef MCOPY_XATTRS_H
#define MCOPY_XATTRS_H

#include "mcopy/mcopy.h"

/* A file by descriptor, or by name where `fd` is -1; then links are not followed. */
struct target {
    int fd;
    const char *name;
};

/* xattrs_copy -- all but the access control lists.  Returns false when one is missing then. */
bool xattrs_copy(const struct options *options, const struct target *from, const struct target *to);

/*
 * lists_copy -- give `to` the lists of `from`, or none; its mode is set first, by the caller.
 *
 * Returns 0 or -errno.
 */
int lists_copy(const struct target *from, const struct target *to, bool directory);

/* lists_remove -- have only the mode count. */
void lists_remove(const struct target *to, bool directory);

#endif
