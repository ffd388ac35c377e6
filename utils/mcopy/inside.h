/* SPDX-License-Identifier: MIT */
/* Names below a directory that come from somebody who is not trusted: none leads out of it. */
#ifndef MCOPY_INSIDE_H
#define MCOPY_INSIDE_H

#include <stdbool.h>

struct inside;

/*
 * inside_open -- the directory `path`, which the user named, by links or not.
 *
 * `made` is called with each directory below it that inside_enter() makes.
 *
 * Returns 0 or -errno.
 */
int inside_open(const char *path, void (*made)(void *context, const char *name), void *context,
                struct inside **inside);

/*
 * inside_clean -- the name without what means nothing in it: doubled slashes, "." alone; to be
 * freed.  NULL: a part of it is "..".
 */
char *inside_clean(const char *name);

/*
 * inside_enter -- the directory that a clean name is in, its last part being *base.
 *
 * Each part before that is a directory, no link to one; with `make`, what is missing is made.
 *
 * Returns a descriptor, lent until the next call, or -ELOOP for a link, or -errno; after that
 * inside_stopped() is the name of the part that is meant.
 */
int inside_enter(struct inside *inside, const char *name, bool make, const char **base);
const char *inside_stopped(const struct inside *inside);

/* inside_close -- NULL is fine. */
void inside_close(struct inside *inside);

#endif
