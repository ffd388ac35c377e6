/* SPDX-License-Identifier: MIT */
/*
 * A file that shrinks while a tool works on it: no tool dies of it, none keeps
 * silent, and no zero that stood in for a lost byte gets out.
 *
 * Each test is repeated with random delays; FAULT_RUNS=50 is the whole measure.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "chance.h"
#include "harness.h"

#define LEN  ((size_t)64 << 20) /* of the file: more than any pipe takes */
#define LEFT 5000               /* bytes of it that stay */

/* zeroes -- how many NUL bytes there are, and how many of them in a row from `at` on. */
static size_t zeroes(const struct run *r, size_t at, size_t *row)
{
    size_t n = 0;
    for (size_t i = 0; i < r->out_len; i++)
        n += r->out[i] == '\0';
    for (*row = 0; at + *row < r->out_len && r->out[at + *row] == '\0';)
        ++*row;
    return n;
}

/* assert_shrank -- one line, with the tool, the file's name and the cause. */
static void assert_shrank(const struct run *r, const char *tool)
{
    static const char reason[] = "f: file shrank while mapped, at byte ",
                      quoted[] = "'f': file shrank while mapped, at byte ";
    const char *name = r->err + strlen(tool) + 2;
    if (strncmp(r->err, tool, strlen(tool)) != 0 ||
        (strncmp(name, reason, strlen(reason)) != 0 &&
         strncmp(name, quoted, strlen(quoted)) != 0) ||
        strchr(r->err, '\n') != r->err + r->err_len - 1)
        fail_msg("%s: status %d, expected \"%s: %s...\", got \"%s\"", r->command, r->status, tool,
                 reason, r->err);
}

/*
 * blocked -- cut the file while a tool sleeps on a full pipe, then drain the pipe.
 *
 * `skipped` bytes of the file are not printed.  A tool that copies what it writes
 * prints no zero at all.  Where `spliced`, the pipe may hold the file's own pages:
 * the kernel clears the one with the new end behind that, and a large folio is one
 * page to it, so that one run of zeroes may begin there.
 */
static struct run blocked(struct sandbox *box, size_t skipped, bool spliced, const char *tool,
                          const char *option, const char *operand)
{
    struct bytes lines = box_lines(box, LEN);
    struct how how = {.out = OUT_HELD};
    box_fill(box, "f", lines);
    struct process *p = operand  ? box_start(box, &how, tool, option, operand, "f", NULL)
                        : option ? box_start(box, &how, tool, option, "f", NULL)
                                 : box_start(box, &how, tool, "f", NULL);
    process_blocked(p);
    delay(3000);
    box_truncate(box, "f", LEFT);
    delay(3000);
    process_release(p);
    struct run r = process_end(p);
    assert_true(r.out_len < LEN - skipped);
    size_t row, all = zeroes(&r, LEFT - skipped, &row);
    assert_int_equal(all, spliced ? row : 0);
    return r;
}

static void mcat_into_a_full_pipe(void **state)
{
    for (unsigned i = 0; i < runs(); i++) {
        struct run r = blocked(*state, 0, true, "mcat", NULL, NULL);
        assert_int_equal(r.status, 1);
        assert_shrank(&r, "mcat");
    }
}

static void mcat_without_splicing_into_a_full_pipe(void **state)
{
    for (unsigned i = 0; i < runs(); i++) {
        struct run r = blocked(*state, 0, false, "mcat", "--no-splice", NULL);
        assert_int_equal(r.status, 1);
        assert_shrank(&r, "mcat");
    }
}

static void numbering_mcat_into_a_full_pipe(void **state)
{
    for (unsigned i = 0; i < runs(); i++) {
        struct run r = blocked(*state, 0, false, "mcat", "-n", NULL);
        assert_int_equal(r.status, 1);
        assert_shrank(&r, "mcat");
    }
}

static void mgrep_into_a_full_pipe(void **state)
{
    for (unsigned i = 0; i < runs(); i++) {
        struct run r = blocked(*state, 0, false, "mgrep", "-n", "0");
        assert_int_equal(r.status, 2);
        assert_shrank(&r, "mgrep");
    }
}

