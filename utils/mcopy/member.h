/* SPDX-License-Identifier: MIT */
/* One member of an archive, made in a directory. */
#ifndef MCOPY_MEMBER_H
#define MCOPY_MEMBER_H

#include "common/members.h"

#include "mcopy/mcopy.h"

struct member {
    const struct options *options;
    const char *from, *to; /* names, for messages */
    int dir;               /* where it is made, */
    const char *base;      /* under this name */
    struct stat st;        /* what the archive says of it */
    bool there;            /* something has that name: */
    struct stat old;
};

/*
 * member_way -- look at what has its name: GO, LEAVE for what options spare, or REFUSE after a
 * message.  Nothing is done to it yet, and no link is followed.  `archive` is not overwritten.
 */
enum member_way { MEMBER_GO, MEMBER_LEAVE, MEMBER_REFUSE };
enum member_way member_way(struct member *member, const struct stat *archive);

/*
 * member_file -- with the bytes that the input of `members` now has; *made is what became of it.
 * member_fill -- put them into the file `fd`, which is empty.
 * member_symbolic, member_hard, member_fifo -- what has no bytes; the second a name of `base` in
 * `dir`, called `target`.
 *
 * All return whether all went well; trouble was reported, and then no half file has the name.
 */
bool member_file(struct member *member, struct members *members, const struct decoder_member *known,
                 struct stat *made);
bool member_fill(struct member *member, struct members *members, int fd);
bool member_symbolic(const struct member *member, const char *target);
bool member_hard(const struct member *member, int dir, const char *base, const char *target);
bool member_fifo(const struct member *member);

#endif
