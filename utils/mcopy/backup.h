/* SPDX-License-Identifier: MIT */
/* Backups of files that are in the way: file~ and file.~1~. */
#ifndef MCOPY_BACKUP_H
#define MCOPY_BACKUP_H

#include "mcopy/mcopy.h"

/*
 * backup_control -- what `control`, else $VERSION_CONTROL, asks for; the end for what is neither.
 * backup_suffix -- `suffix`, else $SIMPLE_BACKUP_SUFFIX, else ~; not one with a slash in it.
 */
enum backup backup_control(const char *control);
const char *backup_suffix(const char *suffix);

/*
 * backup_name -- the name that a backup of `path` would get now; to be freed.
 * backup_make -- move `path` there.  *name is to be freed.  Returns 0 or -errno.
 */
char *backup_name(const struct options *options, const char *path);
int backup_make(const struct options *options, const char *path, char **name);

#endif
