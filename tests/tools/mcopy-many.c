/* SPDX-License-Identifier: MIT */
/* mcopy on many files, and what it tells of its work. */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "harness.h"

static struct stat stat_of(struct sandbox *box, const char *name)
{
    struct stat st;
    if (lstat(box_path(box, name), &st) < 0)
        fail_msg("%s is missing", name);
    return st;
}

static void assert_mode(struct sandbox *box, const char *name, mode_t mode)
{
    assert_int_equal(stat_of(box, name).st_mode & 07777, mode);
}

static void assert_one_file(struct sandbox *box, const char *a, const char *b)
{
    assert_int_equal(stat_of(box, a).st_ino, stat_of(box, b).st_ino);
}

static void fill(struct sandbox *box, const char *name, const char *content)
{
    box_fill(box, name, (struct bytes){content, strlen(content)});
}

/* two -- the box, with "new" in the file a and "old" in b. */
static struct sandbox *two(void **state)
{
    fill(*state, "a", "new\n");
    fill(*state, "b", "old\n");
    return *state;
}

/* ---------------------------------------------------------------------- told */

static void json_sums_up(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    fill(box, "t/f", "12345");
    box_link(box, "f", "t/l");
    box_fifo(box, "t/p");
    struct run r = box_run(box, "mcopy", "-R", "--json", "t", "gone", "c", NULL);
    box_directory(box, "c");
    assert_int_equal(r.status, 1);
    r = box_run(box, "mcopy", "-R", "--json", "t", "gone", "c", NULL);
    const char *begin = "{\"complete\":false,\"files\":1,\"bytes\":5,\"directories\":1,"
                        "\"symbolic_links\":1,\"hard_links\":0,\"special\":1,\"backups\":0,"
                        "\"failed\":1,\"seconds\":";
    if (strstr(r.err, "jansson"))
        skip_aloud("mcopy was built without jansson");
    struct run cut = run_begins(r, begin);
    assert_run(&cut, 1, begin, "mcopy: cannot stat 'gone': No such file or directory\n");
    assert_int_equal(r.out[r.out_len - 1], '\n');
}

static void progress_ends_with_a_line(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run(box, "mcopy", "--progress", "a", "b", NULL);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.out, "");
    static const char begin[] = "mcopy: 1 of 1 files, 4 B of 4 B, 100 %, ";
    assert_memory_equal(r.err, begin, sizeof begin - 1);
    assert_string_equal(strchr(r.err, '\n'), "\n");
}

static void progress_of_short_work_leaves_a_terminal_alone(void **state)
{
    struct sandbox *box = two(state);
    struct run r = box_run_with(box, &(struct how){.err_terminal = true}, "mcopy", "--progress",
                                "a", "b", NULL);
    assert_run(&r, 0, "", "");
}

static void progress_answers_a_signal(void **state)
{
    struct sandbox *box = *state;
    box_fifo(box, "p");
    struct process *process =
        box_start(box, &(struct how){0}, "mcopy", "--progress", "p", "c", NULL);
    FILE *pipe = fopen(box_path(box, "p"), "w");
    process_signal(process, SIGUSR1);
    fputs("12345", pipe);
    fclose(pipe);
    struct run r = process_end(process);
    assert_int_equal(r.status, 0);
    static const char begin[] = "mcopy: 0 of 0 files, 5 B, ";
    assert_memory_equal(r.err, begin, sizeof begin - 1);
    assert_non_null(strstr(r.err, "\nmcopy: 1 of 0 files, 5 B, "));
}

/* --------------------------------------------------------------- many files */

#define MANY 200

/* A tree of files enough for workers, with two names of one file among them. */
static void many_files(struct sandbox *box)
{
    box_directory(box, "t");
    for (int i = 0; i < MANY; i++)
        box_fill(box, box_format(box, "t/%d", i), box_lines(box, (size_t)i * 97));
    assert_int_equal(link(box_path(box, "t/7"), box_path(box, "t/seven")), 0);
    box_time(box, "t", 1000000000);
}

