/* SPDX-License-Identifier: MIT */
/* mtail -f and -F: what happens to files and to their names while somebody looks on. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "harness.h"

#define ENDED (128 + SIGTERM) /* how a follower ends that a test has seen enough of */
#define QUICK "-s0.05"        /* look often where notification does not help */

/* stop -- end a follower; what it printed and said stays as it was expected. */
static void stop(struct process *p, const char *out, const char *err)
{
    process_signal(p, SIGTERM);
    struct run r = process_end(p);
    assert_run(&r, ENDED, out, err);
}

static void follow_shows_what_is_appended(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n2\n"));
    struct process *p = box_start(box, NULL, "mtail", "-n1", "-f", QUICK, "f", NULL);
    process_expect(p, "2\n", "");
    process_blocked(p);
    box_append(box, "f", text("3"));
    process_expect(p, "2\n3", "");
    box_append(box, "f", text("\n4\n"));
    process_expect(p, "2\n3\n4\n", "");
    stop(p, "2\n3\n4\n", "");
}

static void follow_begins_with_an_empty_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct process *p = box_start(box, NULL, "mtail", "-f", QUICK, "f", NULL);
    process_blocked(p);
    box_append(box, "f", text("first\n"));
    process_expect(p, "first\n", "");
    stop(p, "first\n", "");
}

static void follow_survives_a_truncation(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3 * PAGE));
    struct process *p = box_start(box, NULL, "mtail", "-n0", "-f", QUICK, "f", NULL);
    process_blocked(p);
    box_truncate(box, "f", 0);
    process_expect(p, "", "mtail: f: file truncated\n");
    box_append(box, "f", text("new\n"));
    process_expect(p, "new\n", "mtail: f: file truncated\n");
    stop(p, "new\n", "mtail: f: file truncated\n");
}

static void follow_stays_with_a_renamed_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct process *p = box_start(box, NULL, "mtail", "-f", QUICK, "f", NULL);
    process_expect(p, "1\n", "");
    process_blocked(p);
    box_rename(box, "f", "g");
    box_fill(box, "f", text("other\n"));
    box_append(box, "g", text("2\n"));
    process_expect(p, "1\n2\n", "");
    stop(p, "1\n2\n", "");
}

static void follow_by_name_changes_to_the_new_file(void **state)
{
    static const char gone[] = "mtail: 'f' has become inaccessible: No such file or directory\n",
                      back[] = "mtail: 'f' has become inaccessible: No such file or directory\n"
                               "mtail: 'f' has appeared;  following new file\n";
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, "f", NULL);
    process_expect(p, "1\n", "");
    process_blocked(p);
    box_append(box, "f", text("2\n"));
    process_expect(p, "1\n2\n", "");
    box_rename(box, "f", "f.1");
    process_expect(p, "1\n2\n", gone);
    box_fill(box, "f", text("new\n"));
    process_expect(p, "1\n2\nnew\n", back);
    stop(p, "1\n2\nnew\n", back);
}

static void follow_by_name_notes_a_replacement(void **state)
{
    static const char note[] = "mtail: 'f' has been replaced;  following new file\n";
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    box_fill(box, "new", text("new\n"));
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, "f", NULL);
    process_expect(p, "1\n", "");
    process_blocked(p);
    box_rename(box, "new", "f");
    process_expect(p, "1\nnew\n", note);
    stop(p, "1\nnew\n", note);
}

static void follow_by_name_waits_for_a_file(void **state)
{
    static const char missing[] = "mtail: cannot open 'f' for reading: No such file or directory\n";
    static const char both[] = "mtail: cannot open 'f' for reading: No such file or directory\n"
                               "mtail: 'f' has appeared;  following new file\n";
    struct sandbox *box = *state;
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, "f", NULL);
    process_expect(p, "", missing);
    process_blocked(p);
    box_fill(box, "f", text("here\n"));
    process_expect(p, "here\n", both);
    stop(p, "here\n", both);
}

static void follow_without_any_file_ends(void **state)
{
    struct run r = box_run(*state, "mtail", "-f", QUICK, "gone", NULL);
    assert_run(&r, 1, "",
               "mtail: cannot open 'gone' for reading: No such file or directory\n"
               "mtail: no files remaining\n");
}

