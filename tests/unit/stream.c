/* SPDX-License-Identifier: MIT */
/* Scans of what cannot be mapped: seen like files. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <libmm/mm.h>

#include "files.h"
#include "scans.h"

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

static void fifos_sockets_and_devices_are_streams(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    uint64_t run;
    int ends[2];
    box_fifo(box, "fifo");
    int fifo = open(box_path(box, "fifo"), O_RDWR | O_CLOEXEC);
    assert_int_equal(write(fifo, "fifo", 4), 4);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(write(ends[0], "sock", 4), 4);
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const int fds[] = {fifo, ends[1], zero};
    static const char *const begins[] = {"fifo", "sock", "\0\0\0"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mm_scan_open(scan, fds[i], 1000), 0);
        assert_false(mm_scan_mapped(scan));
        assert_int_equal(mm_scan_size(scan), 0);
        assert_int_equal(mm_scan_offset(scan), 0);
        assert_int_equal(mm_scan_more(scan, 4, &view), 0);
        assert_memory_equal(view.data, begins[i], 4);
        assert_false(mm_scan_hole(scan, &run));
        assert_true(run == UINT64_MAX);
        mm_scan_consume(scan, 3);
        assert_int_equal(mm_scan_offset(scan), 3);
        assert_int_equal(mm_scan_check(scan), 0);
        close(fds[i]);
    }
    close(ends[0]);
    mm_scan_free(scan);
}

static void stream_that_has_nothing_yet_is_an_error_and_goes_on(void **state)
{
    (void)state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    assert_int_equal(mm_scan_open(scan, ends[0], 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EAGAIN);
    assert_int_equal(write(ends[1], "ab", 2), 2);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(view.len, 2);
    assert_int_equal(mm_scan_more(scan, 3, &view), -EAGAIN);
    close(ends[1]);
    assert_int_equal(mm_scan_more(scan, 3, &view), 0);
    assert_int_equal(view.len, 2);
    assert_memory_equal(view.data, "ab", 2);
    close(ends[0]);
    mm_scan_free(scan);
}

static void wake(int signal)
{
    (void)signal;
}

static void signal_does_not_end_a_wait_for_a_stream(void **state)
{
    (void)state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    int ends[2];
    struct sigaction action = {.sa_handler = wake}, older;
    sigaction(SIGUSR1, &action, &older);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 10; i++) {
            usleep(2000);
            kill(getppid(), SIGUSR1);
        }
        _exit(write(ends[1], "late", 4) == 4 ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(mm_scan_open(scan, ends[0], 0), 0);
    int error = mm_scan_more(scan, 1, &view);
    sigaction(SIGUSR1, &older, NULL);
    assert_int_equal(error, 0);
    assert_memory_equal(view.data, "late", 4);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    mm_scan_free(scan);
}

static void pipe_that_much_comes_through_is_widened(void **state)
{
    struct sandbox *box = *state;
    const size_t much = (size_t)1 << 20, wide = (size_t)256 << 10;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    bool allowed = fcntl(ends[0], F_SETPIPE_SZ, (int)wide) >= 0;
    close(ends[0]);
    close(ends[1]);
    if (!allowed)
        skip_aloud("this user's pipes are full");

    struct bytes content = box_lines(box, 2 * much);
    struct mm_scan *scan = new_scan(0);
    int fd = pipe_with(content);
    int narrow = fcntl(fd, F_GETPIPE_SZ);
    assert_true(narrow > 0 && (size_t)narrow < wide);
    struct mm_view view;
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    while (mm_scan_offset(scan) < content.len) {
        assert_int_equal(mm_scan_more(scan, 1, &view), 0);
        size_t size = (size_t)fcntl(fd, F_GETPIPE_SZ);
        assert_int_equal(size, mm_scan_offset(scan) < much ? (size_t)narrow : wide);
        assert_memory_equal(view.data, (const char *)content.data + mm_scan_offset(scan), view.len);
        mm_scan_consume(scan, view.len);
    }
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(view.len, 0);
    close(fd);

    /* One that is wider stays so. */
    fd = pipe_with(content);
    assert_true(fcntl(fd, F_SETPIPE_SZ, (int)(2 * wide)) >= 0);
    assert_int_equal(mm_scan_open(scan, fd, 0), 0);
    assert_scans_as(scan, 1, content);
    assert_int_equal(fcntl(fd, F_GETPIPE_SZ), 2 * wide);
    close(fd);
    wait(NULL);
    wait(NULL);
    mm_scan_free(scan);
}

/* What a function gives: so many bytes at a time, and an error at the end. */
struct feed {
    struct bytes content;
    size_t at, most;
    int error;
};

static ssize_t fill(void *context, void *data, size_t room)
{
    struct feed *feed = context;
    size_t left = feed->content.len - feed->at;
    size_t len = left < room ? left : room;
    if (len > feed->most)
        len = feed->most;
    if (len == 0)
        return feed->error;
    memcpy(data, (const char *)feed->content.data + feed->at, len);
    feed->at += len;
    return (ssize_t)len;
}

static void what_a_function_gives_is_seen_like_a_stream(void **state)
{
    struct sandbox *box = *state;
    struct mm_scan *scan = new_scan(0);
    const size_t most[] = {1, 1000, SIZE_MAX}, wants[] = {1, PAGE + 1, (size_t)300 << 10};
    for (size_t i = 0; i < 3; i++) {
        struct feed feed = {.content = box_lines(box, (size_t)1 << 20), .most = most[i]};
        int fd = open_filled(box, "before", text("a file was open before"));
        assert_int_equal(mm_scan_open(scan, fd, 0), 0);
        mm_scan_feed(scan, fill, &feed);
        close(fd);
        assert_false(mm_scan_mapped(scan));
        assert_int_equal(mm_scan_stat(scan)->st_mode, 0);
        assert_scans_as(scan, wants[i], feed.content);
        assert_int_equal(mm_scan_seek(scan, 0), -ESPIPE);
    }
    mm_scan_free(scan);
}

static void error_of_a_function_comes_behind_what_it_gave(void **state)
{
    (void)state;
    struct mm_scan *scan = new_scan(0);
    struct mm_view view;
    struct feed feed = {.content = text("good"), .most = 4, .error = -EBADMSG};
    mm_scan_feed(scan, fill, &feed);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_int_equal(view.len, 4);
    assert_int_equal(mm_scan_more(scan, 5, &view), -EBADMSG);
    mm_scan_consume(scan, 4);
    assert_int_equal(mm_scan_more(scan, 1, &view), -EBADMSG);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "read", 4), 4);
    assert_int_equal(mm_scan_open(scan, ends[0], 0), 0);
    assert_int_equal(mm_scan_more(scan, 1, &view), 0);
    assert_memory_equal(view.data, "read", 4);
    close(ends[0]);
    close(ends[1]);
    mm_scan_free(scan);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(streams_are_seen_like_files),
        TEST(files_of_proc_and_sys_are_streams),
        TEST(unreadable_stream_is_an_error),
        TEST(fifos_sockets_and_devices_are_streams),
        TEST(pipe_that_much_comes_through_is_widened),
        TEST(stream_that_has_nothing_yet_is_an_error_and_goes_on),
        TEST(signal_does_not_end_a_wait_for_a_stream),
        TEST(what_a_function_gives_is_seen_like_a_stream),
        TEST(error_of_a_function_comes_behind_what_it_gave),
    };
    return run_named(argc, argv, tests);
}
