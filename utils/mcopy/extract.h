/* SPDX-License-Identifier: MIT */
/* One member after the other, made where its name says, or refused. */
#ifndef MCOPY_EXTRACT_H
#define MCOPY_EXTRACT_H

#include "common/members.h"

#include "mcopy/folders.h"
#include "mcopy/inside.h"
#include "mcopy/mcopy.h"

/* An archive that is being unpacked. */
struct extract {
    const struct options *options;
    struct members *members;
    struct stat archive;
    char *select;   /* the part of the operand behind the archive's name, "" for none */
    bool directory; /* the operand is one */
    char *path;     /* of the directory that nothing leaves, */
    struct inside *inside;
    char *prefix; /* and where in it the operand goes; "": it is that directory */
    struct folders *folders;
    void *empty; /* files without bytes that were made: another link may bring them */
    bool good;
};

/*
 * extract_member -- make the member called `from`, which is `own` in the archive; these texts, and
 * `link`, are not the decoder's.
 *
 * Returns whether all went well; trouble was reported.
 */
bool extract_member(struct extract *u, const char *from, const char *own, const char *link,
                    const struct decoder_member *known);

/* extract_made -- a directory was made (of inside_open()); `context` is the struct extract. */
void extract_made(void *context, const char *name);

#endif
