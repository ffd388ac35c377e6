/* SPDX-License-Identifier: MIT */
/* A thread that waits for work, and one that waits for it to be done. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "helper.h"

struct helper {
    pthread_t thread;
    pid_t owner;
    sem_t wanted;  /* posted for each turn, and for the end */
    sem_t done;    /* posted after each turn */
    unsigned left; /* turns begun and not yet waited for */
    bool end;
    void (*work)(void *, unsigned);
    void *argument;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ; /* only a signal ends it early */
}

static void *run(void *argument)
{
    struct helper *helper = argument;
    for (unsigned turn = 0;; turn++) {
        wait_for(&helper->wanted);
        if (helper->end)
            return NULL;
        helper->work(helper->argument, turn);
        sem_post(&helper->done);
    }
}

struct helper *mm__helper_new(void (*work)(void *, unsigned), void *argument)
{
    struct helper *helper = calloc(1, sizeof *helper);
    if (!helper)
        return NULL;
    helper->owner = getpid();
    helper->work = work;
    helper->argument = argument;
    sem_init(&helper->wanted, 0, 0);
    sem_init(&helper->done, 0, 0);
    /* Signals are for the threads that the program knows of. */
    sigset_t all, old;
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int error = pthread_create(&helper->thread, NULL, run, helper);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (error) {
        free(helper);
        return NULL;
    }
    return helper;
}

static bool has_thread(const struct helper *helper)
{
    return helper->owner == getpid();
}

void mm__helper_wait(struct helper *helper, unsigned turns)
{
    for (; helper->left > turns; helper->left--) {
        if (has_thread(helper))
            wait_for(&helper->done);
    }
}

void mm__helper_begin(struct helper *helper)
{
    helper->left++;
    sem_post(&helper->wanted);
}

void mm__helper_free(struct helper *helper)
{
    if (!helper)
        return;
    mm__helper_wait(helper, 0);
    if (has_thread(helper)) {
        helper->end = true;
        sem_post(&helper->wanted);
        pthread_join(helper->thread, NULL);
        sem_destroy(&helper->wanted);
        sem_destroy(&helper->done);
    }
    free(helper);
}
