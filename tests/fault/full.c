/* SPDX-License-Identifier: MIT */
/* A file system of 8 MiB that is full: an error, not a signal, and nothing half is left. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <libmm/mm.h>

#include "harness.h"
#include "mounts.h"

#define ROOM    ((size_t)8 << 20)
#define TOO_BIG ((size_t)16 << 20)

static int open_in_small(struct sandbox *box, const char *name)
{
    int fd = open(box_path(box, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void mount_small(struct sandbox *box)
{
    assert_int_equal(mm_guard_install(), 0);
    mount_tmpfs(box, "small", "8m");
}

static void store_into_a_shared_map_without_room_is_an_error(void **state)
{
    struct sandbox *box = *state;
    mount_small(box);
    int fd = open_in_small(box, "small/f");
    struct mm_map *map;
    struct mm_fault fault;
    assert_int_equal(ftruncate(fd, (off_t)TOO_BIG), 0);
    assert_int_equal(mm_map_file(fd, 0, TOO_BIG, MM_MAP_WRITE | MM_MAP_SHARED, &map), 0);
    memset(mm_map_data(map), 'x', TOO_BIG);
    assert_int_equal(mm_map_fault(map, &fault), -ENOSPC);
    assert_true(fault.offset > 0 && fault.offset <= ROOM);
    mm_map_close(map);
    /* Not more than there is room for got in, and that all before the fault. */
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_true((size_t)st.st_blocks * 512 <= ROOM);
    assert_int_equal(mm_map_file(fd, 0, (size_t)fault.offset, 0, &map), 0);
    for (size_t i = 0; i < fault.offset; i++)
        if (mm_map_data(map)[i] != 'x')
            fail_msg("byte %zu was not stored", i);
    mm_map_close(map);
    close(fd);
    unmount(box, "small");
}

/* Fill an output until it fails; how much was good. */
static int fill(struct mm_output *output)
{
    struct mm_span span;
    int error;
    while ((error = mm_output_window(output, (size_t)1 << 20, &span)) == 0) {
        memset(span.data, 'x', span.len);
        error = mm_output_commit(output, span.len);
        if (error)
            break;
        assert_true(mm_output_committed(output) <= ROOM);
    }
    return error;
}

static void output_without_room_leaves_nothing(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output;
    mount_small(box);
    const char *path = box_path(box, "small/f");
    assert_int_equal(mm_output_new(AT_FDCWD, path, 0644, 0, &output), 0);
    assert_int_equal(fill(output), -ENOSPC);
    assert_true(mm_output_committed(output) <= ROOM);
    mm_output_close(output);
    struct run r = box_run(box, "/bin/ls", "-A", "small", NULL);
    assert_run(&r, 0, "", "");

    assert_int_equal(mm_output_new(AT_FDCWD, path, 0644, 0, &output), 0);
    assert_int_equal(mm_output_reserve(output, 0, TOO_BIG), -ENOSPC);
    mm_output_close(output);
    r = box_run(box, "/bin/ls", "-A", "small", NULL);
    assert_run(&r, 0, "", "");
    unmount(box, "small");
}

static void output_in_place_keeps_what_was_good(void **state)
{
    struct sandbox *box = *state;
    struct mm_output *output;
    mount_small(box);
    int fd = open_in_small(box, "small/f");
    assert_int_equal(mm_output_open(fd, &output), 0);
    assert_int_equal(fill(output), -ENOSPC);
    size_t good = (size_t)mm_output_committed(output);
    mm_output_close(output);
    assert_bytes(box_load(box, "small/f"), box_repeat(box, 'x', good));
    close(fd);
    unmount(box, "small");
}

