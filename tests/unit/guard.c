/* SPDX-License-Identifier: MIT */
/* The guard: lost pages are zeroes and an error, other faults are what they were. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

static volatile unsigned char sink;

static void truncated_page_reads_as_zero_and_is_reported(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 4 * PAGE));
    struct mm_map *map;
    struct mm_fault fault = {1, 1};
    assert_int_equal(mm_map_file(fd, 0, 4 * PAGE, 0, &map), 0);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    assert_int_equal(fault.offset, 0);
    assert_int_equal(ftruncate(fd, (off_t)PAGE + 100), 0);
    assert_int_equal(mm_map_data(map)[3 * PAGE], 0);
    assert_int_equal(mm_map_data(map)[2 * PAGE], 0);
    assert_int_equal(mm_map_data(map)[0], 'x');
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    assert_int_equal(fault.error, -ESTALE);
    assert_int_equal(fault.offset, PAGE + 100);
    mm_map_close(map);
    close(fd);
}

static void sliding_forgets_the_fault(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 2 * PAGE));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 2 * PAGE, 0, &map), 0);
    assert_int_equal(ftruncate(fd, (off_t)PAGE), 0);
    sink = mm_map_data(map)[PAGE];
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    assert_int_equal(mm_map_slide(map, fd, 0, PAGE), 0);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    assert_int_equal(mm_map_data(map)[PAGE - 1], 'x');
    mm_map_close(map);
    close(fd);
}

static void growing_keeps_the_fault(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 4 * PAGE));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 2 * PAGE, 0, &map), 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    sink = mm_map_data(map)[0];
    /* The zero page makes two mappings of one, which cannot be moved as one. */
    int error = mm_map_resize(map, PAGE, 0);
    assert_true(error == 0 || error == -EFAULT);
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    mm_map_close(map);
    close(fd);
}

static void store_behind_the_end_stays_private(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', PAGE));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 2 * PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    mm_map_data(map)[PAGE] = 'y';
    assert_int_equal(mm_map_data(map)[PAGE], 'y');
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    mm_map_close(map);
    assert_int_equal(box_load(box, "f").len, PAGE);
    close(fd);
}

struct reader {
    const unsigned char *data;
    size_t len;
};

static void *read_all(void *argument)
{
    const struct reader *reader = argument;
    unsigned sum = 0;
    for (size_t i = 0; i < reader->len; i += 64)
        sum += reader->data[i];
    return (void *)(uintptr_t)sum;
}

static void four_threads_survive_one_truncation(void **state)
{
    struct sandbox *box = *state;
    const size_t len = 64 * PAGE;
    for (int round = 0; round < 20; round++) {
        int fd = open_filled(box, "f", box_repeat(box, 'x', len));
        struct mm_map *map;
        struct mm_fault fault;
        assert_int_equal(mm_map_file(fd, 0, len, 0, &map), 0);
        struct reader reader = {mm_map_data(map), len};
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, read_all, &reader), 0);
        assert_int_equal(ftruncate(fd, 100 + 17 * round), 0);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        sink = (unsigned char)(uintptr_t)read_all(&reader);
        assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
        assert_int_equal(fault.offset, 100 + 17 * round);
        mm_map_close(map);
        close(fd);
    }
}

struct readers {
    struct reader range;
    atomic_bool enough;
};

static void *read_until_enough(void *argument)
{
    struct readers *readers = argument;
    uintptr_t sum = 0;
    while (!atomic_load(&readers->enough))
        sum += (uintptr_t)read_all(&readers->range);
    return (void *)sum;
}

/* Four threads read while the file is cut to `left` bytes after `wait` nanoseconds. */
static void cut_under_readers(struct mm_map *map, int fd, size_t left, long wait)
{
    struct readers readers = {.range = {mm_map_data(map), mm_map_len(map)}};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_until_enough, &readers), 0);
    nanosleep(&(struct timespec){0, wait}, NULL);
    assert_int_equal(ftruncate(fd, (off_t)left), 0);
    nanosleep(&(struct timespec){0, wait}, NULL);
    atomic_store(&readers.enough, true);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

/* UNIT_SEED repeats a run. */
static void two_hundred_truncations_at_random_moments(void **state)
{
    struct sandbox *box = *state;
    const size_t len = 64 * PAGE;
    const char *given = getenv("UNIT_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    print_message("UNIT_SEED=%u\n", seed);
    int fd = open_filled(box, "f", text(""));
    for (int round = 0; round < 200; round++) {
        struct mm_map *map;
        struct mm_fault fault;
        size_t left = (size_t)rand_r(&seed) % len;
        box_fill(box, "f", box_repeat(box, 'x', len));
        assert_int_equal(mm_map_file(fd, 0, len, 0, &map), 0);
        cut_under_readers(map, fd, left, rand_r(&seed) % 300000);
        sink = (unsigned char)(uintptr_t)read_all(&(struct reader){mm_map_data(map), len});
        /* A cut within the last page loses no page, only its tail. */
        bool lost = left <= len - PAGE;
        assert_int_equal(mm_map_fault(map, &fault), lost ? -ESTALE : 0);
        assert_int_equal(fault.offset, lost ? left : 0);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(mm_map_data(map)[i], i < left ? 'x' : 0);
        mm_map_close(map);
    }
    close(fd);
}

/* A library that knows nothing of libmm: libc's own search. */
static void fault_inside_a_library_is_survived(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 8 * PAGE));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 8 * PAGE, 0, &map), 0);
    assert_int_equal(ftruncate(fd, (off_t)PAGE), 0);
    assert_null(memchr(mm_map_data(map), 'y', 8 * PAGE));
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    mm_map_close(map);
    close(fd);
}

