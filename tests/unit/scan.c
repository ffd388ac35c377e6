/* SPDX-License-Identifier: MIT */
/* Scans: one contiguous view over files and streams, whatever their size. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "files.h"

/* The whole input in views of at least `want` bytes, compared with what it should be. */
static void assert_scans_as(struct mm_scan *scan, size_t want, struct bytes expected)
{
    size_t seen = 0;
    struct mm_view view;
    for (;;) {
        assert_int_equal(mm_scan_more(scan, want, &view), 0);
        assert_int_equal(mm_scan_offset(scan), seen);
        if (view.len == 0)
            break;
        assert_true(view.len >= want || seen + view.len == expected.len);
        size_t part = view.len < want ? view.len : want;
        assert_memory_equal(view.data, (const char *)expected.data + seen, part);
        mm_scan_consume(scan, part);
        seen += part;
    }
    assert_int_equal(seen, expected.len);
    assert_int_equal(mm_scan_check(scan), 0);
}

static struct mm_scan *new_scan(size_t window)
{
    struct mm_scan *scan;
    assert_int_equal(mm_scan_new(window, &scan), 0);
    return scan;
}

/* A child that writes `content` into a pipe whose reading end is returned. */
static int pipe_with(struct bytes content)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (fork() == 0) {
        close(ends[0]);
        for (size_t done = 0; done < content.len;) {
            ssize_t put = write(ends[1], (const char *)content.data + done, content.len - done);
            if (put < 0)
                _exit(1);
            done += (size_t)put;
        }
        _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

static void edges_of_pages_and_windows_are_seen_whole(void **state)
{
    struct sandbox *box = *state;
    const size_t window = 4 * PAGE;
    struct mm_scan *scan = new_scan(window);
    const size_t sizes[] = {
        0,      1,          PAGE - 1,       PAGE,       PAGE + 1,      window - 1,
        window, window + 1, 3 * window - 1, 3 * window, 3 * window + 1};
    const size_t wants[] = {1, 100, PAGE, PAGE + 1, window, window + 1};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct bytes content = box_lines(box, sizes[s]);
        int fd = open_filled(box, "f", content);
        for (size_t w = 0; w < sizeof wants / sizeof *wants; w++) {
            assert_int_equal(mm_scan_open(scan, fd, 0), 0);
            assert_true(mm_scan_mapped(scan));
            assert_int_equal(mm_scan_size(scan), sizes[s]);
            assert_scans_as(scan, wants[w], content);
        }
        close(fd);
    }
    mm_scan_free(scan);
}

static void streams_are_seen_like_files(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    const size_t wants[] = {1, 1000, PAGE + 1, (size_t)300 << 10};
    struct bytes content = box_lines(box, (size_t)1 << 20);
    for (size_t w = 0; w < sizeof wants / sizeof *wants; w++) {
        int fd = pipe_with(content);
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        assert_false(mm_scan_mapped(scan));
        assert_scans_as(scan, wants[w], content);
        assert_int_equal(mm_scan_seek(scan, 0), -ESPIPE);
        close(fd);
        wait(NULL);
    }
    mm_scan_free(scan);
}

static void line_longer_than_the_window_grows_it(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(2 * PAGE);
    struct bytes content = box_lines(box, 50 * PAGE);
    for (int stream = 0; stream < 2; stream++) {
        int fd = stream ? pipe_with(content) : open_filled(box, "f", content);
        struct mm_view view = {0};
        size_t want = 1;
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        while (assert_int_equal(mm_scan_more(scan, want, &view), 0), view.len >= want)
            want = view.len + 1;
        assert_bytes(((struct bytes){view.data, view.len}), content);
        close(fd);
    }
    wait(NULL);
    mm_scan_free(scan);
}

static void start_may_be_anywhere(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(2 * PAGE);
    struct bytes content = box_lines(box, 5 * PAGE);
    int fd = open_filled(box, "f", content);
    struct mm_view view;
    assert_int_equal(mm_scan_open(scan, fd, 3 * PAGE + 5), 0);
    assert_int_equal(mm_scan_more(scan, 2 * PAGE, &view), 0);
    assert_int_equal(view.len, 2 * PAGE - 5);
    assert_memory_equal(view.data, (const char *)content.data + 3 * PAGE + 5, view.len);

    assert_int_equal(lseek(fd, 77, SEEK_SET), 77);
    assert_int_equal(mm_scan_open(scan, fd, MM_SCAN_HERE), 0);
    assert_int_equal(mm_scan_offset(scan), 77);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 77);

    assert_int_equal(mm_scan_open(scan, fd, 100 * PAGE), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(view.len, 0);
    close(fd);
    mm_scan_free(scan);
}

