/* SPDX-License-Identifier: MIT */
/* Locked pages: what is locked, and where that ends. */
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

static uint64_t locked(void)
{
    struct mm_lock lock;
    assert_int_equal(mm_lock_read(&lock), 0);
    return lock.locked;
}

/* A map of 16 pages, if so much may be locked. */
static struct mm_map *lockable(void)
{
    struct mm_map *map;
    if (SANITIZED)
        skip_aloud("a sanitizer locks nothing");
    assert_int_equal(mm_map_anonymous(16 * PAGE, 0, &map), 0);
    if (mm_map_lock(map, 0, 16 * PAGE, 0) == -ENOLCK)
        skip_aloud("nothing may be locked here");
    assert_int_equal(mm_map_unlock(map, 0, 16 * PAGE), 0);
    return map;
}

static void locking_counts_and_unlocking_takes_it_back(void **state)
{
    (void)state;
    struct mm_map *map = lockable();
    uint64_t before = locked();
    assert_int_equal(mm_map_lock(map, 0, 16 * PAGE, 0), 0);
    assert_int_equal(locked(), before + 16 * PAGE);
    assert_int_equal(mm_map_lock(map, 0, 16 * PAGE, 0), 0);
    assert_int_equal(locked(), before + 16 * PAGE);
    assert_int_equal(mm_map_unlock(map, 4 * PAGE - 1, 2), 0);
    assert_int_equal(locked(), before + 14 * PAGE);
    assert_int_equal(mm_map_unlock(map, 0, 16 * PAGE), 0);
    assert_int_equal(locked(), before);
    assert_int_equal(mm_map_lock(map, 0, 1, 0), 0);
    assert_int_equal(locked(), before + PAGE);
    mm_map_close(map);
    assert_int_equal(locked(), before);
}

static int locked_in_child(void *before)
{
    struct mm_lock lock;
    return mm_lock_read(&lock) == 0 && lock.locked == *(uint64_t *)before ? 0 : 1;
}

static void child_inherits_no_lock(void **state)
{
    (void)state;
    struct mm_map *map = lockable();
    uint64_t nothing = 0;
    assert_int_equal(mm_map_lock(map, 0, 16 * PAGE, 0), 0);
    assert_int_equal(in_child(locked_in_child, &nothing), 0);
    mm_map_close(map);
}

static void locking_loads_all_pages_or_only_touched_ones(void **state)
{
    (void)state;
    struct mm_map *map = lockable();
    struct mm_resident resident;
    assert_int_equal(mm_map_advise(map, 0, 16 * PAGE, MM_ADVICE_DONTNEED), 0);
    assert_int_equal(mm_map_lock(map, 0, 16 * PAGE, MM_LOCK_ON_FAULT), 0);
    assert_int_equal(mm_map_resident(map, 0, 16 * PAGE, NULL, &resident), 0);
    assert_int_equal(resident.cached, 0);
    mm_map_data(map)[0] = mm_map_data(map)[5 * PAGE] = 1;
    assert_int_equal(mm_map_resident(map, 0, 16 * PAGE, NULL, &resident), 0);
    assert_int_equal(resident.cached, 2);
    assert_int_equal(mm_map_lock(map, 0, 16 * PAGE, 0), 0);
    assert_int_equal(mm_map_resident(map, 0, 16 * PAGE, NULL, &resident), 0);
    assert_int_equal(resident.cached, 16);
    mm_map_close(map);
}

static void wrong_ranges_and_flags_are_refused(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(100, 0, &map), 0);
    assert_int_equal(mm_map_lock(map, 0, 101, 0), -EINVAL);
    assert_int_equal(mm_map_unlock(map, 101, 0), -EINVAL);
    assert_int_equal(mm_map_lock(map, 0, 100, MM_LOCK_CURRENT), -EINVAL);
    assert_int_equal(mm_map_lock(map, 0, 0, 0), 0);
    assert_int_equal(mm_map_unlock(map, 0, 0), 0);
    assert_int_equal(mm_lock_all(0), -EINVAL);
    assert_int_equal(mm_lock_all(MM_LOCK_ON_FAULT), -EINVAL);
    assert_int_equal(mm_lock_all(MM_LOCK_CURRENT | 0x100), -EINVAL);
    mm_map_close(map);
}

static int lock_16_pages(void *map)
{
    return mm_map_lock(map, 0, 16 * PAGE, 0);
}

static int lock_current(void *unused)
{
    (void)unused;
    return mm_lock_all(MM_LOCK_CURRENT);
}

static void passing_the_limit_is_an_error_with_both_numbers(void **state)
{
    (void)state;
    struct mm_map *map = lockable();
    struct mm_lock lock;
    struct rlimit limit, small;
    assert_int_equal(mm_map_lock(map, 0, 2 * PAGE, 0), 0);
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    small = (struct rlimit){8 * PAGE, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &small), 0);
    int passed = without(CAP_IPC_LOCK, lock_16_pages, map);
    int all = without(CAP_IPC_LOCK, lock_current, NULL);
    int read = mm_lock_read(&lock);
    char *words = strdup(mm_strerror(-ENOLCK));
    small.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &small), 0);
    int forbidden = without(CAP_IPC_LOCK, lock_16_pages, map);
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);

    assert_int_equal(passed, -ENOLCK);
    assert_int_equal(all, -ENOLCK);
    assert_int_equal(forbidden, -ENOLCK);
    assert_int_equal(read, 0);
    assert_int_equal(lock.limit, 8 * PAGE);
    assert_int_equal(lock.locked, 2 * PAGE);
    struct sandbox *box = *state;
    assert_string_equal(words, box_format(box,
                                          "more than may be locked in memory (RLIMIT_MEMLOCK is "
                                          "%zu KiB, %zu KiB are locked)",
                                          8 * PAGE / 1024, 2 * PAGE / 1024));
    free(words);
    mm_map_close(map);
}

