/* SPDX-License-Identifier: MIT */
/*
 * Worker processes.  The parent gives items, which travel to the workers in batches; what the
 * workers say of them comes back in the order in which the items were given, as if one process
 * had done them all.
 *
 * Processes, because two threads that map and unmap small files wait for each other.  They are
 * forked one by one, while items pile up, from a process that has no thread but its first; they
 * share its memory as it was then, and die with it.  Memory is bounded: the parent waits where
 * it is far ahead of the workers, and a worker where it is far ahead of the parent.
 *
 * Nothing is lost with a worker: where one cannot be had the parent performs the items itself,
 * and where one dies, those that it had, but for the one that it died of.
 */
#ifndef COMMON_WORKERS_H
#define COMMON_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

struct workers;

#define WORKER_SAY_MAX ((size_t)256 << 10)

/* What there is to do.  All but the first three functions are called in the parent, in order. */
struct work {
    void *context;

    /* begin -- in a worker, once. */
    void (*begin)(void *context);
    /*
     * perform -- in a worker: one item, of which it says something with worker_say(), at
     * once or by settle().  Returns false where no item that follows matters.
     */
    bool (*perform)(void *context, const char *item, size_t len);
    /* settle -- in a worker: say what is held back.  After a batch, or an item of which something
     * was said. */
    void (*settle)(void *context);

    /* take -- what a worker said.  Returns false to end the work. */
    bool (*take)(void *context, unsigned kind, const char *data, size_t len);
    /* here -- perform an item in the parent.  Returns false to end the work. */
    bool (*here)(void *context, const char *item, size_t len);
    /* lost -- a worker died of `signal` over this item; some of what it said may be taken. */
    void (*lost)(void *context, const char *item, size_t len, int signal);
};

/* workers_new -- up to `most` workers, none of them begun.  `work` must live as long. */
struct workers *workers_new(const struct work *work, unsigned most);

/*
 * workers_give -- one item more, which is copied; with `stay` it is the parent's, in its turn.
 *
 * May take what was said so far, and wait.  Returns false when the work has ended.
 */
bool workers_give(struct workers *workers, const char *item, size_t len, bool stay);

/* workers_settle -- wait until all items are done, or the work has ended. */
void workers_settle(struct workers *workers);

/*
 * workers_free -- wait until all items are done, or the work has ended; then end the workers.
 *
 * A worker that ends the program (xfail) ends the parent, in its turn, with the same status.
 */
void workers_free(struct workers *workers);

/* worker_say -- in a worker: a record of at most WORKER_SAY_MAX bytes for take(). */
void worker_say(unsigned kind, const void *data, size_t len);

#endif
