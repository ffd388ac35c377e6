/* SPDX-License-Identifier: MIT */
/* One large view searched in pieces, by several threads. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/threads.h"
#include "mgrep/pieces.h"

/* A piece remembers so many lines; where more match, the rest of it is searched when its turn
 * comes. */
#define LINES     ((size_t)32 << 10)
#define STEP      ((size_t)24 << 10)
#define AHEAD     4  /* pieces for each thread that may wait for their turn, */
#define AHEAD_MAX 64 /* of all threads: each takes half a MiB of memory */

struct pieces {
    struct threads *threads;
    struct engine **engines; /* one a thread */
    unsigned count;
    unsigned char eol;
    bool judge;
    bool every; /* every line matches: none is looked for */
    const unsigned char *line, *begin, *end;
    size_t size;
    size_t next, pieces;
    struct piece *results; /* of pieces, modulo how many there may be at a time */
    size_t ahead;
};

/* The matching lines of [from, stop).  False: the rest of the piece is not searched. */
static bool find_lines(struct piece *piece, struct engine *engine, const unsigned char *from,
                       const unsigned char *stop)
{
    struct engine_line line;
    engine_region(engine, stop);
    while (from <= stop) {
        int r = piece->count < LINES ? engine_next(engine, from, &line) : ENGINE_FAILED;
        if (r < 0) {
            piece->searched = from; /* a failure is found again, in its turn */
            return false;
        }
        if (r == 0)
            break;
        piece->lines[piece->count++] = line;
        from = line.end + 1;
    }
    piece->searched = stop + 1;
    return true;
}

/* The beginning of the first line that ends in a piece, or behind it. */
static const unsigned char *first_line(const struct pieces *pieces, size_t number)
{
    const unsigned char *begin = pieces->begin + number * pieces->size;
    const unsigned char *eol = memrchr(pieces->line, pieces->eol, (size_t)(begin - pieces->line));
    return eol ? eol + 1 : pieces->line;
}

/* In steps, so that what was looked at for a NUL is still in the core's nearest cache. */
static void search_piece(void *context, unsigned thread, size_t number)
{
    struct pieces *pieces = context;
    struct piece *piece = &pieces->results[number % pieces->ahead];
    const unsigned char *begin = pieces->begin + number * pieces->size;
    const unsigned char *end =
        begin + pieces->size < pieces->end ? begin + pieces->size : pieces->end;
    const unsigned char *line = NULL;
    *piece = (struct piece){.end = end, .lines = piece->lines};
    for (bool go_on = true; begin < end;) {
        size_t len = (size_t)(end - begin) < STEP ? (size_t)(end - begin) : STEP;
        piece->nul = pieces->judge && memchr(begin, '\0', len);
        if (piece->nul)
            return;
        const unsigned char *stop = memrchr(begin, pieces->eol, len);
        begin += len;
        if (!stop)
            continue;
        if (!line) /* not sooner: only one of the pieces that a long line is in looks far back */
            piece->searched = line = first_line(pieces, number);
        piece->stop = stop;
        go_on = go_on && !pieces->every && find_lines(piece, pieces->engines[thread], line, stop);
        line = stop + 1;
    }
}

struct pieces *pieces_new(const struct engine *engine, unsigned threads, unsigned char eol,
                          bool judge)
{
    struct pieces *pieces = xmalloc(sizeof *pieces);
    *pieces = (struct pieces){
        .eol = eol,
        .judge = judge,
        .every = engine_every_line(engine),
        .ahead = (size_t)AHEAD * threads < AHEAD_MAX ? (size_t)AHEAD * threads : AHEAD_MAX,
    };
    pieces->threads = threads_new(threads, pieces->ahead, search_piece, pieces);
    if (!pieces->threads) {
        free(pieces);
        return NULL;
    }
    pieces->count = threads;
    pieces->engines = xmalloc(threads * sizeof *pieces->engines);
    for (unsigned i = 0; i < threads; i++)
        pieces->engines[i] = engine_copy(engine);
    pieces->results = xmalloc(pieces->ahead * sizeof *pieces->results);
    for (size_t i = 0; i < pieces->ahead; i++)
        pieces->results[i].lines = xmalloc(LINES * sizeof *pieces->results[i].lines);
    return pieces;
}

void pieces_free(struct pieces *pieces)
{
    if (!pieces)
        return;
    threads_free(pieces->threads);
    for (unsigned i = 0; i < pieces->count; i++)
        engine_free(pieces->engines[i]);
    for (size_t i = 0; i < pieces->ahead; i++)
        free(pieces->results[i].lines);
    free(pieces->engines);
    free(pieces->results);
    free(pieces);
}

void pieces_start(struct pieces *pieces, const unsigned char *line, const unsigned char *begin,
                  size_t len, size_t size)
{
    pieces->line = line;
    pieces->begin = begin;
    pieces->end = begin + len;
    pieces->size = size;
    pieces->next = 0;
    pieces->pieces = (len + size - 1) / size;
    threads_start(pieces->threads, pieces->pieces);
}

const struct piece *pieces_next(struct pieces *pieces)
{
    if (pieces->next == pieces->pieces)
        return NULL;
    threads_wait(pieces->threads, pieces->next);
    return &pieces->results[pieces->next++ % pieces->ahead];
}

void pieces_stop(struct pieces *pieces)
{
    threads_stop(pieces->threads);
    pieces->next = pieces->pieces;
}
