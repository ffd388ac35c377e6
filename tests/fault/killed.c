/* SPDX-License-Identifier: MIT */
/*
 * mcopy, ended at a random moment: a new name is not there or is the whole copy, one that is
 * replaced is old or new, one that is written over never looks whole, and what a killed
 * process leaves the next run removes.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "chance.h"
#include "harness.h"
#include "unnamed.h"

#define LEN   (((size_t)12 << 20) + 777)
#define AHEAD ((off_t)2 << 20) /* of what is good, in a file that is written over */

static void assert_names(struct sandbox *box, const char *names)
{
    struct run r = box_run(box, "/bin/ls", "-A", NULL);
    assert_run(&r, 0, names, "");
}

static bool same(struct sandbox *box, const char *a, const char *b)
{
    return box_run(box, "/usr/bin/cmp", "-s", a, b, NULL).status == 0;
}

static off_t size_of(struct sandbox *box, const char *name)
{
    struct stat st;
    return stat(box_path(box, name), &st) == 0 ? st.st_size : -1;
}

static unsigned ended;     /* in time, of all runs */
static long usual = 10000; /* microseconds, what the run before took that was not ended */

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void report(void)
{
    print_message("%u of %u runs were ended before they were done\n", ended, runs());
    ended = 0;
}

/* Run `mcopy option f copy` and end it.  Returns whether it ended by that, and not before. */
static bool ended_by(struct sandbox *box, int signal, const char *option)
{
    struct process *p = box_start(box, NULL, "mcopy", "--reflink=never", option, "f", "copy", NULL);
    delay(usual + usual / 4);
    process_signal(p, signal);
    struct run r = process_end(p);
    assert_true(r.status == 0 || r.status == 128 + signal);
    assert_run(&r, r.status, "", "");
    ended += r.status != 0;
    return r.status != 0;
}

static void run_again(struct sandbox *box, const char *option)
{
    long begun = now();
    struct run r = box_run(box, "mcopy", "--reflink=never", option, "f", "copy", NULL);
    usual = now() - begun;
    assert_run(&r, 0, "", "");
    assert_true(same(box, "f", "copy"));
    assert_names(box, "copy\nf\n");
}

/* A new name: nothing, or all. */
static void kill_new(struct sandbox *box, int signal)
{
    box_fill(box, "f", box_lines(box, LEN));
    for (unsigned i = 0; i < runs(); i++) {
        unlink(box_path(box, "copy"));
        bool killed = ended_by(box, signal, "--sparse=auto");
        bool there = box_exists(box, "copy");
        assert_true(killed || there);
        if (there)
            assert_true(same(box, "f", "copy"));
        if (signal != SIGKILL)
            assert_names(box, there ? "copy\nf\n" : "f\n");
        unlink(box_path(box, "copy"));
        run_again(box, "--sparse=auto");
    }
    report();
}

static void killed_copy_has_no_name(void **state)
{
    kill_new(*state, SIGKILL);
}

static void interrupted_copy_leaves_nothing(void **state)
{
    kill_new(*state, SIGINT);
}

/* A file that is there, and as long as the source, is replaced. */
static void kill_replacement(struct sandbox *box, int signal)
{
    struct bytes old = box_repeat(box, 'x', LEN);
    box_fill(box, "f", box_lines(box, LEN));
    box_directory(box, "keep");
    box_fill(box, "keep/old", old);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "copy", old);
        ended_by(box, signal, "--atomic");
        assert_true(same(box, "copy", "keep/old") || same(box, "copy", "f"));
        if (signal != SIGKILL)
            assert_names(box, "copy\nf\nkeep\n");
        long begun = now();
        struct run r = box_run(box, "mcopy", "--atomic", "f", "copy", NULL);
        usual = now() - begun;
        assert_run(&r, 0, "", "");
        assert_true(same(box, "f", "copy"));
        assert_names(box, "copy\nf\nkeep\n");
    }
    report();
}

static void killed_replacement_is_old_or_new(void **state)
{
    kill_replacement(*state, SIGKILL);
}

static void interrupted_replacement_is_old_or_new(void **state)
{
    kill_replacement(*state, SIGTERM);
}

/* Is the copy, but for its last `unsure` bytes, the beginning of the source? */
static bool is_beginning(struct sandbox *box, off_t size, off_t unsure)
{
    if (size <= unsure)
        return true;
    char *count = box_format(box, "%ld", (long)(size - unsure));
    return box_run(box, "/usr/bin/cmp", "-s", "-n", count, "f", "copy", NULL).status == 0;
}

/* Over a file that is there: its size tells that it is not whole, and what is good of it. */
static void kill_in_place(struct sandbox *box, int signal)
{
    struct bytes old = box_repeat(box, 'x', LEN);
    box_fill(box, "f", box_lines(box, LEN));
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "copy", old);
        ended_by(box, signal, "--sparse=auto");
        off_t size = size_of(box, "copy");
        /* The last page is known to be missing; a whole file is old, for nothing was begun, or new.
         */
        if (size == (off_t)LEN && !same(box, "f", "copy"))
            assert_bytes(box_load(box, "copy"), old);
        else
            assert_true(is_beginning(box, size, signal == SIGKILL ? AHEAD : 0));
        assert_names(box, "copy\nf\n");
        run_again(box, "--resume");
    }
    report();
}

static void killed_copy_in_place_never_looks_whole(void **state)
{
    kill_in_place(*state, SIGKILL);
}

static void interrupted_copy_in_place_is_trimmed_to_what_is_good(void **state)
{
    kill_in_place(*state, SIGINT);
}

/* The same where a hidden name stands in for none. */
static void killed_copy_under_a_hidden_name_is_cleaned_up(void **state)
{
    refuse_unnamed_files();
    kill_new(*state, SIGKILL);
}

static void interrupted_copy_leaves_no_hidden_name(void **state)
{
    refuse_unnamed_files();
    kill_new(*state, SIGINT);
}

static void killed_replacement_under_a_hidden_name_is_cleaned_up(void **state)
{
    refuse_unnamed_files();
    kill_replacement(*state, SIGKILL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(killed_copy_has_no_name),
        TEST(interrupted_copy_leaves_nothing),
        TEST(killed_replacement_is_old_or_new),
        TEST(interrupted_replacement_is_old_or_new),
        TEST(killed_copy_in_place_never_looks_whole),
        TEST(interrupted_copy_in_place_is_trimmed_to_what_is_good),
        /* Without unnamed files from here on: */
        TEST(killed_copy_under_a_hidden_name_is_cleaned_up),
        TEST(interrupted_copy_leaves_no_hidden_name),
        TEST(killed_replacement_under_a_hidden_name_is_cleaned_up),
    };
    return run_named(argc, argv, tests);
}
