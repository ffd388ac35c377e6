/* SPDX-License-Identifier: MIT */
/* A file of 6 GiB, most of it a hole, or a long pipe, and 400,000 KiB of address space. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "harness.h"

#define LEN ((off_t)6 << 30)

static const char last[] = "\nthe x is here\n";

/* The file f: a line, a hole, a line; nothing is left of the test where it cannot be sparse. */
static void make_large(struct sandbox *box)
{
    struct stat st;
#ifdef __SANITIZE_ADDRESS__
    skip_aloud("a sanitizer needs the whole address space");
#endif
    box_fill(box, "f", text("first\n"));
    int fd = open(box_path(box, "f"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    if (ftruncate(fd, LEN) != 0)
        skip_aloud("no file of 6 GiB can be made here");
    assert_int_equal(pwrite(fd, last, sizeof last - 1, LEN - (off_t)sizeof last + 1),
                     sizeof last - 1);
    assert_int_equal(fstat(fd, &st), 0);
    close(fd);
    if (st.st_blocks * 512 > LEN / 2)
        skip_aloud("this file system keeps no holes");
}

/* A tool under the limit, with one or two options. */
static struct run limited(struct sandbox *box, const char *tool, const char *first,
                          const char *second)
{
    const char *bin = getenv("MMUTILS_BIN");
    return box_run(box, "/bin/sh", "-c", "ulimit -v 400000 && exec \"$@\"", "sh",
                   box_format(box, "%s/%s", bin && *bin ? bin : MMUTILS_BUILT, tool), first, second,
                   "f", NULL);
}

static void binary_file_is_searched(void **state)
{
    make_large(*state);
    struct run r = limited(*state, "mgrep", "-e", "x is");
    assert_run(&r, 0, "", "mgrep: f: binary file matches\n");
}

static void matches_are_counted(void **state)
{
    make_large(*state);
    struct run r = limited(*state, "mgrep", "-c", "x");
    assert_run(&r, 0, "1\n", "");
    r = limited(*state, "mgrep", "-c", "nowhere");
    assert_run(&r, 1, "0\n", "");
}

static void line_longer_than_memory_is_an_error(void **state)
{
    make_large(*state);
    struct run r = limited(*state, "mgrep", "-a", "x is");
    assert_int_equal(r.status, 2);
    assert_string_equal(r.out, "");
    assert_non_null(strstr(r.err, "memory"));
}

static void last_line_is_printed(void **state)
{
    make_large(*state);
    struct run r = limited(*state, "mtail", "-n", "1");
    assert_run(&r, 0, last + 1, "");
}

static void long_part_of_a_pipe_is_held_once(void **state)
{
    struct sandbox *box = *state;
#ifdef __SANITIZE_ADDRESS__
    skip_aloud("a sanitizer needs the whole address space");
#endif
    struct bytes lines = box_lines(box, 192 << 20);
    const char *bin = getenv("MMUTILS_BIN");
    struct how how = {.in = lines};
    struct run r =
        box_run_with(box, &how, "/bin/sh", "-c", "ulimit -v 400000 && \"$0\" -c 192M | cksum",
                     box_format(box, "%s/mtail", bin && *bin ? bin : MMUTILS_BUILT), NULL);
    struct run sum = box_run_with(box, &how, "/usr/bin/cksum", NULL);
    assert_run(&r, 0, sum.out, "");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(binary_file_is_searched),
        TEST(matches_are_counted),
        TEST(line_longer_than_memory_is_an_error),
        TEST(last_line_is_printed),
        TEST(long_part_of_a_pipe_is_held_once),
    };
    return run_named(argc, argv, tests);
}
