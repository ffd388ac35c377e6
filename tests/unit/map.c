/* SPDX-License-Identifier: MIT */
/* Maps: what is asked for is what is seen, and nothing else happens. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "files.h"

static size_t count_maps(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    size_t lines = 0;
    for (int c; (c = getc(maps)) != EOF;)
        lines += c == '\n';
    fclose(maps);
    return lines;
}

static void window_may_begin_at_any_byte(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 5 * PAGE);
    int fd = open_filled(box, "f", content);
    const size_t offsets[] = {0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 17};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        struct mm_map *map;
        size_t len = content.len - offsets[i];
        assert_int_equal(mm_map_file(fd, offsets[i], len, 0, &map), 0);
        assert_int_equal(mm_map_len(map), len);
        assert_memory_equal(mm_map_data(map), (const char *)content.data + offsets[i], len);
        mm_map_close(map);
    }
    close(fd);
}

static void empty_map_is_valid(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text(""));
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, 0, 0, &map), 0);
    assert_int_equal(mm_map_len(map), 0);
    assert_non_null(mm_map_data(map));
    assert_int_equal(mm_map_advise(map, 0, 0, MM_ADVICE_WILLNEED), 0);
    assert_int_equal(mm_map_sync(map, 0, 0, MM_SYNC_WAIT), 0);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    assert_int_equal(mm_map_resize(map, 10, 0), -EINVAL);
    mm_map_close(map);
    close(fd);
}

static void closing_nothing_is_fine(void **state)
{
    (void)state;
    mm_map_close(NULL);
}

static void private_stores_do_not_reach_the_file(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("before"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 6, MM_MAP_WRITE, &map), 0);
    memcpy(mm_map_data(map), "after!", 6);
    assert_int_equal(mm_map_sync(map, 0, 6, MM_SYNC_WAIT), 0);
    mm_map_close(map);
    assert_bytes(box_load(box, "f"), text("before"));
    close(fd);
}

static void shared_stores_reach_the_file(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("before"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 2, 3, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    memcpy(mm_map_data(map), "---", 3);
    assert_int_equal(mm_map_sync(map, 0, 3, MM_SYNC_ASYNC), 0);
    mm_map_close(map);
    assert_bytes(box_load(box, "f"), text("be---e"));
    close(fd);
}

static void shared_writing_needs_a_writable_descriptor(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("x"));
    int fd = open(box_path(box, "f"), O_RDONLY | O_CLOEXEC);
    struct mm_map *map = (struct mm_map *)box;
    assert_int_equal(mm_map_file(fd, 0, 1, MM_MAP_WRITE | MM_MAP_SHARED, &map), -EACCES);
    assert_ptr_equal(map, box);
    close(fd);
}

static void descriptors_that_cannot_be_mapped_are_errors(void **state)
{
    (void)state;
    struct mm_map *map;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(mm_map_file(ends[0], 0, 1, 0, &map), -ENODEV);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(mm_map_file(ends[0], 0, 1, 0, &map), -EBADF);
}

static void flags_that_a_map_cannot_have_are_refused(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *map;
    static const unsigned flags[] = {MM_MAP_ZERO, MM_MAP_FENCED, 0x80};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        assert_int_equal(mm_map_file(fd, 0, 1, flags[i], &map), -EINVAL);
    assert_int_equal(mm_map_anonymous(1, 0x80, &map), -EINVAL);
    close(fd);
}

static void offset_past_the_largest_is_an_error(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, UINT64_MAX, 1, 0, &map), -EOVERFLOW);
    assert_int_equal(mm_map_file(fd, 0, SIZE_MAX, 0, &map), -EOVERFLOW);
    close(fd);
}

static void anonymous_memory_is_zero_and_writable(void **state)
{
    (void)state;
    for (int zero = 0; zero < 2; zero++) {
        struct mm_map *map;
        assert_int_equal(mm_map_anonymous(3 * PAGE, zero ? MM_MAP_ZERO : 0, &map), 0);
        unsigned char *data = mm_map_data(map);
        for (size_t i = 0; i < 3 * PAGE; i++)
            assert_int_equal(data[i], 0);
        data[3 * PAGE - 1] = 1;
        mm_map_close(map);
    }
}

static void shared_memory_is_seen_by_a_child(void **state)
{
    (void)state;
    for (int zero = 0; zero < 2; zero++) {
        struct mm_map *map;
        assert_int_equal(
            mm_map_anonymous(sizeof(int), MM_MAP_SHARED | (zero ? MM_MAP_ZERO : 0), &map), 0);
        int *counter = (int *)(void *)mm_map_data(map);
        *counter = 41;
        pid_t child = fork();
        if (child == 0) {
            ++*counter;
            _exit(0);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal(*counter, 42);
        mm_map_close(map);
    }
}

static void private_memory_is_the_process_own(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(1, 0, &map), 0);
    pid_t child = fork();
    if (child == 0) {
        *mm_map_data(map) = 1;
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(*mm_map_data(map), 0);
    mm_map_close(map);
}

static void more_than_the_address_space_is_an_error(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous((size_t)1 << 62, MM_MAP_NORESERVE, &map), -ENOMEM);
}

static void sliding_shows_another_window(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 8 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 4 * PAGE, 0, &map), 0);
    const unsigned char *at = mm_map_data(map);
    assert_int_equal(mm_map_slide(map, fd, 4 * PAGE, 4 * PAGE), 0);
    assert_ptr_equal(mm_map_data(map), at);
    assert_memory_equal(mm_map_data(map), (const char *)content.data + 4 * PAGE, 4 * PAGE);
    assert_int_equal(mm_map_slide(map, fd, 10, 2 * PAGE), 0);
    assert_int_equal(mm_map_len(map), 2 * PAGE);
    assert_memory_equal(mm_map_data(map), (const char *)content.data + 10, 2 * PAGE);
    /* A larger one moves, and leaves nothing behind. */
    assert_int_equal(mm_map_slide(map, fd, 0, 8 * PAGE), 0);
    assert_memory_equal(mm_map_data(map), content.data, content.len);
    mm_map_close(map);
    close(fd);
}

