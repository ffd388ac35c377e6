/* SPDX-License-Identifier: MIT */
/* What the rooms of the process that decodes share: one archive being decoded, and its bytes. */
#ifndef ARCHIVE_LEVEL_H
#define ARCHIVE_LEVEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/decode.h"
#include "archive/functions.h"
#include "archive/recognise.h"
#include "archive/record.h"

/* Its functions, from decode_prepare() on. */
extern const struct functions *libarchive;

/* An archive's bytes: a mapping, a ring, or a member of another archive. */
struct source {
    const struct job *job;
    struct mm_map *map;
    size_t at, reached; /* in the mapping: read so far, and at most */
    size_t lent;        /* of the ring's bytes, so many were given and not yet taken off */
    struct member *member;
    struct inflater *inflater; /* between: what is read is gzip, and what is given its content */
    bool failed;               /* no more could be had of it */
};

/* A member being read. */
struct member {
    struct archive *archive;
    unsigned char *begin; /* its first bytes, which were looked at before the others */
    size_t begun, given;  /* so many of them are there, and were given */
    int64_t at;           /* where the next byte stands in the member */
    bool sparse;          /* a hole came in the look ahead: the block behind it waits */
    const void *block;
    size_t block_len;
    int64_t block_at;
    bool ended;
};

/* One archive being decoded. */
struct level {
    const struct job *job;
    struct archive *archive;
    const char *name;   /* in the outermost archive: a prefix of its members' */
    const char *select; /* what is wanted of it, NULL: all */
    unsigned depth;     /* of further archives in it */
    uint32_t *index;
    const struct level *outer; /* whose member this one is */
    struct source *source;
    bool told; /* what is wrong with the member: the archive may well have no more to say */
};

/* level_decode -- what `source` has, as records. */
void level_decode(struct level *level, struct source *source, enum recognised what);

/* -------------------------------------------------------- put.c: what comes out */

/* job_progress -- a byte more went in or came out. */
void job_progress(const struct job *job);

/* job_put -- bytes, by the ring; level_put -- what comes before `len` of them. */
void job_put(const struct job *job, const void *data, size_t len);
void level_put(const struct level *level, enum record_kind kind, uint64_t len);

/* level_member -- a member begins. */
void level_member(const struct level *level, struct archive_entry *entry, const char *name,
                  size_t name_len, unsigned flags);

/* level_mode -- its type and mode: what has no type is a file, for ar has no other. */
mode_t level_mode(struct archive_entry *entry);

/* level_trouble -- with the member of that name; `words` may be NULL. */
void level_trouble(struct level *level, const char *name, const char *words);

/*
 * level_words -- what libarchive says is wrong.
 *
 * Where an archive's bytes did not come, the archive that it is in has the words.
 */
const char *level_words(const struct level *level);

/* level_is_unwanted -- is no more wanted of the member? */
bool level_is_unwanted(const struct level *level);

/* ------------------------------------------------------ source.c: what goes in */

/* source_read, source_skip, source_seek -- libarchive's callbacks, with the source as context. */
la_ssize_t source_read(struct archive *archive, void *source, const void **data);
la_int64_t source_skip(struct archive *archive, void *source, la_int64_t request);
la_int64_t source_seek(struct archive *archive, void *source, la_int64_t offset, int whence);

/* source_bytes -- the same as source_read(), without an inflater between. */
ssize_t source_bytes(void *source, const void **data);

/* source_read_ring -- what comes by the ring: how much, 0 at the end. */
la_ssize_t source_read_ring(struct source *source, const void **data);

/* member_look -- have the first `want` bytes, which tell what it is.  Returns false for trouble. */
bool member_look(struct member *member, size_t want);

/*
 * member_next -- the next run of a member's bytes, behind a hole maybe.
 *
 * Returns 1, 0 at the end, -1 for trouble.
 */
int member_next(struct member *member, const void **data, size_t *len, uint64_t *hole);

#endif
