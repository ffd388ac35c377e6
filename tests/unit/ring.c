/* SPDX-License-Identifier: MIT */
/* Rings: what wraps is contiguous, and a child fills what its parent reads. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

static void size_is_rounded_up_to_pages(void **state)
{
    (void)state;
    const size_t wanted[] = {0, 1, PAGE, PAGE + 1};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct mm_ring *ring;
        assert_int_equal(mm_ring_new(wanted[i], &ring), 0);
        size_t size = mm_ring_size(ring), len;
        assert_true(size >= wanted[i] && size >= PAGE && size % PAGE == 0);
        assert_non_null(mm_ring_space(ring, &len));
        assert_int_equal(len, size);
        mm_ring_data(ring, &len);
        assert_int_equal(len, 0);
        mm_ring_free(ring);
    }
    mm_ring_free(NULL);
}

/* Runs of 1000 bytes never fit the size evenly. */
static void assert_wraps(struct mm_ring *ring)
{
    unsigned char next_in = 0, next_out = 0;
    for (int round = 0; round < 100; round++) {
        size_t len;
        unsigned char *space = mm_ring_space(ring, &len);
        assert_true(len >= 1000);
        for (int i = 0; i < 1000; i++)
            space[i] = next_in++;
        mm_ring_produce(ring, 1000);
        const unsigned char *data = mm_ring_data(ring, &len);
        assert_int_equal(len, 1000);
        for (int i = 0; i < 1000; i++)
            assert_int_equal(data[i], next_out++);
        mm_ring_consume(ring, 1000);
    }
    mm_ring_free(ring);
}

static void what_wraps_is_contiguous(void **state)
{
    (void)state;
    struct mm_ring *ring;
    assert_int_equal(mm_ring_new(PAGE, &ring), 0);
    assert_wraps(ring);
}

static void full_ring_has_no_space(void **state)
{
    (void)state;
    struct mm_ring *ring;
    size_t len;
    assert_int_equal(mm_ring_new(PAGE, &ring), 0);
    mm_ring_produce(ring, PAGE);
    mm_ring_space(ring, &len);
    assert_int_equal(len, 0);
    mm_ring_consume(ring, 1);
    mm_ring_space(ring, &len);
    assert_int_equal(len, 1);
    mm_ring_free(ring);
}

static void child_fills_what_the_parent_reads(void **state)
{
    (void)state;
    struct mm_ring *ring;
    size_t len;
    assert_int_equal(mm_ring_new(PAGE, &ring), 0);
    pid_t child = fork();
    if (child == 0) {
        memcpy(mm_ring_space(ring, &len), "from the child", 14);
        mm_ring_produce(ring, 14);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    const unsigned char *data = mm_ring_data(ring, &len);
    assert_int_equal(len, 14);
    assert_memory_equal(data, "from the child", 14);
    mm_ring_free(ring);
}

static void impossible_size_is_an_error(void **state)
{
    (void)state;
    struct mm_ring *ring;
    assert_int_equal(mm_ring_new(SIZE_MAX, &ring), -ENOMEM);
    assert_int_equal(mm_ring_new((size_t)1 << 61, &ring), -ENOMEM);
}

static struct mm_ring *new_ring(size_t size)
{
    struct mm_ring *ring;
    assert_int_equal(mm_ring_new(size, &ring), 0);
    return ring;
}

/* To be asked before there is a child, which a skipped test would leave behind. */
static void need_pidfd(void)
{
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (fd < 0)
        skip_aloud("this kernel has no pidfd_open");
    close(fd);
}

/* A child that ends with the test, and a descriptor of it. */
static pid_t fork_watched(int *pidfd)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    else
        *pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    return child;
}

/* The byte at a place of the stream that is sent; a shift by any run is seen. */
static unsigned char byte_at(uint64_t at)
{
    return (unsigned char)(at * 0x9e3779b97f4a7c15u >> 56);
}

/* Send `len` bytes in runs of uneven lengths, at most `most` long. */
static int send(struct mm_ring *ring, uint64_t len, size_t most)
{
    for (uint64_t at = 0; at < len;) {
        size_t room, run = 1 + (size_t)(at * 31 % most);
        if (run > len - at)
            run = (size_t)(len - at);
        int error = mm_ring_await_space(ring, run, -1);
        if (error)
            return error;
        unsigned char *space = mm_ring_space(ring, &room);
        for (size_t i = 0; i < run; i++)
            space[i] = byte_at(at + i);
        mm_ring_produce(ring, run);
        at += run;
    }
    return 0;
}

