/* SPDX-License-Identifier: MIT */
/* The page cache, changed: what is loaded, what is evicted, and which runs are there. */
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

#define PAGES 256

static const struct refusal no_cachestat = {SYS_cachestat, ENOSYS, 0, 0};

/* A file of PAGES pages and 5 bytes, none of it in memory. */
static int open_evicted(struct sandbox *box)
{
    struct statfs fs;
    int fd = open_filled(box, "f", box_lines(box, PAGES * PAGE + 5));
    assert_int_equal(fstatfs(fd, &fs), 0);
    if (fs.f_type == TMPFS_MAGIC)
        skip_aloud("a tmpfs has nowhere to evict pages to");
    assert_int_equal(mm_file_evict(fd, 0, 0, MM_EVICT_SYNC), 0);
    return fd;
}

static uint64_t cached(int fd, uint64_t off, uint64_t len)
{
    struct mm_resident resident;
    assert_int_equal(mm_file_resident(fd, off, len, &resident), 0);
    return resident.cached;
}

static void assert_run_is(int fd, uint64_t off, uint64_t first, uint64_t count)
{
    struct mm_run run;
    assert_int_equal(mm_file_resident_run(fd, off, &run), 0);
    assert_int_equal(run.len, count * PAGE);
    if (count > 0)
        assert_int_equal(run.off, first * PAGE);
}

static void loading_brings_these_pages_and_no_others(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    assert_int_equal(cached(fd, 0, 0), 0);
    assert_int_equal(mm_file_load(fd, 10 * PAGE + 1, PAGE, 0), 0);
    assert_int_equal(cached(fd, 0, 0), 2);
    assert_int_equal(cached(fd, 10 * PAGE, 2 * PAGE), 2);
    assert_int_equal(mm_file_load(fd, 200 * PAGE, 40 * PAGE, 0), 0);
    assert_int_equal(cached(fd, 0, 0), 42);
    assert_int_equal(cached(fd, 200 * PAGE, 40 * PAGE), 40);
    close(fd);
}

static void loading_to_the_end_brings_all(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    assert_int_equal(mm_file_load(fd, 250 * PAGE, 0, 0), 0);
    assert_int_equal(cached(fd, 0, 0), 7);
    assert_int_equal(mm_file_load(fd, 0, 0, 0), 0);
    assert_int_equal(cached(fd, 0, 0), PAGES + 1);
    assert_int_equal(mm_file_load(fd, PAGES * PAGE + 5, 0, 0), 0);
    close(fd);
}

static void loading_around_brings_at_least_these_pages(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    assert_int_equal(mm_file_load(fd, 0, 16 * PAGE, MM_LOAD_AROUND), 0);
    assert_int_equal(cached(fd, 0, 16 * PAGE), 16);
    close(fd);
}

static int load_all(void *fd)
{
    return mm_file_load(*(int *)fd, 0, 0, 0);
}

/* Before Linux 5.14 each page is touched. */
static void loading_works_without_populate(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    const struct refusal refusal = {SYS_madvise, EINVAL, 2, 22};
    assert_int_equal(refused(refusal, load_all, &fd), 0);
    assert_int_equal(cached(fd, 0, 0), PAGES + 1);
    close(fd);
}

static void evicting_takes_these_pages_and_no_others(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    /* In single pages, so that none shares a folio with another. */
    for (size_t page = 0; page < 64; page++)
        assert_int_equal(mm_file_load(fd, page * PAGE, PAGE, 0), 0);
    assert_int_equal(mm_file_evict(fd, 10 * PAGE + 1, PAGE, 0), 0);
    assert_int_equal(cached(fd, 0, 0), 62);
    assert_int_equal(cached(fd, 10 * PAGE, 2 * PAGE), 0);
    assert_int_equal(mm_file_evict(fd, 0, 0, 0), 0);
    assert_int_equal(cached(fd, 0, 0), 0);
    close(fd);
}

static void mapped_pages_stay(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    struct mm_map *map;
    assert_int_equal(mm_file_load(fd, 0, 0, 0), 0);
    assert_int_equal(mm_map_file(fd, 0, 8 * PAGE, 0, &map), 0);
    assert_int_equal(mm_map_advise(map, 0, 8 * PAGE, MM_ADVICE_POPULATE_READ), 0);
    assert_true(*(volatile unsigned char *)mm_map_data(map) != 0);
    assert_int_equal(mm_file_evict(fd, 0, 0, 0), 0);
    assert_true(cached(fd, 0, 0) >= 1);
    mm_map_close(map);
    assert_int_equal(mm_file_evict(fd, 0, 0, 0), 0);
    assert_int_equal(cached(fd, 0, 0), 0);
    close(fd);
}

static void dirty_pages_go_when_they_were_written(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 0, PAGE, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    mm_map_data(map)[0] = 'x';
    mm_map_close(map);
    assert_int_equal(mm_file_evict(fd, 0, 0, MM_EVICT_SYNC), 0);
    assert_int_equal(cached(fd, 0, 0), 0);
    assert_int_equal(*(const char *)box_load(box, "f").data, 'x');
    close(fd);
}

