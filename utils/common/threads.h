/* SPDX-License-Identifier: MIT */
/*
 * Threads that do numbered pieces of work, a bounded number of them ahead of the
 * caller, who takes the results in order and lends a hand while it waits.
 */
#ifndef COMMON_THREADS_H
#define COMMON_THREADS_H

#include <stdbool.h>
#include <stddef.h>

#define THREADS_MAX 64

struct threads;

/* threads_default -- as many as this process may use processors. */
unsigned threads_default(void);

/*
 * threads_new -- `count` threads, at most THREADS_MAX, of which the caller is number 0.
 *
 * `work` does a piece in whatever thread is free.  At most `ahead` pieces are begun
 * or done that the caller does not know of yet.  Returns NULL where fewer than two
 * threads can be had: then there is nothing to share.
 */
struct threads *threads_new(unsigned count, size_t ahead,
                            void (*work)(void *context, unsigned thread, size_t piece),
                            void *context);

/* threads_start -- there are pieces 0 to `pieces` - 1.  None of an earlier start is at work. */
void threads_start(struct threads *threads, size_t pieces);

/*
 * threads_wait -- until piece `piece` is done; it may be the caller who does it.
 *
 * To be called for each piece in turn.  What earlier pieces left may be overwritten.
 */
void threads_wait(struct threads *threads, size_t piece);

/* threads_stop -- no further piece is begun; on return none is at work. */
void threads_stop(struct threads *threads);

/* threads_free -- stop, and end the threads.  NULL is nothing. */
void threads_free(struct threads *threads);

#endif
