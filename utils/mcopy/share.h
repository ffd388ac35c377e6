/* SPDX-License-Identifier: MIT */
/*
 * Plain new files below a directory, shared among worker processes.
 *
 * All decisions are the caller's, in order; only the bytes of a file that nothing depends on are
 * copied by others.  What must come after them, the attributes of directories, waits.
 */
#ifndef MCOPY_SHARE_H
#define MCOPY_SHARE_H

#include "mcopy/mcopy.h"

struct share;

/* share_new -- no worker is begun before many files are given. */
struct share *share_new(const struct options *options);

/*
 * share_file -- have it copied.  Returns false where the caller must do it.
 *
 * share_directory -- have attributes_path() called when all files given so far are copied;
 * `made` is NULL for one that was there.  Returns false where the caller can do it now.
 */
bool share_file(struct share *share, const struct job *job);
bool share_directory(struct share *share, const struct job *job, const struct stat *made);

/* share_settle -- wait for all of that.  Returns whether all went well; trouble was reported. */
bool share_settle(struct share *share);

void share_free(struct share *share);

#endif
