/* SPDX-License-Identifier: MIT */
/* Scans of files with holes, and of files larger than the address space may be. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"
#include "mounts.h"

#define LEN ((size_t)5 << 20)

/* A page of data, a hole and one byte of data, open. */
static int open_with_hole(struct sandbox *box, const char *name, size_t len)
{
    int fd = open_filled(box, name, box_repeat(box, 'a', PAGE));
    assert_int_equal(ftruncate(fd, (off_t)len), 0);
    assert_int_equal(pwrite(fd, "z", 1, (off_t)len - 1), 1);
    assert_int_equal(fsync(fd), 0);
    return fd;
}

static bool has_hole(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_blocks * 512 < st.st_size;
}

static struct mm_scan *scan_of(int fd, size_t window)
{
    struct mm_scan *scan;
    assert_int_equal(mm_scan_new(window, &scan), 0);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    return scan;
}

/* Consumed in runs of `run` bytes, the file is what open_with_hole() made it. */
static void assert_seen_whole(int fd, size_t window, size_t run)
{
    struct mm_scan *scan = scan_of(fd, window);
    struct mm_view view;
    size_t seen = 0, wrong = 0;
    assert_int_equal(lseek(fd, 42, SEEK_SET), 42);
    while (assert_int_equal(mm_scan_more(scan, run, &view), 0), view.len > 0) {
        size_t part = view.len < run ? view.len : run;
        for (size_t i = 0; i < part; i++, seen++)
            wrong += view.data[i] != (seen < PAGE ? 'a' : seen == LEN - 1 ? 'z' : 0);
        mm_scan_consume(scan, part);
    }
    assert_int_equal(seen, LEN);
    assert_int_equal(wrong, 0);
    assert_int_equal(mm_scan_check(scan), 0);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 42);
    mm_scan_free(scan);
}

/* What mm_scan_hole() says from the beginning on: data, hole, data, together the whole file. */
static void assert_told(int fd)
{
    struct mm_scan *scan = scan_of(fd, 0);
    uint64_t run, at = 0;
    size_t holes = 0, pieces = 0;
    while (at < LEN) {
        bool hole = mm_scan_hole(scan, &run);
        assert_true(run > 0 && run <= LEN - at);
        assert_int_equal(hole, pieces % 2);
        holes += hole ? run : 0;
        pieces++;
        at += run;
        assert_int_equal(mm_scan_seek(scan, at), 0);
    }
    assert_int_equal(at, LEN);
    assert_int_equal(pieces, 3);
    assert_true(holes > LEN / 2);
    assert_false(mm_scan_hole(scan, &run));
    assert_int_equal(run, 0);
    mm_scan_free(scan);
}

static void assert_holes_work(struct sandbox *box, const char *name)
{
    int fd = open_with_hole(box, name, LEN);
    assert_seen_whole(fd, (size_t)1 << 20, 1000);
    assert_seen_whole(fd, (size_t)1 << 20, (size_t)3 << 20);
    assert_seen_whole(fd, PAGE, PAGE + 1);
    assert_seen_whole(fd, 0, 1);
    if (has_hole(fd))
        assert_told(fd);
    close(fd);
}

static void holes_read_as_zeroes_where_tests_run(void **state)
{
    assert_holes_work(*state, "f");
}

static void holes_read_as_zeroes_on_tmpfs(void **state)
{
    struct sandbox *box = *state;
    mount_tmpfs(box, "m", "16m");
    assert_holes_work(box, "m/f");
    unmount(box, "m");
}

static void holes_on(struct sandbox *box, const char *type, size_t len)
{
    make_image(box, "image", type, len);
    mount_image(box, "image", type, "m", 0);
    assert_holes_work(box, "m/f");
    unmount(box, "m");
}

static void holes_read_as_zeroes_on_ext4(void **state)
{
    holes_on(*state, "ext4", (size_t)32 << 20);
}

static void holes_read_as_zeroes_on_xfs(void **state)
{
    holes_on(*state, "xfs", (size_t)320 << 20);
}