static void seeking_goes_both_ways(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(2 * PAGE);
    struct bytes content = box_lines(box, 9 * PAGE);
    int fd = open_filled(box, "f", content);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    const size_t offsets[] = {8 * PAGE, 3, 5 * PAGE + 1, 5 * PAGE, 9 * PAGE - 1};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        struct mm_view view;
        assert_int_equal(mm_scan_seek(scan, offsets[i]), 0);
        assert_int_equal(mm_scan_more(scan, 1, &view), 0);
        assert_memory_equal(view.data, (const char *)content.data + offsets[i], view.len);
    }
    close(fd);
    mm_scan_free(scan);
}

static void growth_is_found_at_the_end(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    int fd = open_filled(box, "f", text(""));
    struct mm_view view;
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(view.len, 0);
    for (int i = 0; i < 3; i++) {
        box_append(box, "f", box_repeat(box, 'a' + i, PAGE + 1));
        assert_int_equal(mm_scan_more(scan, 1, &view), 0);
        assert_int_equal(view.len, PAGE + 1);
        assert_int_equal(view.data[0], 'a' + i);
        assert_int_equal(view.data[PAGE], 'a' + i);
        mm_scan_consume(scan, view.len);
    }
    close(fd);
    mm_scan_free(scan);
}

static void shrinking_is_an_error_with_the_place(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(2 * PAGE);
    int fd = open_filled(box, "f", box_repeat(box, 'x', 8 * PAGE));
    struct mm_view view;
    struct mm_fault fault;
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(mm_scan_check(scan), 0);
    assert_int_equal(ftruncate(fd, (off_t)PAGE + 10), 0);
    for (size_t i = 0; i < view.len; i++)
        assert_true(view.data[i] == 'x' || view.data[i] == 0);
    assert_int_equal(mm_scan_check(scan), -ESTALE);
    mm_scan_fault(scan, &fault);
    assert_int_equal(fault.error, -ESTALE);
    assert_int_equal(fault.offset, PAGE + 10);
    /* The error stays, also when the file is long again. */
    assert_int_equal(ftruncate(fd, (off_t)(8 * PAGE)), 0);
    mm_scan_consume(scan, view.len);
    assert_int_equal(mm_scan_more(scan, 1, &view), -ESTALE);
    assert_int_equal(mm_scan_seek(scan, 0), -ESTALE);
    /* A new beginning has no fault. */
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(mm_scan_check(scan), 0);
    close(fd);
    mm_scan_free(scan);
}

/* The tail of the new last page turns to zero without a fault. */
static void shrinking_within_the_last_page_is_an_error(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    int fd = open_filled(box, "f", box_repeat(box, 'x', 100));
    struct mm_view view;
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(ftruncate(fd, 50), 0);
    assert_int_equal(mm_scan_check(scan), -ESTALE);
    close(fd);
    mm_scan_free(scan);
}

static void files_of_proc_and_sys_are_streams(void **state)
{
    (void)state;
    struct mm_scan *scan = new_scan(0);
    const char *const names[] = {"/proc/self/status",
                                 "/sys/kernel/mm/transparent_hugepage/enabled"};
    for (size_t i = 0; i < 2; i++) {
        int fd = open(names[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        struct mm_view view;
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        assert_false(mm_scan_mapped(scan));
        assert_int_equal(mm_scan_more(scan, 1, &view), 0);
        assert_true(view.len > 5);
        close(fd);
    }
    mm_scan_free(scan);
}

static void directories_and_closed_descriptors_are_errors(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    assert_int_equal(mm_scan_more(scan, 1, &view), -EBADF);
    int fd = open(box_path(box, "."), O_RDONLY | O_CLOEXEC);
    assert_int_equal(mm_scan_open(scan, fd, 0), -EISDIR);
    close(fd);
    assert_int_equal(mm_scan_open(scan, fd, 0), -EBADF);
    mm_scan_free(scan);
    mm_scan_free(NULL);
}

static void unreadable_stream_is_an_error(void **state)
{
    (void)state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EBADF);
    close(fd);
    mm_scan_free(scan);
}

/* A hole between two pages of data; skipped where the file system fills it. */
static int open_with_hole(struct sandbox *box, size_t len)
{
    int fd = open_filled(box, "holes", box_repeat(box, 'a', PAGE));
    assert_int_equal(ftruncate(fd, (off_t)len), 0);
    assert_int_equal(pwrite(fd, "z", 1, (off_t)len - 1), 1);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    if ((size_t)st.st_blocks * 512 >= len)
        skip_aloud("this file system keeps no holes");
    return fd;
}

static void holes_read_as_zeroes(void **state)
{
    struct sandbox *box = *state;
    const size_t len = (size_t)5 << 20;
    struct mm_scan *scan = new_scan((size_t)1 << 20);
    int fd = open_with_hole(box, len);
    assert_int_equal(lseek(fd, 42, SEEK_SET), 42);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    char *expected = box_keep(box, len);
    memset(expected, 0, len);
    memset(expected, 'a', PAGE);
    expected[len - 1] = 'z';
    assert_scans_as(scan, 1000, (struct bytes){expected, len});
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 42);
    close(fd);
    mm_scan_free(scan);
}

