/* SPDX-License-Identifier: MIT */
/* Owner, mode, times, access control lists and extended attributes of a copy. */
#ifndef MCOPY_ATTRIBUTES_H
#define MCOPY_ATTRIBUTES_H

#include "mcopy/mcopy.h"

/*
 * attributes_first -- the mode that a new file of any kind is made with, under the umask, until
 * it has its own: nobody else may look into a file whose owner is not yet the right one.
 */
mode_t attributes_first(const struct options *options, const struct stat *st);

/*
 * attributes_file -- give the open file `fd`, called `to`, the attributes that are to be kept of
 * `from`, open as `source`, which is `st`; a new one gets its mode in any case.
 *
 * attributes_path -- the same by name, for what is not opened: directories and special files.
 * `made` is what a new one was when it was made, NULL: it was there.
 *
 * attributes_link -- for a symbolic link, which was made as a copy of one or, with -s, leads to
 * `from`.
 *
 * All return false after trouble, which was reported.
 */
bool attributes_file(const struct options *options, const char *from, int source,
                     const struct stat *st, const char *to, int fd, bool is_new);
bool attributes_path(const struct options *options, const char *from, const struct stat *st,
                     const char *to, const struct stat *made);
bool attributes_link(const struct options *options, const char *from, const struct stat *st,
                     const char *to);

/* attributes_inherit -- give the open file `fd` owner, mode and lists of the one it replaces. */
void attributes_inherit(int old, const struct stat *st, int fd);

/* attributes_umask -- the process's; to be called once before there are threads. */
mode_t attributes_umask(void);

#endif