static void json_of_mgrep_into_a_full_pipe(void **state)
{
    struct run first = box_run(*state, "mgrep", "--json", "0", "/dev/null", NULL);
    if (strstr(first.err, "built without"))
        skip_aloud("mgrep was built without jansson");
    for (unsigned i = 0; i < runs(); i++) {
        struct run r = blocked(*state, 0, false, "mgrep", "--json", "0");
        assert_int_equal(r.status, 2);
        assert_shrank(&r, "mgrep");
        /* Whole records, up to the summary, which does not count the file. */
        const char *last = strstr(r.out, "\n{\"type\":\"summary\"");
        assert_non_null(last);
        assert_memory_equal(last - 3, "]}}", 3);
        assert_non_null(strstr(last, "\"searches\":0,"));
    }
}

/* Runs of lines go out as the file's pages, and all of them fit into the pipe. */
static void mgrep_waits_for_the_reader_of_its_pages(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.out = OUT_HELD};
    struct bytes kept = box_lines(box, 320 << 10), dropped = box_repeat(box, 'x', 8 << 20);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "f", box_join(box, kept, dropped));
        struct process *p = box_start(box, &how, "mgrep", "-v", "x", "f", NULL);
        process_blocked(p);
        delay(3000);
        box_truncate(box, "f", LEFT);
        process_release(p);
        struct run r = process_end(p);
        size_t row, all = zeroes(&r, LEFT, &row);
        assert_int_equal(all, row);
        assert_int_equal(r.status, 2);
        assert_shrank(&r, "mgrep");
    }
}

static void mgrep_that_prints_pages_ends_well(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.out = OUT_HELD};
    struct bytes kept = box_lines(box, 320 << 10), dropped = box_repeat(box, 'x', 8 << 20);
    box_fill(box, "f", box_join(box, kept, dropped));
    struct process *p = box_start(box, &how, "mgrep", "-v", "x", "f", NULL);
    process_blocked(p);
    process_release(p);
    struct run r = process_end(p);
    assert_run_bytes(&r, 0, kept, "");
    how = (struct how){.out = OUT_GONE, .out_bytes = 5000};
    r = box_run_with(box, &how, "mgrep", "-v", "x", "f", NULL);
    assert_true(r.status == 0 || r.status == 128 + SIGPIPE);
}

static void mtail_into_a_full_pipe(void **state)
{
    for (unsigned i = 0; i < runs(); i++) {
        struct run r = blocked(*state, 16, true, "mtail", "-n", "+2");
        assert_int_equal(r.status, 1);
        assert_shrank(&r, "mtail");
    }
}

/* at_work -- cut the file at a random moment of a run; the third argument may be NULL. */
static struct run at_work(struct sandbox *box, const char *tool, const char *first,
                          const char *second, const char *third)
{
    struct process *p = box_start(box, NULL, tool, first, second, third, NULL);
    delay(30000);
    box_truncate(box, "f", LEFT);
    return process_end(p);
}

/* No zeroes stay in a file that took the pages as they were. */
static void mcat_into_a_file_at_work(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, LEN);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "f", lines);
        unlink(box_path(box, "copy"));
        const struct how how = {.out = OUT_FILE, .out_file = "copy"};
        struct process *p = box_start(box, &how, "mcat", "f", NULL);
        delay(30000);
        box_truncate(box, "f", LEFT);
        struct run r = process_end(p);
        struct bytes copy = box_load(box, "copy");
        assert_true(copy.len <= LEN);
        assert_bytes(copy, ((struct bytes){lines.data, copy.len}));
        if (r.status == 0) {
            assert_string_equal(r.err, "");
            assert_true(copy.len == LEFT || copy.len == LEN);
        } else {
            assert_int_equal(r.status, 1);
            assert_shrank(&r, "mcat");
            assert_true(copy.len < LEN);
        }
    }
}

