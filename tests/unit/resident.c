/* SPDX-License-Identifier: MIT */
/* Which pages are in memory. */
#include <errno.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

#define PAGES 64

static const struct refusal no_cachestat = {SYS_cachestat, ENOSYS, 0, 0};

/* A file of PAGES pages, none of them in memory. */
static int open_evicted(struct sandbox *box)
{
    struct statfs fs;
    int fd = open_filled(box, "f", box_lines(box, PAGES * PAGE));
    assert_int_equal(fstatfs(fd, &fs), 0);
    if (fs.f_type == TMPFS_MAGIC)
        skip_aloud("a tmpfs has nowhere to evict pages to");
    assert_int_equal(fsync(fd), 0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    return fd;
}

static void evicted_file_has_no_pages_and_touched_ones_show(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    struct mm_map *map;
    struct mm_resident resident;
    unsigned char present[PAGES];
    assert_int_equal(mm_file_resident(fd, 0, 0, &resident), 0);
    assert_int_equal(resident.pages, PAGES);
    assert_int_equal(resident.cached, 0);

    assert_int_equal(mm_map_file(fd, 0, PAGES * PAGE, 0, &map), 0);
    assert_int_equal(mm_map_resident(map, 0, PAGES * PAGE, present, &resident), 0);
    assert_int_equal(resident.cached, 0);
    assert_int_equal(mm_map_advise(map, 0, PAGES * PAGE, MM_ADVICE_RANDOM), 0);
    volatile unsigned char *data = mm_map_data(map);
    (void)data[3 * PAGE];
    (void)data[40 * PAGE];
    assert_int_equal(mm_map_resident(map, 0, PAGES * PAGE, present, &resident), 0);
    assert_int_equal(resident.pages, PAGES);
    assert_int_equal(present[3], 1);
    assert_int_equal(present[40], 1);
    size_t sum = 0;
    for (size_t i = 0; i < PAGES; i++)
        sum += present[i];
    assert_int_equal(sum, resident.cached);
    assert_true(sum < PAGES);
    assert_false(resident.detailed);
    mm_map_close(map);
    close(fd);
}

struct range {
    int fd;
    uint64_t off, len;
    struct mm_resident resident;
};

static int ask(void *argument)
{
    struct range *range = argument;
    return mm_file_resident(range->fd, range->off, range->len, &range->resident);
}

static void both_ways_to_ask_agree(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, PAGES * PAGE, 0, &map), 0);
    assert_int_equal(mm_map_advise(map, 0, PAGES * PAGE, MM_ADVICE_RANDOM), 0);
    for (size_t page = 0; page < PAGES; page += 7)
        assert_true(((volatile unsigned char *)mm_map_data(map))[page * PAGE] != 0);
    const uint64_t ranges[][2] = {{0, 0},
                                  {0, 1},
                                  {PAGE - 1, 2},
                                  {5, PAGES * PAGE},
                                  {7 * PAGE, PAGE},
                                  {8 * PAGE, 6 * PAGE},
                                  {PAGES * PAGE - 1, 1},
                                  {PAGES * PAGE, 0}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        struct range now = {fd, ranges[i][0], ranges[i][1], {0}}, before = now;
        assert_int_equal(ask(&now), 0);
        assert_int_equal(refused(no_cachestat, ask, &before), 0);
        assert_int_equal(now.resident.pages, before.resident.pages);
        assert_int_equal(now.resident.cached, before.resident.cached);
        assert_false(before.resident.detailed);
    }
    mm_map_close(map);
    close(fd);
}

static void status_at_hand_changes_nothing(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    struct stat st;
    struct mm_resident asked, known = {.pages = 77};
    assert_int_equal(pwrite(fd, "x", 1, 5 * PAGE), 1);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(mm_file_resident(fd, PAGE, 0, &asked), 0);
    assert_int_equal(mm_file_resident_known(fd, &st, PAGES * PAGE + 1, 0, &known), -EINVAL);
    assert_int_equal(known.pages, 77);
    assert_int_equal(mm_file_resident_known(fd, &st, PAGE, 0, &known), 0);
    assert_int_equal(known.pages, asked.pages);
    assert_int_equal(known.cached, asked.cached);
    close(fd);
}

