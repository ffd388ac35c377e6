/* SPDX-License-Identifier: MIT */
/* Maps that grow, shrink, move and are doubled, and the pointers that forbid it. */
#include <errno.h>
#include <sys/mman.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

static struct mm_map *new_memory(size_t len, unsigned flags)
{
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(len, flags, &map), 0);
    return map;
}

static struct mm_map *new_file_map(int fd, uint64_t off, size_t len, unsigned flags)
{
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, off, len, flags, &map), 0);
    return map;
}

/* A map of one page at the beginning of a reservation: what is behind it is free, or taken. */
static void growing_in_place_needs_the_next_address(void **state)
{
    (void)state;
    struct mm_map *range = new_memory(8 * PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS);
    struct mm_map *map = new_memory(PAGE, 0);
    assert_int_equal(mm_map_move(map, mm_map_data(range)), 0);
    unsigned char *at = mm_map_data(map);
    at[0] = 'x';

    assert_int_equal(mm_map_resize(map, 2 * PAGE, MM_RESIZE_STAY), -ENOMEM);
    assert_int_equal(mm_map_len(map), PAGE);
    assert_int_equal(munmap(at + PAGE, 3 * PAGE), 0);
    assert_int_equal(mm_map_resize(map, 4 * PAGE, MM_RESIZE_STAY), 0);
    assert_ptr_equal(mm_map_data(map), at);
    assert_int_equal(at[0], 'x');
    assert_int_equal(at[4 * PAGE - 1], 0);
    assert_int_equal(mm_map_resize(map, 5 * PAGE, MM_RESIZE_STAY), -ENOMEM);

    /* Allowed to, it moves. */
    assert_int_equal(mm_map_resize(map, 5 * PAGE, 0), 0);
    assert_ptr_not_equal(mm_map_data(map), at);
    assert_int_equal(mm_map_data(map)[0], 'x');
    mm_map_close(map);
    mm_map_close(range);
}

static void shrinking_stays_where_it_is(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 9 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *map = new_file_map(fd, 50, 8 * PAGE, 0);
    const unsigned char *at = mm_map_data(map);
    unsigned char core;
    assert_int_equal(mm_map_resize(map, PAGE, MM_RESIZE_STAY), 0);
    assert_ptr_equal(mm_map_data(map), at);
    assert_int_equal(mm_map_len(map), PAGE);
    assert_memory_equal(at, (const char *)content.data + 50, PAGE);
    assert_int_equal(mincore((void *)(at - 50 + 2 * PAGE), PAGE, &core), -1);
    mm_map_close(map);
    close(fd);
}

static void moved_pages_keep_their_content_and_their_guard(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 5 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *range = new_memory(8 * PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS);
    struct mm_map *map = new_file_map(fd, 10, 4 * PAGE, 0);
    assert_int_equal(mm_map_move(map, mm_map_data(range) + PAGE), 0);
    assert_ptr_equal(mm_map_data(map), mm_map_data(range) + PAGE + 10);
    assert_memory_equal(mm_map_data(map), (const char *)content.data + 10, 4 * PAGE);

    struct mm_fault fault;
    assert_int_equal(ftruncate(fd, 1), 0);
    assert_int_equal(mm_map_data(map)[2 * PAGE], 0);
    assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
    assert_int_equal(fault.offset, 1);
    mm_map_close(map);
    mm_map_close(range);
    close(fd);
}

static void bad_addresses_to_move_to_are_refused(void **state)
{
    (void)state;
    struct mm_map *range = new_memory(4 * PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS);
    struct mm_map *map = new_memory(PAGE, 0), *empty = new_memory(0, 0);
    struct mm_map *fenced = new_memory(PAGE, MM_MAP_FENCED);
    unsigned char *at = mm_map_data(map);
    assert_int_equal(mm_map_move(map, mm_map_data(range) + 1), -EINVAL);
    assert_int_equal(mm_map_move(map, at), -EINVAL);
    assert_int_equal(mm_map_move(empty, mm_map_data(range)), -EINVAL);
    assert_int_equal(mm_map_move(fenced, mm_map_data(range)), -EINVAL);
    assert_ptr_equal(mm_map_data(map), at);
    at[0] = 1;
    mm_map_close(fenced);
    mm_map_close(empty);
    mm_map_close(map);
    mm_map_close(range);
}

static void store_through_one_is_seen_through_the_other(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 3 * PAGE));
    struct mm_map *maps[] = {
        new_memory(2 * PAGE, MM_MAP_SHARED),
        new_memory(2 * PAGE, MM_MAP_SHARED | MM_MAP_ZERO),
        new_memory(2 * PAGE, MM_MAP_SHARED | MM_MAP_FENCED),
        new_file_map(fd, 7, 2 * PAGE, MM_MAP_SHARED | MM_MAP_WRITE),
    };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        struct mm_map *copy;
        assert_int_equal(mm_map_duplicate(maps[i], NULL, &copy), 0);
        assert_ptr_not_equal(mm_map_data(copy), mm_map_data(maps[i]));
        assert_int_equal(mm_map_len(copy), 2 * PAGE);
        mm_map_data(maps[i])[PAGE + 1] = 'a';
        assert_int_equal(mm_map_data(copy)[PAGE + 1], 'a');
        mm_map_data(copy)[0] = 'b';
        mm_map_close(copy);
        assert_int_equal(mm_map_data(maps[i])[0], 'b');
        mm_map_close(maps[i]);
    }
    close(fd);
}

