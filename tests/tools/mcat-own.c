/* SPDX-License-Identifier: MIT */
/* mcat's own part: what cat lacks. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define TRY "Try 'mcat --help' for more information.\n"

/* --------------------------------------------------------------------- parts */

/* as_split -- every part of f, into one to nine, is what split makes of it. */
static void as_split(struct sandbox *box, struct bytes content)
{
    box_fill(box, "f", content);
    for (int n = 1; n <= 9; n++) {
        for (int k = 1; k <= n; k++) {
            const char *chunk = box_format(box, "-nl/%d/%d", k, n);
            struct run split = box_run(box, "/usr/bin/split", chunk, "f", NULL);
            const char *option = box_format(box, "--part=%d/%d", k, n);
            struct run r = box_run(box, "mcat", option, "f", NULL);
            assert_run_bytes(&r, 0, ((struct bytes){split.out, split.out_len}), "");
        }
    }
}

static void parts_are_those_of_split(void **state)
{
    struct sandbox *box = *state;
    as_split(box, text("a line\nand another\nthe third\n\n\nlast"));
    as_split(box, box_join(box, text("short\n"), box_repeat(box, 'x', 100)));
    as_split(box, text("\n\n\n\n"));
}

static void parts_of_little_are_those_of_split(void **state)
{
    struct sandbox *box = *state;
    as_split(box, text(""));
    as_split(box, text("\n"));
    as_split(box, text("ab\nc"));
}

static void parts_around_a_window_are_whole_lines(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 2 * WINDOW + 8);
    const char *data = lines.data;
    box_fill(box, "f", lines);
    struct run r = box_run(box, "mcat", "--part=1/2", "f", NULL);
    assert_run_bytes(&r, 0, ((struct bytes){data, WINDOW + 16}), "");
    r = box_run(box, "mcat", "--part=2/2", "f", NULL);
    assert_run_bytes(&r, 0, ((struct bytes){data + WINDOW + 16, WINDOW - 8}), "");
}

/* all_parts -- the parts, shown with an option and put together, are the file so shown. */
static void all_parts(struct sandbox *box, const char *option)
{
    struct run whole = box_run(box, "mcat", option, "f", NULL);
    struct bytes together = text("");
    for (int k = 1; k <= 5; k++) {
        struct run r = box_run(box, "mcat", option, box_format(box, "--part=%d/5", k), "f", NULL);
        together = box_join(box, together, (struct bytes){r.out, r.out_len});
    }
    assert_bytes(together, ((struct bytes){whole.out, whole.out_len}));
}

static void parts_count_the_lines_before(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("one\r\n\n\n\n\n\n\ntwo\r\n\n\n\n\n\n\n\nthree\r\nfour"));
    static const char *const options[] = {"-n", "-b", "-s", "-sn", "-E", "-A", "-u"};
    for (int i = 0; i < 7; i++)
        all_parts(box, options[i]);
}

static void part_of_standard_input_begins_where_it_stands(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n2\n3\n4\n"));
    struct how how = {.in_file = "f", .in_offset = 2};
    struct run r = box_run_with(box, &how, "mcat", "-n", "--part=2/3", NULL);
    assert_run(&r, 0, "     2\t3\n", "");
    how = (struct how){.in = text("1\n2\n")};
    r = box_run_with(box, &how, "mcat", "--part=2/3", NULL);
    assert_run(&r, 1, "", "mcat: -: cannot determine file size\n");
}

static void what_is_no_part_is_refused(void **state)
{
    static const char *const bad[] = {"0/2", "3/2", "2", "1/0", "1/2/3"};
    for (int i = 0; i < 5; i++) {
        struct run r = box_run(*state, "mcat", box_format(*state, "--part=%s", bad[i]), NULL);
        assert_run(&r, 1, "", box_format(*state, "mcat: invalid part: '%s'\n", bad[i]));
    }
}

/* -------------------------------------------------------------------- ranges */

