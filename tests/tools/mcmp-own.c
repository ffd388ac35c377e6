/* SPDX-License-Identifier: MIT */
/* mcmp's own part: what cmp lacks. */
#include <stdio.h>

#include "harness.h"

#define TRY "mcmp: Try 'mcmp --help' for more information.\n"

/* ------------------------------------------------------------------- threads */

/* The first difference is told of, with all lines before it, whoever finds it first. */
static void threads_find_the_first_difference(void **state)
{
    struct sandbox *box = *state;
    struct bytes a = box_lines(box, WINDOW + (8 << 20)), b = box_lines(box, WINDOW + (8 << 20));
    box_fill(box, "a", a);
    static const size_t places[] = {WINDOW + (7 << 20), WINDOW, WINDOW - 1, 9 << 20, 3 << 20};
    static const char *const threads[] = {"--threads=1", "--threads=2", "--threads=7"};
    for (int i = 0; i < 5; i++) {
        size_t at = places[i];
        ((char *)(uintptr_t)b.data)[at] = '?';
        box_fill(box, "b", b);
        const char *said = box_format(box, "a b differ: byte %zu, line %zu\n", at + 1, at / 16 + 1);
        for (int k = 0; k < 3; k++) {
            struct run r = box_run(box, "mcmp", threads[k], "a", "b", NULL);
            assert_run(&r, 1, said, "");
            r = box_run(box, "mcmp", threads[k], "-s", "a", "b", NULL);
            assert_run(&r, 1, "", "");
        }
    }
}

static void threads_count_the_lines_of_a_file_that_ends(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, WINDOW + 5);
    box_fill(box, "a", lines);
    box_fill(box, "b", box_join(box, lines, text("more")));
    struct run r = box_run(box, "mcmp", "--threads=3", "a", "b", NULL);
    assert_run(&r, 1, "",
               box_format(box, "mcmp: EOF on a after byte %zu, in line %zu\n", WINDOW + 5,
                          WINDOW / 16 + 1));
}

/* Few differences, then nothing but differences, whose list is longer than a piece has room for. */
static void threads_list_differences_in_order(void **state)
{
    struct sandbox *box = *state;
    size_t len = 7 << 20, dense = 5 << 20;
    struct bytes a = box_repeat(box, 'a', len), b = box_repeat(box, 'a', len);
    char *other = (char *)(uintptr_t)b.data;
    for (size_t i = 5; i < dense; i += 3001)
        other[i] = 'b';
    memset(other + dense, '\377', len - dense);
    box_fill(box, "a", a);
    box_fill(box, "b", b);
    char *list = box_keep(box, 48 * (len - dense + 2000)), *to = list;
    for (size_t i = 0; i < len; i++)
        if (other[i] != 'a')
            to += sprintf(to, "%7zu 141 a    %3o %s\n", i + 1, (unsigned char)other[i],
                          i < dense ? "b" : "M-^?");
    static const char *const threads[] = {"--threads=1", "--threads=2", "--threads=64"};
    for (int i = 0; i < 3; i++) {
        struct run r = box_run(box, "mcmp", threads[i], "-lb", "a", "b", NULL);
        assert_run_bytes(&r, 1, ((struct bytes){list, (size_t)(to - list)}), "");
    }
}

static void number_of_threads_is_at_least_one(void **state)
{
    static const char *const bad[] = {"0", "x", "", "2k"};
    for (int i = 0; i < 4; i++) {
        const char *option = box_format(*state, "--threads=%s", bad[i]);
        struct run r = box_run(*state, "mcmp", option, "a", "b", NULL);
        const char *said = box_format(*state, "mcmp: invalid --threads value '%s'\n" TRY, bad[i]);
        assert_run(&r, 2, "", said);
    }
    box_fill(*state, "a", text("a"));
    struct run r = box_run(*state, "mcmp", "--threads=99999999999999999999", "a", "a", NULL);
    assert_run(&r, 0, "", "");
}

/* --------------------------------------------------------------------- trees */

/* two_trees -- a and b, alike but for what a test does to them. */
static struct sandbox *two_trees(void **state)
{
    struct sandbox *box = *state;
    static const char *const names[] = {"a", "b"};
    for (int i = 0; i < 2; i++) {
        box_directory(box, names[i]);
        box_directory(box, box_format(box, "%s/d", names[i]));
        box_fill(box, box_format(box, "%s/d/f", names[i]), text("one\ntwo\n"));
        box_fill(box, box_format(box, "%s/e", names[i]), text(""));
        box_link(box, "d/f", box_format(box, "%s/l", names[i]));
        box_fifo(box, box_format(box, "%s/p", names[i]));
    }
    return box;
}

