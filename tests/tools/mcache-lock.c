/* SPDX-License-Identifier: MIT */
/* mcache, as a user runs it: files that are kept in memory. */
#include <errno.h>
#include <signal.h>

#include "mcache.h"

/* What a process has locked, in bytes; -1 where there is no such process. */
static long long locked_by(struct sandbox *box, pid_t pid)
{
    long long kib = -1;
    char line[256];
    FILE *status = fopen(box_format(box, "/proc/%d/status", (int)pid), "re");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmLck: %lld", &kib);
    if (status)
        fclose(status);
    return kib < 0 ? -1 : kib * 1024;
}

/* Wait until a process has locked so much. */
static void await_locked(struct sandbox *box, pid_t pid, size_t bytes)
{
    for (int i = 0; i < 500 && locked_by(box, pid) != (long long)bytes; i++)
        usleep(10000);
    assert_int_equal(locked_by(box, pid), bytes);
}

/* What it says when `pages` of `files` files are locked; the limit is whatever it is. */
static const char *report(struct sandbox *box, size_t files, size_t pages)
{
    struct run r = box_run(box, "/bin/sh", "-c", "ulimit -l", NULL);
    const char *limit = strncmp(r.out, "unlimited", 9) == 0
                            ? "no limit"
                            : box_format(box, "limit %.*s kB", (int)strcspn(r.out, "\n"), r.out);
    return box_format(box, "%zu file%s locked, %zu pages; VmLck %zu kB, %s\n", files,
                      files == 1 ? "" : "s", pages, pages * PAGE / 1024, limit);
}

static void skip_unless_lockable(void)
{
    if (SANITIZED)
        skip_aloud("a sanitizer locks nothing");
    void *map = mmap(NULL, 64 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool may = map != MAP_FAILED && mlock(map, 64 * PAGE) == 0;
    munmap(map, 64 * PAGE);
    if (!may)
        skip_aloud("so much may not be locked here");
}

static struct process *start(struct sandbox *box, const char *file)
{
    return box_start(box, NULL, "mcache", "-l", file, NULL);
}

static void end(struct process *process, const char *out, const char *err)
{
    process_signal(process, SIGTERM);
    struct run r = process_end(process);
    assert_run(&r, 0, out, err);
}

static void locked_are_the_pages_of_the_files(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "a", 9 * PAGE + 1);
    cold(box, "b", 3 * PAGE);
    box_fill(box, "empty", text(""));
    struct process *p = box_start(box, NULL, "mcache", "--lock", "a", "b", "empty", NULL);
    process_expect(p, report(box, 3, 13), "");
    assert_int_equal(locked_by(box, process_id(p)), 13 * PAGE);
    assert_int_equal(resident(box, "a"), 10);
    assert_int_equal(resident(box, "b"), 3);
    end(p, report(box, 3, 13), "");
}

static void locked_pages_are_not_evicted(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", 9 * PAGE);
    struct process *p = start(box, "f");
    process_expect(p, report(box, 1, 9), "");
    struct run r = box_run(box, "mcache", "-e", "-n", "--columns=0", "f", NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.err, "");
    assert_non_null(
        strstr(r.out, box_format(box, ": 9 stayed, locked by %d (mcache)\n", (int)process_id(p))));
    assert_int_equal(resident(box, "f"), 9);
    end(p, report(box, 1, 9), "");
    r = box_run(box, "mcache", "-e", "--format={resident}", "f", NULL);
    assert_run(&r, 0, "0\n", "");
}

