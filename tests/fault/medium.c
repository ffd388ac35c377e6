/* SPDX-License-Identifier: MIT */
/*
 * A medium that fails while a file on it is read: the file system is on a loop
 * device whose image loses its end.  The tools say so; none dies, and what they
 * printed is the file's.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <stdio.h>

#include <libmm/mm.h>

#include "harness.h"
#include "mounts.h"
#include "sum.h"

#define IMAGE ((size_t)32 << 20)
#define LEN   ((size_t)20 << 20)
#define LEFT  ((size_t)12 << 20) /* of the image: some blocks of the file are behind */

/* The file m/f of LEN bytes, of which the medium still has the beginning; none is cached. */
static struct bytes failing_file(struct sandbox *box)
{
    struct bytes content = box_lines(box, LEN);
    assert_int_equal(mm_guard_install(), 0);
    make_image(box, "image", "ext4", IMAGE);
    mount_image(box, "image", "ext4", "m", 0);
    box_fill(box, "m/f", content);
    unmount(box, "m");
    /* Read-only: a write behind the cut would make the image long again. */
    mount_image(box, "image", "ext4", "m", MS_RDONLY);
    box_truncate(box, "image", (off_t)LEFT);
    return content;
}

/* `number` behind `words` at the end of the message. */
static size_t number_at_the_end(const struct run *r, const char *words)
{
    size_t number = 0;
    int end = 0;
    if (strncmp(r->err, words, strlen(words)) != 0 ||
        sscanf(r->err + strlen(words), "%zu\n%n", &number, &end) != 1 ||
        r->err_len != strlen(words) + (size_t)end)
        fail_msg("%s: status %d, expected \"%s\", got \"%s\"", r->command, r->status, words,
                 r->err);
    return number;
}

#define FAILED "medium failed under the mapping (Input/output error), at byte "

/* What was printed is the beginning of the file, and ends no later than the fault. */
static void assert_printed_until(const struct run *r, struct bytes content, size_t fault)
{
    assert_true(fault < LEN);
    assert_true(r->out_len <= fault);
    if (r->out_len)
        assert_memory_equal(r->out, content.data, r->out_len);
}

static void scan_reports_the_medium(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = failing_file(box);
    struct mm_scan *scan;
    struct mm_view view;
    struct mm_fault fault;
    size_t good = 0;
    int fd = open(box_path(box, "m/f"), O_RDONLY | O_CLOEXEC), error;
    assert_true(fd >= 0);
    assert_int_equal(mm_scan_new((size_t)1 << 20, &scan), 0);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    while ((error = mm_scan_more(scan, 1, &view)) == 0 && view.len > 0) {
        bool same = memcmp(view.data, (const char *)content.data + good, view.len) == 0;
        error = mm_scan_check(scan);
        if (error)
            break;
        assert_true(same);
        good += view.len;
        mm_scan_consume(scan, view.len);
    }
    assert_int_equal(error, -EIO);
    mm_scan_fault(scan, &fault);
    assert_int_equal(fault.error, -EIO);
    assert_true(fault.offset >= good && fault.offset < LEN);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EIO);
    mm_scan_free(scan);
    close(fd);
    unmount(box, "m");
}