/* More maps than the first table of the guard has places. */
static void many_maps_are_all_watched(void **state)
{
    struct sandbox *box = *state;
    enum { MAPS = 200 };
    int fd = open_filled(box, "f", box_repeat(box, 'x', 2 * PAGE));
    static struct mm_map *maps[MAPS];
    for (int i = 0; i < MAPS; i++)
        assert_int_equal(mm_map_file(fd, 0, 2 * PAGE, 0, &maps[i]), 0);
    assert_int_equal(ftruncate(fd, 1), 0);
    for (int i = 0; i < MAPS; i++) {
        struct mm_fault fault;
        assert_int_equal(mm_map_fault(maps[i], &fault), 0);
        assert_int_equal(mm_map_data(maps[i])[PAGE], 0);
        assert_int_equal(mm_map_fault(maps[i], &fault), -ESTALE);
    }
    for (int i = 0; i < MAPS; i++)
        mm_map_close(maps[i]);
    close(fd);
}

/* A page of a raw mapping that the file no longer has. */
static const unsigned char *lost_page(struct sandbox *box)
{
    int fd = open_filled(box, "raw", box_repeat(box, 'x', 2 * PAGE));
    unsigned char *data = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(data != MAP_FAILED);
    assert_int_equal(ftruncate(fd, 1), 0);
    close(fd);
    return data + PAGE;
}

static void fault_elsewhere_still_ends_the_process(void **state)
{
    struct sandbox *box = *state;
    const unsigned char *lost = lost_page(box);
    pid_t child = fork();
    if (child == 0) {
        /* What an ordinary process has; a sanitizer has its own. */
        signal(SIGBUS, SIG_DFL);
        mm_guard_install();
        sink = *lost;
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGBUS);
}

static void sent_signal_still_ends_the_process(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGBUS, SIG_DFL);
        mm_guard_install();
        kill(getpid(), SIGBUS);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGBUS);
}

static int send_ignored(void *unused)
{
    (void)unused;
    signal(SIGBUS, SIG_IGN);
    mm_guard_install();
    kill(getpid(), SIGBUS);
    return 0;
}

static void sent_signal_is_still_ignored(void **state)
{
    (void)state;
    assert_int_equal(in_child(send_ignored, NULL), 0);
}

static int install(void *unused)
{
    (void)unused;
    return mm_guard_install();
}

static void handler_that_cannot_be_installed_is_an_error(void **state)
{
    (void)state;
    const struct refusal refusal = {SYS_rt_sigaction, EPERM, 0, 0};
    assert_int_equal(refused(refusal, install, NULL), -EPERM);
    assert_int_equal(mm_guard_install(), 0);
}

/* A closed descriptor cannot tell the cause; that something was lost is still known. */
static void loss_is_known_without_the_descriptor(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 2 * PAGE));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 2 * PAGE, 0, &map), 0);
    assert_int_equal(ftruncate(fd, 0), 0);
    close(fd);
    assert_int_equal(mm_map_data(map)[PAGE], 0);
    assert_int_equal(mm_map_fault(map, &fault), -EBADF);
    mm_map_close(map);
}

static void leave(int signal)
{
    (void)signal;
    _exit(33);
}

static void leave_with_address(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    _exit(info->si_addr ? 34 : 35);
}

static void older_handler_gets_the_fault(void **state)
{
    struct sandbox *box = *state;
    const unsigned char *lost = lost_page(box);
    for (int with_info = 0; with_info < 2; with_info++) {
        pid_t child = fork();
        if (child == 0) {
            struct sigaction action = {.sa_flags = with_info ? SA_SIGINFO : 0};
            if (with_info)
                action.sa_sigaction = leave_with_address;
            else
                action.sa_handler = leave;
            sigaction(SIGBUS, &action, NULL);
            mm_guard_install();
            mm_guard_install();
            sink = *lost;
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 33 + with_info);
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(truncated_page_reads_as_zero_and_is_reported),
        TEST(sliding_forgets_the_fault),
        TEST(growing_keeps_the_fault),
        TEST(store_behind_the_end_stays_private),
        TEST(four_threads_survive_one_truncation),
        TEST(two_hundred_truncations_at_random_moments),
        TEST(fault_inside_a_library_is_survived),
        TEST(many_maps_are_all_watched),
        TEST(fault_elsewhere_still_ends_the_process),
        TEST(sent_signal_still_ends_the_process),
        TEST(sent_signal_is_still_ignored),
        TEST(handler_that_cannot_be_installed_is_an_error),
        TEST(loss_is_known_without_the_descriptor),
        TEST(older_handler_gets_the_fault),
    };
    return run_named(argc, argv, tests);
}