static void follow_of_several_files_tells_them_apart(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_fill(box, "b", text("B\n"));
    struct process *p = box_start(box, NULL, "mtail", "-f", QUICK, "a", "b", NULL);
    process_expect(p, "==> a <==\nA\n\n==> b <==\nB\n", "");
    process_blocked(p);
    box_append(box, "a", text("A2\n"));
    process_expect(p, "==> a <==\nA\n\n==> b <==\nB\n\n==> a <==\nA2\n", "");
    box_append(box, "a", text("A3\n"));
    process_expect(p, "==> a <==\nA\n\n==> b <==\nB\n\n==> a <==\nA2\nA3\n", "");
    stop(p, "==> a <==\nA\n\n==> b <==\nB\n\n==> a <==\nA2\nA3\n", "");
}

static void follow_ends_with_the_process_it_waits_for(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct process *awaited = box_start(box, &(struct how){.in_held = true}, "/bin/cat", NULL);
    const char *pid = box_format(box, "--pid=%d", (int)process_id(awaited));
    struct process *p = box_start(box, NULL, "mtail", "-f", QUICK, pid, "f", NULL);
    process_expect(p, "1\n", "");
    process_hang_up(awaited);
    process_end(awaited);
    struct run r = process_end(p);
    assert_run(&r, 0, "1\n", "");
}

static void follow_is_ignored_on_a_pipe(void **state)
{
    struct run r =
        box_run_with(*state, &(struct how){.in = text("1\n2\n")}, "mtail", "-f", "-n1", NULL);
    assert_run(&r, 0, "2\n", "");
}

static void follow_ends_when_its_reader_leaves(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct how how = {.out = OUT_GONE, .out_bytes = 2};
    struct run r = box_run_with(box, &how, "mtail", "-f", QUICK, "f", NULL);
    assert_run(&r, 128 + SIGPIPE, "1\n", "");
}

static void retry_without_follow_warns(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct run r = box_run(box, "mtail", "--retry", "f", NULL);
    assert_run(&r, 0, "1\n",
               "mtail: warning: --retry ignored; --retry is useful only when following\n");
}

static void follow_goes_on_beside_files_that_cannot_be(void **state)
{
    static const char out[] = "==> a <==\nA\n\n==> d <==\n\n==> b <==\nB\n";
    static const char err[] = "mtail: cannot open 'gone' for reading: No such file or directory\n"
                              "mtail: error reading 'd': Is a directory\n"
                              "mtail: d: cannot follow end of this type of file; giving up on this "
                              "name\n";
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_fill(box, "b", text("B\n"));
    box_directory(box, "d");
    struct process *awaited = box_start(box, &(struct how){.in_held = true}, "/bin/cat", NULL);
    const char *pid = box_format(box, "--pid=%d", (int)process_id(awaited));
    struct process *p =
        box_start(box, NULL, "mtail", "-f", QUICK, pid, "a", "gone", "d", "b", NULL);
    process_expect(p, out, err);
    box_append(box, "b", text("B2\n"));
    const char *more = box_format(box, "%sB2\n", out);
    process_expect(p, more, err);
    process_hang_up(awaited);
    process_end(awaited);
    struct run r = process_end(p);
    assert_run(&r, 1, more, err);
}

static void follow_ends_where_its_output_fails(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mtail", "-f", "f", NULL);
    assert_run(&r, 1, "", "mtail: write error: No space left on device\n");
    r = box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mtail", "-f", "f", NULL);
    assert_run(&r, 1, "", "mtail: write error: Bad file descriptor\n");
    r = box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mtail", "-n0", "-f", "f", NULL);
    assert_run(&r, 1, "", "mtail: standard output: Bad file descriptor\n");
}

/* limited -- mtail -F of three files where the kernel gives no inotify instances, or watches. */
static struct process *limited(struct sandbox *box, const char *what)
{
    const char *bin = getenv("MMUTILS_BIN");
    const char *command = box_format(box,
                                     "echo 0 >/proc/sys/user/max_inotify_%s && "
                                     "exec %s/mtail -q -n0 -F " QUICK " a b f",
                                     what, bin && *bin ? bin : MMUTILS_BUILT);
    struct run may =
        box_run(box, "/bin/sh", "-c",
                "unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_inotify_watches'", NULL);
    if (may.status != 0)
        skip_aloud("no user namespace with a limit of its own can be made here");
    box_fill(box, "a", text("A\n"));
    box_fill(box, "b", text("B\n"));
    box_fill(box, "f", text("1\n"));
    return box_start(box, NULL, "/usr/bin/unshare", "-Ur", "/bin/sh", "-c", command, NULL);
}