static void mcopy_without_room_leaves_nothing(void **state)
{
    struct sandbox *box = *state;
    mount_small(box);
    box_fill(box, "large", box_lines(box, TOO_BIG));
    struct run r = box_run(box, "mcopy", "large", "small/f", NULL);
    assert_run(&r, 1, "", "mcopy: error writing 'small/f': No space left on device\n");
    r = box_run(box, "/bin/ls", "-A", "small", NULL);
    assert_run(&r, 0, "", "");
    /* There is room again for what fits. */
    box_fill(box, "fits", box_lines(box, ROOM / 2));
    r = box_run(box, "mcopy", "large", "fits", "small", NULL);
    assert_run(&r, 1, "", "mcopy: error writing 'small/large': No space left on device\n");
    assert_bytes(box_load(box, "small/fits"), box_load(box, "fits"));
    unmount(box, "small");
}

/* Such a destination is written over, as by cp: what is left of it is trimmed to what is good. */
static void mcopy_of_archives_without_room_leaves_nothing_half(void **state)
{
    struct sandbox *box = *state;
    mount_small(box);
    box_directory(box, "t");
    box_fill(box, "t/a", text("small\n"));
    box_fill(box, "t/b", box_lines(box, TOO_BIG));
    struct run r = box_run(box, "/bin/sh", "-c", "tar -cf x.tar t/b t/a", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcopy", "-J", "-r", "x.tar", "small", NULL);
    assert_run(&r, 1, "", "mcopy: error writing 'small/t/b': No space left on device\n");
    assert_false(box_exists(box, "small/t/b"));
    assert_bytes(box_load(box, "small/t/a"), text("small\n"));
    /* libarchive itself forgets memory of an archive that is given up. */
    const struct how how = {.environment =
                                (const char *const[]){"ASAN_OPTIONS=detect_leaks=0", NULL}};
    r = box_run_with(box, &how, "mcopy", "-J", "--create=tar", "t", "small/x", NULL);
    assert_run(&r, 1, "", "mcopy: error writing 'small/x': No space left on device\n");
    assert_false(box_exists(box, "small/x"));
    unmount(box, "small");
}

static void mcopy_over_a_file_without_room_leaves_only_good_bytes(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, TOO_BIG);
    mount_small(box);
    box_fill(box, "small/f", text("old\n"));
    box_fill(box, "large", content);
    struct run r = box_run(box, "mcopy", "large", "small/f", NULL);
    assert_run(&r, 1, "", "mcopy: error writing 'small/f': No space left on device\n");
    struct bytes left = box_load(box, "small/f");
    assert_true(left.len <= ROOM);
    assert_bytes(left, ((struct bytes){content.data, left.len}));
    unmount(box, "small");
}

static void hole_larger_than_the_file_system_reads_as_zeroes(void **state)
{
    struct sandbox *box = *state;
    const size_t len = (size_t)64 << 20;
    struct stat st;
    mount_small(box);
    int fd = open_in_small(box, "small/f");
    assert_int_equal(ftruncate(fd, (off_t)len), 0);
    struct bytes zeroes = box_repeat(box, 0, len);
    struct run r = box_run(box, "mcat", "small/f", NULL);
    assert_run_bytes(&r, 0, zeroes, "");
    r = box_run(box, "mcat", "--no-splice", "small/f", NULL);
    assert_run_bytes(&r, 0, zeroes, "");
    r = box_run(box, "mgrep", "-c", "x", "small/f", NULL);
    assert_run(&r, 1, "0\n", "");
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_blocks, 0);
    close(fd);
    unmount(box, "small");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        MOUNTED_TEST(store_into_a_shared_map_without_room_is_an_error),
        MOUNTED_TEST(output_without_room_leaves_nothing),
        MOUNTED_TEST(output_in_place_keeps_what_was_good),
        MOUNTED_TEST(mcopy_without_room_leaves_nothing),
        MOUNTED_TEST(mcopy_of_archives_without_room_leaves_nothing_half),
        MOUNTED_TEST(mcopy_over_a_file_without_room_leaves_only_good_bytes),
        MOUNTED_TEST(hole_larger_than_the_file_system_reads_as_zeroes),
    };
    return run_named(argc, argv, tests);
}
