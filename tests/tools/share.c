/* SPDX-License-Identifier: MIT */
/* Many files searched by worker processes: what one process would print, whatever happens. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "harness.h"

#define PLAIN 400 /* small files, more than are searched before a worker is begun */

/* A directory of small files, in which one line in three or so holds an x. */
static void fill_plain(struct sandbox *box, const char *folder)
{
    static const char *const lines[] = {"axb\n", "second\n", "", "third x\n", "fourth\n", "x\n"};
    box_directory(box, folder);
    for (unsigned i = 0; i < PLAIN; i++) {
        char content[256] = "";
        for (unsigned line = 0, die = i * 2654435761u; line < i % 7; line++, die = die / 5 + 77 * i)
            strcat(content, lines[die % (sizeof lines / sizeof *lines)]);
        if (i % 11 == 3)
            strcat(content, "no x at the end");
        box_fill(box, box_format(box, "%s/f%03u", folder, i),
                 (struct bytes){content, strlen(content)});
    }
}

/* All sorts of entries, with files around those that a worker does not search. */
static struct sandbox *tree(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    fill_plain(box, "t/a");
    fill_plain(box, "t/b x");
    box_fill(box, "t/a/binary", text("x\n\0x\n"));
    box_fill(box, "t/a/invalid", text("x\n\xff x\nx\n"));
    box_fill(box, "t/a/odd\n\33name", text("x\n\0"));
    box_fill(box, "t/a/large", box_join(box, box_lines(box, WINDOW), text("x in a large file\n")));
    box_fill(box, "t/a/wide", box_repeat(box, 'x', 300000));
    box_fill(box, "t/b x/many", box_lines(box, 3 << 20));
    box_fill(box, "t/.hidden", text("x\n"));
    box_fifo(box, "t/a/fifo");
    box_link(box, "../a/f004", "t/b x/link");
    box_link(box, "nowhere", "t/b x/dangling");
    box_link(box, "..", "t/a/loop");
    return box;
}

#define assert_same(box, how, ...)                                                                 \
    do {                                                                                           \
        struct run one = box_run_with(box, how, "mgrep", "--threads=1", __VA_ARGS__, NULL);        \
        struct run many = box_run_with(box, how, "mgrep", "--threads=3", __VA_ARGS__, NULL);       \
        assert_run_bytes(&many, one.status, ((struct bytes){one.out, one.out_len}), one.err);      \
        assert_int_equal(many.in_offset, one.in_offset);                                           \
    } while (0)

static void workers_print_what_one_process_prints(void **state)
{
    struct sandbox *box = tree(state);
    static const char *const options[] = {
        "-r",  "-rn",  "-rc", "-rl", "-rL", "-rh", "-rZ",   "-rq", "-rs",   "-rv",
        "-ro", "-rob", "-rT", "-rI", "-ra", "-rw", "-rim1", "-rz", "-rlm1", "-rqv",
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        assert_same(box, NULL, options[i], "x", "t");
    assert_same(box, NULL, "-r", "0", "t");
    assert_same(box, NULL, "-r", "nothing of the kind", "t");
    assert_same(box, NULL, "-r", "--line-buffered", "x", "t");
    assert_same(box, NULL, "-rn", "--color=always", "x", "t");
    assert_same(box, NULL, "-r", "--include=f*", "--exclude-dir=a", "x", "t");
}

/* By then the parent hands whole buffers to the pipe, which a worker must not do. */
static void workers_begun_after_much_output_print_in_their_turn(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "t");
    for (unsigned i = 0; i < 60; i++)
        box_fill(box, box_format(box, "t/f%03u", i), box_lines(box, 100000));
    assert_same(box, NULL, "-r", "0", "t");
}

