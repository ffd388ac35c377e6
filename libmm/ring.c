/* SPDX-License-Identifier: MIT */
/*
 * A buffer mapped twice in a row.  The second mapping of the same pages is made
 * by mremap(2) with an old size of 0, which duplicates a shared mapping.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <libmm/mm.h>

#include "guard.h"

/* Both count bytes since the beginning and only grow; each has one writer. */
struct positions {
    _Atomic uint64_t produced;
    _Atomic uint64_t consumed;
};

struct mm_ring {
    unsigned char *data;
    size_t size;
    struct positions *positions; /* in a shared page of its own */
};

static int double_map(size_t size, unsigned char **data)
{
    unsigned char *base =
        mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    if (mmap(base, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
            MAP_FAILED ||
        mremap(base, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, base + size) == MAP_FAILED) {
        int error = -errno;
        munmap(base, 2 * size);
        return error;
    }
    *data = base;
    return 0;
}

int mm_ring_new(size_t size, struct mm_ring **ring)
{
    size_t page = guard_page();
    if (size > PTRDIFF_MAX / 2 - page)
        return -ENOMEM;
    struct mm_ring *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->size = size ? (size + page - 1) & ~(page - 1) : page;
    made->positions =
        mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
    munmap(ring->positions, guard_page());
    free(ring);
}

size_t mm_ring_size(const struct mm_ring *ring)
{
    return ring->size;
}

unsigned char *mm_ring_space(const struct mm_ring *ring, size_t *len)
{
    uint64_t produced = atomic_load_explicit(&ring->positions->produced, memory_order_relaxed);
    uint64_t consumed = atomic_load_explicit(&ring->positions->consumed, memory_order_acquire);
    *len = ring->size - (size_t)(produced - consumed);
    return ring->data + produced % ring->size;
}

void mm_ring_produce(struct mm_ring *ring, size_t len)
{
    atomic_fetch_add_explicit(&ring->positions->produced, len, memory_order_release);
}

const unsigned char *mm_ring_data(const struct mm_ring *ring, size_t *len)
{
    uint64_t consumed = atomic_load_explicit(&ring->positions->consumed, memory_order_relaxed);
    uint64_t produced = atomic_load_explicit(&ring->positions->produced, memory_order_acquire);
    *len = (size_t)(produced - consumed);
    return ring->data + consumed % ring->size;
}

void mm_ring_consume(struct mm_ring *ring, size_t len)
{
    atomic_fetch_add_explicit(&ring->positions->consumed, len, memory_order_release);
}
