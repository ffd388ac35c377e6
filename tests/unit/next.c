/* SPDX-License-Identifier: MIT */
/* Scans with a thread that faults the next window in. */
#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "files.h"
#include "scans.h"

static unsigned threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;
    assert_non_null(tasks);
    while (readdir(tasks))
        count++;
    closedir(tasks);
    return count - 2;
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
}

static unsigned touch(struct mm_view view)
{
    unsigned sum = 0;
    for (size_t i = 0; i < view.len; i += PAGE)
        sum += view.data[i];
    return sum;
}

/* Look at a window and go on behind it, but for the last `rest` bytes. */
static struct mm_view step(struct mm_scan *scan, size_t rest)
{
    struct mm_view view;
    static volatile unsigned sum;
    assert_int_equal(mm_scan_more(scan, rest + 1, &view), 0);
    assert_true(view.len > rest);
    sum += touch(view);
    mm_scan_consume(scan, view.len - rest);
    return view;
}

/* A scan of `windows` windows that stands at the end of its second, with a thread. */
static struct mm_scan *helped(struct sandbox *box, size_t windows, size_t rest, int *fd,
                              struct bytes *content)
{
    unsigned before = threads();
    *fd = open_paged(box, windows, content);
    struct mm_scan *scan = new_scan(HELPED_WINDOW);
    long first = faults();
    assert_int_equal(mm_scan_open(scan, *fd, 0), 0);
    step(scan, rest);
    if (faults() - first < (long)(HELPED_WINDOW >> 17))
        skip_aloud("this page cache has large folios for single pages");
    step(scan, rest);
    assert_int_equal(threads(), before + 1);
    return scan;
}

/* The rest of the input is what it should be. */
static void assert_rest(struct mm_scan *scan, size_t rest, struct bytes content)
{
    struct mm_view view;
    while (assert_int_equal(mm_scan_more(scan, rest + 1, &view), 0), view.len > rest) {
        uint64_t off = mm_scan_offset(scan);
        assert_true(off + view.len <= content.len);
        assert_memory_equal(view.data, (const char *)content.data + off, view.len);
        mm_scan_consume(scan, view.len - rest);
    }
    assert_int_equal(mm_scan_offset(scan) + view.len, content.len);
    assert_int_equal(mm_scan_check(scan), 0);
}

static void pages_that_come_singly_get_a_thread_until_the_input_ends(void **state)
{
    struct bytes content;
    int fd;
    unsigned before = threads();
    struct mm_scan *scan = helped(*state, 5, 0, &fd, &content);
    assert_rest(scan, 0, content);
    mm_scan_close(scan);
    assert_int_equal(threads(), before);
    close(fd);
    mm_scan_free(scan);
}

static void lines_reach_from_one_window_into_the_next(void **state)
{
    const size_t rests[] = {1, PAGE, (size_t)1 << 20, (size_t)2 << 20, ((size_t)2 << 20) + 1};
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        struct bytes content;
        int fd;
        struct mm_scan *scan = helped(*state, 5, 1, &fd, &content);
        assert_rest(scan, rests[i], content);
        close(fd);
        mm_scan_free(scan);
    }
}

static void line_longer_than_a_window_stays_whole(void **state)
{
    struct bytes content;
    int fd;
    struct mm_scan *scan = helped(*state, 6, 3, &fd, &content);
    uint64_t off = mm_scan_offset(scan);
    struct mm_view view;
    assert_int_equal(mm_scan_more(scan, 3 * HELPED_WINDOW, &view), 0);
    assert_true(view.len >= 3 * HELPED_WINDOW);
    assert_memory_equal(view.data, (const char *)content.data + off, view.len);
    assert_rest(scan, 0, content);
    close(fd);
    mm_scan_free(scan);
}

static void seeking_leaves_the_next_window(void **state)
{
    struct bytes content;
    int fd;
    struct mm_scan *scan = helped(*state, 6, 0, &fd, &content);
    const uint64_t places[] = {3, 4 * HELPED_WINDOW + 5, HELPED_WINDOW - 1, 2 * HELPED_WINDOW};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_int_equal(mm_scan_seek(scan, places[i]), 0);
        struct mm_view view = step(scan, 0);
        assert_memory_equal(view.data, (const char *)content.data + places[i], view.len);
    }
    assert_rest(scan, 0, content);
    close(fd);
    mm_scan_free(scan);
}

