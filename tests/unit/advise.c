/* SPDX-License-Identifier: MIT */
/* Advice about pages, and stores handed on to the file. */
#include <errno.h>
#include <sys/mman.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

static void populating_brings_every_page(void **state)
{
    (void)state;
    struct mm_map *map;
    struct mm_resident resident;
    assert_int_equal(mm_map_anonymous(20 * PAGE, 0, &map), 0);
    int error = mm_map_advise(map, 3 * PAGE + 1, 2 * PAGE, MM_ADVICE_POPULATE_WRITE);
    assert_int_equal(error, 0);
    assert_int_equal(mm_map_resident(map, 0, 20 * PAGE, NULL, &resident), 0);
    if (resident.cached == 0)
        skip_aloud("this kernel cannot populate on advice");
    assert_int_equal(resident.cached, 3);
    mm_map_close(map);
}

static void populating_behind_the_end_is_a_fault_without_a_signal(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', PAGE));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 3 * PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    int reading = mm_map_advise(map, 0, 3 * PAGE, MM_ADVICE_POPULATE_READ);
    int writing = mm_map_advise(map, 0, 3 * PAGE, MM_ADVICE_POPULATE_WRITE);
    if (reading == 0 && writing == 0)
        skip_aloud("this kernel cannot populate on advice");
    assert_int_equal(reading, -EFAULT);
    assert_int_equal(writing, -EFAULT);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    assert_int_equal(mm_map_data(map)[0], 'x');
    mm_map_close(map);
    close(fd);
}

static void unneeded_private_pages_begin_anew(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("file"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 4, MM_MAP_WRITE, &map), 0);
    memcpy(mm_map_data(map), "mine", 4);
    assert_int_equal(mm_map_advise(map, 0, 4, MM_ADVICE_DONTNEED), 0);
    assert_memory_equal(mm_map_data(map), "file", 4);
    mm_map_close(map);
    close(fd);
}

static void every_advice_leaves_the_content_alone(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 40 * PAGE);
    int fd = open_filled(box, "f", content);
    for (unsigned flags = 0; flags <= MM_MAP_SHARED; flags += MM_MAP_SHARED)
        for (int advice = MM_ADVICE_NORMAL; advice <= MM_ADVICE_HUGEPAGE; advice++) {
            struct mm_map *map;
            assert_int_equal(mm_map_file(fd, 0, content.len, flags | MM_MAP_WRITE, &map), 0);
            assert_int_equal(mm_map_advise(map, 0, content.len, (enum mm_advice)advice), 0);
            assert_memory_equal(mm_map_data(map), content.data, content.len);
            mm_map_close(map);
        }
    close(fd);
}

static int will_need(void *map)
{
    return mm_map_advise(map, 0, 1, MM_ADVICE_WILLNEED);
}

static void only_unknown_advice_is_no_error(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(3 * PAGE, 0, &map), 0);
    assert_int_equal(refused((struct refusal){SYS_madvise, EINVAL, 0, 0}, will_need, map), 0);
    assert_int_equal(refused((struct refusal){SYS_madvise, ENOMEM, 0, 0}, will_need, map), -ENOMEM);
    assert_int_equal(munmap(mm_map_data(map) + PAGE, PAGE), 0);
    assert_int_equal(mm_map_advise(map, 0, 3 * PAGE, MM_ADVICE_WILLNEED), -ENOMEM);
    assert_int_equal(mm_map_advise(map, 0, 1, (enum mm_advice)(MM_ADVICE_HUGEPAGE + 1)), -EINVAL);
    mm_map_close(map);
}

static void advice_that_the_pages_forbid_is_refused(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 1, MM_MAP_SHARED, &map), 0);
    int populated = mm_map_advise(map, 0, 1, MM_ADVICE_POPULATE_WRITE);
    bool locked = !SANITIZED && mm_map_lock(map, 0, 1, 0) == 0;
    int dropped = locked ? mm_map_advise(map, 0, 1, MM_ADVICE_DONTNEED) : -EINVAL;
    mm_map_close(map);
    close(fd);
    assert_true(populated == -EINVAL || populated == 0); /* 0: a kernel without that advice */
    assert_int_equal(dropped, -EINVAL);
}

static void stores_are_handed_on_as_told(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 4 * PAGE));
    static const unsigned flags[] = {0,
                                     MM_SYNC_ASYNC,
                                     MM_SYNC_WAIT,
                                     MM_SYNC_INVALIDATE,
                                     MM_SYNC_ASYNC | MM_SYNC_INVALIDATE,
                                     MM_SYNC_WAIT | MM_SYNC_INVALIDATE};
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 100, 3 * PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        mm_map_data(map)[PAGE] = (unsigned char)('a' + i);
        assert_int_equal(mm_map_sync(map, PAGE, 1, flags[i]), 0);
        assert_int_equal(mm_map_sync(map, 0, 3 * PAGE, flags[i]), 0);
        assert_int_equal(((const char *)box_load(box, "f").data)[PAGE + 100], 'a' + i);
    }
    struct mm_resident resident;
    assert_int_equal(mm_map_sync(map, 0, 3 * PAGE, MM_SYNC_WAIT), 0);
    assert_int_equal(fsync(fd), 0);
    assert_int_equal(mm_file_resident(fd, 0, 0, &resident), 0);
    assert_int_equal(resident.dirty, 0);
    assert_int_equal(mm_map_sync(map, 0, 1, MM_SYNC_INVALIDATE << 1), -EINVAL);
    mm_map_close(map);
    close(fd);
}

static void invalidating_locked_pages_is_busy(void **state)
{
    struct sandbox *box = *state;
    if (SANITIZED)
        skip_aloud("a sanitizer locks nothing");
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 1, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    if (mm_map_lock(map, 0, 1, 0) != 0)
        skip_aloud("nothing may be locked here");
    assert_int_equal(mm_map_sync(map, 0, 1, MM_SYNC_INVALIDATE), -EBUSY);
    assert_int_equal(mm_map_unlock(map, 0, 1), 0);
    assert_int_equal(mm_map_sync(map, 0, 1, MM_SYNC_INVALIDATE), 0);
    mm_map_close(map);
    close(fd);
}

static int sync_all(void *map)
{
    return mm_map_sync(map, 0, mm_map_len(map), MM_SYNC_WAIT);
}

static void lost_stores_are_errors(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 3 * PAGE));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 3 * PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    assert_int_equal(refused((struct refusal){SYS_msync, EIO, 0, 0}, sync_all, map), -EIO);
    assert_int_equal(munmap(mm_map_data(map) + PAGE, PAGE), 0);
    assert_int_equal(sync_all(map), -ENOMEM);
    mm_map_close(map);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(populating_brings_every_page),
        TEST(populating_behind_the_end_is_a_fault_without_a_signal),
        TEST(unneeded_private_pages_begin_anew),
        TEST(every_advice_leaves_the_content_alone),
        TEST(only_unknown_advice_is_no_error),
        TEST(advice_that_the_pages_forbid_is_refused),
        TEST(stores_are_handed_on_as_told),
        TEST(invalidating_locked_pages_is_busy),
        TEST(lost_stores_are_errors),
    };
    return run_named(argc, argv, tests);
}
