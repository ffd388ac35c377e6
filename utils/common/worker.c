/* SPDX-License-Identifier: MIT */
/* Worker processes, the worker's side. */
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "common/worker.h"
#include "common/workers.h"

static struct {
    struct worker *worker;
    int event;
    uint32_t item;
    bool said; /* something of this item */
} self;

static void tell_parent(void)
{
    uint64_t one = 1;
    (void)!write(self.event, &one, sizeof one);
}

static void put_record(uint32_t kind, const void *data, size_t len)
{
    struct mm_ring *ring = self.worker->records;
    struct record record = {kind, self.item, len};
    size_t room;
    unsigned char *to = mm_ring_space(ring, &room);
    if (room < sizeof record + len) {
        tell_parent();
        mm_ring_await_space(ring, sizeof record + len, -1);
    }
    memcpy(to, &record, sizeof record);
    if (len > 0)
        memcpy(to + sizeof record, data, len);
    mm_ring_produce(ring, sizeof record + len);
    if (room < WORKER_RING / 2)
        tell_parent();
}

void worker_say(unsigned kind, const void *data, size_t len)
{
    self.said = true;
    put_record(kind, data, len);
}

/* The processor time of this process, in nanoseconds. */
static uint64_t clock_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void perform_batch(const struct work *work, uint32_t number, const struct batch_head *head,
                          const char *item)
{
    bool go_on = true;
    uint64_t begun = clock_now();
    for (uint32_t i = 0; go_on && i < head->items; i++) {
        uint32_t len;
        memcpy(&len, item, sizeof len);
        self.item = i;
        self.said = false;
        atomic_store_explicit(&self.worker->shared->at, (uint64_t)number << 32 | i,
                              memory_order_relaxed);
        go_on = work->perform(work->context, item + sizeof len, len);
        if (self.said) { /* the parent will not have it done again */
            work->settle(work->context);
            self.item = i + 1;
            put_record(RECORD_SETTLED, NULL, 0);
        }
        item += sizeof len + len;
    }
    work->settle(work->context);
    put_record(RECORD_END, NULL, 0);
    atomic_fetch_add(&self.worker->shared->items, head->items);
    atomic_fetch_add(&self.worker->shared->spent, clock_now() - begun);
}

void worker_run(struct worker *worker, const struct work *work, int event, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    self.worker = worker;
    self.event = event;
    work->begin(work->context);
    for (uint32_t number = 0;; number++) {
        struct batch_head head;
        size_t len;
        if (mm_ring_await_data(worker->requests, sizeof head, -1) != 0)
            _exit(0);
        const unsigned char *data = mm_ring_data(worker->requests, &len);
        memcpy(&head, data, sizeof head);
        perform_batch(work, number, &head, (const char *)data + sizeof head);
        mm_ring_consume(worker->requests, sizeof head + head.len);
        atomic_fetch_add(&worker->shared->finished, 1);
        tell_parent();
    }
}