static void over_the_limit_nothing_is_locked(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    const char *as = as_somebody(box);
    cold(box, "a", PAGE);
    cold(box, "b", MIB);
    struct run r =
        box_run(box, "/bin/sh", "-c", box_format(box, "ulimit -l 256 && exec %s -l a b", as), NULL);
    assert_int_equal(r.status, 1);
    assert_string_equal(r.out, "");
    const char *begin = box_format(box,
                                   "mcache: 2 files of %s cannot be locked: RLIMIT_MEMLOCK is "
                                   "256K, 0 are locked; raise it with 'ulimit -l ",
                                   PAGE == 4096 ? "1.0M" : "1.1M");
    assert_int_equal(strncmp(r.err, begin, strlen(begin)), 0);
    assert_int_equal(resident(box, "a"), 0);
    assert_int_equal(resident(box, "b"), 0);
    r = box_run(box, "/bin/sh", "-c",
                box_format(box, "ulimit -l 256 && exec %s -l -d -P pid b", as), NULL);
    assert_int_equal(r.status, 1);
    assert_false(box_exists(box, "pid"));
}

static void growth_is_followed(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", 2 * PAGE + 5);
    box_fill(box, "empty", text(""));
    struct process *p = box_start(box, NULL, "mcache", "-l", "f", "empty", NULL);
    process_expect(p, report(box, 2, 3), "");
    box_append(box, "f", box_lines(box, 4 * PAGE));
    await_locked(box, process_id(p), 7 * PAGE);
    box_append(box, "empty", box_lines(box, PAGE));
    await_locked(box, process_id(p), 8 * PAGE);
    end(p, report(box, 2, 3), "");
}

static void truncation_and_deletion_do_not_end_it(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", 9 * PAGE);
    struct process *p = start(box, "f");
    process_expect(p, report(box, 1, 9), "");
    box_truncate(box, "f", (off_t)(2 * PAGE));
    await_locked(box, process_id(p), 2 * PAGE);
    box_truncate(box, "f", 0);
    await_locked(box, process_id(p), 0);
    box_append(box, "f", box_lines(box, 5 * PAGE));
    await_locked(box, process_id(p), 5 * PAGE);
    assert_int_equal(unlink(box_path(box, "f")), 0);
    await_locked(box, process_id(p), 0);
    process_expect(p, report(box, 1, 9), "mcache: f: is gone, and no longer locked\n");
    box_fill(box, "f", box_lines(box, 3 * PAGE));
    await_locked(box, process_id(p), 3 * PAGE);
    end(p, report(box, 1, 9), "mcache: f: is gone, and no longer locked\n");
}

static void file_that_takes_the_name_is_locked(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", 9 * PAGE);
    struct process *p = start(box, "f");
    process_expect(p, report(box, 1, 9), "");
    box_fill(box, "new", box_lines(box, 4 * PAGE));
    box_rename(box, "new", "f");
    await_locked(box, process_id(p), 4 * PAGE);
    end(p, report(box, 1, 9), "");
}

static void hangup_reads_the_list_again(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    box_directory(box, "d");
    cold(box, "d/a", 2 * PAGE);
    cold(box, "d/b", 3 * PAGE);
    cold(box, "c", 5 * PAGE);
    box_fill(box, "list", text("d\n"));
    struct process *p = box_start(box, NULL, "mcache", "-l", "-b", "list", NULL);
    const char *first = report(box, 2, 5);
    process_expect(p, first, "");
    box_fill(box, "list", text("c\nd/b\n"));
    process_signal(p, SIGHUP);
    const char *both = box_format(box, "%s%s", first, report(box, 2, 8));
    process_expect(p, both, "");
    assert_int_equal(locked_by(box, process_id(p)), 8 * PAGE);
    end(p, both, "");
}

/* The number in a pidfile. */
static pid_t pid_in(struct sandbox *box, const char *name)
{
    struct bytes text = box_load(box, name);
    return (pid_t)atoi(box_format(box, "%.*s", (int)text.len, (const char *)text.data));
}