static void gaps_stand_between_groups_of_different_files(void **state)
{
    struct sandbox *box = tree(state);
    assert_same(box, NULL, "-r", "-C1", "x", "t");
    assert_same(box, NULL, "-rn", "-A0", "x", "t");
    assert_same(box, NULL, "-r", "-B2", "--color=always", "x", "t");
    assert_same(box, NULL, "-r", "-1", "--no-group-separator", "x", "t");
    assert_same(box, NULL, "-r", "-C1", "third", "t");
    assert_same(box, NULL, "-rc", "-C1", "third", "t");
}

/* What was printed without lines of seconds, and without JSON's objects of times. */
static struct bytes timeless(struct sandbox *box, const struct run *run)
{
    char *copy = box_keep(box, run->out_len + 1), *to = copy;
    for (const char *line = run->out, *end; *line; line = end) {
        const char *time;
        end = strchr(line, '\n') + 1;
        if (memmem(line, (size_t)(end - line), "seconds", 7))
            continue;
        while ((time = memmem(line, (size_t)(end - line), "\"elapsed", 8))) {
            to = mempcpy(to, line, (size_t)(time - line));
            line = strchr(time, '}');
        }
        to = mempcpy(to, line, (size_t)(end - line));
    }
    return (struct bytes){copy, (size_t)(to - copy)};
}

static void figures_are_those_of_all_processes(void **state)
{
    struct sandbox *box = tree(state);
    const char *const options[] = {"--stats", "-c", "--json"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct run one = box_run(box, "mgrep", "--threads=1", options[i], "--stats", "-r", "x",
                                 "t/a", "t/b x", "t/a/f003", NULL);
        if (one.status == 2 && i == 2)
            skip_aloud("mgrep was built without JSON");
        struct run many = box_run(box, "mgrep", "--threads=3", options[i], "--stats", "-r", "x",
                                  "t/a", "t/b x", "t/a/f003", NULL);
        assert_int_equal(many.status, one.status);
        assert_string_equal(many.err, one.err);
        assert_bytes(timeless(box, &many), timeless(box, &one));
    }
    assert_same(box, NULL, "-rn", "--part=2/3", "x", "t");
}

static void links_are_followed_by_one_walk(void **state)
{
    struct sandbox *box = tree(state);
    assert_same(box, NULL, "-R", "-Dskip", "x", "t");
    assert_same(box, NULL, "-R", "-Dskip", "-s", "x", "t", "missing");
}

static void operands_come_in_their_order(void **state)
{
    struct sandbox *box = tree(state);
    struct how piped = {.in = text("x in a pipe\n")};
    struct how file = {.in_file = "t/a/f005", .in_offset = 2};
    assert_same(box, &piped, "-r", "x", "t/a", "missing", "-", "t/b x", "t/a/f003");
    assert_same(box, &file, "-r", "-m1", "x", "t/a", "-", "t/b x");
    assert_same(box, &piped, "-r", "x", "t/a", "/dev/null", "t/a/f003", "t/b x");
    assert_same(box, NULL, "-h", "x", "t", "t/a/f003");
    assert_same(box, NULL, "-r", "x", "/proc/self/fdinfo", "t", "/proc/self/limits");
}

static void file_that_is_the_output_is_told(void **state)
{
    struct sandbox *box = tree(state);
    struct bytes out[2];
    for (int i = 0; i < 2; i++) {
        box_fill(box, "t/a/out", text(""));
        struct how how = {.out = OUT_FILE, .out_file = "t/a/out"};
        struct run r = box_run_with(box, &how, "mgrep", i ? "--threads=3" : "--threads=1", "-rI",
                                    "x", "t", NULL);
        assert_run(&r, 2, "", "mgrep: t/a/out: input file is also the output\n");
        out[i] = box_load(box, "t/a/out");
    }
    assert_bytes(out[1], out[0]);
}

static void quiet_run_ends_before_what_comes_after_the_match(void **state)
{
    struct sandbox *box = *state;
    fill_plain(box, "t");
    box_fill(box, "t/needle", text("needle\n"));
    box_fifo(box, "fifo"); /* nobody writes: opening it would take forever */
    struct run r = box_run(box, "mgrep", "--threads=3", "-r", "-q", "needle", "t", "fifo", NULL);
    assert_run(&r, 0, "", "");
}

