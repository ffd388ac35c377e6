/* SPDX-License-Identifier: MIT */
/* What is said of the work besides trouble: -v. */
#ifndef MCOPY_REPORT_H
#define MCOPY_REPORT_H

#include "mcopy/mcopy.h"

/* report_copied -- `from` goes to `to`; what was there has become `backup`, unless NULL. */
void report_copied(const struct options *options, const char *from, const char *to,
                   const char *backup);

/* report_parent -- a directory that --parents makes; cp does not quote these. */
void report_parent(const struct options *options, const char *from, const char *to);

/* report_removed -- a file that was in the way; report_restored -- a backup that is none any more.
 */
void report_removed(const struct options *options, const char *path);
void report_restored(const struct options *options, const char *backup, const char *path);

struct stream;
/* report_stream -- standard output, for what else is told there. */
struct stream *report_stream(void);

/* report_flush -- before something else is written to the terminal; report_close -- at the end. */
void report_flush(void);
void report_close(void);

#endif
