/* SPDX-License-Identifier: MIT */
/* How mcopy moves the bytes of one file: holes, clones, what is left when it cannot go on. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "harness.h"
#include "unnamed.h"

#define TRY "Try 'mcopy --help' for more information.\n"

static struct stat stat_of(struct sandbox *box, const char *name)
{
    struct stat st;
    if (lstat(box_path(box, name), &st) < 0)
        fail_msg("%s is missing", name);
    return st;
}

static void assert_content(struct sandbox *box, const char *name, struct bytes content)
{
    assert_bytes(box_load(box, name), content);
}

/* The names in the box, hidden ones too. */
static void assert_names(struct sandbox *box, const char *names)
{
    struct run r = box_run(box, "/bin/ls", "-A", NULL);
    assert_run(&r, 0, names, "");
}

static void wait_a_little(void)
{
    nanosleep(&(struct timespec){0, 5000000}, NULL);
}

/* Wait until a file has a size. */
static void await_size(struct sandbox *box, const char *name, off_t size)
{
    struct stat st;
    for (int tries = 0; tries < 2000; tries++) {
        if (stat(box_path(box, name), &st) == 0 && st.st_size >= size)
            return;
        wait_a_little();
    }
    fail_msg("%s never had %ld bytes", name, (long)size);
}

/* ------------------------------------------------------------------ options */

static void words_that_are_none_are_refused(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct run r = box_run(box, "mcopy", "--reflink=foo", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: invalid argument 'foo' for '--reflink'\nValid arguments are:\n"
               "  - 'auto'\n  - 'always'\n  - 'never'\n" TRY);
    r = box_run(box, "mcopy", "--sparse=a", "a", "b", NULL);
    assert_run(&r, 1, "",
               "mcopy: ambiguous argument 'a' for '--sparse'\nValid arguments are:\n"
               "  - 'never'\n  - 'auto'\n  - 'always'\n" TRY);
    assert_names(box, "a\n");
}

