/* SPDX-License-Identifier: MIT */
/* Threads that do numbered pieces of work. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "common/message.h"
#include "common/threads.h"

struct threads {
    pthread_mutex_t lock; /* of all below, but what never changes */
    pthread_cond_t to_do; /* a piece may be begun, or it is the end */
    pthread_cond_t done;  /* a piece was done */
    void (*work)(void *context, unsigned thread, size_t piece);
    void *context;
    size_t ahead;
    size_t next, pieces; /* pieces before `next` are begun */
    size_t waited;       /* the caller's piece */
    size_t at_work;
    bool *is_done; /* of the pieces from `waited` on, modulo `ahead` */
    bool end;
    unsigned count; /* with the caller */
    struct worker {
        struct threads *threads;
        pthread_t thread;
        unsigned number;
    } workers[];
};

unsigned threads_default(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return (unsigned)CPU_COUNT(&set);
}

static bool may_begin(const struct threads *t)
{
    return t->next < t->pieces && t->next < t->waited + t->ahead;
}

/* Do the next piece.  The lock is held before and after, not while at work. */
static void do_next(struct threads *t, unsigned thread)
{
    size_t piece = t->next++;
    t->at_work++;
    t->is_done[piece % t->ahead] = false;
    pthread_mutex_unlock(&t->lock);
    t->work(t->context, thread, piece);
    pthread_mutex_lock(&t->lock);
    t->is_done[piece % t->ahead] = true;
    t->at_work--;
    pthread_cond_broadcast(&t->done);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    struct threads *t = worker->threads;
    pthread_mutex_lock(&t->lock);
    while (!t->end) {
        if (may_begin(t))
            do_next(t, worker->number);
        else
            pthread_cond_wait(&t->to_do, &t->lock);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

struct threads *threads_new(unsigned count, size_t ahead,
                            void (*work)(void *context, unsigned thread, size_t piece),
                            void *context)
{
    if (count > THREADS_MAX)
        count = THREADS_MAX;
    struct threads *t = xmalloc(sizeof *t + count * sizeof *t->workers);
    *t = (struct threads){
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .to_do = PTHREAD_COND_INITIALIZER,
        .done = PTHREAD_COND_INITIALIZER,
        .work = work,
        .context = context,
        .ahead = ahead,
        .is_done = xmalloc(ahead * sizeof *t->is_done),
        .count = 1,
    };
    /* Signals are the caller's; but a fault is the thread's own. */
    sigset_t all, old;
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGSEGV);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; t->count < count; t->count++) {
        struct worker *worker = &t->workers[t->count];
        *worker = (struct worker){.threads = t, .number = t->count};
        if (pthread_create(&worker->thread, NULL, run, worker) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (t->count < 2) {
        threads_free(t);
        return NULL;
    }
    return t;
}

void threads_start(struct threads *t, size_t pieces)
{
    pthread_mutex_lock(&t->lock);
    t->next = t->waited = 0;
    t->pieces = pieces;
    pthread_cond_broadcast(&t->to_do);
    pthread_mutex_unlock(&t->lock);
}

void threads_wait(struct threads *t, size_t piece)
{
    pthread_mutex_lock(&t->lock);
    t->waited = piece;
    pthread_cond_broadcast(&t->to_do);
    while (piece >= t->next || !t->is_done[piece % t->ahead]) {
        if (may_begin(t))
            do_next(t, 0);
        else
            pthread_cond_wait(&t->done, &t->lock);
    }
    pthread_mutex_unlock(&t->lock);
}

void threads_stop(struct threads *t)
{
    pthread_mutex_lock(&t->lock);
    t->pieces = t->next;
    while (t->at_work > 0)
        pthread_cond_wait(&t->done, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void threads_free(struct threads *t)
{
    if (!t)
        return;
    threads_stop(t);
    pthread_mutex_lock(&t->lock);
    t->end = true;
    pthread_cond_broadcast(&t->to_do);
    pthread_mutex_unlock(&t->lock);
    for (unsigned i = 1; i < t->count; i++)
        pthread_join(t->workers[i].thread, NULL);
    free(t->is_done);
    free(t);
}
