/* SPDX-License-Identifier: MIT */
/* The process that decodes. */
#ifndef ARCHIVE_DECODE_H
#define ARCHIVE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libmm/mm.h>

#include "archive/recognise.h"

struct shared;

/* What it is to do: known before it is forked, and read from its copy of the memory. */
struct job {
    struct mm_map *map;  /* the archive, or NULL: it comes */
    struct mm_ring *in;  /* by this ring */
    struct mm_ring *out; /* for records */
    struct shared *shared;
    const char *select;   /* the member, or those below it, that are wanted; NULL: all */
    enum recognised what; /* it is */
    unsigned depth;       /* of archives in archives; 1: none */
    bool all;             /* formats */
    bool sandbox;
    pid_t parent; /* with whom it dies */
};

/* decode_prepare -- load the library, in the parent.  Returns false where it cannot be had. */
bool decode_prepare(void);

/* decode -- be the process. */
_Noreturn void decode(const struct job *job);

#endif