static void mcmp_at_work(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, LEN);
    box_fill(box, "g", lines);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "f", lines);
        struct run r = at_work(box, "mcmp", "f", "g", NULL);
        assert_int_equal(r.out_len, 0);
        if (r.status == 0)
            assert_string_equal(r.err, "");
        else if (r.status == 1)
            assert_string_equal(r.err, "mcmp: EOF on f after byte 5000, in line 313\n");
        else if (r.status == 2)
            assert_shrank(&r, "mcmp");
        else
            fail_msg("%s: status %d, \"%s\"", r.command, r.status, r.err);
    }
}

/* A source that is cut as it is opened may show its new size before its new time. */
static void assert_source_lost(const struct run *r)
{
    if (strcmp(r->err, "mcopy: 'f': file was changed while it was copied\n") != 0)
        assert_shrank(r, "mcopy");
}

/* What a copy may be: all of the file with status 0, or what was left of it when it was opened. */
static void mcopy_at_work(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, LEN);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "f", lines);
        unlink(box_path(box, "copy"));
        struct run r = at_work(box, "mcopy", "f", "copy", NULL);
        assert_int_equal(r.out_len, 0);
        if (r.status == 0) {
            struct bytes copy = box_load(box, "copy");
            size_t len = copy.len == LEFT ? LEFT : LEN;
            assert_string_equal(r.err, "");
            assert_bytes(copy, ((struct bytes){lines.data, len}));
        } else {
            assert_int_equal(r.status, 1);
            assert_source_lost(&r);
            assert_false(box_exists(box, "copy"));
        }
    }
}

/* A destination that exists is never left holding zeroes either. */
static void mcopy_over_a_file_at_work(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, LEN);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "f", lines);
        box_fill(box, "copy", text("old\n"));
        struct run r = at_work(box, "mcopy", "f", "copy", NULL);
        struct bytes copy = box_load(box, "copy");
        assert_true(r.status == 0 || r.status == 1);
        assert_null(memchr(copy.data, 0, copy.len));
        if (r.status == 0) {
            size_t len = copy.len == LEFT ? LEFT : LEN;
            assert_bytes(copy, ((struct bytes){lines.data, len}));
        } else {
            assert_source_lost(&r);
            assert_true(copy.len < LEN);
        }
    }
}

static void counting_mgrep_at_work(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, LEN);
    for (unsigned i = 0; i < runs(); i++) {
        box_fill(box, "f", lines);
        struct run r = at_work(box, "mgrep", "-c", "0", "f");
        if (r.status == 0)
            assert_true(strcmp(r.out, "4194304\n") == 0 || strcmp(r.out, "313\n") == 0);
        else
            assert_int_equal(r.status, 2);
        if (r.status == 2)
            assert_shrank(&r, "mgrep");
    }
}

/* Work enough for each byte that the file is cut while several threads look at it. */
static void threads_of_mgrep_at_work(void **state)
{
    static const char *const goals[] = {"-c", "-q", "-vc", "-l"};
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, LEN);
    for (unsigned i = 0; i < 2 * runs(); i++) {
        box_fill(box, "f", lines);
        struct run r = at_work(box, "mgrep", goals[i % 4], "[0-9] *[0-9]*x*[^0-9 ]", "f");
        assert_true(r.status <= 2);
        if (r.status == 2)
            assert_shrank(&r, "mgrep");
        else
            assert_string_equal(r.err, "");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(mcat_into_a_full_pipe),
        TEST(mcat_without_splicing_into_a_full_pipe),
        TEST(numbering_mcat_into_a_full_pipe),
        TEST(mgrep_into_a_full_pipe),
        TEST(json_of_mgrep_into_a_full_pipe),
        TEST(mgrep_waits_for_the_reader_of_its_pages),
        TEST(mgrep_that_prints_pages_ends_well),
        TEST(mtail_into_a_full_pipe),
        TEST(mcat_into_a_file_at_work),
        TEST(mcmp_at_work),
        TEST(mcopy_at_work),
        TEST(mcopy_over_a_file_at_work),
        TEST(counting_mgrep_at_work),
        TEST(threads_of_mgrep_at_work),
    };
    return run_named(argc, argv, tests);
}