static void options_that_exclude_each_other_are_refused(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct run r = box_run(box, "mcopy", "--reflink", "--sparse=always", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: --reflink can be used only with --sparse=auto\n" TRY);
    r = box_run(box, "mcopy", "--atomic", "--resume", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot combine --atomic and --resume\n");
    r = box_run(box, "mcopy", "--in-place", "--atomic", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot combine --atomic and --in-place\n");
    assert_names(box, "a\n");
}

static void what_needs_files_refuses_streams(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.in = text("x")};
    box_fill(box, "a", text("a"));
    struct run r = box_run_with(box, &how, "mcopy", "--verify", "/dev/stdin", "b", NULL);
    assert_run(&r, 1, "", "mcopy: --verify needs regular files: '/dev/stdin'\n");
    r = box_run_with(box, &how, "mcopy", "--resume", "/dev/stdin", "b", NULL);
    assert_run(&r, 1, "", "mcopy: --resume needs regular files: '/dev/stdin'\n");
    r = box_run(box, "mcopy", "--atomic", "a", "/dev/null", NULL);
    assert_run(&r, 1, "", "mcopy: --atomic needs regular files: '/dev/null'\n");
    assert_names(box, "a\n");
}

/* ------------------------------------------------------------ holes and clones */

/* Head, zeroes, middle, a hole of the file, a tail that is no whole block. */
static struct bytes file_with_zeroes(struct sandbox *box, const char *name)
{
    struct bytes data = box_lines(box, 20 * PAGE), zeroes = box_repeat(box, 0, 100 * PAGE);
    struct bytes content = box_join(box, data, box_join(box, zeroes, data));
    box_fill(box, name, content);
    box_truncate(box, name, (off_t)(content.len + 50 * PAGE));
    box_append(box, name, text("tail"));
    return box_load(box, name);
}

static void holes_are_those_of_cp(void **state)
{
    static const char *const how[] = {"--sparse=auto", "--sparse=always", "--sparse=never"};
    struct sandbox *box = *state;
    struct bytes content = file_with_zeroes(box, "a");
    for (size_t i = 0; i < 3; i++) {
        for (int old = 0; old < 2; old++) {
            if (old) {
                box_fill(box, "ours", box_repeat(box, 'x', 300 * PAGE));
                box_fill(box, "cps", box_repeat(box, 'x', 300 * PAGE));
            }
            struct run r = box_run(box, "mcopy", "--reflink=never", how[i], "a", "ours", NULL);
            assert_run(&r, 0, "", "");
            r = box_run(box, "/bin/cp", "--reflink=never", how[i], "a", "cps", NULL);
            assert_run(&r, 0, "", "");
            assert_content(box, "ours", content);
            r = box_run(box, "/bin/sync", "a", "ours", "cps", NULL);
            /* cp takes each hole of the source as leave to make more of them. */
            const char *judge = i == 0 ? "a" : "cps";
            assert_int_equal(stat_of(box, "ours").st_blocks, stat_of(box, judge).st_blocks);
            assert_names(box, "a\ncps\nours\n");
        }
        unlink(box_path(box, "ours"));
        unlink(box_path(box, "cps"));
    }
}

static void zeroes_of_a_stream_become_holes(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_join(box, text("x"), box_repeat(box, 0, 100 * PAGE));
    struct how how = {.in = content};
    struct run r = box_run_with(box, &how, "mcopy", "--sparse=always", "/dev/stdin", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", content);
    assert_true((size_t)stat_of(box, "b").st_blocks * 512 < 50 * PAGE);
}

static void clone_that_is_refused_is_an_error_as_in_cp(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.locale = "C"};
    box_fill(box, "a", text("content"));
    struct run peer = box_run_with(box, &how, "/bin/cp", "--reflink=always", "a", "b", NULL);
    unlink(box_path(box, "b"));
    struct run r = box_run_with(box, &how, "mcopy", "--reflink=always", "a", "b", NULL);
    assert_int_equal(r.status, peer.status);
    if (r.status == 0) {
        assert_content(box, "b", text("content"));
    } else {
        assert_run(&r, 1, "", box_format(box, "m%spy%s", "co", peer.err + 2));
        assert_names(box, "a\n");
    }
}

/* ------------------------------------------------------------------ --atomic */

static void old_file_is_replaced_whole(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("new"));
    box_fill(box, "b", text("old"));
    box_mode(box, "b", 0640);
    assert_int_equal(link(box_path(box, "b"), box_path(box, "c")), 0);
    box_link(box, "b", "l");
    struct run r = box_run(box, "mcopy", "--atomic", "a", "l", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("new"));
    assert_content(box, "c", text("old"));
    assert_true(S_ISLNK(stat_of(box, "l").st_mode));
    assert_int_equal(stat_of(box, "b").st_mode & 07777, 0640);
    assert_int_equal(stat_of(box, "b").st_uid, stat_of(box, "c").st_uid);
    assert_names(box, "a\nb\nc\nl\n");
}

static void replaced_file_keeps_its_attributes(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("new"));
    box_fill(box, "b", text("old"));
    struct run r = box_run(box, "/usr/bin/setfattr", "-n", "user.k", "-v", "v", "b", NULL);
    if (r.status != 0)
        skip_aloud("no extended attributes can be set here");
    r = box_run(box, "mcopy", "--atomic", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "/usr/bin/getfattr", "--only-values", "-n", "user.k", "b", NULL);
    assert_run(&r, 0, "v", "");
}

static void old_file_stays_when_its_source_is_lost(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.in_held = true};
    box_fill(box, "b", text("old"));
    struct process *p = box_start(box, &how, "mcopy", "--atomic", "/dev/stdin", "b", NULL);
    process_feed(p, text("new"));
    process_blocked(p);
    assert_content(box, "b", text("old"));
    process_signal(p, SIGINT);
    struct run r = process_end(p);
    assert_run(&r, 128 + SIGINT, "", "");
    assert_content(box, "b", text("old"));
    assert_names(box, "b\n");
}

static void write_protected_file_is_replaced_only_with_force(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("root may write to every file");
    box_fill(box, "a", text("new"));
    box_fill(box, "b", text("old"));
    box_mode(box, "b", 0444);
    struct run r = box_run(box, "mcopy", "--atomic", "a", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot create regular file 'b': Permission denied\n");
    assert_content(box, "b", text("old"));
}

/* -------------------------------------------------------- in place, and resumed */

static void new_file_in_place_grows_under_its_name(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.in_held = true};
    struct bytes content = box_lines(box, 100000);
    struct process *p = box_start(box, &how, "mcopy", "--in-place", "/dev/stdin", "b", NULL);
    process_feed(p, content);
    await_size(box, "b", 100000);
    process_hang_up(p);
    struct run r = process_end(p);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", content);
}

static void signal_trims_a_file_in_place(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 100000);
    for (size_t i = 0; i < 3; i++) {
        struct how how = {.in_held = true};
        box_fill(box, "b", box_repeat(box, 'x', 4 << 20));
        struct process *p = box_start(box, &how, "mcopy", "/dev/stdin", "b", NULL);
        process_feed(p, content);
        process_blocked(p);
        process_signal(p, signals[i]);
        struct run r = process_end(p);
        assert_run(&r, 128 + signals[i], "", "");
        assert_content(box, "b", content);
        assert_names(box, "b\n");
    }
}