static void much_goes_through_a_small_ring(void **state)
{
    (void)state;
    const uint64_t len = (uint64_t)64 << 20;
    need_pidfd();
    struct mm_ring *ring = new_ring(16 * PAGE);
    const size_t size = mm_ring_size(ring);
    int other, error;
    pid_t child = fork_watched(&other);
    if (child == 0) {
        error = send(ring, len, size);
        mm_ring_finish(ring);
        _exit(error ? 1 : 0);
    }
    assert_true(other >= 0);
    uint64_t at = 0, wrong = 0;
    for (size_t there, want = 1; at < len; want = 1 + (size_t)(at * 17 % size)) {
        if (want > len - at)
            want = (size_t)(len - at);
        error = mm_ring_await_data(ring, want, other);
        assert_int_equal(error, 0);
        const unsigned char *data = mm_ring_data(ring, &there);
        assert_true(there >= want && there <= size);
        for (size_t i = 0; i < there; i++)
            wrong += data[i] != byte_at(at + i);
        mm_ring_consume(ring, there);
        at += there;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(at, len);
    assert_int_equal(mm_ring_await_data(ring, 1, other), -EPIPE);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(other);
    mm_ring_free(ring);
}

static void what_was_left_is_read_after_the_end(void **state)
{
    (void)state;
    struct mm_ring *ring = new_ring(PAGE);
    size_t len;
    memcpy(mm_ring_space(ring, &len), "rest", 4);
    mm_ring_produce(ring, 4);
    mm_ring_finish(ring);
    assert_int_equal(mm_ring_await_data(ring, 4, -1), 0);
    assert_int_equal(mm_ring_await_data(ring, 5, -1), -EPIPE);
    assert_memory_equal(mm_ring_data(ring, &len), "rest", 4);
    assert_int_equal(len, 4);
    mm_ring_consume(ring, 4);
    assert_int_equal(mm_ring_await_data(ring, 0, -1), 0);
    assert_int_equal(mm_ring_await_data(ring, 1, -1), -EPIPE);
    mm_ring_free(ring);
}

static void reader_that_has_enough_ends_the_writer(void **state)
{
    (void)state;
    struct mm_ring *ring = new_ring(4 * PAGE);
    int unused;
    pid_t child = fork_watched(&unused);
    if (child == 0)
        _exit(send(ring, UINT64_MAX, PAGE) == -EPIPE ? 0 : 1);
    close(unused);
    assert_int_equal(mm_ring_await_data(ring, 2 * PAGE, -1), 0);
    mm_ring_finish(ring);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    mm_ring_free(ring);
}

static void more_than_the_ring_holds_is_refused(void **state)
{
    (void)state;
    struct mm_ring *ring = new_ring(PAGE);
    assert_int_equal(mm_ring_await_space(ring, mm_ring_size(ring), -1), 0);
    assert_int_equal(mm_ring_await_space(ring, mm_ring_size(ring) + 1, -1), -EINVAL);
    assert_int_equal(mm_ring_await_data(ring, mm_ring_size(ring) + 1, -1), -EINVAL);
    mm_ring_free(ring);
}

static double now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A wait on a child that is killed in mid-write; milliseconds until it ends. */
static double killed_in_mid_write(bool data)
{
    struct mm_ring *ring = new_ring(PAGE);
    size_t len;
    int other;
    pid_t child = fork_watched(&other);
    if (child == 0) {
        memcpy(mm_ring_space(ring, &len), "half", 4);
        mm_ring_produce(ring, 4);
        pause();
        _exit(0);
    }
    assert_true(other >= 0);
    assert_int_equal(mm_ring_await_data(ring, 4, other), 0);
    assert_int_equal(kill(child, SIGKILL), 0);
    double since = now();
    assert_int_equal(data ? mm_ring_await_data(ring, 5, other)
                          : mm_ring_await_space(ring, mm_ring_size(ring), other),
                     -ESRCH);
    double took = 1000 * (now() - since);
    /* What it wrote is there. */
    assert_memory_equal(mm_ring_data(ring, &len), "half", 4);
    assert_int_equal(len, 4);
    assert_int_equal(mm_ring_await_data(ring, 4, other), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(other);
    mm_ring_free(ring);
    return took;
}

static void killed_writer_is_noticed_at_once(void **state)
{
    (void)state;
    need_pidfd();
    for (int data = 0; data < 2; data++) {
        double took = 1000;
        /* A busy machine may let a try sleep longer. */
        for (int tries = 0; took >= 100 && tries < 5; tries++)
            took = killed_in_mid_write(data);
        assert_true(took < 100);
    }
}

static int make_ring(void *ring)
{
    return mm_ring_new(PAGE, ring);
}

/* The positions are in memory that the other process can write to, whatever it is made to do. */
static void counts_that_cannot_be_lead_nowhere_else(void **state)
{
    (void)state;
    struct mm_ring *ring;
    size_t len;
    assert_int_equal(mm_ring_new(PAGE, &ring), 0);
    mm_ring_produce(ring, 5 * PAGE);
    mm_ring_data(ring, &len);
    assert_int_equal(len, PAGE);
    mm_ring_space(ring, &len);
    assert_int_equal(len, 0);
    mm_ring_free(ring);
}

static void ring_does_without_mremap(void **state)
{
    (void)state;
    struct mm_ring *ring;
    assert_int_equal(refused((struct refusal){SYS_mremap, ENOSYS, 0, 0}, make_ring, &ring), 0);
    assert_wraps(ring);
}

static void without_address_space_there_is_no_ring(void **state)
{
    struct mm_ring *ring = *state;
    static const uint32_t flags[] = {MAP_SHARED, MAP_NORESERVE, MAP_FIXED};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const struct refusal refusal = {SYS_mmap, ENOMEM, 3, flags[i]};
        assert_int_equal(refused(refusal, make_ring, &ring), -ENOMEM);
        assert_ptr_equal(ring, *state);
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(size_is_rounded_up_to_pages),
        TEST(what_wraps_is_contiguous),
        TEST(full_ring_has_no_space),
        TEST(child_fills_what_the_parent_reads),
        TEST(impossible_size_is_an_error),
        TEST(much_goes_through_a_small_ring),
        TEST(what_was_left_is_read_after_the_end),
        TEST(reader_that_has_enough_ends_the_writer),
        TEST(more_than_the_ring_holds_is_refused),
        TEST(killed_writer_is_noticed_at_once),
        TEST(counts_that_cannot_be_lead_nowhere_else),
        TEST(ring_does_without_mremap),
        TEST(without_address_space_there_is_no_ring),
    };
    return run_named(argc, argv, tests);
}
