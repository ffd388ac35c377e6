/* SPDX-License-Identifier: MIT */
/* What the rooms of following share: the files and the clock, the names, the growth. */
#ifndef MTAIL_FOLLOW_H
#define MTAIL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "mtail/mtail.h"
#include "mtail/watch.h"

#define WRONG_TYPE (-1) /* for file->error: it is there, but cannot be followed */

struct follower {
    const struct options *options;
    struct output *out;
    struct file *files;
    size_t count;
    size_t most_formers; /* of one file, lest descriptors run out */
    struct watch watch;
    uint64_t now;         /* milliseconds, when the files were last looked at */
    bool over;            /* nothing will be added any more */
    bool check_output;    /* standard output is a pipe whose reader may go */
    struct pollfd *polls; /* standard output, inotify, and a stream per file */
};

/* is_open -- was there a file behind the name when it was last looked at? */
bool is_open(const struct file *file);

/* can_be_followed -- is a file of this mode of a type that grows? */
bool can_be_followed(mode_t mode);

/* same_file -- are these the same? */
bool same_file(const struct stat *a, const struct stat *b);

/* -------------------------------------------------------------------- grow.c */

/* let_go -- close the file behind the name. */
void let_go(struct file *file);

/* failed -- say why the file cannot be read any more, and let it go. */
void failed(struct follower *f, struct file *file, int error);

/*
 * pull -- print what was added to the file, and to those that had its name before.
 *
 * A line that a writer put in a file after it had put another one in an older file is
 * printed after that one.
 */
void pull(struct follower *f, struct file *file);

/*
 * retire -- the file behind the name is one that had the name before: it is still printed.
 *
 * A stream is let go, and so is the oldest where there are too many.
 */
void retire(struct follower *f, struct file *file);

/*
 * restore -- let the former file of that status be the one behind the name again, where it was
 * left.
 *
 * Nothing else is behind it.  Returns false where no former file is the one.
 */
bool restore(struct file *file, const struct stat *st);

/*
 * part_from_formers -- let those go that nobody seems to write to any more; `all`: the others too.
 *
 * Returns whether there was one.
 */
bool part_from_formers(struct follower *f, struct file *file, bool all);

/* -------------------------------------------------------------------- name.c */

/* examine -- where does the name lead now?  Goes over to the file that it finds. */
void examine(struct follower *f, struct file *file);

#endif