static void engine_that_gives_up_ends_the_run_in_its_turn(void **state)
{
    struct sandbox *box = *state;
    fill_plain(box, "t");
    box_directory(box, "u");
    box_fill(box, "u/hard", box_join(box, box_repeat(box, 'a', 5000), text("\n")));
    assert_same(box, NULL, "-rP", "x|(a+)+(a+)+\\d(?<!\\w)", "t", "u", "t");
}

/* ----------------------------------------------------------------- processes */

/* The children of a process, up to `room`; returns how many. */
static size_t children(struct sandbox *box, pid_t pid, pid_t *found, size_t room)
{
    const char *name = box_format(box, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    char line[256] = "", *at = line;
    FILE *file = fopen(name, "r");
    if (!file)
        skip_aloud("this kernel does not list children");
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    size_t count = 0;
    for (char *end; count < room; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at)
            break;
        found[count++] = (pid_t)child;
    }
    return count;
}

static bool runs(struct sandbox *box, pid_t pid)
{
    char line[512] = "";
    FILE *file = fopen(box_format(box, "/proc/%d/stat", (int)pid), "r");
    if (!file)
        return false;
    const char *end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    fclose(file);
    return end && end[2] != 'Z' && end[2] != 'X';
}

static void assert_none_runs(struct sandbox *box, const pid_t *pids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int tries = 0; runs(box, pids[i]); tries++) {
            if (tries == 500)
                fail_msg("worker %d outlives its parent", (int)pids[i]);
            nanosleep(&(struct timespec){0, 10000000}, NULL);
        }
    }
}

#define WIDE      600
#define WIDE_SIZE ((size_t)32 << 10)

/* A run whose workers have all printed more than their parent can get rid of. */
static struct process *stuck(struct sandbox *box, pid_t *workers, size_t *count)
{
    struct bytes lines = box_lines(box, WIDE_SIZE);
    box_directory(box, "t");
    box_directory(box, "few"); /* searched before a worker is begun, and nothing printed */
    for (unsigned i = 0; i < PLAIN; i++)
        box_fill(box, box_format(box, "few/%03u", i), text(""));
    for (unsigned i = 0; i < WIDE; i++)
        box_fill(box, box_format(box, "t/%03u", i), lines);
    struct how held = {.out = OUT_HELD};
    struct process *p = box_start(box, &held, "mgrep", "--threads=2", "-rh", "0", "few", "t", NULL);
    process_blocked(p);
    *count = children(box, process_id(p), workers, *count);
    assert_int_equal(*count, 2);
    return p;
}

static void dead_worker_costs_one_file(void **state)
{
    struct sandbox *box = *state;
    pid_t workers[8];
    size_t count = 8;
    struct process *p = stuck(box, workers, &count);
    kill(workers[0], SIGKILL);
    process_release(p);
    struct run r = process_end(p);
    const char *name = strstr(r.err, "t/");
    assert_non_null(name);
    const char *error = box_format(
        box, "mgrep: %.5s: the process that searched it was ended by signal 9 (Killed)\n", name);
    assert_int_equal(r.status, 2);
    assert_string_equal(r.err, error);
    assert_true(r.out_len >= (WIDE - 1) * WIDE_SIZE && r.out_len <= WIDE * WIDE_SIZE);
}

static void without_workers_the_parent_goes_on(void **state)
{
    struct sandbox *box = *state;
    pid_t workers[8];
    size_t count = 8;
    struct process *p = stuck(box, workers, &count);
    for (size_t i = 0; i < count; i++)
        kill(workers[i], SIGKILL);
    process_release(p);
    struct run r = process_end(p);
    assert_int_equal(r.status, 2);
    assert_true(r.out_len >= (WIDE - 2) * WIDE_SIZE && r.out_len <= WIDE * WIDE_SIZE);
}