static void duplicate_goes_where_it_is_told_and_has_its_own_fault(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 2 * PAGE));
    struct mm_map *range = new_memory(4 * PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS);
    struct mm_map *map = new_file_map(fd, 0, 2 * PAGE, MM_MAP_SHARED), *copy;
    struct mm_fault fault;
    assert_int_equal(mm_map_duplicate(map, mm_map_data(range) + 1, &copy), -EINVAL);
    assert_int_equal(mm_map_duplicate(map, mm_map_data(range) + PAGE, &copy), 0);
    assert_ptr_equal(mm_map_data(copy), mm_map_data(range) + PAGE);
    assert_int_equal(ftruncate(fd, (off_t)PAGE), 0);
    assert_int_equal(mm_map_data(copy)[PAGE], 0);
    assert_int_equal(mm_map_fault(copy, &fault), -ESTALE);
    assert_int_equal(fault.offset, PAGE);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    mm_map_close(copy);
    mm_map_close(map);
    mm_map_close(range);
    close(fd);
}

static void private_and_empty_maps_have_no_duplicate(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x"));
    struct mm_map *maps[] = {new_memory(PAGE, 0), new_memory(0, MM_MAP_SHARED),
                             new_file_map(fd, 0, 1, MM_MAP_WRITE)};
    struct mm_map *copy = (struct mm_map *)box;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        assert_int_equal(mm_map_duplicate(maps[i], NULL, &copy), -EINVAL);
        assert_ptr_equal(copy, box);
        mm_map_close(maps[i]);
    }
    close(fd);
}

static void trimming_unmaps_whole_pages_at_both_ends(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 8 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *map = new_file_map(fd, 20, 7 * PAGE, 0);
    const unsigned char *at = mm_map_data(map);
    unsigned char core;
    assert_int_equal(mm_map_trim(map, 2 * PAGE, 3 * PAGE + 100), 0);
    assert_ptr_equal(mm_map_data(map), at + 2 * PAGE);
    assert_int_equal(mm_map_len(map), 2 * PAGE - 100);
    assert_memory_equal(mm_map_data(map), (const char *)content.data + 20 + 2 * PAGE,
                        2 * PAGE - 100);
    assert_int_equal(mincore((void *)(at - 20 + PAGE), PAGE, &core), -1);
    assert_int_equal(mincore((void *)(at - 20 + 4 * PAGE), PAGE, &core), -1);
    assert_int_equal(mincore((void *)(at - 20 + 2 * PAGE), 2 * PAGE, (unsigned char[2]){0}), 0);

    /* Less than a page changes only what is said. */
    assert_int_equal(mm_map_trim(map, 1, 1), 0);
    assert_ptr_equal(mm_map_data(map), at + 2 * PAGE + 1);
    assert_int_equal(mm_map_trim(map, 2 * PAGE, 0), -EINVAL);
    assert_int_equal(mm_map_trim(map, 1, 2 * PAGE), -EINVAL);
    assert_int_equal(mm_map_trim(map, 5, mm_map_len(map) - 5), 0);
    assert_int_equal(mm_map_len(map), 0);
    mm_map_close(map);

    struct mm_map *fenced = new_memory(3 * PAGE, MM_MAP_FENCED);
    assert_int_equal(mm_map_trim(fenced, PAGE, 0), -EINVAL);
    mm_map_close(fenced);
    close(fd);
}

static void trimming_keeps_the_fault_and_its_place(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 6 * PAGE));
    struct mm_fault fault;
    for (size_t head = 0; head < 5; head++) {
        assert_int_equal(ftruncate(fd, (off_t)(6 * PAGE)), 0);
        struct mm_map *map = new_file_map(fd, 0, 6 * PAGE, 0);
        assert_int_equal(ftruncate(fd, (off_t)(3 * PAGE)), 0);
        assert_int_equal(mm_map_data(map)[3 * PAGE], 0);
        assert_int_equal(mm_map_trim(map, head * PAGE, 0), 0);
        assert_int_equal(mm_map_fault(map, &fault), -ESTALE);
        assert_int_equal(fault.offset, 3 * PAGE);
        mm_map_close(map);
    }
    close(fd);
}

