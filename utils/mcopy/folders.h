/* SPDX-License-Identifier: MIT */
/* The directories of an archive, which get their attributes when all is in them. */
#ifndef MCOPY_FOLDERS_H
#define MCOPY_FOLDERS_H

#include <stdbool.h>
#include <sys/stat.h>

#include "mcopy/inside.h"
#include "mcopy/mcopy.h"

struct folders;

struct folders *folders_new(void);

/*
 * folders_made -- the run has made a directory; folders_known -- what the archive says of one.
 *
 * A clean name, "" for the one that all is in.
 */
void folders_made(struct folders *folders, const char *name);
void folders_known(struct folders *folders, const char *name, const struct stat *st);

/*
 * folders_settle -- give them their attributes; `path` is what the one that all is in is called.
 *
 * Returns whether all went well; trouble was reported.
 */
bool folders_settle(struct folders *folders, const struct options *options, struct inside *inside,
                    const char *path);

void folders_free(struct folders *folders);

/* member_attributes -- of the open file or directory `fd`, called `path`; `mode`: what a new one
 * gets where its own is not kept.  Returns false after trouble, which was reported. */
bool member_attributes(const struct options *options, const struct stat *st, int fd,
                       const char *path, const mode_t *mode);

#endif