static void range_is_that_many_bytes(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("0123456789"));
    static const struct {
        const char *range, *shown;
    } rows[] = {
        {"0:3", "012"},
        {"4:3", "456"},
        {"8:5", "89"},
        {"10:1", ""},
        {"99:1", ""},
        {"3:0", ""},
        {"0:1K", "0123456789"},
        {"99999999999999999999:1", ""},
        {"7:99999999999999999999", "789"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *option = box_format(box, "--range=%s", rows[i].range);
        struct run r = box_run(box, "mcat", option, "f", NULL);
        assert_run(&r, 0, rows[i].shown, "");
        r = box_run_with(box, &(struct how){.in = text("0123456789")}, "mcat", option, NULL);
        assert_run(&r, 0, rows[i].shown, "");
    }
}

static void range_is_formatted_as_a_text_of_its_own(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("one\ntwo\nthree\n"));
    struct run r = box_run(box, "mcat", "-n", "--range=5:6", "f", NULL);
    assert_run(&r, 0, "     1\two\n     2\tthr", "");
}

static void range_across_windows_is_whole(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 2 * WINDOW + 100);
    box_fill(box, "f", lines);
    const char *option = box_format(box, "--range=%zu:%zu", PAGE + 5, 2 * WINDOW);
    struct bytes expected = {(const char *)lines.data + PAGE + 5, 2 * WINDOW - PAGE + 95};
    static const char *const ways[] = {"--range=0:0", "--no-splice"};
    for (int i = 0; i < 2; i++) {
        struct run r = box_run(box, "mcat", ways[i], option, "f", NULL);
        assert_run_bytes(&r, 0, expected, "");
    }
}

static void range_of_standard_input_leaves_it_behind(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("0123456789"));
    struct how how = {.in_file = "f", .in_offset = 2};
    struct run r = box_run_with(box, &how, "mcat", "--range=1:3", NULL);
    assert_run(&r, 0, "345", "");
    assert_int_equal(r.in_offset, 6);
}

static void what_is_no_range_is_refused(void **state)
{
    static const char *const bad[] = {"1", "1:", ":1", "x:1", "1:2:3", "-1:2"};
    for (int i = 0; i < 6; i++) {
        struct run r = box_run(*state, "mcat", box_format(*state, "--range=%s", bad[i]), NULL);
        assert_run(&r, 1, "", box_format(*state, "mcat: invalid range: '%s'\n", bad[i]));
    }
    struct run r = box_run(*state, "mcat", "--range=1:2", "--part=1/2", NULL);
    assert_run(&r, 1, "", "mcat: cannot combine --part and --range\n");
}

static void range_and_part_are_of_one_file(void **state)
{
    static const char *const options[] = {"--part=1/2", "--range=1:2"};
    for (int i = 0; i < 2; i++) {
        struct run r = box_run(*state, "mcat", options[i], "a", "b", NULL);
        assert_run(&r, 1, "", "mcat: extra operand 'b'\n" TRY);
    }
}

/* ------------------------------------------------------------------ progress */

static void progress_tells_the_share_of_all_files(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 4 << 20);
    box_fill(box, "f", lines);
    struct how how = {.err_terminal = true, .out = OUT_HELD};
    struct process *process = box_start(box, &how, "mcat", "--progress", "f", "f", NULL);
    process_blocked(process);
    usleep(600000);
    process_release(process);
    struct run r = process_end(process);
    assert_run_bytes(&r, 0, box_join(box, lines, lines), r.err);
    assert_non_null(strstr(r.err, "iB of 8.0 MiB, "));
    assert_int_equal(r.err[r.err_len - 1], '\r');
}

static void progress_needs_a_terminal(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("one\n"));
    struct run r = box_run(box, "mcat", "--progress", "f", "gone", NULL);
    assert_run(&r, 1, "one\n", "mcat: gone: No such file or directory\n");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(parts_are_those_of_split),
        TEST(parts_of_little_are_those_of_split),
        TEST(parts_around_a_window_are_whole_lines),
        TEST(parts_count_the_lines_before),
        TEST(part_of_standard_input_begins_where_it_stands),
        TEST(what_is_no_part_is_refused),
        TEST(range_is_that_many_bytes),
        TEST(range_is_formatted_as_a_text_of_its_own),
        TEST(range_across_windows_is_whole),
        TEST(range_of_standard_input_leaves_it_behind),
        TEST(what_is_no_range_is_refused),
        TEST(range_and_part_are_of_one_file),
        TEST(progress_tells_the_share_of_all_files),
        TEST(progress_needs_a_terminal),
    };
    return run_named(argc, argv, tests);
}