static void equal_trees_say_nothing(void **state)
{
    struct sandbox *box = two_trees(state);
    static const char *const names[] = {"-r", "--recursive", "--rec"};
    for (int i = 0; i < 3; i++) {
        struct run r = box_run(box, "mcmp", names[i], "a", "b", NULL);
        assert_run(&r, 0, "", "");
    }
}

static void each_difference_of_trees_is_a_line(void **state)
{
    struct sandbox *box = two_trees(state);
    box_fill(box, "b/d/f", text("one\nTwo\n"));
    box_fill(box, "b/e", text("more"));
    box_fill(box, "a/d/longer", text("one\ntwo\n"));
    box_fill(box, "b/d/longer", text("one\n"));
    unlink(box_path(box, "b/l"));
    box_link(box, "elsewhere", "b/l");
    unlink(box_path(box, "b/p"));
    box_directory(box, "b/p");
    box_fill(box, "b/p/below", text(""));
    box_fill(box, "a/A", text(""));
    box_fill(box, "b/z\n\33", text(""));
    struct run r = box_run(box, "mcmp", "-r", "a", "b", NULL);
    assert_run(&r, 1,
               "Only in a: A\n"
               "a/d/f b/d/f differ: byte 5, line 2\n"
               "EOF on b/d/longer after byte 4, line 1\n"
               "EOF on a/e which is empty\n"
               "Symbolic links a/l and b/l differ\n"
               "File a/p is a fifo while file b/p is a directory\n"
               "Only in b: 'z'$'\\n\\033'\n",
               "");
    r = box_run(box, "mcmp", "-rs", "a/", "b/", NULL);
    assert_run(&r, 1, "", "");
}

static void bytes_are_shown_and_skipped_in_trees_too(void **state)
{
    struct sandbox *box = two_trees(state);
    box_fill(box, "b/d/f", text("One\nTwo\n"));
    struct run r = box_run(box, "mcmp", "-rb", "-i1", "a/", "b/", NULL);
    assert_run(&r, 1, "a/d/f b/d/f differ: byte 4, line 2 is 164 t 124 T\n", "");
    r = box_run(box, "mcmp", "-r", "-i1", "-n3", "a", "b", NULL);
    assert_run(&r, 0, "", "");
}

static void tree_is_equal_to_itself_from_the_same_byte(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_fill(box, "d/f", text("one\n"));
    struct run r = box_run(box, "mcmp", "-r", "d", "d", "1", "1", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "-r", "d", "d", "1", "2", NULL);
    assert_run(&r, 1, "d/f d/f differ: byte 1, line 1\n", "");
}

static void tree_against_a_file_differs(void **state)
{
    struct sandbox *box = two_trees(state);
    struct run r = box_run(box, "mcmp", "-r", "a", "b/d/f", NULL);
    assert_run(&r, 1, "File a is a directory while file b/d/f is a regular file\n", "");
    r = box_run(box, "mcmp", "-r", "a/d/f", "b/d/f", NULL);
    assert_run(&r, 0, "", "");
}

static void trouble_in_a_tree_does_not_end_it(void **state)
{
    struct sandbox *box = two_trees(state);
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_mode(box, "a/d", 0);
    box_fill(box, "b/e", text("x"));
    struct run r = box_run(box, "mcmp", "-r", "a", "b", NULL);
    box_mode(box, "a/d", 0755);
    assert_run(&r, 2, "EOF on a/e which is empty\n", "mcmp: a/d: Permission denied\n");
}

static void missing_tree_is_trouble(void **state)
{
    struct sandbox *box = two_trees(state);
    struct run r = box_run(box, "mcmp", "-r", "a", "gone", NULL);
    assert_run(&r, 2, "", "mcmp: gone: No such file or directory\n");
}

static void lists_of_trees_are_refused(void **state)
{
    struct run r = box_run(*state, "mcmp", "-rl", "a", "b", NULL);
    assert_run(&r, 2, "", "mcmp: options -l and -r are incompatible\n" TRY);
}

/* --------------------------------------------------------------------- parts */

static void part_finds_what_differs_in_it(void **state)
{
    struct sandbox *box = *state;
    struct bytes a = box_lines(box, 1000), b = box_lines(box, 1000);
    ((char *)(uintptr_t)b.data)[499] = '?';
    box_fill(box, "a", a);
    box_fill(box, "b", b);
    for (int k = 1; k <= 4; k++) {
        const char *option = box_format(box, "--part=%d/4", k);
        struct run r = box_run(box, "mcmp", option, "a", "b", NULL);
        assert_run(&r, k == 2, k == 2 ? "a b differ: byte 500, line 32\n" : "", "");
        r = box_run(box, "mcmp", "-l", option, "a", "b", NULL);
        assert_run(&r, k == 2, k == 2 ? " 500  60  77\n" : "", "");
    }
    struct run r = box_run(box, "mcmp", "--part=2/2", "-i200:200", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "--part=1/2", "-n600", "-i200", "a", "b", NULL);
    assert_run(&r, 1, "a b differ: byte 300, line 20\n", "");
}