static void copy_is_resumed_behind_what_is_good(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, (3 << 20) + 1234);
    struct bytes good = {content.data, 1 << 20};
    const struct bytes found[] = {
        text(""),
        good,
        box_join(box, good, box_repeat(box, 0, 300000)),
        text("something else"),
        content,
        box_join(box, content, text("and more")),
        box_repeat(box, 'x', 5 << 20),
    };
    box_fill(box, "a", content);
    struct run r = box_run(box, "mcopy", "--resume", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", content);
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        box_fill(box, "b", found[i]);
        r = box_run(box, "mcopy", "--resume", "--verify", "a", "b", NULL);
        assert_run(&r, 0, "", "");
        assert_content(box, "b", content);
    }
    assert_names(box, "a\nb\n");
}

static void complete_copy_is_left_alone_when_resumed(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("content"));
    box_fill(box, "b", text("content"));
    box_time(box, "b", 1000000000);
    struct run r = box_run(box, "mcopy", "--resume", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(stat_of(box, "b").st_mtime, 1000000000);
}

static void killed_copy_in_place_is_gone_on_with(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 3 << 20);
    struct how how = {.in_held = true};
    struct process *p = box_start(box, &how, "mcopy", "--in-place", "/dev/stdin", "b", NULL);
    process_feed(p, (struct bytes){content.data, 1 << 20});
    process_blocked(p);
    process_signal(p, SIGKILL);
    struct run r = process_end(p);
    assert_run(&r, 128 + SIGKILL, "", "");
    assert_true(stat_of(box, "b").st_size >= 1 << 20);
    box_fill(box, "a", content);
    r = box_run(box, "mcopy", "--resume", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", content);
}

/* ------------------------------------------------------------------- --verify */

static void verified_copy_is_published(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = file_with_zeroes(box, "a");
    struct run r = box_run(box, "mcopy", "--verify", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", content);
    box_fill(box, "c", text("old"));
    r = box_run(box, "mcopy", "--verify", "--sync", "a", "c", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "c", content);
    box_fill(box, "a", text(""));
    r = box_run(box, "mcopy", "--verify", "--atomic", "a", "c", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "c", text(""));
}

/* A run whose first call of `call` takes its time; the arguments are "a" and "b". */
static struct process *start_delayed(struct sandbox *box, const char *call, const char *option)
{
    if (access("/usr/bin/strace", X_OK) != 0)
        skip_aloud("there is no strace here");
    struct run r = box_run(box, "/usr/bin/strace", "-o", "/dev/null", "/bin/true", NULL);
    if (r.status != 0)
        skip_aloud("processes cannot be traced here");
    /* A leak checker wants to trace the process itself. */
    static const char *const environment[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};
    const struct how how = {.environment = environment};
    const char *bin = getenv("MMUTILS_BIN");
    struct process *p = box_start(box, &how, "/usr/bin/strace", "-f", "-o", "trace", "-e",
                                  "signal=none", "-e", box_format(box, "trace=%s", call), "-e",
                                  box_format(box, "inject=%s:delay_enter=300000:when=1", call),
                                  box_format(box, "%s/mcopy", bin && *bin ? bin : MMUTILS_BUILT),
                                  "--reflink=never", option, "a", "b", NULL);
    await_size(box, "trace", 1);
    return p;
}

static void copy_that_differs_is_not_published(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 5 * PAGE);
    box_fill(box, "a", content);
    /* By then all is copied and the source was found unchanged. */
    struct process *p = start_delayed(box, "fsync", "--verify");
    int fd = open(box_path(box, "a"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "X", 1, 5000), 1);
    close(fd);
    struct run r = process_end(p);
    assert_run(&r, 1, "", "mcopy: 'b': differs from 'a' after it was written, at byte 5000\n");
    assert_names(box, "a\ntrace\n");
}

static void copy_in_place_that_differs_is_cut(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 5 * PAGE);
    box_fill(box, "a", content);
    box_fill(box, "b", text("old"));
    struct process *p = start_delayed(box, "fsync", "--verify");
    int fd = open(box_path(box, "a"), O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "X", 1, 5000), 1);
    close(fd);
    struct run r = process_end(p);
    assert_run(&r, 1, "", "mcopy: 'b': differs from 'a' after it was written, at byte 5000\n");
    assert_content(box, "b", (struct bytes){content.data, 5000});
}

/* ------------------------------------------------------- a source that changes */

