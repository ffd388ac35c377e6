/* SPDX-License-Identifier: MIT */
/* Address space first, memory later: reservations and what can be promised. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

#define RESERVED (MM_MAP_NORESERVE | MM_MAP_NOACCESS)

/* More than all memory and swap, in whole pages. */
static size_t more_than_there_is(void)
{
    struct sysinfo info;
    assert_int_equal(sysinfo(&info), 0);
    size_t all = (info.totalram + info.totalswap) * info.mem_unit;
    return (all + all / 2) / PAGE * PAGE;
}

static int load(void *address)
{
    signal(SIGSEGV, SIG_DFL);
    return *(volatile unsigned char *)address & 0;
}

static void more_than_all_memory_is_committed_piece_by_piece(void **state)
{
    skip_under_valgrind();
    (void)state;
    struct mm_map *map;
    const size_t len = more_than_there_is(), piece = 16 * PAGE;
    assert_int_equal(mm_map_anonymous(len, RESERVED, &map), 0);
    assert_int_equal(mm_map_len(map), len);
    unsigned char *data = mm_map_data(map);
    assert_killed_by(SIGSEGV, in_child(load, data));
    const size_t pieces[] = {0, piece, len / 2 / PAGE * PAGE, len - piece};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        assert_int_equal(mm_map_protect(map, pieces[i], piece, MM_MAP_WRITE), 0);
        memset(data + pieces[i], 'x', piece);
        assert_int_equal(data[pieces[i] + piece - 1], 'x');
    }
    assert_killed_by(SIGSEGV, in_child(load, data + 2 * piece));
    mm_map_close(map);
}

static void piece_is_given_back(void **state)
{
    (void)state;
    struct mm_map *map;
    struct mm_resident resident;
    assert_int_equal(mm_map_anonymous(64 * PAGE, RESERVED, &map), 0);
    assert_int_equal(mm_map_protect(map, 0, 8 * PAGE, MM_MAP_WRITE), 0);
    memset(mm_map_data(map), 'x', 8 * PAGE);
    assert_int_equal(mm_map_resident(map, 0, 64 * PAGE, NULL, &resident), 0);
    assert_int_equal(resident.cached, 8);
    assert_int_equal(mm_map_advise(map, 0, 8 * PAGE, MM_ADVICE_DONTNEED), 0);
    assert_int_equal(mm_map_protect(map, 0, 8 * PAGE, MM_MAP_NOACCESS), 0);
    assert_int_equal(mm_map_resident(map, 0, 64 * PAGE, NULL, &resident), 0);
    assert_int_equal(resident.cached, 0);
    mm_map_close(map);
}

/* What mode the kernel is in decides what it promises. */
static void promise_follows_the_overcommit_mode(void **state)
{
    (void)state;
    struct mm_overcommit now;
    struct mm_map *map;
    assert_int_equal(mm_overcommit_read(&now), 0);
    const size_t len = more_than_there_is();
    int plain = mm_map_anonymous(len, 0, &map);
    if (plain == 0)
        mm_map_close(map);
    int unreserved = mm_map_anonymous(len, MM_MAP_NORESERVE, &map);
    if (unreserved == 0)
        mm_map_close(map);
    assert_int_equal(plain, now.mode == MM_OVERCOMMIT_ALWAYS ? 0 : -ENOMEM);
    assert_int_equal(unreserved, now.mode == MM_OVERCOMMIT_NEVER ? -ENOMEM : 0);
}

static int reserve(void *argument)
{
    struct mm_map *map;
    int error = mm_map_anonymous(PAGE, *(unsigned *)argument, &map);
    if (!error)
        mm_map_close(map);
    return error;
}

static void without_address_space_no_map_is_made(void **state)
{
    (void)state;
    const struct refusal mapping = {SYS_mmap, ENOMEM, 3, MAP_NORESERVE};
    const struct refusal opening = {SYS_openat, EMFILE, 0, 0};
    unsigned plain = MM_MAP_NORESERVE, fenced = MM_MAP_FENCED, zero = MM_MAP_ZERO;
    assert_int_equal(refused(mapping, reserve, &plain), -ENOMEM);
    assert_int_equal(refused(mapping, reserve, &fenced), -ENOMEM);
    assert_int_equal(refused(opening, reserve, &zero), -EMFILE);
}

static void impossible_length_is_refused(void **state)
{
    (void)state;
    const size_t lengths[] = {SIZE_MAX, SIZE_MAX - PAGE, (size_t)PTRDIFF_MAX + 1, PTRDIFF_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (unsigned flags = 0; flags <= MM_MAP_FENCED; flags += MM_MAP_FENCED) {
            struct mm_map *map;
            int error = mm_map_anonymous(lengths[i], flags | RESERVED, &map);
            assert_true(error == -ENOMEM || error == -EOVERFLOW);
        }
}

static void fenced_map_of_nothing_is_empty(void **state)
{
    (void)state;
    struct mm_map *map;
    assert_int_equal(mm_map_anonymous(0, MM_MAP_FENCED, &map), 0);
    assert_int_equal(mm_map_len(map), 0);
    assert_non_null(mm_map_data(map));
    mm_map_close(map);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(more_than_all_memory_is_committed_piece_by_piece),
        TEST(piece_is_given_back),
        TEST(promise_follows_the_overcommit_mode),
        TEST(without_address_space_no_map_is_made),
        TEST(impossible_length_is_refused),
        TEST(fenced_map_of_nothing_is_empty),
    };
    return run_named(argc, argv, tests);
}