static void follow_polls_where_inotify_is_exhausted(void **state)
{
    static const struct {
        const char *what, *note;
    } rows[] = {
        {"instances", "mtail: inotify cannot be used, reverting to polling: Too many open files\n"},
        {"watches", "mtail: inotify resources exhausted\n"
                    "mtail: inotify cannot be used, reverting to polling\n"}};
    struct sandbox *box = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct process *p = limited(box, rows[i].what);
        const char *err = rows[i].note;
        process_expect(p, "", err);
        box_append(box, "a", text("A2\n"));
        process_expect(p, "A2\n", err);
        box_rename(box, "f", "f.1");
        err = box_format(box, "%smtail: 'f' has become inaccessible: No such file or directory\n",
                         err);
        process_expect(p, "A2\n", err);
        box_fill(box, "f", text("2\n"));
        err = box_format(box, "%smtail: 'f' has appeared;  following new file\n", err);
        process_expect(p, "A2\n2\n", err);
        stop(p, "A2\n2\n", err);
    }
}

static void prefix_waits_for_whole_lines(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1"));
    box_fill(box, "b", text("2\n"));
    box_fifo(box, "c");
    struct process *p =
        box_start(box, NULL, "mtail", "-f", QUICK, "--prefix", "a", "b", "-n+1", "c", NULL);
    box_append(box, "c", text("3\n4"));
    process_expect(p, "b:2\nc:3\n", "");
    box_append(box, "b", text("5\n6"));
    process_expect(p, "b:2\nc:3\nb:5\n", "");
    box_append(box, "c", text("\n"));
    process_expect(p, "b:2\nc:3\nb:5\nc:4\n", "");
    stop(p, "b:2\nc:3\nb:5\nc:4\n", "");
}

static void prefix_shows_the_rest_when_nothing_more_comes(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1"));
    box_fill(box, "b", text("2\n3"));
    struct process *awaited = box_start(box, &(struct how){.in_held = true}, "/bin/cat", NULL);
    const char *pid = box_format(box, "--pid=%d", (int)process_id(awaited));
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, pid, "--prefix", "a", "b", NULL);
    process_expect(p, "b:2\n", "");
    process_hang_up(awaited);
    process_end(awaited);
    struct run r = process_end(p);
    assert_run(&r, 0, "b:2\na:1\nb:3\n", "");
}

static void terminal_is_shown_whole_characters(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1"));
    struct process *p =
        box_start(box, &(struct how){.out = OUT_TERMINAL}, "mtail", "-f", QUICK, "f", NULL);
    process_expect(p, "1", "");
    box_append(box, "f", text("2\xe2\x82"));
    process_expect(p, "12", "");
    box_append(box, "f", text("\xac\033"));
    process_expect(p, "12\u20ac^[", "");
    stop(p, "12\u20ac^[", "");
}

/* ---------------------------------------------------------------- rotation */

#define GONE     "mtail: 'f' has become inaccessible: No such file or directory\n"
#define APPEARED "mtail: 'f' has appeared;  following new file\n"
#define REPLACED "mtail: 'f' has been replaced;  following new file\n"

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* follower -- mtail -F of the file f, which holds "1\n" and was shown. */
static struct process *follower(struct sandbox *box, const char *option)
{
    box_fill(box, "f", text("1\n"));
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, option, "f", NULL);
    process_expect(p, "1\n", "");
    process_blocked(p);
    return p;
}

static void late_line_in_a_rotated_file_is_shown(void **state)
{
    static const char *const options[] = {"-q", "---disable-inotify"};
    struct sandbox *box = *state;
    for (int i = 0; i < 2; i++) {
        struct process *p = follower(box, options[i]);
        box_rename(box, "f", "f.1");
        process_expect(p, "1\n", GONE);
        box_append(box, "f.1", text("2\n"));
        process_expect(p, "1\n2\n", GONE);
        box_fill(box, "f", text("3\n"));
        process_expect(p, "1\n2\n3\n", GONE APPEARED);
        box_append(box, "f.1", text("4\n"));
        process_expect(p, "1\n2\n3\n4\n", GONE APPEARED);
        box_append(box, "f", text("5\n"));
        process_expect(p, "1\n2\n3\n4\n5\n", GONE APPEARED);
        stop(p, "1\n2\n3\n4\n5\n", GONE APPEARED);
    }
}

