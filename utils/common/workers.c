/* SPDX-License-Identifier: MIT */
/* Worker processes, the parent's side. */
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/message.h"
#include "common/worker.h"
#include "common/workers.h"

/* A batch is to take two milliseconds, but for the first ones, of which nobody knows. */
#define BATCH_NS    2000000
#define BATCH_FIRST 8
#define BATCH_ITEMS 256
#define BATCH_BYTES ((size_t)16 << 10)
#define DEPTH       8   /* so many batches wait for a worker or are with it, */
#define BATCHES     256 /* and so many in all are not yet taken */
#define REQUESTS    ((DEPTH + 1) * (BATCH_BYTES + 64))
#define WORKERS_MAX 64
#define LOOK_MS     100 /* where no descriptor tells of a worker's end */

/* Items, each behind its length; with a head of its own they travel to a worker. */
struct batch {
    struct batch *next;
    struct worker *worker; /* NULL: the parent performs it */
    uint32_t number;       /* of the worker's batches */
    uint32_t settled;      /* all was taken that is said of so many items */
    struct batch_head head;
    char items[];
};

struct workers {
    const struct work *work;
    struct batch *open;          /* being filled, or NULL */
    struct batch *first, **last; /* those given and not taken, */
    unsigned batches;            /* so many */
    bool ended;
    bool full; /* no further worker can be had */
    unsigned most, count;
    int event;          /* a worker has something to tell */
    struct mm_map *map; /* of what is shared */
    struct worker worker[];
};

struct workers *workers_new(const struct work *work, unsigned most)
{
    if (most > WORKERS_MAX)
        most = WORKERS_MAX;
    struct workers *workers = xmalloc(sizeof *workers + most * sizeof *workers->worker);
    *workers = (struct workers){.work = work, .most = most};
    workers->last = &workers->first;
    signal(SIGCHLD, SIG_DFL); /* ignored, it would take their statuses away */
    workers->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    workers->full = workers->event < 0 || mm_map_anonymous(most * sizeof(struct shared),
                                                           MM_MAP_SHARED, &workers->map) != 0;
    return workers;
}

static void begin_worker(struct workers *workers)
{
    struct worker *worker = &workers->worker[workers->count];
    pid_t parent = getpid(), pid = -1;
    *worker = (struct worker){
        .shared = (struct shared *)mm_map_data(workers->map) + workers->count,
    };
    if (mm_ring_new(REQUESTS, &worker->requests) == 0 &&
        mm_ring_new(WORKER_RING, &worker->records) == 0)
        pid = fork();
    if (pid == 0)
        worker_run(worker, workers->work, workers->event, parent);
    if (pid < 0) {
        mm_ring_free(worker->requests);
        mm_ring_free(worker->records);
        workers->full = true;
        return;
    }
    worker->pid = pid;
    worker->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    workers->count++;
}

static uint32_t waiting(const struct worker *worker)
{
    return worker->given - atomic_load(&worker->shared->finished);
}

/* The worker with the least to do, perhaps a new one; NULL: none lives. */
static struct worker *idlest(struct workers *workers)
{
    struct worker *best = NULL;
    for (unsigned i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->worker[i];
        if (worker->pid > 0 && (!best || waiting(worker) < waiting(best)))
            best = worker;
    }
    if ((!best || waiting(best) > 0) && workers->count < workers->most && !workers->full) {
        begin_worker(workers);
        if (!workers->full)
            best = &workers->worker[workers->count - 1];
    }
    return best;
}

/* Note which workers have ended. */
static void look_for_ends(struct workers *workers)
{
    for (unsigned i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->worker[i];
        if (worker->pid > 0 && waitpid(worker->pid, &worker->status, WNOHANG) == worker->pid)
            worker->pid = 0;
    }
}

/* Wait until a worker has something to tell, or ends. */
static void await(struct workers *workers)
{
    struct pollfd fds[WORKERS_MAX + 1] = {{.fd = workers->event, .events = POLLIN}};
    int limit = -1;
    for (unsigned i = 0; i < workers->count; i++) {
        const struct worker *worker = &workers->worker[i];
        fds[1 + i] = (struct pollfd){.fd = worker->pid ? worker->pidfd : -1, .events = POLLIN};
        if (worker->pid && worker->pidfd < 0)
            limit = LOOK_MS;
    }
    int ready = poll(fds, 1 + workers->count, limit);
    if (ready > 0 && fds[0].revents) {
        uint64_t events;
        (void)!read(workers->event, &events, sizeof events);
        ready--;
    }
    if (ready != 0 || limit >= 0)
        look_for_ends(workers);
}

#define NO_ITEM UINT32_MAX

/* Perform what is left of a batch, but for the item `died` that its worker died over. */
static void perform_here(struct workers *workers, const struct batch *batch, uint32_t died)
{
    const struct work *work = workers->work;
    const char *item = batch->items;
    for (uint32_t i = 0; !workers->ended && i < batch->head.items; i++) {
        uint32_t len;
        memcpy(&len, item, sizeof len);
        item += sizeof len;
        if (i == died)
            work->lost(work->context, item, len, WTERMSIG(batch->worker->status));
        else if (i >= batch->settled)
            workers->ended = !work->here(work->context, item, len);
        item += len;
    }
}

