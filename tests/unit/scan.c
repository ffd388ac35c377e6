/* SPDX-License-Identifier: MIT */
/* Scans of files: one contiguous view, whatever their size. */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "apart.h"
#include "files.h"
#include "scans.h"

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

static void line_longer_than_the_window_grows_it(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(2 * PAGE);
    struct bytes content = box_lines(box, (size_t)1 << 20);
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

static void small_files_leave_each_other_alone(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    struct mm_map *neighbours[40];
    int fd;
    /* Ten times what is unmapped at once, among maps that stand where the next might go. */
    for (unsigned i = 0; i < 1600; i++) {
        struct bytes content = box_lines(box, 1 + i % 5 * PAGE + i * 7 % PAGE);
        fd = open_filled(box, "f", content);
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        assert_scans_as(scan, 1, content);
        close(fd);
        if (i % 40 == 7) {
            assert_int_equal(mm_map_anonymous(i % 3 * PAGE + 1, 0, &neighbours[i / 40]), 0);
            memset(mm_map_data(neighbours[i / 40]), 'n', mm_map_len(neighbours[i / 40]));
        }
    }
    mm_scan_free(scan);
    for (unsigned i = 0; i < 40; i++) {
        const unsigned char *data = mm_map_data(neighbours[i]);
        for (size_t at = 0; at < mm_map_len(neighbours[i]); at++)
            assert_int_equal(data[at], 'n');
        mm_map_close(neighbours[i]);
    }
}

static void small_file_may_grow_or_shrink_behind_others(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    struct bytes content = box_lines(box, 5 * PAGE + 160);
    struct mm_view view;
    struct mm_fault fault;
    for (unsigned i = 0; i < 20; i++) {
        int fd = open_filled(box, "f", (struct bytes){content.data, 3 * PAGE});
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        assert_int_equal(mm_scan_more(scan, 1, &view), 0);
        if (i % 4 == 2) {
            box_append(box, "f",
                       (struct bytes){(const char *)content.data + 3 * PAGE, 2 * PAGE + 160});
            assert_scans_as(scan, view.len + 1, content);
        } else if (i % 4 == 3) {
            box_truncate(box, "f", (off_t)PAGE);
            assert_int_equal(view.data[2 * PAGE], 0);
            assert_int_equal(mm_scan_check(scan), -ESTALE);
            mm_scan_fault(scan, &fault);
            assert_int_equal(fault.offset, PAGE);
        }
        close(fd);
    }
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

static void closed_scan_keeps_its_fault_and_its_status(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    struct mm_fault fault = {1, 1};
    struct stat st;
    int fd = open_filled(box, "f", box_repeat(box, 'x', 2 * PAGE));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    mm_scan_fault(scan, &fault);
    assert_int_equal(fault.error, 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(ftruncate(fd, 9), 0);
    assert_int_equal(mm_scan_check(scan), -ESTALE);
    mm_scan_close(scan);
    assert_int_equal(mm_scan_check(scan), -ESTALE);
    mm_scan_fault(scan, &fault);
    assert_int_equal(fault.error, -ESTALE);
    assert_int_equal(fault.offset, 9);
    assert_int_equal(mm_scan_stat(scan)->st_ino, st.st_ino);
    assert_int_equal(mm_scan_stat(scan)->st_size, 2 * PAGE);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EBADF);
    assert_int_equal(mm_scan_seek(scan, 0), -ESPIPE);
    close(fd);
    mm_scan_free(scan);
}

static void descriptor_closed_under_a_scan_is_an_error(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(PAGE);
    struct mm_view view;
    int fd = open_filled(box, "f", box_lines(box, 3 * PAGE));
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    close(fd);
    assert_int_equal(mm_scan_check(scan), -EBADF);
    mm_scan_consume(scan, view.len);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EBADF);
    mm_scan_free(scan);
}

static void file_that_may_not_be_read_is_an_error(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    box_fill(box, "f", text("x"));
    int fd = open(box_path(box, "f"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(mm_scan_open(scan, fd, 0), -EACCES);
    close(fd);
    mm_scan_free(scan);
}

struct step {
    struct mm_scan *scan;
    int fd;
    size_t want;
};

static int open_input(void *argument)
{
    const struct step *step = argument;
    return mm_scan_open(step->scan, step->fd, 0);
}

static int more(void *argument)
{
    const struct step *step = argument;
    struct mm_view view;
    return mm_scan_more(step->scan, step->want, &view);
}

static void without_address_space_a_scan_fails_and_can_go_on(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(PAGE);
    struct mm_view view;
    struct bytes content = box_lines(box, 40 * PAGE);
    int fd = open_filled(box, "f", content);
    const struct refusal mapping = {SYS_mmap, ENOMEM, 3, MAP_PRIVATE},
                         sharing = {SYS_mmap, ENOMEM, 3, MAP_SHARED},
                         moving = {SYS_mremap, ENOMEM, 0, 0};
    struct step step = {scan, fd, 1}, large = {scan, fd, 9 * PAGE};
    assert_int_equal(refused(mapping, open_input, &step), -ENOMEM);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EBADF);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_int_equal(refused(moving, more, &large), -ENOMEM);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    mm_scan_consume(scan, view.len);
    assert_int_equal(refused(mapping, more, &step), -ENOMEM);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_memory_equal(view.data, (const char *)content.data + PAGE, view.len);

    int stream = pipe_with(content);
    step.fd = stream;
    assert_int_equal(open_input(&step), 0);
    assert_int_equal(refused(sharing, more, &step), -ENOMEM);
    assert_scans_as(scan, 1000, content);
    close(stream);
    close(fd);
    wait(NULL);
    mm_scan_free(scan);
}

static void window_that_cannot_grow_is_out_of_memory(void **state)
{
    struct sandbox *box = *state;
    if (SANITIZED)
        skip_aloud("a sanitizer needs the whole address space");
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
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(edges_of_pages_and_windows_are_seen_whole),
        TEST(line_longer_than_the_window_grows_it),
        TEST(small_files_leave_each_other_alone),
        TEST(small_file_may_grow_or_shrink_behind_others),
        TEST(start_may_be_anywhere),
        TEST(seeking_goes_both_ways),
        TEST(growth_is_found_at_the_end),
        TEST(shrinking_is_an_error_with_the_place),
        TEST(shrinking_within_the_last_page_is_an_error),
        TEST(directories_and_closed_descriptors_are_errors),
        TEST(closed_scan_keeps_its_fault_and_its_status),
        TEST(descriptor_closed_under_a_scan_is_an_error),
        TEST(file_that_may_not_be_read_is_an_error),
        TEST(without_address_space_a_scan_fails_and_can_go_on),
        TEST(one_scan_serves_many_inputs),
        TEST(window_that_cannot_grow_is_out_of_memory),
    };
    return run_named(argc, argv, tests);
}
