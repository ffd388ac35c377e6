/* SPDX-License-Identifier: MIT */
/* Two views compared in pieces. */
#include <stdlib.h>

#include "common/message.h"
#include "common/threads.h"
#include "mcmp/difference.h"
#include "mcmp/pieces.h"

#define PIECE  ((size_t)256 << 10) /* both sides' fit in a core's second cache; */
#define LISTED ((size_t)128 << 10) /* of a list: its lines find room even where all differs */
#define ALONE  ((size_t)1 << 20)   /* so much without a difference, then others may help, */
#define SHARED ((size_t)4 << 20)   /* with no less than that */
/* So many pieces for each thread may wait for their turn; few are enough but on a busy machine. */
#define AHEAD        64
#define AHEAD_LISTED 8
#define TEXT         ((size_t)32 << 20) /* of all pieces together */

struct pieces {
    unsigned count;          /* of threads to be had; 1: there are none */
    struct threads *threads; /* NULL: not begun */
    const struct list *list;
    bool newlines;
    uint64_t alone; /* so many bytes were compared before there were threads */
    const unsigned char *a, *b;
    size_t len, size;
    uint64_t before;
    size_t next;           /* the next piece */
    bool shared;           /* threads are at work on them */
    struct piece *results; /* of pieces, modulo how many there may be at a time */
    size_t ahead;
    size_t room; /* for the text of one */
};

static void list_differences(const struct pieces *pieces, struct piece *piece)
{
    const unsigned char *a = piece->a, *b = piece->b;
    const size_t len = piece->len;
    size_t at = piece->compared;
    char *to = piece->text, *full = piece->text + pieces->room - LIST_LINE;
    while ((at += difference_find(a + at, b + at, len - at)) < len && to < full) {
        do {
            to += list_line(pieces->list, to, piece->before + at + 1, a[at], b[at]);
            at++;
        } while (at < len && a[at] != b[at] && to < full);
    }
    piece->compared = at;
    piece->text_len = (size_t)(to - piece->text);
}

static void compare_piece(void *context, unsigned thread, size_t number)
{
    (void)thread;
    struct pieces *pieces = context;
    struct piece *piece = &pieces->results[number % pieces->ahead];
    size_t from = number * pieces->size, left = pieces->len - from;
    *piece = (struct piece){.a = pieces->a + from,
                            .b = pieces->b + from,
                            .len = left < pieces->size ? left : pieces->size,
                            .before = pieces->before + from,
                            .text = piece->text};
    if (pieces->list)
        list_differences(pieces, piece);
    else if (pieces->newlines)
        piece->compared = difference_count(piece->a, piece->b, piece->len, &piece->newlines);
    else
        piece->compared = difference_find(piece->a, piece->b, piece->len);
}

struct pieces *pieces_new(unsigned threads, const struct list *list, bool newlines)
{
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    struct pieces *pieces = xmalloc(sizeof *pieces);
    *pieces = (struct pieces){
        .count = threads, .list = list, .newlines = newlines, .size = list ? LISTED : PIECE};
    pieces->ahead = threads > 1 ? threads * (size_t)(list ? AHEAD_LISTED : AHEAD) : 1;
    pieces->room = TEXT / pieces->ahead;
    pieces->results = xmalloc(pieces->ahead * sizeof *pieces->results);
    for (size_t i = 0; i < pieces->ahead; i++)
        pieces->results[i].text = list ? xmalloc(pieces->room) : NULL;
    return pieces;
}

void pieces_free(struct pieces *pieces)
{
    threads_free(pieces->threads);
    for (size_t i = 0; i < pieces->ahead; i++)
        free(pieces->results[i].text);
    free(pieces->results);
    free(pieces);
}

void pieces_start(struct pieces *pieces, const unsigned char *a, const unsigned char *b, size_t len,
                  uint64_t before)
{
    pieces->a = a;
    pieces->b = b;
    pieces->len = len;
    pieces->before = before;
    pieces->next = 0;
    pieces->shared = false;
}

/* Let others help where there is much to do, and no hurry. */
static void share(struct pieces *pieces)
{
    size_t done = pieces->next * pieces->size;
    if (pieces->count < 2 || pieces->shared || pieces->alone < ALONE || pieces->len - done < SHARED)
        return;
    if (!pieces->threads)
        pieces->threads = threads_new(pieces->count, pieces->ahead, compare_piece, pieces);
    if (!pieces->threads) {
        pieces->count = 1;
        return;
    }
    pieces_start(pieces, pieces->a + done, pieces->b + done, pieces->len - done,
                 pieces->before + done);
    threads_start(pieces->threads, (pieces->len + pieces->size - 1) / pieces->size);
    pieces->shared = true;
}

struct piece *pieces_next(struct pieces *pieces)
{
    if (pieces->next * pieces->size >= pieces->len)
        return NULL;
    share(pieces);
    size_t number = pieces->next++;
    struct piece *piece = &pieces->results[number % pieces->ahead];
    if (pieces->shared) {
        threads_wait(pieces->threads, number);
    } else {
        compare_piece(pieces, 0, number);
        pieces->alone += piece->len;
    }
    return piece;
}

bool pieces_rest(struct pieces *pieces, struct piece *piece)
{
    if (!pieces->list || piece->compared == piece->len)
        return false;
    list_differences(pieces, piece);
    return true;
}

void pieces_stop(struct pieces *pieces)
{
    if (pieces->shared)
        threads_stop(pieces->threads);
    pieces->shared = false;
    pieces->next = pieces->len / pieces->size + 1;
}