static void pinned_map_does_not_move(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 2 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_map *range = new_memory(4 * PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS);
    struct mm_map *map = new_file_map(fd, 0, 2 * PAGE, 0);
    mm_map_pin(map);
    mm_map_pin(map);
    for (int pins = 2; pins > 0; pins--) {
        assert_int_equal(mm_map_slide(map, fd, 0, PAGE), -EBUSY);
        assert_int_equal(mm_map_resize(map, PAGE, MM_RESIZE_STAY), -EBUSY);
        assert_int_equal(mm_map_move(map, mm_map_data(range)), -EBUSY);
        assert_int_equal(mm_map_trim(map, PAGE, 0), -EBUSY);
        assert_memory_equal(mm_map_data(map), content.data, content.len);
        mm_map_unpin(map);
    }
    assert_int_equal(mm_map_trim(map, PAGE, 0), 0);
    assert_int_equal(mm_map_resize(map, 1, 0), 0);
    assert_int_equal(mm_map_move(map, mm_map_data(range)), 0);
    assert_int_equal(mm_map_slide(map, fd, 0, PAGE), 0);
    mm_map_close(map);
    mm_map_close(range);
    close(fd);
}

static void anonymous_and_fenced_maps_do_not_slide_or_grow(void **state)
{
    (void)state;
    struct mm_map *map = new_memory(PAGE, 0), *fenced = new_memory(PAGE, MM_MAP_FENCED);
    assert_int_equal(mm_map_slide(map, 0, 0, PAGE), -EINVAL);
    assert_int_equal(mm_map_resize(fenced, 2 * PAGE, 0), -EINVAL);
    assert_int_equal(mm_map_len(fenced), PAGE);
    mm_map_close(fenced);
    mm_map_close(map);
}

/* Replaced pages make several mappings of one, which some kernels cannot move as one. */
static void map_with_replaced_pages_moves_whole_or_not_at_all(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 8 * PAGE));
    struct mm_map *range = new_memory(16 * PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS);
    struct mm_map *map = new_file_map(fd, 0, 4 * PAGE, 0);
    assert_int_equal(mm_map_zero(map, PAGE, PAGE), 0);
    assert_int_equal(mm_map_resize(map, 8 * PAGE, 0), -EFAULT);
    assert_int_equal(mm_map_resize(map, 8 * PAGE, MM_RESIZE_STAY << 1), -EINVAL);
    int error = mm_map_move(map, mm_map_data(range));
    assert_true(error == 0 || error == -EFAULT);
    const unsigned char *data = mm_map_data(map);
    assert_int_equal(data == mm_map_data(range), error == 0);
    assert_int_equal(data[0], 'x');
    assert_int_equal(data[PAGE], 0);
    assert_int_equal(data[2 * PAGE], 'x');
    assert_int_equal(mm_map_len(map), 4 * PAGE);
    mm_map_close(map);
    mm_map_close(range);
    close(fd);
}

struct remap {
    struct mm_map *map, *range;
};

static int resize(void *argument)
{
    return mm_map_resize(((struct remap *)argument)->map, 100 * PAGE, 0);
}

static int move(void *argument)
{
    const struct remap *remap = argument;
    return mm_map_move(remap->map, mm_map_data(remap->range));
}

static int duplicate(void *argument)
{
    struct mm_map *copy;
    return mm_map_duplicate(((struct remap *)argument)->map, NULL, &copy);
}

static void without_address_space_all_stays_as_it_was(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("content"));
    const struct refusal refusal = {SYS_mremap, ENOMEM, 0, 0};
    struct remap remap = {new_file_map(fd, 0, 7, MM_MAP_SHARED),
                          new_memory(PAGE, MM_MAP_NORESERVE | MM_MAP_NOACCESS)};
    assert_int_equal(refused(refusal, resize, &remap), -ENOMEM);
    assert_int_equal(refused(refusal, move, &remap), -ENOMEM);
    assert_int_equal(refused(refusal, duplicate, &remap), -ENOMEM);
    assert_int_equal(mm_map_len(remap.map), 7);
    assert_memory_equal(mm_map_data(remap.map), "content", 7);
    mm_map_close(remap.map);
    mm_map_close(remap.range);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(growing_in_place_needs_the_next_address),
        TEST(shrinking_stays_where_it_is),
        TEST(moved_pages_keep_their_content_and_their_guard),
        TEST(bad_addresses_to_move_to_are_refused),
        TEST(store_through_one_is_seen_through_the_other),
        TEST(duplicate_goes_where_it_is_told_and_has_its_own_fault),
        TEST(private_and_empty_maps_have_no_duplicate),
        TEST(trimming_unmaps_whole_pages_at_both_ends),
        TEST(trimming_keeps_the_fault_and_its_place),
        TEST(pinned_map_does_not_move),
        TEST(anonymous_and_fenced_maps_do_not_slide_or_grow),
        TEST(map_with_replaced_pages_moves_whole_or_not_at_all),
        TEST(without_address_space_all_stays_as_it_was),
    };
    return run_named(argc, argv, tests);
}
