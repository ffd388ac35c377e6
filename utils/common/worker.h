/* SPDX-License-Identifier: MIT */
/* A worker process and its parent: what they share, and how they talk.  See workers.h. */
#ifndef COMMON_WORKER_H
#define COMMON_WORKER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mm_ring;
struct work;

#define WORKER_RING ((size_t)1 << 20) /* for what a worker says ahead of its turn */

/* Before the items of a batch, each of which is behind its length, a uint32_t. */
struct batch_head {
    uint32_t items, len;
};

/* What comes before what is said. */
struct record {
    uint32_t kind; /* or one of the two below, the largest */
    uint32_t item; /* the first that not all is said of */
    size_t len;
};

#define RECORD_END     UINT32_MAX
#define RECORD_SETTLED (UINT32_MAX - 1)

/* Written by the worker, in a cache line of its own, read by the parent. */
struct shared {
    _Alignas(64) _Atomic uint64_t at; /* batch << 32 | item */
    _Atomic uint32_t finished;        /* batches, */
    _Atomic uint64_t items;           /* so many items of them, */
    _Atomic uint64_t spent;           /* which took so many nanoseconds */
};

struct worker {
    pid_t pid;  /* 0 when it has ended, */
    int status; /* so */
    int pidfd;  /* or -1 */
    uint32_t given;
    struct mm_ring *requests, *records;
    struct shared *shared;
};

/*
 * worker_run -- be a worker of `parent`, which is told by the eventfd `event` to look at the
 * records, until it dies or will give no more.
 */
_Noreturn void worker_run(struct worker *worker, const struct work *work, int event, pid_t parent);

#endif