static void stored_pages_are_dirty_until_they_are_synced(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    struct mm_map *map;
    struct mm_resident resident;
    assert_int_equal(mm_map_file(fd, 0, PAGES * PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    mm_map_data(map)[9 * PAGE] = 'x';
    assert_int_equal(mm_file_resident(fd, 9 * PAGE, 1, &resident), 0);
    if (!resident.detailed)
        skip_aloud("this kernel has no cachestat");
    assert_int_equal(resident.pages, 1);
    assert_int_equal(resident.cached, 1);
    assert_int_equal(resident.dirty + resident.writeback, 1);
    mm_map_close(map);
    assert_int_equal(fsync(fd), 0);
    assert_int_equal(mm_file_resident(fd, 0, 0, &resident), 0);
    assert_int_equal(resident.dirty, 0);
    assert_int_equal(resident.writeback, 0);
    close(fd);
}

static void memory_counts_when_it_was_touched(void **state)
{
    (void)state;
    struct mm_map *map;
    struct mm_resident resident;
    unsigned char present[4] = {9, 9, 9, 9};
    assert_int_equal(mm_map_anonymous(PAGES * PAGE, 0, &map), 0);
    assert_int_equal(mm_map_resident(map, 0, PAGES * PAGE, NULL, &resident), 0);
    assert_int_equal(resident.cached, 0);
    mm_map_data(map)[2 * PAGE] = 1;
    /* Bytes of three pages. */
    assert_int_equal(mm_map_resident(map, 2 * PAGE - 1, PAGE + 2, present, &resident), 0);
    assert_int_equal(resident.pages, 3);
    assert_int_equal(resident.cached, 1);
    assert_memory_equal(present, "\0\1\0\11", 4);
    assert_int_equal(mm_map_resident(map, 0, 0, NULL, &resident), 0);
    assert_int_equal(resident.pages, 0);
    mm_map_close(map);
}

/* More pages than are asked for in one call. */
static void large_range_is_counted_whole(void **state)
{
    (void)state;
    struct mm_map *map;
    struct mm_resident resident;
    const size_t pages = 10000;
    assert_int_equal(mm_map_anonymous(pages * PAGE, MM_MAP_NORESERVE, &map), 0);
    mm_map_data(map)[4095 * PAGE] = mm_map_data(map)[4096 * PAGE] = 1;
    mm_map_data(map)[9999 * PAGE] = 1;
    unsigned char *present = malloc(pages);
    assert_int_equal(mm_map_resident(map, 0, pages * PAGE, present, &resident), 0);
    assert_int_equal(resident.pages, pages);
    assert_int_equal(present[4095] + present[4096] + present[9999], 3);
    free(present);
    mm_map_close(map);
}

struct question {
    const struct mm_map *map;
    int fd;
};

static int ask_map(void *argument)
{
    struct mm_resident resident;
    const struct question *question = argument;
    return mm_map_resident(question->map, 0, 1, NULL, &resident);
}

static int ask_file(void *argument)
{
    struct mm_resident resident;
    const struct question *question = argument;
    return mm_file_resident(question->fd, 0, 0, &resident);
}

/* mincore(2) would say that all of it is in memory. */
static void what_others_read_is_not_told(void **state)
{
    struct sandbox *box = *state;
    struct mm_map *map;
    int fd = open_filled(box, "f", text("root's"));
    assert_int_equal(mm_map_file(fd, 0, 6, 0, &map), 0);
    struct question question = {map, fd};
    assert_int_equal(as_nobody(ask_map, &question), -EPERM);
    assert_int_equal(as_nobody(ask_file, &question), -EPERM);
    /* Its own file, and one that it may write. */
    assert_int_equal(fchown(fd, NOBODY, NOBODY), 0);
    assert_int_equal(as_nobody(ask_map, &question), 0);
    assert_int_equal(as_nobody(ask_file, &question), 0);
    assert_int_equal(fchown(fd, 0, 0), 0);
    box_mode(box, "f", 0666);
    assert_int_equal(as_nobody(ask_map, &question), 0);
    assert_int_equal(as_nobody(ask_file, &question), 0);
    mm_map_close(map);
    close(fd);
}

static void wrong_ranges_and_descriptors_are_errors(void **state)
{
    struct sandbox *box = *state;
    struct mm_map *map;
    struct mm_resident resident = {.pages = 77};
    int fd = open_filled(box, "f", box_lines(box, 3 * PAGE));
    assert_int_equal(mm_file_resident(fd, 3 * PAGE + 1, 0, &resident), -EINVAL);
    assert_int_equal(mm_file_resident(-1, 0, 0, &resident), -EBADF);
    assert_int_equal(mm_map_file(fd, 0, 3 * PAGE, 0, &map), 0);
    assert_int_equal(mm_map_resident(map, 0, 3 * PAGE + 1, NULL, &resident), -EINVAL);
    assert_int_equal(munmap(mm_map_data(map) + PAGE, PAGE), 0);
    assert_int_equal(mm_map_resident(map, 0, 3 * PAGE, NULL, &resident), -ENOMEM);
    assert_int_equal(resident.pages, 77);
    /* A map cannot say whose pages it has when its file is closed. */
    close(fd);
    assert_int_equal(mm_map_resident(map, 0, 1, NULL, &resident), -EPERM);
    mm_map_close(map);
}

/* Without cachestat the file must be mapped, which takes the right to read it. */
static void file_that_cannot_be_mapped_is_an_error_without_cachestat(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("x"));
    struct range range = {.fd = open(box_path(box, "f"), O_WRONLY | O_CLOEXEC)};
    assert_true(range.fd >= 0);
    assert_int_equal(refused(no_cachestat, ask, &range), -EACCES);
    assert_int_equal(refused((struct refusal){SYS_cachestat, EIO, 0, 0}, ask, &range), -EIO);
    close(range.fd);
}

static void page_size_is_the_kernel_s(void **state)
{
    (void)state;
    assert_int_equal(mm_page_size(), PAGE);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(evicted_file_has_no_pages_and_touched_ones_show),
        TEST(both_ways_to_ask_agree),
        TEST(status_at_hand_changes_nothing),
        TEST(stored_pages_are_dirty_until_they_are_synced),
        TEST(memory_counts_when_it_was_touched),
        TEST(large_range_is_counted_whole),
        TEST(what_others_read_is_not_told),
        TEST(wrong_ranges_and_descriptors_are_errors),
        TEST(file_that_cannot_be_mapped_is_an_error_without_cachestat),
        TEST(page_size_is_the_kernel_s),
    };
    return run_named(argc, argv, tests);
}
