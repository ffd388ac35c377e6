/* SPDX-License-Identifier: MIT */
/* Two views compared in pieces, by several threads where it pays, with the results in order. */
#ifndef MCMP_PIECES_H
#define MCMP_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcmp/list.h"

struct pieces;

struct piece {
    const unsigned char *a, *b;
    size_t len;
    uint64_t before; /* so many bytes of the files come before it */
    size_t compared; /* bytes of it that were looked at, all the same where there is no list */
    size_t newlines; /* among the bytes of `a` that were compared; without a list only */
    char *text;      /* with a list: the lines for the bytes that were compared */
    size_t text_len;
};

/*
 * pieces_new -- for `threads` threads at most, the caller among them.
 *
 * With `list`, which is lent, every difference becomes a line; without, a piece is compared
 * up to its first difference, and, with `newlines`, newlines are counted.
 */
struct pieces *pieces_new(unsigned threads, const struct list *list, bool newlines);

void pieces_free(struct pieces *pieces);

/* pieces_start -- compare `len` bytes; `before` are those of the files that come before them. */
void pieces_start(struct pieces *pieces, const unsigned char *a, const unsigned char *b, size_t len,
                  uint64_t before);

/* pieces_next -- the next piece, valid until the next call; NULL: there is none. */
struct piece *pieces_next(struct pieces *pieces);

/*
 * pieces_rest -- go on with a list that was full before its piece ended: the text and what
 * was compared are those of the rest.  Returns false where there is no rest.
 */
bool pieces_rest(struct pieces *pieces, struct piece *piece);

/* pieces_stop -- no more are wanted.  On return nobody looks at the views. */
void pieces_stop(struct pieces *pieces);

#endif