static void late_line_in_a_deleted_file_is_shown(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    int fd = open(box_path(box, "f"), O_WRONLY | O_APPEND | O_CLOEXEC);
    box_fill(box, "new", text("3\n"));
    box_rename(box, "new", "f");
    process_expect(p, "1\n3\n", REPLACED);
    assert_int_equal(write(fd, "2\n", 2), 2);
    process_expect(p, "1\n3\n2\n", REPLACED);
    close(fd);
    stop(p, "1\n3\n2\n", REPLACED);
}

static void rotated_files_are_drained_oldest_first(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    box_rename(box, "f", "f.2");
    process_expect(p, "1\n", GONE);
    box_fill(box, "f", text("2\n"));
    process_expect(p, "1\n2\n", GONE APPEARED);
    process_blocked(p);
    process_signal(p, SIGSTOP);
    box_rename(box, "f", "f.1");
    box_fill(box, "f", text("5\n"));
    box_append(box, "f.1", text("4\n"));
    box_append(box, "f.2", text("3\n"));
    process_signal(p, SIGCONT);
    process_expect(p, "1\n2\n3\n4\n5\n", GONE APPEARED REPLACED);
    stop(p, "1\n2\n3\n4\n5\n", GONE APPEARED REPLACED);
}

static void file_that_had_the_name_for_a_moment_is_shown(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    process_signal(p, SIGSTOP);
    box_rename(box, "f", "f.1");
    box_fill(box, "f", text("2\n"));
    box_rename(box, "f.1", "f.2");
    box_rename(box, "f", "f.1");
    box_fill(box, "f", text("3\n"));
    box_rename(box, "f.2", "f.3");
    box_rename(box, "f.1", "f.2");
    box_rename(box, "f", "f.1");
    box_append(box, "f.3", text("1b\n"));
    box_append(box, "f.2", text("2b\n"));
    process_signal(p, SIGCONT);
    process_expect(p, "1\n1b\n2\n2b\n3\n", REPLACED REPLACED GONE);
    stop(p, "1\n1b\n2\n2b\n3\n", REPLACED REPLACED GONE);
}

static void lines_of_two_files_are_not_mixed(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    process_signal(p, SIGSTOP);
    box_append(box, "f", text("2"));
    box_rename(box, "f", "f.1");
    box_fill(box, "f", text("3\n4"));
    process_signal(p, SIGCONT);
    /* The old file's end is no whole line, nor becomes one soon: it comes first all the same. */
    process_expect(p, "1\n23\n", REPLACED);
    box_append(box, "f.1", text("5"));
    box_append(box, "f", text("\n"));
    process_expect(p, "1\n23\n4\n", REPLACED);
    box_append(box, "f.1", text("\n"));
    process_expect(p, "1\n23\n4\n5\n", REPLACED);
    stop(p, "1\n23\n4\n5\n", REPLACED);
}

/* How many descriptors the process has open on the file of that name, or that had it. */
static int count_open(struct sandbox *box, struct process *p, const char *name)
{
    char path[64], target[512];
    int count = 0;
    for (int fd = 0; fd < 64; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)process_id(p), fd);
        ssize_t len = readlink(path, target, sizeof target - 1);
        target[len < 0 ? 0 : len] = '\0';
        count += strcmp(target, box_path(box, name)) == 0;
    }
    return count;
}

static void rotated_file_is_let_go_when_all_write_to_the_new_one(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    box_rename(box, "f", "f.1");
    process_expect(p, "1\n", GONE);
    box_fill(box, "f", text(""));
    process_expect(p, "1\n", GONE APPEARED);
    wait_ms(6000);
    assert_int_equal(count_open(box, p, "f.1"), 1);
    box_append(box, "f", text("2\n3"));
    process_expect(p, "1\n2\n3", GONE APPEARED); /* no whole line: it waits for the other file */
    for (int i = 0; count_open(box, p, "f.1") > 0 && i < 100; i++)
        wait_ms(20);
    assert_int_equal(count_open(box, p, "f.1"), 0);
    assert_int_equal(count_open(box, p, "f"), 1);
    stop(p, "1\n2\n3", GONE APPEARED);
}