static void many_files_are_copied_by_workers(void **state)
{
    struct sandbox *box = *state;
    many_files(box);
    box_mode(box, "t", 0555);
    struct run r = box_run(box, "mcopy", "-a", "t", "c", NULL);
    assert_run(&r, 0, "", "");
    struct run same = box_run(box, "/usr/bin/diff", "-r", "t", "c", NULL);
    assert_run(&same, 0, "", "");
    assert_one_file(box, "c/7", "c/seven");
    assert_int_equal(stat_of(box, "c").st_mtime, 1000000000);
    assert_mode(box, "c", 0555);
    box_mode(box, "t", 0755);
    box_mode(box, "c", 0755);
}

static void many_files_are_all_named_and_counted(void **state)
{
    struct sandbox *box = *state;
    many_files(box);
    struct run r = box_run(box, "mcopy", "-rv", "t", "c", NULL);
    assert_int_equal(r.status, 0);
    int lines = 0;
    for (const char *at = r.out; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, MANY + 2);
    r = box_run(box, "mcopy", "-r", "--progress", "t", "d", NULL);
    assert_memory_equal(r.err, "mcopy: 201 of 201 files, ", 25);
}

static void trouble_of_workers_is_told(void **state)
{
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    struct sandbox *box = *state;
    many_files(box);
    box_mode(box, "t/150", 0);
    struct run r = box_run(box, "mcopy", "-r", "t", "c", NULL);
    assert_run(&r, 1, "", "mcopy: cannot open 't/150' for reading: Permission denied\n");
    box_mode(box, "t/150", 0644);
    assert_true(box_exists(box, "c/199"));
}

/* The first child of a process; 0: there is none. */
static pid_t child_of(pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(name, "r");
    int child = 0;
    if (file && fscanf(file, "%d", &child) != 1)
        child = 0;
    if (file)
        fclose(file);
    return child;
}

/* The workers die with their parent, by a signal that it can be ended by, and leave no hidden name.
 */
static void interrupted_workers_leave_nothing_hidden(void **state)
{
    struct sandbox *box = *state;
    many_files(box);
    box_directory(box, "t/wait");
    for (int i = 0; i < MANY; i++)
        box_fill(box, box_format(box, "t/wait/%d", i), box_lines(box, 4000));
    box_fifo(box, "t/zz");
    struct process *process =
        box_start(box, &(struct how){0}, "mcopy", "-r", "--copy-contents", "t", "c", NULL);
    process_blocked(process); /* at the FIFO */
    pid_t child = child_of(process_id(process));
    process_signal(process, SIGINT);
    struct run r = process_end(process);
    assert_run(&r, 128 + SIGINT, "", "");
    for (int i = 0; child > 0 && kill(child, 0) == 0 && i < 1000; i++)
        usleep(1000);
    struct run hidden = box_run(box, "/usr/bin/find", "c", "-name", ".mm-*", NULL);
    assert_run(&hidden, 0, "", "");
}

/* What a worker copied before it was killed is not copied, or complained of, once more. */
static void killed_worker_leaves_its_copies(void **state)
{
    struct sandbox *box = *state;
    many_files(box);
    box_directory(box, "t/wait");
    for (int i = 0; i < MANY; i++)
        box_fill(box, box_format(box, "t/wait/%d", i), box_lines(box, 4000));
    for (int round = 0; round < 6; round++) {
        const char *to = box_format(box, "c%d", round);
        struct process *process = box_start(box, &(struct how){0}, "mcopy", "-r", "t", to, NULL);
        pid_t child = 0;
        for (int i = 0; child <= 0 && i < 1000; i++, usleep(100))
            child = child_of(process_id(process));
        usleep(500 + 1400 * (useconds_t)round); /* amid a batch, in one round or another */
        if (child > 0)
            kill(child, SIGKILL);
        struct run r = process_end(process);
        assert_string_equal(r.out, "");
        assert_null(strstr(r.err, "File exists"));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(json_sums_up),
        TEST(progress_ends_with_a_line),
        TEST(progress_of_short_work_leaves_a_terminal_alone),
        TEST(progress_answers_a_signal),
        TEST(many_files_are_copied_by_workers),
        TEST(many_files_are_all_named_and_counted),
        TEST(trouble_of_workers_is_told),
        TEST(interrupted_workers_leave_nothing_hidden),
        TEST(killed_worker_leaves_its_copies),
    };
    return run_named(argc, argv, tests);
}