struct runs {
    int fd;
    struct mm_run run;
};

static int first_run(void *argument)
{
    struct runs *runs = argument;
    return mm_file_resident_run(runs->fd, 0, &runs->run);
}

static void runs_are_found_to_the_page(void **state)
{
    struct sandbox *box = *state;
    int fd = open_evicted(box);
    assert_run_is(fd, 0, 0, 0);
    assert_int_equal(mm_file_load(fd, 3 * PAGE, PAGE, 0), 0);
    assert_int_equal(mm_file_load(fd, 17 * PAGE, 5 * PAGE, 0), 0);
    assert_int_equal(mm_file_load(fd, 100 * PAGE, 100 * PAGE, 0), 0);
    assert_int_equal(mm_file_load(fd, PAGES * PAGE, 5, 0), 0);
    assert_run_is(fd, 0, 3, 1);
    assert_run_is(fd, 3 * PAGE, 3, 1);
    assert_run_is(fd, 4 * PAGE, 17, 5);
    assert_run_is(fd, 18 * PAGE + 7, 18, 4);
    assert_run_is(fd, 22 * PAGE, 100, 100);
    assert_run_is(fd, 200 * PAGE, PAGES, 1);
    assert_run_is(fd, PAGES * PAGE + 5, 0, 0);
    struct runs runs = {fd, {0}};
    assert_int_equal(refused(no_cachestat, first_run, &runs), 0);
    assert_int_equal(runs.run.off, 3 * PAGE);
    assert_int_equal(runs.run.len, PAGE);
    close(fd);
}

static void runs_of_a_large_hole_are_found_at_once(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text(""));
    struct mm_resident resident;
    const uint64_t size = (uint64_t)1 << 40, place = size / 3 / PAGE * PAGE;
    if (ftruncate(fd, (off_t)size) != 0)
        skip_aloud("no file of a terabyte can be made here");
    assert_int_equal(mm_file_resident(fd, 0, 0, &resident), 0);
    if (!resident.detailed)
        skip_aloud("without cachestat every page is asked for");
    assert_int_equal(pwrite(fd, "x", 1, (off_t)place), 1);
    assert_run_is(fd, 0, place / PAGE, 1);
    assert_run_is(fd, place + PAGE, 0, 0);
    close(fd);
}

static int run_of(void *fd)
{
    struct mm_run run;
    return mm_file_resident_run(*(int *)fd, 0, &run);
}

static void runs_of_what_others_read_are_not_told(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("root's"));
    assert_int_equal(as_nobody(run_of, &fd), -EPERM);
    close(fd);
}

static int evict_synced(void *fd)
{
    return mm_file_evict(*(int *)fd, 0, 0, MM_EVICT_SYNC);
}

static int evict(void *fd)
{
    return mm_file_evict(*(int *)fd, 0, 0, 0);
}

static void wrong_ranges_flags_and_descriptors_are_errors(void **state)
{
    struct sandbox *box = *state;
    int fd = open_filled(box, "f", text("x")), none = -1, ends[2];
    struct mm_run run = {7, 7};
    assert_int_equal(mm_file_load(fd, 2, 0, 0), -EINVAL);
    assert_int_equal(mm_file_load(fd, 0, 0, 2), -EINVAL);
    assert_int_equal(mm_file_load(none, 0, 0, 0), -EBADF);
    assert_int_equal(mm_file_evict(fd, 2, 0, 0), -EINVAL);
    assert_int_equal(mm_file_evict(fd, 0, 0, 2), -EINVAL);
    assert_int_equal(mm_file_evict(none, 0, 0, 0), -EBADF);
    assert_int_equal(refused((struct refusal){SYS_fdatasync, EIO, 0, 0}, evict_synced, &fd), -EIO);
    assert_int_equal(refused((struct refusal){SYS_fadvise64, EIO, 0, 0}, evict, &fd), -EIO);
    assert_int_equal(mm_file_resident_run(fd, 2, &run), -EINVAL);
    assert_int_equal(mm_file_resident_run(none, 0, &run), -EBADF);
    assert_int_equal(run.off, 7);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(mm_file_load(ends[0], 0, 0, 0), 0); /* it has no bytes to load */
    close(ends[0]);
    close(ends[1]);
    close(fd);
    fd = open(box_path(box, "f"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(mm_file_load(fd, 0, 0, 0), -EACCES);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(loading_brings_these_pages_and_no_others),
        TEST(loading_to_the_end_brings_all),
        TEST(loading_around_brings_at_least_these_pages),
        TEST(loading_works_without_populate),
        TEST(evicting_takes_these_pages_and_no_others),
        TEST(mapped_pages_stay),
        TEST(dirty_pages_go_when_they_were_written),
        TEST(runs_are_found_to_the_page),
        TEST(runs_of_a_large_hole_are_found_at_once),
        TEST(runs_of_what_others_read_are_not_told),
        TEST(wrong_ranges_flags_and_descriptors_are_errors),
    };
    return run_named(argc, argv, tests);
}