static void sliding_to_another_file_shows_that_file(void **state)
{
    struct sandbox *box = *state;
    int a = open_filled(box, "a", text("first")), b = open_filled(box, "b", text("other"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(a, 0, 5, 0, &map), 0);
    assert_int_equal(mm_map_slide(map, b, 0, 5), 0);
    assert_memory_equal(mm_map_data(map), "other", 5);
    assert_int_equal(mm_map_slide(map, -1, 0, 5), -EBADF);
    assert_int_equal(mm_map_len(map), 0);
    mm_map_close(map);
    close(a);
    close(b);
}

static void growing_keeps_what_was_there(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 64 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 100, PAGE, 0, &map), 0);
    for (size_t len = PAGE; len <= 63 * PAGE; len *= 2) {
        assert_int_equal(mm_map_resize(map, len, 0), 0);
        assert_int_equal(mm_map_len(map), len);
        assert_memory_equal(mm_map_data(map), (const char *)content.data + 100, len);
    }
    assert_int_equal(mm_map_resize(map, 7, 0), 0);
    assert_memory_equal(mm_map_data(map), (const char *)content.data + 100, 7);
    assert_int_equal(mm_map_resize(map, 0, 0), -EINVAL);
    assert_int_equal(mm_map_resize(map, SIZE_MAX, 0), -ENOMEM);
    assert_int_equal(mm_map_len(map), 7);
    mm_map_close(map);
    close(fd);
}

static void private_memory_grows_zeroes(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(10, 0, &map), 0);
    memset(mm_map_data(map), 'x', 10);
    assert_int_equal(mm_map_resize(map, 10 * PAGE, 0), 0);
    assert_memory_equal(mm_map_data(map), "xxxxxxxxxx\0\0", 12);
    mm_map_data(map)[10 * PAGE - 1] = 'y';
    mm_map_close(map);
}

static void shared_memory_does_not_grow(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(PAGE, MM_MAP_SHARED, &map), 0);
    assert_int_equal(mm_map_resize(map, 2 * PAGE, 0), -EINVAL);
    assert_int_equal(mm_map_len(map), PAGE);
    mm_map_close(map);
}