static void populating_reports_the_medium_without_a_signal(void **state)
{
    struct sandbox *box = *state;
    failing_file(box);
    struct mm_map *map;
    struct mm_fault fault;
    int fd = open(box_path(box, "m/f"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(mm_map_file(fd, 0, LEN, 0, &map), 0);
    int error = mm_map_advise(map, 0, LEN, MM_ADVICE_POPULATE_READ);
    assert_true(error == -EFAULT || error == 0);
    assert_int_equal(mm_map_fault(map, &fault), 0);
    /* A library that knows nothing of it reads on. */
    sum_bytes(mm_map_data(map), LEN);
    assert_int_equal(mm_map_fault(map, &fault), -EIO);
    mm_map_close(map);
    close(fd);
    unmount(box, "m");
}

static void mcat_reports_the_medium(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = failing_file(box);
    static const char *const options[] = {"-u", "-n", "--no-splice"};
    struct run r = box_run(box, "mcat", "m/f", NULL);
    assert_int_equal(r.status, 1);
    assert_printed_until(&r, content, number_at_the_end(&r, "mcat: m/f: " FAILED));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        r = box_run(box, "mcat", options[i], "m/f", NULL);
        assert_int_equal(r.status, 1);
        size_t fault = number_at_the_end(&r, "mcat: m/f: " FAILED);
        if (strcmp(options[i], "-n") != 0)
            assert_printed_until(&r, content, fault);
        assert_null(memchr(r.out, 0, r.out_len));
    }
    unmount(box, "m");
}

static void mcat_goes_on_with_the_next_file(void **state)
{
    struct sandbox *box = *state;
    failing_file(box);
    box_fill(box, "good", text("good\n"));
    struct run r = box_run(box, "mcat", "m/f", "good", NULL);
    assert_int_equal(r.status, 1);
    number_at_the_end(&r, "mcat: m/f: " FAILED);
    assert_true(r.out_len >= 5);
    assert_memory_equal(r.out + r.out_len - 5, "good\n", 5);
    unmount(box, "m");
}

static void mgrep_reports_the_medium(void **state)
{
    struct sandbox *box = *state;
    failing_file(box);
    /* A line that is not there: what matters is the status. */
    struct run r = box_run(box, "mgrep", "x", "m/f", NULL);
    assert_int_equal(r.status, 2);
    number_at_the_end(&r, "mgrep: m/f: " FAILED);
    assert_int_equal(r.out_len, 0);
    r = box_run(box, "mgrep", "-c", "1", "m/f", NULL);
    assert_int_equal(r.status, 2);
    number_at_the_end(&r, "mgrep: m/f: " FAILED);
    unmount(box, "m");
}

static void mcmp_reports_the_medium(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "copy", failing_file(box));
    struct run r = box_run(box, "mcmp", "m/f", "copy", NULL);
    assert_int_equal(r.status, 2);
    number_at_the_end(&r, "mcmp: m/f: " FAILED);
    assert_int_equal(r.out_len, 0);
    r = box_run(box, "mcmp", "copy", "m/f", NULL);
    assert_int_equal(r.status, 2);
    number_at_the_end(&r, "mcmp: m/f: " FAILED);
    assert_int_equal(r.out_len, 0);
    unmount(box, "m");
}

static void mcopy_reports_the_medium_and_leaves_nothing(void **state)
{
    struct sandbox *box = *state;
    failing_file(box);
    box_directory(box, "to");
    struct run r = box_run(box, "mcopy", "m/f", "to/f", NULL);
    assert_int_equal(r.status, 1);
    number_at_the_end(&r, "mcopy: 'm/f': " FAILED);
    assert_int_equal(r.out_len, 0);
    r = box_run(box, "/bin/ls", "-A", "to", NULL);
    assert_run(&r, 0, "", "");
    unmount(box, "m");
}

static void mtail_reports_the_medium(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = failing_file(box);
    static const char *const options[] = {"-c", "-n"}, *const values[] = {"+1", "+2"};
    for (size_t i = 0; i < 2; i++) {
        struct run r = box_run(box, "mtail", options[i], values[i], "m/f", NULL);
        size_t skipped = i * 16;
        assert_int_equal(r.status, 1);
        assert_string_equal(r.err, "mtail: error reading 'm/f': medium failed under the mapping "
                                   "(Input/output error)\n");
        assert_true(r.out_len < LEN - skipped);
        assert_bytes(((struct bytes){r.out, r.out_len}),
                     ((struct bytes){(const char *)content.data + skipped, r.out_len}));
    }
    unmount(box, "m");
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        MOUNTED_TEST(scan_reports_the_medium),
        MOUNTED_TEST(populating_reports_the_medium_without_a_signal),
        MOUNTED_TEST(mcat_reports_the_medium),
        MOUNTED_TEST(mcat_goes_on_with_the_next_file),
        MOUNTED_TEST(mgrep_reports_the_medium),
        MOUNTED_TEST(mcmp_reports_the_medium),
        MOUNTED_TEST(mcopy_reports_the_medium_and_leaves_nothing),
        MOUNTED_TEST(mtail_reports_the_medium),
    };
    return run_named(argc, argv, tests);
}