static void source_that_is_changed_meanwhile_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", box_lines(box, 5 * PAGE));
    box_time(box, "a", 1000000000);
    struct process *p = start_delayed(box, "fallocate", "--sparse=auto");
    box_time(box, "a", 1000000001);
    struct run r = process_end(p);
    assert_run(&r, 1, "", "mcopy: 'a': file was changed while it was copied\n");
    assert_names(box, "a\ntrace\n");
}

static void source_that_shrinks_meanwhile_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", box_lines(box, 5 * PAGE));
    struct process *p = start_delayed(box, "fallocate", "--sparse=auto");
    box_truncate(box, "a", 5000);
    struct run r = process_end(p);
    assert_run(&r, 1, "", "mcopy: 'a': file shrank while mapped, at byte 5000\n");
    assert_names(box, "a\ntrace\n");
}

static void source_that_shrinks_behind_the_window_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", box_lines(box, WINDOW + 5 * PAGE));
    struct process *p = start_delayed(box, "fallocate", "--sparse=auto");
    box_truncate(box, "a", (off_t)(WINDOW + PAGE));
    struct run r = process_end(p);
    assert_run(
        &r, 1, "",
        box_format(box, "mcopy: 'a': file shrank while mapped, at byte %zu\n", WINDOW + PAGE));
    assert_names(box, "a\ntrace\n");
}

static void source_that_only_grows_is_copied_as_of_its_opening(void **state)
{
    struct sandbox *box = *state;
    struct bytes content = box_lines(box, 5 * PAGE + 7);
    box_fill(box, "a", content);
    struct process *p = start_delayed(box, "fallocate", "--sparse=auto");
    box_append(box, "a", box_lines(box, 3 * PAGE));
    struct run r = process_end(p);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", content);
}

/* --------------------------------------------- where there are no unnamed files */

static void signal_leaves_no_hidden_file(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.in_held = true};
    refuse_unnamed_files();
    struct process *p = box_start(box, &how, "mcopy", "/dev/stdin", "b", NULL);
    process_feed(p, text("some"));
    process_blocked(p);
    struct run r = box_run(box, "/bin/ls", "-A", NULL);
    assert_memory_equal(r.out, ".mm-", 4);
    process_signal(p, SIGTERM);
    r = process_end(p);
    assert_run(&r, 128 + SIGTERM, "", "");
    assert_names(box, "");
}

static void second_run_removes_what_a_killed_one_left(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.in_held = true};
    refuse_unnamed_files();
    struct process *p = box_start(box, &how, "mcopy", "/dev/stdin", "b", NULL);
    process_feed(p, text("some"));
    process_blocked(p);
    /* As long as it lives, its file is left alone. */
    box_fill(box, "a", text("content"));
    struct run r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "/bin/ls", "-A", NULL);
    assert_memory_equal(r.out, ".mm-", 4);
    unlink(box_path(box, "b"));
    process_signal(p, SIGKILL);
    r = process_end(p);
    assert_run(&r, 128 + SIGKILL, "", "");
    r = box_run(box, "mcopy", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_content(box, "b", text("content"));
    assert_names(box, "a\nb\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(words_that_are_none_are_refused),
        TEST(options_that_exclude_each_other_are_refused),
        TEST(what_needs_files_refuses_streams),
        TEST(holes_are_those_of_cp),
        TEST(zeroes_of_a_stream_become_holes),
        TEST(clone_that_is_refused_is_an_error_as_in_cp),
        TEST(old_file_is_replaced_whole),
        TEST(replaced_file_keeps_its_attributes),
        TEST(old_file_stays_when_its_source_is_lost),
        TEST(write_protected_file_is_replaced_only_with_force),
        TEST(new_file_in_place_grows_under_its_name),
        TEST(signal_trims_a_file_in_place),
        TEST(copy_is_resumed_behind_what_is_good),
        TEST(complete_copy_is_left_alone_when_resumed),
        TEST(killed_copy_in_place_is_gone_on_with),
        TEST(verified_copy_is_published),
        TEST(copy_that_differs_is_not_published),
        TEST(copy_in_place_that_differs_is_cut),
        TEST(source_that_is_changed_meanwhile_is_an_error),
        TEST(source_that_shrinks_meanwhile_is_an_error),
        TEST(source_that_shrinks_behind_the_window_is_an_error),
        TEST(source_that_only_grows_is_copied_as_of_its_opening),
        /* Without unnamed files from here on: */
        TEST(signal_leaves_no_hidden_file),
        TEST(second_run_removes_what_a_killed_one_left),
    };
    return run_named(argc, argv, tests);
}