static void file_that_comes_back_is_not_shown_again(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    box_rename(box, "f", "f.1");
    process_expect(p, "1\n", GONE);
    box_rename(box, "f.1", "f");
    process_expect(p, "1\n", GONE APPEARED);
    box_append(box, "f", text("2\n"));
    process_expect(p, "1\n2\n", GONE APPEARED);
    stop(p, "1\n2\n", GONE APPEARED);
}

static void truncated_former_file_is_shown_anew(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    box_rename(box, "f", "f.1");
    process_expect(p, "1\n", GONE);
    box_truncate(box, "f.1", 0);
    process_expect(p, "1\n", GONE "mtail: f: file truncated\n");
    box_append(box, "f.1", text("2\n"));
    process_expect(p, "1\n2\n", GONE "mtail: f: file truncated\n");
    stop(p, "1\n2\n", GONE "mtail: f: file truncated\n");
}

/* ------------------------------------------------------------------ storms */

#define WRITERS   4
#define LINES     2500 /* of each writer */
#define ROTATIONS 20

/* How often the storms are run: FAULT_RUNS asks for more than once. */
static int storms(void)
{
    const char *runs = getenv("FAULT_RUNS");
    return runs && atoi(runs) > 1 ? atoi(runs) : 1;
}

/* A writer in a process of its own: it looks for a new file every 7 lines, as one told by a signal.
 */
static _Noreturn void write_lines(const char *path, int writer)
{
    int fd = -1;
    for (int i = writer == 0; i < LINES; i++) { /* the first line is there already */
        char line[32];
        if (fd < 0 || i % 7 == 0) {
            close(fd);
            fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        }
        int len = snprintf(line, sizeof line, "%d %06d\n", writer, i);
        if (write(fd, line, (size_t)len) != len)
            _exit(1);
        if (i % 10 == writer)
            wait_ms(1);
    }
    _exit(0);
}

static void expect_lines_in_order(struct bytes out)
{
    int next[WRITERS] = {0};
    const char *p = out.data, *end = p + out.len;
    for (; p < end; p += 9) {
        int writer, number;
        assert_true(end - p >= 9 && sscanf(p, "%1d %6d", &writer, &number) == 2);
        assert_in_range(writer, 0, WRITERS - 1);
        if (number != next[writer])
            fail_msg("writer %d: line %d where %d was due", writer, number, next[writer]);
        next[writer]++;
    }
    for (int writer = 0; writer < WRITERS; writer++)
        assert_int_equal(next[writer], LINES);
}

/* Four writers, and a log that is renamed while they write; how says where mtail's output goes. */
static void rotate_in_a_storm(struct sandbox *box, const struct how *how, const char *option)
{
    struct process *awaited = box_start(box, &(struct how){.in_held = true}, "/bin/cat", NULL);
    const char *pid = box_format(box, "--pid=%d", (int)process_id(awaited));
    box_fill(box, "f", text("0 000000\n"));
    struct process *p = box_start(box, how, "mtail", "-F", QUICK, option, pid, "f", NULL);
    process_blocked(p);
    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        assert_true(writers[i] >= 0);
        if (writers[i] == 0)
            write_lines(box_path(box, "f"), i);
    }
    for (int i = 1; i <= ROTATIONS; i++) {
        wait_ms(15);
        /* Numbers of its own for each file, or all moved up by one. */
        for (int n = i % 2 ? i : 0; n > 0; n--)
            if (box_exists(box, box_format(box, "f.%d", n)))
                box_rename(box, box_format(box, "f.%d", n), box_format(box, "f.%d", n + 1));
        box_rename(box, "f", box_format(box, i % 2 ? "f.1" : "f.even.%d", i));
        box_append(box, "f", text(""));
    }
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
    }
    process_hang_up(awaited);
    process_end(awaited);
    if (how->out == OUT_HELD)
        process_release(p);
    struct run r = process_end(p);
    assert_int_equal(r.status, 0);
    expect_lines_in_order(how->out == OUT_FILE ? box_load(box, "out")
                                               : (struct bytes){r.out, r.out_len});
    for (const char *said = r.err; *said; said += strcspn(said, "\n") + 1)
        assert_true(strncmp(said, "mtail: 'f' has ", 15) == 0);
    for (int n = 0; n <= ROTATIONS; n++) {
        unlink(box_path(box, box_format(box, "f.%d", n)));
        unlink(box_path(box, box_format(box, "f.even.%d", n)));
    }
}