static void file_that_shrinks_is_an_error(void **state)
{
    struct bytes content;
    int fd;
    struct mm_scan *scan = helped(*state, 6, 0, &fd, &content);
    struct mm_fault fault;
    struct mm_view view;
    step(scan, 0);
    assert_int_equal(ftruncate(fd, (off_t)HELPED_WINDOW + 5), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), -ESTALE);
    mm_scan_fault(scan, &fault);
    assert_int_equal(fault.offset, HELPED_WINDOW + 5);
    close(fd);
    mm_scan_free(scan);
}

/* What is gone was in the next window only: that is a shorter file, not a lost byte. */
static void next_window_that_vanishes_is_the_end(void **state)
{
    struct bytes content;
    int fd;
    struct mm_scan *scan = helped(*state, 6, 0, &fd, &content);
    content.len = 2 * HELPED_WINDOW + 5;
    assert_int_equal(ftruncate(fd, (off_t)content.len), 0);
    assert_rest(scan, 0, content);
    close(fd);
    mm_scan_free(scan);
}

static void growth_is_found_at_the_end(void **state)
{
    struct sandbox *box = *state;
    struct bytes content;
    int fd;
    struct mm_scan *scan = helped(box, 3, 0, &fd, &content);
    assert_rest(scan, 0, content);
    struct bytes more = box_lines(box, 6 * HELPED_WINDOW);
    size_t new = more.len - content.len;
    const char *tail = (const char *)more.data + content.len;
    assert_int_equal(pwrite(fd, tail, new, (off_t)content.len), new);
    assert_rest(scan, 0, more);
    close(fd);
    mm_scan_free(scan);
}

static void child_goes_on_without_the_thread(void **state)
{
    struct bytes content;
    int fd;
    struct mm_scan *scan = helped(*state, 8, 9, &fd, &content);
    pid_t child = fork();
    if (child == 0) {
        assert_rest(scan, 9, content);
        bool alone = threads() == 1;
        mm_scan_free(scan);
        _exit(alone ? 0 : 1);
    }
    int status;
    assert_rest(scan, 9, content);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
    mm_scan_free(scan);
}

static void other_inputs_get_no_thread(void **state)
{
    struct sandbox *box = *state;
    unsigned before = threads();
    struct bytes content;
    struct mm_scan *scan = new_scan(HELPED_WINDOW), *small = new_scan(HELPED_WINDOW / 2);
    int two = open_paged(box, 2, &content);
    assert_int_equal(ftruncate(two, (off_t)(2 * HELPED_WINDOW)), 0);
    assert_int_equal(mm_scan_open(scan, two, 0), 0);
    step(scan, 0);
    step(scan, 0);
    assert_int_equal(threads(), before);
    close(two);

    int paged = open_paged(box, 5, &content);
    assert_int_equal(mm_scan_open(small, paged, 0), 0);
    for (int i = 0; i < 5; i++)
        step(small, 0);
    assert_int_equal(threads(), before);

    int sparse = open_filled(box, "sparse", text("x"));
    assert_int_equal(ftruncate(sparse, (off_t)(5 * HELPED_WINDOW)), 0);
    assert_int_equal(mm_scan_open(scan, sparse, 0), 0);
    for (int i = 0; i < 4; i++)
        step(scan, 0);
    assert_int_equal(threads(), before);
    close(sparse);

    /* Who does not look at the pages has no faults to be spared. */
    struct mm_view view;
    assert_int_equal(mm_scan_open(scan, paged, 0), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(mm_scan_more(scan, 1, &view), 0);
        mm_scan_consume(scan, view.len);
    }
    assert_int_equal(threads(), before);
    close(paged);
    mm_scan_free(scan);
    mm_scan_free(small);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(pages_that_come_singly_get_a_thread_until_the_input_ends),
        TEST(lines_reach_from_one_window_into_the_next),
        TEST(line_longer_than_a_window_stays_whole),
        TEST(seeking_leaves_the_next_window),
        TEST(file_that_shrinks_is_an_error),
        TEST(next_window_that_vanishes_is_the_end),
        TEST(growth_is_found_at_the_end),
        TEST(child_goes_on_without_the_thread),
        TEST(other_inputs_get_no_thread),
    };
    return run_named(argc, argv, tests);
}