static void parts_are_of_the_larger_file(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 1000);
    box_fill(box, "a", (struct bytes){lines.data, 480});
    box_fill(box, "b", lines);
    static const char *const said[] = {"", "mcmp: EOF on a after byte 480, line 30\n"};
    for (int k = 1; k <= 4; k++) {
        const char *option = box_format(box, "--part=%d/4", k);
        struct run r = box_run(box, "mcmp", option, "a", "b", NULL);
        assert_run(&r, k > 1, "", said[k > 1]);
        r = box_run(box, "mcmp", "-s", option, "a", "b", NULL);
        assert_run(&r, k > 1, "", "");
    }
}

static void more_parts_than_bytes_are_empty_at_the_end(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("ab"));
    box_fill(box, "b", text("xyz"));
    for (int k = 1; k <= 5; k++) {
        struct run r = box_run(box, "mcmp", box_format(box, "--part=%d/5", k), "a", "b", NULL);
        const char *out = k <= 2 ? box_format(box, "a b differ: byte %d, line 1\n", k) : "";
        assert_run(&r, k <= 3, out, k == 3 ? "mcmp: EOF on a after byte 2, in line 1\n" : "");
    }
}

static void what_is_no_part_is_refused(void **state)
{
    static const char *const bad[] = {"0/2", "3/2", "1", "1/", "/2", "1/x", " 1/2", "1/+2", "-1/2"};
    for (int i = 0; i < 9; i++) {
        const char *option = box_format(*state, "--part=%s", bad[i]);
        struct run r = box_run(*state, "mcmp", option, "a", "b", NULL);
        const char *said = box_format(*state, "mcmp: invalid --part value '%s'\n" TRY, bad[i]);
        assert_run(&r, 2, "", said);
    }
}

static void stream_has_no_parts(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct how how = {.in = text("a")};
    struct run r = box_run_with(box, &how, "mcmp", "--part=1/2", "a", "-", NULL);
    assert_run(&r, 2, "", "mcmp: -: cannot determine file size\n");
}

/* ------------------------------------------------------------------ progress */

static void progress_is_shown_on_a_terminal_and_erased(void **state)
{
    struct sandbox *box = *state;
    struct bytes half = box_lines(box, 2048);
    box_fill(box, "f", box_join(box, half, half));
    struct how how = {.err_terminal = true, .in_held = true};
    struct process *process = box_start(box, &how, "mcmp", "--progress", "-", "f", NULL);
    process_blocked(process);
    usleep(600000);
    process_feed(process, half);
    process_blocked(process);
    process_feed(process, half);
    process_hang_up(process);
    struct run r = process_end(process);
    assert_run(&r, 0, "", r.err);
    const char *begin = "\rmcmp: 2.0 KiB of 4.0 KiB, 50 %, ";
    assert_memory_equal(r.err, begin, strlen(begin));
    assert_int_equal(r.err[r.err_len - 1], '\r');
}

static void progress_needs_a_terminal(void **state)
{
    struct sandbox *box = two_trees(state);
    struct run r = box_run(box, "mcmp", "--progress", "-r", "a", "b", NULL);
    assert_run(&r, 0, "", "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(threads_find_the_first_difference),
        TEST(threads_count_the_lines_of_a_file_that_ends),
        TEST(threads_list_differences_in_order),
        TEST(number_of_threads_is_at_least_one),
        TEST(equal_trees_say_nothing),
        TEST(each_difference_of_trees_is_a_line),
        TEST(bytes_are_shown_and_skipped_in_trees_too),
        TEST(tree_is_equal_to_itself_from_the_same_byte),
        TEST(tree_against_a_file_differs),
        TEST(trouble_in_a_tree_does_not_end_it),
        TEST(missing_tree_is_trouble),
        TEST(lists_of_trees_are_refused),
        TEST(part_finds_what_differs_in_it),
        TEST(parts_are_of_the_larger_file),
        TEST(more_parts_than_bytes_are_empty_at_the_end),
        TEST(what_is_no_part_is_refused),
        TEST(stream_has_no_parts),
        TEST(progress_is_shown_on_a_terminal_and_erased),
        TEST(progress_needs_a_terminal),
    };
    return run_named(argc, argv, tests);
}