static void storm_of_renamed_files_loses_no_line(void **state)
{
    static const struct how how = {.out = OUT_FILE, .out_file = "out"};
    for (int i = storms(); i > 0; i--)
        rotate_in_a_storm(*state, &how, "-q");
}

/* The whole storm is over before more than a pipe's content of it is printed. */
static void storm_before_a_reader_who_waits_loses_no_line(void **state)
{
    static const struct how how = {.out = OUT_HELD};
    for (int i = storms(); i > 0; i--)
        rotate_in_a_storm(*state, &how, "-q");
}

/* Each file that had the name stays open, but no more than can be. */
static void storm_of_replacements_leaves_descriptors(void **state)
{
    enum { LIMIT = 60, FILES = 3 * LIMIT };
    struct sandbox *box = *state;
    const char *bin = getenv("MMUTILS_BIN");
    const char *command =
        box_format(box, "ulimit -Sn 50; ulimit -Hn %d; exec %s/mtail -F " QUICK " f", LIMIT,
                   bin && *bin ? bin : MMUTILS_BUILT);
    box_fill(box, "f", text("0\n"));
    struct process *p = box_start(box, NULL, "/bin/sh", "-c", command, NULL);
    const char *out = "0\n", *err = "";
    process_expect(p, out, err);
    process_blocked(p);
    for (int i = 1; i < FILES; i++) {
        char *line = box_format(box, "%d\n", i);
        box_fill(box, "new", (struct bytes){line, strlen(line)});
        box_rename(box, "new", "f");
        out = box_format(box, "%s%s", out, line);
        err = box_format(box, "%s" REPLACED, err);
        process_expect(p, out, err);
    }
    stop(p, out, err);
}

static void storm_of_truncations_ends_no_run(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    const char *out = "1\n", *err = "";
    for (int i = 0; i < ROTATIONS; i++) {
        struct bytes burst = box_lines(box, 16 * 125);
        box_append(box, "f", burst);
        out = box_format(box, "%s%.*s", out, (int)burst.len, (const char *)burst.data);
        process_expect(p, out, err);
        box_fill(box, "f.1", box_load(box, "f"));
        box_truncate(box, "f", 0);
        err = box_format(box, "%smtail: f: file truncated\n", err);
        process_expect(p, out, err);
    }
    stop(p, out, err);
}

static void storm_of_deletions_ends_no_run(void **state)
{
    struct sandbox *box = *state;
    struct process *p = follower(box, "-q");
    const char *out = "1\n", *err = "";
    for (int i = 0; i < ROTATIONS; i++) {
        assert_int_equal(unlink(box_path(box, "f")), 0);
        err = box_format(box, "%s" GONE, err);
        process_expect(p, out, err);
        struct bytes burst = box_lines(box, 16 * 125);
        box_fill(box, "f", burst);
        err = box_format(box, "%s" APPEARED, err);
        out = box_format(box, "%s%.*s", out, (int)burst.len, (const char *)burst.data);
        process_expect(p, out, err);
    }
    stop(p, out, err);
}

