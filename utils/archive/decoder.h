/* SPDX-License-Identifier: MIT */
/*
 * An archive, or a compressed file, decoded by a process of its own, member by member.
 *
 *     decoder_begin(&what, &decoder);
 *     while ((r = decoder_next(decoder, &member)) > 0)
 *         mm_scan_feed(scan, decoder_read, decoder), ...
 *     decoder_end(decoder);
 *
 * What wrote the archive is not trusted: the process can make no call by which it could do harm
 * (sandbox.h), and whatever it says is checked here.
 */
#ifndef ARCHIVE_DECODER_H
#define ARCHIVE_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <libmm/mm.h>

#include "archive/recognise.h"

struct decoder;

/* What is to be decoded, and how. */
struct decoder_what {
    int fd;                 /* a file, lent until decoder_end(), */
    uint64_t start;         /* from this byte on, to the end; or */
    struct mm_scan *stream; /* what this scan shows, unless NULL */
    const char *select;     /* the member that is wanted, or those below that name; NULL: all */
    enum recognised what;   /* it is: not PLAIN */
    unsigned depth;         /* of archives in archives; 1: none */
    bool all;               /* formats, not only the basic ones */
    bool sandbox;           /* false where there is none and the user was told so */
};

/* Texts live until the next call on the decoder. */
struct decoder_member {
    const char *name; /* in the archive, archives in it being directories */
    const char *link; /* where a link leads; "" for none */
    mode_t mode;
    bool content; /* of a compressed file: the name is empty */
    bool hard_link;
    bool absolute;  /* its name, or a hard link's target, began with a slash, in the archive */
    bool sparse;    /* it has holes */
    bool encrypted; /* it has no bytes */
    bool sized;     /* the size is known */
    uint64_t size;
    struct timespec time; /* of its last change */
    uid_t uid;
    gid_t gid;
};

/* What is wrong, and with which member ("": with the archive itself). */
struct decoder_trouble {
    const char *name, *words;
};

/*
 * decoder_begin -- fork the process that decodes.
 *
 * To be called by the first thread, before a process has others as far as can be.  Returns 0,
 * -ELIBACC where libarchive cannot be loaded, or -ENOMEM, -EAGAIN, and what mm_map_file() says.
 */
int decoder_begin(const struct decoder_what *what, struct decoder **decoder);

/*
 * decoder_next -- the next member; what is left of the one before is passed over.
 *
 * Returns 1, 0 at the end, or -EBADMSG for trouble, which decoder_trouble() has: the next call
 * then goes on behind it.
 */
int decoder_next(struct decoder *decoder, struct decoder_member *member);

/*
 * decoder_read -- more of the member's bytes, for mm_scan_feed().
 *
 * Returns how many, 0 at the member's end, -EBADMSG for trouble: then there are no more of them.
 */
ssize_t decoder_read(void *decoder, void *data, size_t room);

/*
 * decoder_ahead -- what follows of the member's bytes: *len of them, for decoder_read(); or, where
 * *hole, zeroes, which are passed over herewith.
 *
 * Returns 1, 0 at the member's end, -EBADMSG as decoder_read().
 */
int decoder_ahead(struct decoder *decoder, uint64_t *len, bool *hole);

struct decoder_trouble decoder_trouble(const struct decoder *decoder);

/* decoder_end -- end the process.  NULL is fine. */
void decoder_end(struct decoder *decoder);

#endif