static void advice_is_taken_for_any_range_inside(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_lines(box, 3 * PAGE));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 7, 2 * PAGE, 0, &map), 0);
    for (int advice = MM_ADVICE_NORMAL; advice <= MM_ADVICE_HUGEPAGE; advice++)
        if (advice != MM_ADVICE_POPULATE_WRITE)
            assert_int_equal(mm_map_advise(map, 1, 2 * PAGE - 1, (enum mm_advice)advice), 0);
    assert_int_equal(mm_map_advise(map, 0, 2 * PAGE + 1, MM_ADVICE_NORMAL), -EINVAL);
    assert_int_equal(mm_map_advise(map, 2 * PAGE + 1, 0, MM_ADVICE_NORMAL), -EINVAL);
    assert_int_equal(mm_map_advise(map, 0, 1, (enum mm_advice)99), -EINVAL);
    mm_map_close(map);
    close(fd);
}

static void sync_refuses_contradicting_flags(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 1, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    assert_int_equal(mm_map_sync(map, 0, 1, MM_SYNC_ASYNC | MM_SYNC_WAIT), -EINVAL);
    assert_int_equal(mm_map_sync(map, 0, 2, MM_SYNC_ASYNC), -EINVAL);
    assert_int_equal(mm_map_sync(map, 0, 1, MM_SYNC_WAIT | MM_SYNC_INVALIDATE), 0);
    mm_map_close(map);
    close(fd);
}

static void zeroed_pages_hide_the_file_until_the_next_slide(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_repeat(box, 'x', 4 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, 4 * PAGE, 0, &map), 0);
    /* Only whole pages: the second and the third. */
    assert_int_equal(mm_map_zero(map, PAGE / 2, 3 * PAGE), 0);
    const unsigned char *data = mm_map_data(map);
    assert_int_equal(data[PAGE - 1], 'x');
    assert_int_equal(data[PAGE], 0);
    assert_int_equal(data[3 * PAGE - 1], 0);
    assert_int_equal(data[3 * PAGE], 'x');
    assert_int_equal(mm_map_zero(map, 1, PAGE), 0);
    assert_int_equal(mm_map_zero(map, 0, 4 * PAGE + 1), -EINVAL);
    assert_int_equal(mm_map_slide(map, fd, 0, 4 * PAGE), 0);
    assert_memory_equal(mm_map_data(map), content.data, content.len);
    mm_map_close(map);
    close(fd);
}

static void nothing_stays_mapped_after_many_cycles(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_lines(box, 9 * PAGE));
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, PAGE, 0, &map), 0);
    mm_map_close(map);
    size_t before = count_maps();
    for (size_t i = 0; i < 100000; i++) {
        size_t pages = 1 + i % 7;
        assert_int_equal(mm_map_file(fd, i % (2 * PAGE), pages * PAGE, 0, &map), 0);
        if (i % 5 == 0)
            assert_int_equal(mm_map_slide(map, fd, 0, (1 + i % 3) * PAGE), 0);
        if (i % 11 == 0)
            assert_int_equal(mm_map_resize(map, 9 * PAGE, 0), 0);
        mm_map_close(map);
    }
    assert_true(count_maps() <= before + 2);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(window_may_begin_at_any_byte),
        TEST(empty_map_is_valid),
        TEST(closing_nothing_is_fine),
        TEST(private_stores_do_not_reach_the_file),
        TEST(shared_stores_reach_the_file),
        TEST(shared_writing_needs_a_writable_descriptor),
        TEST(descriptors_that_cannot_be_mapped_are_errors),
        TEST(flags_that_a_map_cannot_have_are_refused),
        TEST(offset_past_the_largest_is_an_error),
        TEST(anonymous_memory_is_zero_and_writable),
        TEST(shared_memory_is_seen_by_a_child),
        TEST(private_memory_is_the_process_own),
        TEST(more_than_the_address_space_is_an_error),
        TEST(sliding_shows_another_window),
        TEST(sliding_to_another_file_shows_that_file),
        TEST(growing_keeps_what_was_there),
        TEST(private_memory_grows_zeroes),
        TEST(shared_memory_does_not_grow),
        TEST(advice_is_taken_for_any_range_inside),
        TEST(sync_refuses_contradicting_flags),
        TEST(zeroed_pages_hide_the_file_until_the_next_slide),
        TEST(nothing_stays_mapped_after_many_cycles),
    };
    return run_named(argc, argv, tests);
}