static void holes_read_as_zeroes_on_btrfs(void **state)
{
    holes_on(*state, "btrfs", (size_t)128 << 20);
}

/* Such a file system stores the zeroes. */
static void holes_read_as_zeroes_on_vfat(void **state)
{
    holes_on(*state, "vfat", (size_t)32 << 20);
}

static void hole_of_a_full_tmpfs_reads_as_zeroes(void **state)
{
    struct sandbox *box = *state;
    mount_tmpfs(box, "small", "1m");
    int fd = open_filled(box, "small/f", text(""));
    assert_int_equal(ftruncate(fd, 8 << 20), 0);
    struct mm_scan *scan = scan_of(fd, 0);
    struct mm_view view;
    size_t seen = 0, wrong = 0;
    while (assert_int_equal(mm_scan_more(scan, 1, &view), 0), view.len > 0) {
        for (size_t i = 0; i < view.len; i++)
            wrong += view.data[i] != 0;
        seen += view.len;
        mm_scan_consume(scan, view.len);
    }
    assert_int_equal(seen, 8 << 20);
    assert_int_equal(wrong, 0);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_blocks, 0);
    mm_scan_free(scan);
    close(fd);
    unmount(box, "small");
}

/* Bytes that appear in a hole are seen by the next window over them. */
static void data_stored_into_a_hole_is_seen_later(void **state)
{
    struct sandbox *box = *state;
    int fd = open_with_hole(box, "f", LEN);
    if (!has_hole(fd))
        skip_aloud("this file system keeps no holes");
    struct mm_scan *scan = scan_of(fd, (size_t)1 << 20);
    struct mm_view view;
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    mm_scan_consume(scan, view.len);
    assert_int_equal(pwrite(fd, "new", 3, (off_t)3 << 20), 3);
    assert_int_equal(mm_scan_seek(scan, (uint64_t)3 << 20), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_memory_equal(view.data, "new", 4);
    mm_scan_free(scan);
    close(fd);
}

static int scan_6_gib(void *argument)
{
    const int *fd = argument;
    struct rlimit limit = {(rlim_t)400000 << 10, (rlim_t)400000 << 10};
    struct mm_scan *scan;
    struct mm_view view;
    uint64_t seen = 0;
    expect(setrlimit(RLIMIT_AS, &limit) == 0);
    expect(mm_scan_new(0, &scan) == 0);
    expect(mm_scan_open(scan, *fd, 0) == 0);
    for (;;) {
        expect(mm_scan_more(scan, 1, &view) == 0);
        if (view.len == 0)
            break;
        expect(view.len <= MM_SCAN_WINDOW);
        expect(view.data[view.len - 1] == (seen + view.len == (uint64_t)6 << 30 ? 'z' : 0));
        expect(seen > 0 || view.data[0] == 'a');
        seen += view.len;
        mm_scan_consume(scan, view.len);
    }
    expect(seen == (uint64_t)6 << 30);
    expect(mm_scan_check(scan) == 0);
    mm_scan_free(scan);
    return 0;
}

static void file_larger_than_the_address_space_is_scanned(void **state)
{
    struct sandbox *box = *state;
    if (SANITIZED)
        skip_aloud("a sanitizer needs the whole address space");
    int fd = open_with_hole(box, "f", (size_t)6 << 30);
    assert_int_equal(in_child(scan_6_gib, &fd), 0);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(holes_read_as_zeroes_where_tests_run),
        MOUNTED_TEST(holes_read_as_zeroes_on_tmpfs),
        MOUNTED_TEST(holes_read_as_zeroes_on_ext4),
        MOUNTED_TEST(holes_read_as_zeroes_on_xfs),
        MOUNTED_TEST(holes_read_as_zeroes_on_btrfs),
        MOUNTED_TEST(holes_read_as_zeroes_on_vfat),
        MOUNTED_TEST(hole_of_a_full_tmpfs_reads_as_zeroes),
        TEST(data_stored_into_a_hole_is_seen_later),
        TEST(file_larger_than_the_address_space_is_scanned),
    };
    return run_named(argc, argv, tests);
}
