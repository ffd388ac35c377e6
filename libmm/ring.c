/* SPDX-License-Identifier: MIT */
/*
 * A buffer mapped twice in a row.  The second mapping of the same pages is made
 * by mremap(2) with an old size of 0, which duplicates a shared mapping.
 */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "guard.h"

/* How long a wait sleeps before it looks whether the other process still lives. */
#define LOOK_NS (10 * 1000 * 1000)

/*
 * What is waited for: a counter that a futex can sleep on, stepped at every change,
 * and how many sleep, so that a change that nobody awaits costs no system call.
 */
struct bell {
    _Atomic uint32_t turn;
    _Atomic uint32_t sleepers;
};

/* The counts are of bytes since the beginning and only grow; each has one writer. */
struct positions {
    _Atomic uint64_t produced;
    _Atomic uint64_t consumed;
    struct bell data;
    struct bell space;
    atomic_bool finished;
};

struct mm_ring {
    unsigned char *data;
    size_t size;
    struct positions *positions; /* in a shared page of its own */
};

/* No FUTEX_PRIVATE_FLAG: the two sides are processes. */
static void strike(struct bell *bell)
{
    atomic_fetch_add(&bell->turn, 1);
    if (atomic_load(&bell->sleepers) > 0)
        syscall(SYS_futex, &bell->turn, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Sleep until the bell is struck after `turn`, or for a moment when a process is to be watched. */
static void sleep_on(struct bell *bell, uint32_t turn, int other)
{
    const struct timespec moment = {0, LOOK_NS};
    atomic_fetch_add(&bell->sleepers, 1);
    syscall(SYS_futex, &bell->turn, FUTEX_WAIT, turn, other >= 0 ? &moment : NULL, NULL, 0);
    atomic_fetch_sub(&bell->sleepers, 1);
}

static bool has_ended(int pidfd)
{
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return pidfd >= 0 && poll(&end, 1, 0) > 0;
}

/* The same pages twice, by duplicating a shared mapping. */
static int map_by_mremap(unsigned char *base, size_t size)
{
    if (mmap(base, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
            MAP_FAILED ||
        mremap(base, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, base + size) == MAP_FAILED)
        return -errno;
    return 0;
}

/* The same from a file in memory, where mremap(2) is only played: by valgrind, or by gVisor. */
static int map_by_memfd(unsigned char *base, size_t size)
{
    int fd = memfd_create("ring", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = ftruncate(fd, (off_t)size) == 0 ? 0 : -errno;
    for (int i = 0; !error && i < 2; i++)
        if (mmap(base + (size_t)i * size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                 0) == MAP_FAILED)
            error = -errno;
    close(fd);
    return error;
}

static int double_map(size_t size, unsigned char **data)
{
    unsigned char *base =
        mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    int error = map_by_mremap(base, size);
    if (error)
        error = map_by_memfd(base, size);
    if (error) {
        munmap(base, 2 * size);
        return error;
    }
    *data = base;
    return 0;
}

int mm_ring_new(size_t size, struct mm_ring **ring)
{
    size_t page = mm__guard_page();
    if (size > PTRDIFF_MAX / 2 - page)
        return -ENOMEM;
    struct mm_ring *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->size = size ? (size + page - 1) & ~(page - 1) : page;
    made->positions = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made->positions == MAP_FAILED) {
        free(made);
        return -ENOMEM;
    }
    int error = double_map(made->size, &made->data);
    if (error) {
        munmap(made->positions, page);
        free(made);
        return error;
    }
    *ring = made;
    return 0;
}

void mm_ring_free(struct mm_ring *ring)
{
    if (!ring)
        return;
    munmap(ring->data, 2 * ring->size);
    munmap(ring->positions, mm__guard_page());
    free(ring);
}

size_t mm_ring_size(const struct mm_ring *ring)
{
    return ring->size;
}

/*
 * How far the producer is ahead.  No more than the ring holds, whatever the other process wrote
 * to the counts: who uses the length stays in the mapping.
 */
static size_t filled(const struct mm_ring *ring, uint64_t produced, uint64_t consumed)
{
    uint64_t len = produced - consumed;
    return len < ring->size ? (size_t)len : ring->size;
}

unsigned char *mm_ring_space(const struct mm_ring *ring, size_t *len)
{
    uint64_t produced = atomic_load_explicit(&ring->positions->produced, memory_order_relaxed);
    uint64_t consumed = atomic_load_explicit(&ring->positions->consumed, memory_order_acquire);
    *len = ring->size - filled(ring, produced, consumed);
    return ring->data + produced % ring->size;
}

void mm_ring_produce(struct mm_ring *ring, size_t len)
{
    atomic_fetch_add_explicit(&ring->positions->produced, len, memory_order_release);
    strike(&ring->positions->data);
}

const unsigned char *mm_ring_data(const struct mm_ring *ring, size_t *len)
{
    uint64_t consumed = atomic_load_explicit(&ring->positions->consumed, memory_order_relaxed);
    uint64_t produced = atomic_load_explicit(&ring->positions->produced, memory_order_acquire);
    *len = filled(ring, produced, consumed);
    return ring->data + consumed % ring->size;
}

void mm_ring_consume(struct mm_ring *ring, size_t len)
{
    atomic_fetch_add_explicit(&ring->positions->consumed, len, memory_order_release);
    strike(&ring->positions->space);
}

/* How many bytes there are for a wait on data, or on space. */
static size_t there_are(const struct mm_ring *ring, bool data)
{
    size_t len;
    if (data)
        mm_ring_data(ring, &len);
    else
        mm_ring_space(ring, &len);
    return len;
}

static int await(struct mm_ring *ring, size_t want, int other, bool data)
{
    struct bell *bell = data ? &ring->positions->data : &ring->positions->space;
    if (want > ring->size)
        return -EINVAL;
    for (;;) {
        uint32_t turn = atomic_load(&bell->turn);
        /* The end is looked for first: what was produced before it is then seen. */
        bool finished = atomic_load(&ring->positions->finished);
        bool ended = !finished && has_ended(other);
        if (there_are(ring, data) >= want)
            return 0;
        if (finished || ended)
            return finished ? -EPIPE : -ESRCH;
        sleep_on(bell, turn, other);
    }
}

int mm_ring_await_data(struct mm_ring *ring, size_t want, int other)
{
    return await(ring, want, other, true);
}

int mm_ring_await_space(struct mm_ring *ring, size_t want, int other)
{
    return await(ring, want, other, false);
}

void mm_ring_finish(struct mm_ring *ring)
{
    atomic_store(&ring->positions->finished, true);
    strike(&ring->positions->data);
    strike(&ring->positions->space);
}
