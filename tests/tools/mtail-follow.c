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
    box_append(box, "f", text("2\n"));
    process_expect(p, "1\n2\n", GONE APPEARED);
    for (int i = 0; count_open(box, p, "f.1") > 0 && i < 100; i++)
        wait_ms(20);
    assert_int_equal(count_open(box, p, "f.1"), 0);
    assert_int_equal(count_open(box, p, "f"), 1);
    stop(p, "1\n2\n", GONE APPEARED);
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
        TEST(late_line_in_a_rotated_file_is_shown),
        TEST(late_line_in_a_deleted_file_is_shown),
        TEST(rotated_files_are_drained_oldest_first),
        TEST(rotated_file_is_let_go_when_all_write_to_the_new_one),
        TEST(file_that_comes_back_is_not_shown_again),
        TEST(truncated_former_file_is_shown_anew),
        TEST(link_that_is_retargeted_is_followed),
        TEST(directory_goes_and_comes_back),
    };
    return run_named(argc, argv, tests);
}
