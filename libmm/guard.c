/* SPDX-License-Identifier: MIT */
/*
 * SIGBUS into an error: a lost page of a watched range becomes a page of zeroes,
 * and the range is marked.  The method is that of systemd's sigbus.c (queue the
 * address, map zeroes, go on) with a table that needs no lock in the handler.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libmm/mm.h>

#include "guard.h"

/*
 * `turn` is odd while the place is given another range.  A thread can fault only in
 * a range that nobody is giving away, so a place in change is never the one that
 * the handler looks for.
 */
struct guard_place {
    atomic_bool taken;
    atomic_uint turn;
    atomic_uintptr_t start;
    atomic_size_t len;
    atomic_int prot;
    atomic_size_t lost;
};

#define PLACES 64

/* Never freed: the handler may be reading it. */
static struct chunk {
    struct guard_place places[PLACES];
    _Atomic(struct chunk *) next;
} first;

static struct sigaction older;
static atomic_size_t page_size;

static bool holds(struct guard_place *place, uintptr_t address, uintptr_t *start, int *prot)
{
    unsigned turn = atomic_load_explicit(&place->turn, memory_order_acquire);
    if (turn & 1)
        return false;
    /* Acquired, so that the turn is looked at again after them. */
    *start = atomic_load_explicit(&place->start, memory_order_acquire);
    size_t len = atomic_load_explicit(&place->len, memory_order_acquire);
    *prot = atomic_load_explicit(&place->prot, memory_order_acquire);
    if (atomic_load_explicit(&place->turn, memory_order_relaxed) != turn)
        return false;
    return address - *start < len;
}

/* Replace the page at `address` if a place watches it. */
static bool replace(uintptr_t address)
{
    for (struct chunk *chunk = &first; chunk; chunk = atomic_load(&chunk->next)) {
        for (int i = 0; i < PLACES; i++) {
            struct guard_place *place = &chunk->places[i];
            uintptr_t start;
            int prot;
            if (!holds(place, address, &start, &prot))
                continue;
            uintptr_t page = address & ~(uintptr_t)(mm__guard_page() - 1);
            void *got = mmap((void *)page, mm__guard_page(), prot,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
            if (got == MAP_FAILED)
                return false;
            size_t lost = page - start;
            size_t lowest = atomic_load(&place->lost);
            while (lost < lowest && !atomic_compare_exchange_weak(&place->lost, &lowest, lost))
                ;
            return true;
        }
    }
    return false;
}

/* Hand a fault that is not ours to the handler that stood before. */
static void pass_on(int signal, siginfo_t *info, void *context)
{
    if (older.sa_flags & SA_SIGINFO) {
        older.sa_sigaction(signal, info, context);
    } else if (older.sa_handler != SIG_DFL && older.sa_handler != SIG_IGN) {
        older.sa_handler(signal);
    } else if (older.sa_handler == SIG_DFL || info->si_code > 0) {
        /* The access faults again on return, or kill(2)'s signal is raised again: both end here. */
        struct sigaction plain = {.sa_handler = SIG_DFL};
        sigaction(SIGBUS, &plain, NULL);
        if (info->si_code <= 0)
            raise(SIGBUS);
    }
}

static void on_sigbus(int signal, siginfo_t *info, void *context)
{
    int saved = errno;
    /* A code above 0 is the kernel's: si_addr is where the access was. */
    if (info->si_code <= 0 || !replace((uintptr_t)info->si_addr))
        pass_on(signal, info, context);
    errno = saved;
}

int mm_guard_install(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int result = 0;

    pthread_mutex_lock(&mutex);
    mm__guard_page();
    struct sigaction now;
    if (sigaction(SIGBUS, NULL, &now) != 0) {
        result = -errno;
    } else if (!(now.sa_flags & SA_SIGINFO) || now.sa_sigaction != on_sigbus) {
        struct sigaction ours = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigemptyset(&ours.sa_mask);
        older = now;
        if (sigaction(SIGBUS, &ours, NULL) != 0)
            result = -errno;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

size_t mm_page_size(void)
{
    return mm__guard_page();
}

size_t mm__guard_page(void)
{
    size_t size = atomic_load_explicit(&page_size, memory_order_relaxed);
    if (size == 0) {
        size = (size_t)sysconf(_SC_PAGESIZE);
        atomic_store_explicit(&page_size, size, memory_order_relaxed);
    }
    return size;
}

static void install_once(void)
{
    mm_guard_install();
}

struct guard_place *mm__guard_take(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_once);

    struct chunk *chunk = &first;
    for (;;) {
        for (int i = 0; i < PLACES; i++) {
            struct guard_place *place = &chunk->places[i];
            if (!atomic_load_explicit(&place->taken, memory_order_relaxed) &&
                !atomic_exchange(&place->taken, true))
                return place;
        }
        struct chunk *next = atomic_load(&chunk->next);
        if (!next) {
            struct chunk *fresh = calloc(1, sizeof *fresh);
            if (!fresh)
                return NULL;
            if (atomic_compare_exchange_strong(&chunk->next, &next, fresh))
                next = fresh;
            else
                free(fresh);
        }
        chunk = next;
    }
}

void mm__guard_give(struct guard_place *place)
{
    if (!place)
        return;
    mm__guard_watch(place, NULL, 0, 0);
    atomic_store(&place->taken, false);
}

void mm__guard_watch(struct guard_place *place, void *start, size_t len, int prot)
{
    /* Other threads may fault in a range that stays: they find the old values or the new. */
    if (atomic_load_explicit(&place->start, memory_order_relaxed) == (uintptr_t)start) {
        atomic_store(&place->prot, prot);
        atomic_store(&place->len, len);
        return;
    }
    atomic_fetch_add_explicit(&place->turn, 1, memory_order_acq_rel);
    atomic_store_explicit(&place->start, (uintptr_t)start, memory_order_relaxed);
    atomic_store_explicit(&place->len, len, memory_order_relaxed);
    atomic_store_explicit(&place->prot, prot, memory_order_relaxed);
    atomic_fetch_add_explicit(&place->turn, 1, memory_order_release);
}

void mm__guard_reset(struct guard_place *place)
{
    atomic_store(&place->lost, GUARD_INTACT);
}

void mm__guard_shift(struct guard_place *place, size_t len)
{
    size_t lost = atomic_load(&place->lost);
    if (lost != GUARD_INTACT)
        atomic_store(&place->lost, lost > len ? lost - len : 0);
}

size_t mm__guard_lost(const struct guard_place *place)
{
    return atomic_load(&place->lost);
}
