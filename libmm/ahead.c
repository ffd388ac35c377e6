/* SPDX-License-Identifier: MIT */
/* The thread that faults an output's next window in. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "ahead.h"

struct ahead {
    pthread_t thread;
    sem_t wanted; /* posted for a window to be begun, and for the end */
    sem_t ready;  /* posted when it is mapped and faulted in */
    bool end;
    bool begun; /* and not yet taken */
    int fd;
    uint64_t off;
    size_t len;
    struct mm_map *map; /* the window, or one that is to be used again */
    int error;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ; /* only a signal ends it early */
}

static void *run(void *argument)
{
    struct ahead *ahead = argument;
    for (;;) {
        wait_for(&ahead->wanted);
        if (ahead->end)
            return NULL;
        ahead->error = ahead->map ? mm_map_slide(ahead->map, ahead->fd, ahead->off, ahead->len)
                                  : mm_map_file(ahead->fd, ahead->off, ahead->len,
                                                MM_MAP_WRITE | MM_MAP_SHARED, &ahead->map);
        /* A page that cannot be had is found again by the store into it. */
        if (!ahead->error)
            mm_map_advise(ahead->map, 0, ahead->len, MM_ADVICE_POPULATE_WRITE);
        sem_post(&ahead->ready);
    }
}

struct ahead *mm__ahead_new(int fd)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    if (!ahead)
        return NULL;
    ahead->fd = fd;
    sem_init(&ahead->wanted, 0, 0);
    sem_init(&ahead->ready, 0, 0);
    /* Signals are for the threads that the program knows of. */
    sigset_t all, old;
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&ahead->thread, NULL, run, ahead);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error) {
        free(ahead);
        return NULL;
    }
    return ahead;
}

/* Let a window that nobody wants be finished. */
static void drain(struct ahead *ahead)
{
    if (ahead->begun)
        wait_for(&ahead->ready);
    ahead->begun = false;
}

void mm__ahead_begin(struct ahead *ahead, uint64_t off, size_t len)
{
    drain(ahead);
    ahead->off = off;
    ahead->len = len;
    ahead->begun = true;
    sem_post(&ahead->wanted);
}

bool mm__ahead_take(struct ahead *ahead, uint64_t off, size_t len, struct mm_map **map)
{
    bool same = ahead->begun && ahead->off == off && ahead->len == len;
    drain(ahead);
    if (!same || ahead->error)
        return false;
    struct mm_map *spare = *map;
    *map = ahead->map;
    ahead->map = spare;
    return true;
}

void mm__ahead_free(struct ahead *ahead)
{
    if (!ahead)
        return;
    drain(ahead);
    ahead->end = true;
    sem_post(&ahead->wanted);
    pthread_join(ahead->thread, NULL);
    mm_map_close(ahead->map);
    sem_destroy(&ahead->wanted);
    sem_destroy(&ahead->ready);
    free(ahead);
}