static void no_limit_reads_as_the_largest_number(void **state)
{
    (void)state;
    struct rlimit limit, none = {RLIM_INFINITY, RLIM_INFINITY};
    struct mm_lock lock;
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
        skip_aloud("the limit cannot be raised");
    assert_int_equal(mm_lock_read(&lock), 0);
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    assert_true(lock.limit == UINT64_MAX);
}

static void page_that_cannot_be_had_is_out_of_memory(void **state)
{
    struct sandbox *box = *state;
    mm_map_close(lockable());
    int fd = open_filled(box, "f", box_repeat(box, 'x', PAGE));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 16 * PAGE, MM_MAP_SHARED, &map), 0);
    assert_int_equal(mm_map_lock(map, 0, 16 * PAGE, 0), -ENOMEM);
    assert_int_equal(mm_map_unlock(map, 0, 16 * PAGE), 0);
    assert_int_equal(refused((struct refusal){SYS_mlock2, EAGAIN, 0, 0}, lock_16_pages, map),
                     -ENOMEM);
    assert_int_equal(munmap(mm_map_data(map) + PAGE, PAGE), 0);
    assert_int_equal(mm_map_unlock(map, 0, 16 * PAGE), -ENOMEM);
    mm_map_close(map);
    close(fd);
}

static void whole_process_is_locked_and_unlocked(void **state)
{
    (void)state;
    mm_map_close(lockable());
    struct mm_map *map;
    uint64_t before = locked();
    if (mm_lock_all(MM_LOCK_CURRENT | MM_LOCK_ON_FAULT) == -ENOLCK)
        skip_aloud("a whole process may not be locked here");
    assert_true(locked() > before + (1 << 20));
    assert_int_equal(mm_unlock_all(), 0);
    assert_int_equal(locked(), 0);

    assert_int_equal(mm_lock_all(MM_LOCK_FUTURE), 0);
    assert_int_equal(locked(), 0);
    assert_int_equal(mm_map_anonymous(16 * PAGE, 0, &map), 0);
    assert_true(locked() >= 16 * PAGE);
    mm_map_close(map);
    assert_int_equal(mm_unlock_all(), 0);
    assert_int_equal(mm_map_anonymous(16 * PAGE, 0, &map), 0);
    assert_int_equal(locked(), 0);
    mm_map_close(map);
}

static int read_room(void *room)
{
    return mm_lock_room(room);
}

static void room_is_what_the_limit_leaves(void **state)
{
    (void)state;
    struct mm_map *map = lockable();
    struct rlimit limit, small;
    uint64_t room = 7;
    assert_int_equal(mm_map_lock(map, 0, 2 * PAGE, 0), 0);
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    small = (struct rlimit){8 * PAGE, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &small), 0);
    int left = without(CAP_IPC_LOCK, read_room, &room);
    uint64_t some = room;
    small.rlim_cur = PAGE; /* less than is locked already */
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &small), 0);
    int passed = without(CAP_IPC_LOCK, read_room, &room);
    uint64_t none = room;
    int privileged = geteuid() == 0 ? mm_lock_room(&room) : 0;
    assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    assert_int_equal(left, 0);
    assert_int_equal(some, 6 * PAGE);
    assert_int_equal(passed, 0);
    assert_int_equal(none, 0);
    assert_int_equal(privileged, 0);
    if (geteuid() == 0)
        assert_true(room == UINT64_MAX);
    mm_map_close(map);
}

static void locks_of_a_process_are_told(void **state)
{
    (void)state;
    struct mm_map *map = lockable();
    uint64_t bytes = 7, before = locked();
    assert_int_equal(mm_map_lock(map, 0, 3 * PAGE, 0), 0);
    assert_int_equal(mm_lock_of(getpid(), &bytes), 0);
    assert_int_equal(bytes, before + 3 * PAGE);
    mm_map_close(map);
    bytes = 7;
    assert_int_equal(mm_lock_of(INT_MAX, &bytes), -ENOENT);
    assert_int_equal(bytes, 7);
}

static int read_own(void *bytes)
{
    return mm_lock_of(getpid(), bytes);
}

static int read_lock(void *lock)
{
    return mm_lock_read(lock);
}

static void unreadable_proc_is_an_error(void **state)
{
    (void)state;
    struct mm_lock lock = {1, 2};
    assert_int_equal(refused((struct refusal){SYS_openat, EACCES, 0, 0}, read_lock, &lock),
                     -EACCES);
    assert_int_equal(lock.locked, 1);
    assert_int_equal(lock.limit, 2);
    uint64_t bytes = 7;
    const struct refusal unreadable = {SYS_openat, EACCES, 0, 0};
    assert_int_equal(refused(unreadable, read_room, &bytes), -EACCES);
    assert_int_equal(refused(unreadable, read_own, &bytes), -EACCES);
    assert_int_equal(bytes, 7);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(locking_counts_and_unlocking_takes_it_back),
        TEST(child_inherits_no_lock),
        TEST(locking_loads_all_pages_or_only_touched_ones),
        TEST(wrong_ranges_and_flags_are_refused),
        TEST(passing_the_limit_is_an_error_with_both_numbers),
        TEST(no_limit_reads_as_the_largest_number),
        TEST(page_that_cannot_be_had_is_out_of_memory),
        TEST(whole_process_is_locked_and_unlocked),
        TEST(room_is_what_the_limit_leaves),
        TEST(locks_of_a_process_are_told),
        TEST(unreadable_proc_is_an_error),
    };
    return run_named(argc, argv, tests);
}
