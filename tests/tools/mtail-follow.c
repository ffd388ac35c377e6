/* SPDX-License-Identifier: MIT */
/* mtail -f and -F: what happens to files and to their names while somebody looks on. */
#include <signal.h>

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
    };
    return run_named(argc, argv, tests);
}
