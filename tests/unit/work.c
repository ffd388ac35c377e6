/* SPDX-License-Identifier: MIT */
/* Numbered pieces of work, shared by threads; ThreadSanitizer judges it where that can be had. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "common/threads.h"

#include "harness.h"

#define COUNT  4
#define AHEAD  6
#define PIECES 500

/* What the threads did; asserts are the caller's. */
struct record {
    struct threads *threads;
    size_t results[AHEAD]; /* plain: that of a piece is the caller's once it was waited for */
    atomic_size_t waited;  /* the caller's piece */
    atomic_size_t begun, at_work;
    atomic_bool too_far, too_many, caller_worked, signals_blocked;
    bool slow;
};

static void rest(void)
{
    nanosleep(&(struct timespec){0, 200000}, NULL);
}

static void work(void *context, unsigned thread, size_t piece)
{
    struct record *record = context;
    if (piece >= atomic_load(&record->waited) + AHEAD)
        atomic_store(&record->too_far, true);
    if (thread >= COUNT || atomic_fetch_add(&record->at_work, 1) >= COUNT)
        atomic_store(&record->too_many, true);
    if (thread == 0)
        atomic_store(&record->caller_worked, true);
    atomic_fetch_add(&record->begun, 1);
    if (record->slow)
        rest();
    record->results[piece % AHEAD] = 3 * piece + 1;
    atomic_fetch_sub(&record->at_work, 1);
}

static void begin(struct record *record)
{
    record->threads = threads_new(COUNT, AHEAD, work, record);
    assert_non_null(record->threads);
}

static void take(struct record *record, size_t piece)
{
    atomic_store(&record->waited, piece);
    threads_wait(record->threads, piece);
    assert_int_equal(record->results[piece % AHEAD], 3 * piece + 1);
}

static void end(struct record *record)
{
    threads_free(record->threads);
    assert_int_equal(record->at_work, 0);
    assert_false(record->too_far);
    assert_false(record->too_many);
}

static void results_come_in_order(void **state)
{
    (void)state;
    struct record record = {0};
    begin(&record);
    for (int round = 0; round < 3; round++) {
        atomic_store(&record.waited, 0);
        threads_start(record.threads, PIECES);
        for (size_t piece = 0; piece < PIECES; piece++)
            take(&record, piece);
        assert_int_equal(record.begun, (size_t)(round + 1) * PIECES);
    }
    end(&record);
}

/* As far ahead of the caller as was said, and no further. */
static void threads_run_ahead_so_far_and_wait(void **state)
{
    (void)state;
    struct record record = {0};
    begin(&record);
    threads_start(record.threads, PIECES);
    for (size_t piece = 0; piece < 20; piece++) {
        take(&record, piece);
        for (int i = 0; i < 50000 && atomic_load(&record.begun) < piece + AHEAD; i++)
            rest();
        rest();
        assert_int_equal(record.begun, piece + AHEAD);
    }
    end(&record);
}

/* A thread at work is waited for; what nobody began is not begun. */
static void stop_ends_the_work(void **state)
{
    (void)state;
    struct record record = {.slow = true};
    begin(&record);
    for (size_t last = 0; last < 30; last++) {
        atomic_store(&record.waited, 0);
        threads_start(record.threads, PIECES);
        for (size_t piece = 0; piece < last; piece++)
            take(&record, piece);
        threads_stop(record.threads);
        assert_int_equal(record.at_work, 0);
        size_t begun = record.begun;
        rest();
        assert_int_equal(record.begun, begun);
    }
    end(&record);
}

static void threads_end_while_at_work(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        struct record record = {.slow = true};
        begin(&record);
        threads_start(record.threads, PIECES);
        if (i % 2)
            take(&record, 0);
        end(&record);
    }
}

/* The others' first pieces end only when the caller has done one. */
static void wait_for_caller(void *context, unsigned thread, size_t piece)
{
    struct record *record = context;
    (void)piece;
    if (thread == 0)
        atomic_store(&record->caller_worked, true);
    while (!atomic_load(&record->caller_worked))
        rest();
}

static void caller_lends_a_hand(void **state)
{
    (void)state;
    struct record record = {0};
    record.threads = threads_new(2, 3, wait_for_caller, &record);
    assert_non_null(record.threads);
    threads_start(record.threads, 3);
    for (size_t piece = 0; piece < 3; piece++)
        threads_wait(record.threads, piece);
    assert_true(record.caller_worked);
    threads_free(record.threads);
}

/* Signals are the caller's to handle, but a fault is that of the thread that has it. */
static void look_at_signals(void *context, unsigned thread, size_t piece)
{
    struct record *record = context;
    sigset_t set;
    (void)piece;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    if (thread > 0) {
        atomic_store(&record->signals_blocked, sigismember(&set, SIGINT) &&
                                                   sigismember(&set, SIGPIPE) &&
                                                   !sigismember(&set, SIGBUS));
        atomic_store(&record->caller_worked, true);
    }
    while (!atomic_load(&record->caller_worked))
        rest();
}

static void signals_but_faults_are_left_to_the_caller(void **state)
{
    (void)state;
    struct record record = {0};
    sigset_t set;
    record.threads = threads_new(2, 2, look_at_signals, &record);
    assert_non_null(record.threads);
    threads_start(record.threads, 2);
    threads_wait(record.threads, 0);
    threads_wait(record.threads, 1);
    assert_true(record.signals_blocked);
    threads_free(record.threads);
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    assert_false(sigismember(&set, SIGINT));
}

static void one_thread_has_nobody_to_share_with(void **state)
{
    (void)state;
    struct record record = {0};
    assert_null(threads_new(1, AHEAD, work, &record));
    assert_null(threads_new(0, AHEAD, work, &record));
    threads_free(NULL);
    assert_true(threads_default() >= 1);
}

static void no_pieces_are_no_work(void **state)
{
    (void)state;
    struct record record = {0};
    begin(&record);
    threads_start(record.threads, 0);
    rest();
    threads_stop(record.threads);
    assert_int_equal(record.begun, 0);
    end(&record);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(results_come_in_order),
        TEST(threads_run_ahead_so_far_and_wait),
        TEST(stop_ends_the_work),
        TEST(threads_end_while_at_work),
        TEST(caller_lends_a_hand),
        TEST(signals_but_faults_are_left_to_the_caller),
        TEST(one_thread_has_nobody_to_share_with),
        TEST(no_pieces_are_no_work),
    };
    return run_named(argc, argv, tests);
}