static void signalled_parent_leaves_no_worker(void **state)
{
    struct sandbox *box = *state;
    static const int signals[] = {SIGINT, SIGTERM, SIGKILL};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        pid_t workers[8];
        size_t count = 8;
        if (i > 0) {
            box_rename(box, "t", box_format(box, "old%zu", i));
            box_rename(box, "few", box_format(box, "few%zu", i));
        }
        struct process *p = stuck(box, workers, &count);
        process_signal(p, signals[i]);
        process_release(p);
        struct run r = process_end(p);
        assert_int_equal(r.status, 128 + signals[i]);
        assert_none_runs(box, workers, count);
    }
}

static void closed_output_ends_all_processes(void **state)
{
    struct sandbox *box = *state;
    pid_t workers[8];
    size_t count = 8;
    process_signal(stuck(box, workers, &count), SIGKILL);
    struct how gone = {.out = OUT_GONE, .out_bytes = 16};
    struct run r = box_run_with(box, &gone, "mgrep", "--threads=2", "-rh", "0", "few", "t", NULL);
    assert_run(&r, 128 + SIGPIPE, "000000000000001\n", "");
}

static void full_device_is_a_write_error(void **state)
{
    struct sandbox *box = *state;
    fill_plain(box, "t");
    struct how full = {.out = OUT_FULL};
    struct run r = box_run_with(box, &full, "mgrep", "--threads=2", "-r", "x", "t", NULL);
    assert_run(&r, 2, "", "mgrep: write error: No space left on device\n");
}

static void few_files_are_searched_by_one_process(void **state)
{
    struct sandbox *box = *state;
    if (access("/usr/bin/strace", X_OK) != 0 ||
        box_run(box, "/usr/bin/strace", "-o", "/dev/null", "/bin/true", NULL).status != 0)
        skip_aloud("strace is absent or may not trace");
    box_directory(box, "t");
    for (int i = 0; i < 8; i++)
        box_fill(box, box_format(box, "t/%d", i), text("x\n"));
    const char *const environment[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};
    const char *bin = getenv("MMUTILS_BIN");
    const char *path = box_format(box, "%s/mgrep", bin && *bin ? bin : MMUTILS_BUILT);
    struct run r = box_run_with(box, &(struct how){.environment = environment}, "/usr/bin/strace",
                                "-f", "-o", "trace", "-e", "trace=fork,vfork,clone,clone3", path,
                                "--threads=3", "-rc", "x", "t", NULL);
    assert_int_equal(r.status, 0);
    assert_null(strstr(box_load(box, "trace").data, "("));
}

static void number_of_threads_is_checked(void **state)
{
    struct run r = box_run(*state, "mgrep", "--threads=0", "x", NULL);
    assert_run(&r, 2, "", "mgrep: 0: invalid number of threads\n");
    r = box_run(*state, "mgrep", "--threads=two", "x", NULL);
    assert_run(&r, 2, "", "mgrep: two: invalid number of threads\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(workers_print_what_one_process_prints),
        TEST(workers_begun_after_much_output_print_in_their_turn),
        TEST(gaps_stand_between_groups_of_different_files),
        TEST(figures_are_those_of_all_processes),
        TEST(links_are_followed_by_one_walk),
        TEST(operands_come_in_their_order),
        TEST(file_that_is_the_output_is_told),
        TEST(quiet_run_ends_before_what_comes_after_the_match),
        TEST(engine_that_gives_up_ends_the_run_in_its_turn),
        TEST(dead_worker_costs_one_file),
        TEST(without_workers_the_parent_goes_on),
        TEST(signalled_parent_leaves_no_worker),
        TEST(closed_output_ends_all_processes),
        TEST(full_device_is_a_write_error),
        TEST(few_files_are_searched_by_one_process),
        TEST(number_of_threads_is_checked),
    };
    return run_named(argc, argv, tests);
}