static void holes_are_told(void **state)
{
    struct sandbox *box = *state;
    const size_t len = (size_t)5 << 20;
    struct mm_scan *scan = new_scan(0);
    int fd = open_with_hole(box, len);
    uint64_t run;
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_false(mm_scan_hole(scan, &run));
    assert_true(run >= PAGE && run < len / 2);
    uint64_t first = run;
    assert_int_equal(mm_scan_seek(scan, run), 0);
    assert_true(mm_scan_hole(scan, &run));
    assert_true(first + run <= len - 1);
    assert_int_equal(mm_scan_seek(scan, first + run), 0);
    assert_false(mm_scan_hole(scan, &run));
    assert_int_equal(mm_scan_offset(scan) + run, len);
    close(fd);
    mm_scan_free(scan);
}

static void hole_of_a_full_tmpfs_reads_as_zeroes(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "small");
    if (mount("none", box_path(box, "small"), "tmpfs", 0, "size=1m") != 0)
        skip_aloud("a tmpfs can only be mounted by root");
    int fd = open(box_path(box, "small/f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, 8 << 20), 0);
    struct mm_scan *scan = new_scan(0);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    char *expected = box_keep(box, (size_t)8 << 20);
    memset(expected, 0, (size_t)8 << 20);
    assert_scans_as(scan, 100000, (struct bytes){expected, (size_t)8 << 20});
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_blocks, 0);
    mm_scan_free(scan);
    close(fd);
    assert_int_equal(umount(box_path(box, "small")), 0);
}

static void one_scan_serves_many_inputs(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(4 * PAGE);
    for (int i = 0; i < 300; i++) {
        struct bytes content = box_lines(box, (size_t)(i * 7919) % (9 * PAGE));
        int fd = i % 3 == 2 ? pipe_with(content) : open_filled(box, "f", content);
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        assert_scans_as(scan, 500, content);
        if (i % 10 == 0)
            mm_scan_close(scan);
        close(fd);
    }
    while (wait(NULL) > 0)
        ;
    mm_scan_free(scan);
}

static void window_that_cannot_grow_is_out_of_memory(void **state)
{
    struct sandbox *box = *state;
#ifdef __SANITIZE_ADDRESS__
    (void)box;
    skip_aloud("a sanitizer needs the whole address space");
#else
    int fd = open_filled(box, "f", text("x"));
    assert_int_equal(ftruncate(fd, (off_t)2 << 30), 0);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {(rlim_t)300 << 20, (rlim_t)300 << 20};
        setrlimit(RLIMIT_AS, &limit);
        struct mm_scan *scan;
        struct mm_view view = {0};
        int error = mm_scan_new(0, &scan);
        if (!error)
            error = mm_scan_open(scan, fd, 0);
        size_t want = 1;
        while (!error && (error = mm_scan_more(scan, want, &view)) == 0 && view.len >= want)
            want = view.len + 1;
        _exit(error == -ENOMEM && want > MM_SCAN_WINDOW ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
#endif
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(edges_of_pages_and_windows_are_seen_whole),
        TEST(streams_are_seen_like_files),
        TEST(line_longer_than_the_window_grows_it),
        TEST(start_may_be_anywhere),
        TEST(seeking_goes_both_ways),
        TEST(growth_is_found_at_the_end),
        TEST(shrinking_is_an_error_with_the_place),
        TEST(shrinking_within_the_last_page_is_an_error),
        TEST(files_of_proc_and_sys_are_streams),
        TEST(directories_and_closed_descriptors_are_errors),
        TEST(unreadable_stream_is_an_error),
        TEST(holes_read_as_zeroes),
        TEST(holes_are_told),
        TEST(hole_of_a_full_tmpfs_reads_as_zeroes),
        TEST(one_scan_serves_many_inputs),
        TEST(window_that_cannot_grow_is_out_of_memory),
    };
    return run_named(argc, argv, tests);
}
