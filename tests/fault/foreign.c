/* SPDX-License-Identifier: MIT */
/* Faults inside a library that knows nothing of libmm, and outside of libmm's maps. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "harness.h"
#include "sum.h"

#define LEN (16 * PAGE)

static int open_filled(struct sandbox *box)
{
    assert_int_equal(mm_guard_install(), 0);
    box_fill(box, "f", box_repeat(box, 1, LEN));
    int fd = open(box_path(box, "f"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void fault_in_a_library_is_survived_and_reported(void **state)
{
    int fd = open_filled(*state);
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, LEN, 0, &map), 0);
    assert_int_equal(sum_bytes(mm_map_data(map), LEN), LEN);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    assert_int_equal(ftruncate(fd, (off_t)(5 * PAGE + 10)), 0);
    assert_int_equal(sum_bytes(mm_map_data(map), LEN), 5 * PAGE + 10);
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    assert_int_equal(fault.offset, 5 * PAGE + 10);
    mm_map_close(map);
    close(fd);
}

/* How a child ends that sums a raw mapping of a file that is cut under it. */
static int sum_of_a_raw_mapping(struct sandbox *box, bool beside_a_map)
{
    int fd = open_filled(box), status;
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, LEN, 0, &map), 0);
    const unsigned char *raw = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(raw != MAP_FAILED);
    assert_int_equal(ftruncate(fd, (off_t)PAGE), 0);
    pid_t child = fork();
    if (child == 0) {
        /* What an ordinary process has; cmocka and sanitizers have their own. */
        signal(SIGBUS, SIG_DFL);
        mm_guard_install();
        if (beside_a_map && sum_bytes(mm_map_data(map), LEN) != PAGE)
            _exit(1);
        sum_bytes(raw, LEN);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    munmap((void *)(uintptr_t)raw, LEN);
    mm_map_close(map);
    close(fd);
    return status;
}

static void fault_outside_of_maps_ends_the_process_as_before(void **state)
{
    for (int beside_a_map = 0; beside_a_map < 2; beside_a_map++) {
        int status = sum_of_a_raw_mapping(*state, beside_a_map);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGBUS);
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(fault_in_a_library_is_survived_and_reported),
        TEST(fault_outside_of_maps_ends_the_process_as_before),
    };
    return run_named(argc, argv, tests);
}