/* Milliseconds of processor time that the process took so far. */
static long processor_time(struct process *p)
{
    char line[1024];
    snprintf(line, sizeof line, "/proc/%d/stat", (int)process_id(p));
    FILE *stat = fopen(line, "re");
    unsigned long user, system;
    assert_non_null(stat);
    assert_non_null(fgets(line, sizeof line, stat));
    fclose(stat);
    assert_int_equal(sscanf(strrchr(line, ')') + 1,
                            " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system),
                     2);
    return (long)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

static void waiting_takes_no_processor_time(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n"));
    struct process *seen = box_start(box, NULL, "mtail", "-F", "f", "gone", NULL);
    struct process *polled = box_start(box, NULL, "mtail", "-F", "---disable-inotify", "f", NULL);
    process_blocked(seen);
    process_blocked(polled);
    box_rename(box, "f", "f.1");
    box_fill(box, "f", text("2\n"));
    wait_ms(1500);
    long before = processor_time(seen) + processor_time(polled);
    wait_ms(3000);
    assert_in_range(processor_time(seen) + processor_time(polled) - before, 0, 3000 / 50);
}

static void link_that_is_retargeted_is_followed(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n"));
    box_fill(box, "b", text("2\n"));
    box_link(box, "a", "f");
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, "f", NULL);
    process_expect(p, "1\n", "");
    box_link(box, "b", "new");
    box_rename(box, "new", "f");
    process_expect(p, "1\n2\n", REPLACED);
    box_append(box, "a", text("late\n"));
    process_expect(p, "1\n2\nlate\n", REPLACED);
    box_rename(box, "b", "b.1");
    process_expect(p, "1\n2\nlate\n", REPLACED GONE);
    box_fill(box, "b", text("3\n"));
    process_expect(p, "1\n2\nlate\n3\n", REPLACED GONE APPEARED);
    stop(p, "1\n2\nlate\n3\n", REPLACED GONE APPEARED);
}

static void directory_goes_and_comes_back(void **state)
{
    static const char gone[] = "mtail: 'd/f' has become inaccessible: No such file or directory\n",
                      back[] = "mtail: 'd/f' has become inaccessible: No such file or directory\n"
                               "mtail: 'd/f' has appeared;  following new file\n",
                      again[] = "mtail: 'd/f' has become inaccessible: No such file or directory\n"
                                "mtail: 'd/f' has appeared;  following new file\n"
                                "mtail: 'd/f' has become inaccessible: No such file or directory\n";
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_fill(box, "d/f", text("1\n"));
    struct process *p = box_start(box, NULL, "mtail", "-F", QUICK, "d/f", NULL);
    process_expect(p, "1\n", "");
    process_blocked(p);
    box_rename(box, "d", "e");
    process_expect(p, "1\n", gone);
    box_append(box, "e/f", text("2\n"));
    process_expect(p, "1\n2\n", gone);
    box_directory(box, "d");
    box_fill(box, "d/f", text("3\n"));
    process_expect(p, "1\n2\n3\n", back);
    process_blocked(p);
    box_rename(box, "d/f", "d/g");
    process_expect(p, "1\n2\n3\n", again);
    stop(p, "1\n2\n3\n", again);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(follow_shows_what_is_appended),
        TEST(follow_begins_with_an_empty_file),
        TEST(follow_survives_a_truncation),
        TEST(follow_stays_with_a_renamed_file),
        TEST(follow_by_name_changes_to_the_new_file),
        TEST(follow_by_name_notes_a_replacement),
        TEST(follow_by_name_waits_for_a_file),
        TEST(follow_without_any_file_ends),
        TEST(follow_of_several_files_tells_them_apart),
        TEST(follow_ends_with_the_process_it_waits_for),
        TEST(follow_is_ignored_on_a_pipe),
        TEST(follow_ends_when_its_reader_leaves),
        TEST(retry_without_follow_warns),
        TEST(follow_goes_on_beside_files_that_cannot_be),
        TEST(follow_ends_where_its_output_fails),
        TEST(follow_polls_where_inotify_is_exhausted),
        TEST(prefix_waits_for_whole_lines),
        TEST(prefix_shows_the_rest_when_nothing_more_comes),
        TEST(terminal_is_shown_whole_characters),
        TEST(late_line_in_a_rotated_file_is_shown),
        TEST(late_line_in_a_deleted_file_is_shown),
        TEST(rotated_files_are_drained_oldest_first),
        TEST(file_that_had_the_name_for_a_moment_is_shown),
        TEST(lines_of_two_files_are_not_mixed),
        TEST(rotated_file_is_let_go_when_all_write_to_the_new_one),
        TEST(file_that_comes_back_is_not_shown_again),
        TEST(truncated_former_file_is_shown_anew),
        TEST(storm_of_renamed_files_loses_no_line),
        TEST(storm_before_a_reader_who_waits_loses_no_line),
        TEST(storm_of_replacements_leaves_descriptors),
        TEST(storm_of_truncations_ends_no_run),
        TEST(storm_of_deletions_ends_no_run),
        TEST(waiting_takes_no_processor_time),
        TEST(link_that_is_retargeted_is_followed),
        TEST(directory_goes_and_comes_back),
    };
    return run_named(argc, argv, tests);
}
