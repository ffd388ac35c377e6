/* SPDX-License-Identifier: MIT */
/* inotify: the kernel tells what happens to files, and to their names in directories. */
#ifndef MTAIL_WATCH_H
#define MTAIL_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "mtail/mtail.h"

struct watch {
    int fd; /* inotify's; -1: everything is polled */
    bool by_name;
    bool quiet;   /* that something is polled needs no message, or had one */
    bool started; /* the files were there when the following began, or were said not to be */
    struct file *files;
    size_t count;
};

/* watch_start -- from now on, events say which of the files have grown or were renamed. */
void watch_start(struct watch *watch, const struct options *options, struct file *files,
                 size_t count);

/*
 * watch_file -- watch the file that is open, and the directory of its name.
 *
 * What is missing is tried again.  file->polled tells whether anything may happen
 * to the file that inotify does not see.
 */
void watch_file(struct watch *watch, struct file *file);

/* watch_drop -- stop watching a file, by its descriptor, which becomes -1; names stay watched. */
void watch_drop(struct watch *watch, int *wd);

/* watch_events -- take what inotify has to tell, without waiting for it. */
void watch_events(struct watch *watch);

/*
 * watch_passing -- where is the oldest file that got the name and was not taken yet?
 *
 * Between two looks at a name several files may have had it.  Where they went in their
 * directory is known from its events; what that path leads to is what is meant if
 * file->traced is the same after watch_events().
 *
 * Returns its path, for free(3), or NULL.
 */
char *watch_passing(struct file *file);

/* watch_taken -- that one is taken. */
void watch_taken(struct file *file);

#endif