/* The worker of the first batch has ended before it was done. */
static void take_over(struct workers *workers, const struct batch *batch)
{
    const struct worker *worker = batch->worker;
    if (WIFEXITED(worker->status) && WEXITSTATUS(worker->status) != 0)
        exit(WEXITSTATUS(worker->status));
    uint64_t at = atomic_load(&worker->shared->at);
    perform_here(workers, batch, at >> 32 == batch->number ? (uint32_t)at : NO_ITEM);
}

/* Take what there is of the first batch.  Returns whether that was all of it. */
static bool take_batch(struct workers *workers, struct batch *batch)
{
    const struct work *work = workers->work;
    if (!batch->worker) {
        perform_here(workers, batch, NO_ITEM);
        return true;
    }
    bool dead = batch->worker->pid == 0; /* then all that it said is there */
    struct mm_ring *ring = batch->worker->records;
    const unsigned char *data;
    size_t len;
    while (!workers->ended && (data = mm_ring_data(ring, &len), len > 0)) {
        struct record record;
        memcpy(&record, data, sizeof record);
        data += sizeof record;
        batch->settled = record.item;
        if (record.kind < RECORD_SETTLED)
            workers->ended =
                !work->take(work->context, record.kind, (const char *)data, record.len);
        mm_ring_consume(ring, sizeof record + record.len);
        if (record.kind == RECORD_END)
            return true;
    }
    if (dead && !workers->ended)
        take_over(workers, batch);
    return dead;
}

/* Do what can be done without waiting. */
static void take_all(struct workers *workers)
{
    struct batch *batch;
    while (!workers->ended && (batch = workers->first) && take_batch(workers, batch)) {
        workers->first = batch->next;
        if (!workers->first)
            workers->last = &workers->first;
        workers->batches--;
        free(batch);
    }
}

/* Who performs the next batch, once there is room for it?  NULL: the parent. */
static struct worker *await_room(struct workers *workers, bool stay)
{
    for (;;) {
        take_all(workers);
        struct worker *worker = NULL;
        bool room = workers->batches < BATCHES;
        if (room && !stay && !workers->ended) {
            worker = idlest(workers);
            room = !worker || waiting(worker) < DEPTH;
        }
        if (room || workers->ended)
            return worker;
        await(workers);
    }
}

/* Give the batch that is being filled to a worker, or, with `stay`, to the parent itself. */
static void send_batch(struct workers *workers, bool stay)
{
    struct batch *batch = workers->open;
    if (!batch)
        return;
    struct worker *worker = await_room(workers, stay);
    workers->open = NULL;
    *workers->last = batch;
    workers->last = &batch->next;
    workers->batches++;
    batch->worker = worker;
    if (worker) {
        size_t room, len = sizeof batch->head + batch->head.len;
        memcpy(mm_ring_space(worker->requests, &room), &batch->head, len);
        mm_ring_produce(worker->requests, len);
        batch->number = worker->given++;
    }
}

/* How many items make a batch. */
static uint32_t batch_items(const struct workers *workers)
{
    uint64_t items = 0, spent = 1;
    for (unsigned i = 0; i < workers->count; i++) {
        items += atomic_load(&workers->worker[i].shared->items);
        spent += atomic_load(&workers->worker[i].shared->spent);
    }
    uint64_t enough = items > 0 ? BATCH_NS * items / spent : BATCH_FIRST;
    return enough < 1 ? 1 : enough > BATCH_ITEMS ? BATCH_ITEMS : (uint32_t)enough;
}

bool workers_give(struct workers *workers, const char *item, size_t len, bool stay)
{
    struct batch *batch = workers->open;
    stay |= len > BATCH_BYTES / 2;
    if (stay || (batch && batch->head.len + sizeof(uint32_t) + len > BATCH_BYTES)) {
        send_batch(workers, false);
        batch = NULL;
    }
    if (!batch) {
        size_t room = stay ? sizeof(uint32_t) + len : BATCH_BYTES;
        batch = workers->open = xmalloc(sizeof *batch + room);
        *batch = (struct batch){0};
    }
    uint32_t size = (uint32_t)len;
    char *to = batch->items + batch->head.len;
    memcpy(to, &size, sizeof size);
    memcpy(to + sizeof size, item, len);
    batch->head.len += (uint32_t)(sizeof size + len);
    batch->head.items++;
    if (stay || batch->head.items >= batch_items(workers))
        send_batch(workers, stay);
    return !workers->ended;
}

void workers_settle(struct workers *workers)
{
    send_batch(workers, false);
    while (take_all(workers), !workers->ended && workers->first)
        await(workers);
}

void workers_free(struct workers *workers)
{
    workers_settle(workers);
    for (struct batch *batch; (batch = workers->first);) {
        workers->first = batch->next;
        free(batch);
    }
    for (unsigned i = 0; i < workers->count; i++) {
        if (workers->worker[i].pid > 0)
            kill(workers->worker[i].pid, SIGKILL);
    }
    for (unsigned i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->worker[i];
        if (worker->pid > 0)
            waitpid(worker->pid, &worker->status, 0);
        if (worker->pidfd >= 0)
            close(worker->pidfd);
        mm_ring_free(worker->requests);
        mm_ring_free(worker->records);
    }
    if (workers->event >= 0)
        close(workers->event);
    mm_map_close(workers->map);
    free(workers);
}
