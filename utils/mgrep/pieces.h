/* SPDX-License-Identifier: MIT */
/* One large view searched in pieces, by several threads, with the results in order. */
#ifndef MGREP_PIECES_H
#define MGREP_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include "mgrep/engine.h"

struct pieces;

/* The lines that end in a piece, without a last one that goes on in the next. */
struct piece {
    const unsigned char *end;  /* of the piece */
    bool nul;                  /* there is a NUL in it: its lines were not searched */
    const unsigned char *stop; /* the last end of line in it, NULL: none */
    /* The matching lines that begin before `searched`; from there on nobody looked. */
    struct engine_line *lines;
    size_t count;
    const unsigned char *searched;
};

/*
 * pieces_new -- `threads` threads, the caller among them, each with a copy of `engine`.
 *
 * With `judge` a piece with a NUL is not searched.  Returns NULL where there is only
 * one thread to be had.
 */
struct pieces *pieces_new(const struct engine *engine, unsigned threads, unsigned char eol,
                          bool judge);

void pieces_free(struct pieces *pieces);

/*
 * pieces_start -- search `len` bytes from `begin` on, in pieces of `size` bytes.
 *
 * The first line begins at `line`, which is no further on than `begin`.
 */
void pieces_start(struct pieces *pieces, const unsigned char *line, const unsigned char *begin,
                  size_t len, size_t size);

/* pieces_next -- the next piece, valid until the next call; NULL: there is none. */
const struct piece *pieces_next(struct pieces *pieces);

/* pieces_stop -- no more are wanted.  On return nobody looks at the view. */
void pieces_stop(struct pieces *pieces);

#endif