static void await_end(pid_t pid)
{
    for (int i = 0; i < 500 && kill(pid, 0) == 0; i++)
        usleep(10000);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void daemon_has_locked_all_when_the_command_returns(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", 7 * PAGE);
    struct run r = box_run(box, "mcache", "-l", "-d", "--pidfile=pid", "f", NULL);
    assert_run(&r, 0, report(box, 1, 7), "");
    pid_t pid = pid_in(box, "pid");
    assert_true(pid > 1);
    assert_int_equal(locked_by(box, pid), 7 * PAGE);
    /* A second one is refused, and the first one stays. */
    r = box_run(box, "mcache", "-l", "-d", "-P", "pid", "f", NULL);
    assert_run(&r, 1, "", "mcache: pid: another process holds this pidfile\n");
    box_truncate(box, "f", (off_t)PAGE);
    await_locked(box, pid, PAGE);
    assert_int_equal(unlink(box_path(box, "f")), 0);
    await_locked(box, pid, 0);
    assert_int_equal(kill(pid, SIGTERM), 0);
    await_end(pid);
    assert_false(box_exists(box, "pid"));
    /* A pidfile that nobody holds is in nobody's way. */
    box_fill(box, "pid", text("1\n"));
    box_fill(box, "f", text("x"));
    r = box_run(box, "mcache", "-l", "-d", "-P", "pid", "f", NULL);
    assert_run(&r, 0, report(box, 1, 1), "");
    pid = pid_in(box, "pid");
    assert_int_equal(kill(pid, SIGTERM), 0);
    await_end(pid);
}

static void daemon_tells_of_a_file_that_is_missing(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", 2 * PAGE);
    struct run r = box_run(box, "mcache", "-ldP", "pid", "gone", "f", NULL);
    assert_run(&r, 1, report(box, 1, 2), "mcache: gone: No such file or directory\n");
    pid_t pid = pid_in(box, "pid");
    assert_int_equal(locked_by(box, pid), 2 * PAGE);
    assert_int_equal(kill(pid, SIGTERM), 0);
    await_end(pid);
}

static void likelihood_to_be_ended_is_set(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    cold(box, "f", PAGE);
    struct process *p = box_start(box, NULL, "mcache", "-l", "--oom-score-adj=700", "f", NULL);
    process_expect(p, report(box, 1, 1), "");
    struct run r = box_run(box, "/bin/cat",
                           box_format(box, "/proc/%d/oom_score_adj", (int)process_id(p)), NULL);
    assert_run(&r, 0, "700\n", "");
    end(p, report(box, 1, 1), "");
}

static void its_own_memory_can_be_locked_too(void **state)
{
    struct sandbox *box = *state;
    skip_unless_lockable();
    if (geteuid() != 0)
        skip_aloud("a whole process may pass an ordinary user's limit");
    cold(box, "f", PAGE);
    struct process *p = box_start(box, NULL, "mcache", "-l", "--lock-self", "f", NULL);
    for (int i = 0; i < 500 && locked_by(box, process_id(p)) <= (long long)PAGE; i++)
        usleep(10000);
    assert_true(locked_by(box, process_id(p)) > (long long)MIB);
    process_signal(p, SIGTERM);
    assert_int_equal(process_end(p).status, 0);
}

static void nothing_to_lock_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    struct run r = box_run(box, "mcache", "-l", "d", NULL);
    assert_run(&r, 1, "", "mcache: no file to lock\n");
    r = box_run(box, "mcache", "-l", "gone", NULL);
    assert_run(&r, 1, "", "mcache: gone: No such file or directory\nmcache: no file to lock\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(locked_are_the_pages_of_the_files),
        TEST(locked_pages_are_not_evicted),
        TEST(over_the_limit_nothing_is_locked),
        TEST(growth_is_followed),
        TEST(truncation_and_deletion_do_not_end_it),
        TEST(file_that_takes_the_name_is_locked),
        TEST(hangup_reads_the_list_again),
        TEST(daemon_has_locked_all_when_the_command_returns),
        TEST(daemon_tells_of_a_file_that_is_missing),
        TEST(likelihood_to_be_ended_is_set),
        TEST(its_own_memory_can_be_locked_too),
        TEST(nothing_to_lock_is_an_error),
    };
    return run_named(argc, argv, tests);
}
