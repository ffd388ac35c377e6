/* SPDX-License-Identifier: MIT */
/* Block devices: mapped and scanned like files, of a size that only a seek tells. */
#include <errno.h>
#include <stdio.h>

#include <libmm/mm.h>

#include "files.h"
#include "mounts.h"

#define LEN ((size_t)1 << 20)

/* A loop device over LEN bytes of numbered lines. */
static int open_device(struct sandbox *box, struct bytes *content)
{
    *content = box_lines(box, LEN);
    box_fill(box, "image", *content);
    assert_int_equal(mm_guard_install(), 0);
    return open_loop(box, "image", O_RDWR);
}

static void device_is_mapped_like_a_file(void **state)
{
    struct bytes content;
    int fd = open_device(*state, &content);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, 100, LEN - 100, 0, &map), 0);
    assert_memory_equal(mm_map_data(map), (const char *)content.data + 100, LEN - 100);
    mm_map_close(map);
    close(fd);
}

static void stores_reach_the_device(void **state)
{
    struct sandbox *box = *state;
    struct bytes content;
    int fd = open_device(box, &content);
    struct mm_map *map;
    assert_int_equal(mm_map_file(fd, PAGE, 4, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    memcpy(mm_map_data(map), "mine", 4);
    assert_int_equal(mm_map_sync(map, 0, 4, MM_SYNC_WAIT), 0);
    mm_map_close(map);
    assert_int_equal(fsync(fd), 0);
    assert_memory_equal((const char *)box_load(box, "image").data + PAGE, "mine", 4);
    close(fd);
}

static void device_is_scanned_to_its_end(void **state)
{
    struct bytes content;
    int fd = open_device(*state, &content);
    struct mm_scan *scan;
    struct mm_view view;
    size_t seen = 0;
    assert_int_equal(mm_scan_new(16 * PAGE, &scan), 0);
    assert_int_equal(lseek(fd, 160, SEEK_SET), 160);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_true(mm_scan_mapped(scan));
    assert_int_equal(mm_scan_size(scan), LEN);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 160);
    while (assert_int_equal(mm_scan_more(scan, 1, &view), 0), view.len > 0) {
        assert_memory_equal(view.data, (const char *)content.data + seen, view.len);
        seen += view.len;
        mm_scan_consume(scan, view.len);
    }
    assert_int_equal(seen, LEN);
    assert_int_equal(mm_scan_check(scan), 0);
    uint64_t run;
    assert_int_equal(mm_scan_seek(scan, PAGE), 0);
    assert_false(mm_scan_hole(scan, &run));
    assert_int_equal(run, LEN - PAGE);

    assert_int_equal(mm_scan_open(scan, fd, MM_SCAN_HERE), 0);
    assert_int_equal(mm_scan_offset(scan), 160);
    mm_scan_free(scan);
    close(fd);
}

/* The end of a device does not move, so what is lost behind it is the medium's fault. */
static void page_behind_the_end_is_a_failed_medium(void **state)
{
    struct bytes content;
    int fd = open_device(*state, &content);
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(mm_map_file(fd, 0, LEN + PAGE, 0, &map), 0);
    assert_int_equal(mm_map_data(map)[LEN - 1], '\n');
    assert_int_equal(mm_map_data(map)[LEN], 0);
    assert_int_equal(mm_map_fault(map, &fault), -EIO);
    assert_int_equal(fault.offset, LEN);
    mm_map_close(map);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(device_is_mapped_like_a_file),
        TEST(stores_reach_the_device),
        TEST(device_is_scanned_to_its_end),
        TEST(page_behind_the_end_is_a_failed_medium),
    };
    return run_named(argc, argv, tests);
}
