/* SPDX-License-Identifier: MIT */
/* mcmp, as a user runs it: what cmp(1) promises. */
#include <unistd.h>

#include "harness.h"

#define TRY "mcmp: Try 'mcmp --help' for more information.\n"

/* pair -- two files, a and b, and what mcmp says of them with one option, or none. */
static struct run pair(struct sandbox *box, const char *option, struct bytes a, struct bytes b)
{
    box_fill(box, "a", a);
    box_fill(box, "b", b);
    if (!option)
        return box_run(box, "mcmp", "a", "b", NULL);
    return box_run(box, "mcmp", option, "a", "b", NULL);
}

/* ------------------------------------------------------------------- verdict */

static void equal_files_say_nothing(void **state)
{
    struct run r = pair(*state, NULL, text("same\n"), text("same\n"));
    assert_run(&r, 0, "", "");
}

static void empty_files_are_equal(void **state)
{
    struct run r = pair(*state, NULL, text(""), text(""));
    assert_run(&r, 0, "", "");
}

static void first_difference_is_named_by_byte_and_line(void **state)
{
    struct run r = pair(*state, NULL, text("abc\ndef\n"), text("abc\ndxg\n"));
    assert_run(&r, 1, "a b differ: byte 6, line 2\n", "");
}

static void posix_locale_says_char(void **state)
{
    struct sandbox *box = *state;
    pair(box, NULL, text("abc"), text("abd"));
    struct run r = box_run_with(box, &(struct how){.locale = "C"}, "mcmp", "a", "b", NULL);
    assert_run(&r, 1, "a b differ: char 3, line 1\n", "");
}

static void difference_in_a_newline_belongs_to_the_line_it_ends(void **state)
{
    struct run r = pair(*state, NULL, text("a\nb\n"), text("a\nbc"));
    assert_run(&r, 1, "a b differ: byte 4, line 2\n", "");
}

static void shorter_file_ends_in_a_line(void **state)
{
    struct run r = pair(*state, NULL, text("abc\nd"), text("abc\ndef\n"));
    assert_run(&r, 1, "", "mcmp: EOF on a after byte 5, in line 2\n");
}

static void shorter_file_ends_with_a_line(void **state)
{
    struct run r = pair(*state, NULL, text("abc\ndef\n"), text("abc\n"));
    assert_run(&r, 1, "", "mcmp: EOF on b after byte 4, line 1\n");
}

static void empty_file_is_called_empty(void **state)
{
    struct run r = pair(*state, NULL, text("abc\n"), text(""));
    assert_run(&r, 1, "", "mcmp: EOF on b which is empty\n");
}

static void missing_final_newline_is_a_shorter_file(void **state)
{
    struct run r = pair(*state, NULL, text("x\n"), text("x"));
    assert_run(&r, 1, "", "mcmp: EOF on b after byte 1, in line 1\n");
}

static void nul_bytes_and_invalid_utf8_are_compared(void **state)
{
    struct run r = pair(*state, NULL, text("\0\xff\0a"), text("\0\xff\0b"));
    assert_run(&r, 1, "a b differ: byte 4, line 1\n", "");
}

/* edges_differ -- the last byte alone differs, then is missing. */
static void edges_differ(struct sandbox *box, size_t edge)
{
    for (size_t len = edge - 1; len <= edge + 1; len++) {
        struct bytes lines = box_lines(box, len - 1);
        struct bytes a = box_join(box, lines, text("a")), b = box_join(box, lines, text("b"));
        size_t newlines = (len - 1) / 16;
        struct run r = pair(box, NULL, a, b);
        assert_run(&r, 1, box_format(box, "a b differ: byte %zu, line %zu\n", len, newlines + 1),
                   "");
        r = pair(box, NULL, a, lines);
        const char *in = (len - 1) % 16 ? "in " : "";
        assert_run(&r, 1, "",
                   box_format(box, "mcmp: EOF on b after byte %zu, %sline %zu\n", len - 1, in,
                              newlines + (*in != '\0')));
        r = pair(box, NULL, b, b);
        assert_run(&r, 0, "", "");
    }
}

static void last_byte_counts_around_a_page(void **state)
{
    edges_differ(*state, PAGE);
}

static void last_byte_counts_around_a_window(void **state)
{
    edges_differ(*state, WINDOW);
}

static void difference_in_a_later_window_is_found(void **state)
{
    struct sandbox *box = *state;
    struct bytes a = box_lines(box, 2 * WINDOW + 100), b = box_lines(box, 2 * WINDOW + 100);
    size_t at = 2 * WINDOW + 50;
    ((char *)(uintptr_t)b.data)[at] = '?';
    struct run r = pair(box, NULL, a, b);
    assert_run(&r, 1, box_format(box, "a b differ: byte %zu, line %zu\n", at + 1, at / 16 + 1), "");
}

static void earliest_difference_wins_in_a_large_file(void **state)
{
    struct sandbox *box = *state;
    struct bytes a = box_lines(box, 2 * WINDOW), b = box_lines(box, 2 * WINDOW);
    ((char *)(uintptr_t)b.data)[WINDOW / 2] = '?';
    ((char *)(uintptr_t)b.data)[WINDOW + 5] = '?';
    struct run r = pair(box, NULL, a, b);
    assert_run(&r, 1,
               box_format(box, "a b differ: byte %zu, line %zu\n", WINDOW / 2 + 1, WINDOW / 32 + 1),
               "");
}

static void hole_equals_zeroes(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("x"));
    box_truncate(box, "a", 1 << 20);
    box_fill(box, "b", box_join(box, text("x"), box_repeat(box, 0, (1 << 20) - 1)));
    struct run r = box_run(box, "mcmp", "a", "b", NULL);
    assert_run(&r, 0, "", "");
}

static void byte_behind_a_hole_is_found(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text(""));
    box_truncate(box, "a", 64 << 20);
    box_fill(box, "b", text(""));
    box_truncate(box, "b", (64 << 20) - 1);
    box_append(box, "b", text("x"));
    struct run r = box_run(box, "mcmp", "a", "b", NULL);
    assert_run(&r, 1, "a b differ: byte 67108864, line 1\n", "");
}

static void sparse_files_of_ten_terabytes_end_at_once(void **state)
{
    struct sandbox *box = *state;
    static const char *const names[] = {"a", "b"};
    for (int i = 0; i < 2; i++) {
        box_fill(box, names[i], text("begin"));
        if (truncate(box_path(box, names[i]), (off_t)10 << 40) != 0)
            skip_aloud("this file system has no files of 10 TB");
    }
    struct run r = box_run(box, "mcmp", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    box_append(box, "b", text("x"));
    r = box_run(box, "mcmp", "a", "b", NULL);
    assert_run(&r, 1, "", "mcmp: EOF on a after byte 10995116277760, in line 1\n");
}

static void hole_on_one_side_only_is_compared(void **state)
{
    struct sandbox *box = *state;
    off_t len = 8 << 20;
    box_fill(box, "a", text(""));
    box_truncate(box, "a", len);
    struct bytes content = box_repeat(box, 0, (size_t)len);
    ((char *)(uintptr_t)content.data)[5 << 20] = '\n';
    box_fill(box, "b", content);
    struct run r = box_run(box, "mcmp", "b", "a", NULL);
    assert_run(&r, 1, "b a differ: byte 5242881, line 1\n", "");
}

/* ------------------------------------------------------------------- options */

static void print_bytes_shows_both(void **state)
{
    struct run r = pair(*state, "-b", text("a\200\t\n"), text("a\1\377x"));
    assert_run(&r, 1, "a b differ: byte 2, line 1 is 200 M-^@   1 ^A\n", "");
}

static void verbose_lists_every_difference(void **state)
{
    struct run r = pair(*state, "-l", text("abcdefghij"), text("aXcdefghiY"));
    assert_run(&r, 1, " 2 142 130\n10 152 131\n", "");
}

static void verbose_with_bytes_shows_them(void **state)
{
    struct run r = pair(*state, "-lb", text("a\200\t\n"), text("a\1\377x"));
    assert_run(&r, 1, "2 200 M-^@   1 ^A\n3  11 ^I   377 M-^?\n4  12 ^J   170 x\n", "");
}

static void verbose_ends_without_a_line_number(void **state)
{
    struct run r = pair(*state, "-l", text("abc\nxef\n"), text("abc\nd"));
    assert_run(&r, 1, "5 170 144\n", "mcmp: EOF on b after byte 5\n");
}

static void silent_says_nothing_of_a_difference(void **state)
{
    static const char *const names[] = {"-s", "--quiet", "--silent"};
    for (int i = 0; i < 3; i++) {
        struct run r = pair(*state, names[i], text("a"), text("b"));
        assert_run(&r, 1, "", "");
    }
}

static void silent_says_nothing_of_an_end(void **state)
{
    struct run r = pair(*state, "-s", text("abc"), text("ab"));
    assert_run(&r, 1, "", "");
}

static void silent_says_nothing_of_a_missing_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct run r = box_run(box, "mcmp", "-s", "a", "gone", NULL);
    assert_run(&r, 2, "", "");
}

static void silent_and_verbose_do_not_go_together(void **state)
{
    struct run r = pair(*state, "-ls", text("a"), text("b"));
    assert_run(&r, 2, "", "mcmp: options -l and -s are incompatible\n" TRY);
}

static void ignore_initial_skips_in_both(void **state)
{
    struct run r = pair(*state, "-i5", text("abcdefg"), text("xxxxxfh"));
    assert_run(&r, 1, "a b differ: byte 2, line 1\n", "");
}

static void ignore_initial_takes_two_skips(void **state)
{
    struct run r = pair(*state, "--ignore-initial=3:1", text("xxxabc"), text("yabc"));
    assert_run(&r, 0, "", "");
}

static void skips_are_operands_too(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("xxxabc"));
    box_fill(box, "b", text("yabd"));
    struct run r = box_run(box, "mcmp", "a", "b", "3", "1", NULL);
    assert_run(&r, 1, "a b differ: byte 3, line 1\n", "");
    r = box_run(box, "mcmp", "a", "b", "3", NULL);
    assert_run(&r, 1, "a b differ: byte 1, line 1\n", "");
}

static void larger_skip_of_option_and_operand_wins(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("xxxabc"));
    box_fill(box, "b", text("yyyabc"));
    struct run r = box_run(box, "mcmp", "-i", "3", "a", "b", "1", "1", NULL);
    assert_run(&r, 0, "", "");
}

static void skip_behind_the_end_leaves_nothing(void **state)
{
    struct run r = pair(*state, "-i100", text("abc"), text("xyz"));
    assert_run(&r, 0, "", "");
}

static void skips_take_suffixes(void **state)
{
    struct sandbox *box = *state;
    struct bytes k = box_repeat(box, 'k', 1024), kilo = box_repeat(box, 'o', 1000);
    box_fill(box, "a", box_join(box, k, text("same")));
    box_fill(box, "b", box_join(box, kilo, text("same")));
    struct run r = box_run(box, "mcmp", "-i", "1K:1kB", "a", "b", NULL);
    assert_run(&r, 0, "", "");
}

static void numbers_may_be_octal_and_hexadecimal(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("12345678abcdefg"));
    box_fill(box, "b", text("abcdeXY"));
    struct run r = box_run(box, "mcmp", "-n05", "-i010:0x0", "a", "b", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "a", "b", "0X8", NULL);
    assert_run(&r, 1, "a b differ: byte 6, line 1\n", "");
    r = box_run(box, "mcmp", "-n0xb", "-i0xB:03", "a", "b", NULL);
    assert_run(&r, 1, "a b differ: byte 3, line 1\n", "");
    static const char *const wrong[] = {"08", "0x", "0xg", "0x-1", "x1", "1f"};
    for (int i = 0; i < 6; i++) {
        r = box_run(box, "mcmp", "-n", wrong[i], "a", "b", NULL);
        assert_run(&r, 2, "", box_format(box, "mcmp: invalid --bytes value '%s'\n" TRY, wrong[i]));
    }
}

static void skip_counts_on_a_pipe(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 300000);
    box_fill(box, "b", (struct bytes){(const char *)lines.data + 100000, 200000});
    struct how how = {.in = lines};
    struct run r = box_run_with(box, &how, "mcmp", "-i", "100000:0", "-", "b", NULL);
    assert_run(&r, 0, "", "");
}

static void bytes_limits_the_comparison(void **state)
{
    struct run r = pair(*state, "-n5", text("abcdeX"), text("abcdeYZ"));
    assert_run(&r, 0, "", "");
    r = pair(*state, "--bytes=6", text("abcdeX"), text("abcdeYZ"));
    assert_run(&r, 1, "a b differ: byte 6, line 1\n", "");
}

static void bytes_makes_a_shorter_file_equal(void **state)
{
    struct run r = pair(*state, "-n3", text("abcd"), text("abc"));
    assert_run(&r, 0, "", "");
}

static void zero_bytes_still_need_both_files(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct run r = box_run(box, "mcmp", "-n0", "a", "gone", NULL);
    assert_run(&r, 2, "", "mcmp: gone: No such file or directory\n");
}

static void invalid_numbers_are_refused(void **state)
{
    struct run r = pair(*state, "-ix", text("a"), text("a"));
    assert_run(&r, 2, "", "mcmp: invalid --ignore-initial value 'x'\n" TRY);
    r = pair(*state, "-i1:y", text("a"), text("a"));
    assert_run(&r, 2, "", "mcmp: invalid --ignore-initial value 'y'\n" TRY);
    r = pair(*state, "-n1q", text("a"), text("a"));
    assert_run(&r, 2, "", "mcmp: invalid --bytes value '1q'\n" TRY);
    r = box_run(*state, "mcmp", "a", "b", "z", NULL);
    assert_run(&r, 2, "", "mcmp: invalid --ignore-initial value 'z'\n" TRY);
}

/* -------------------------------------------------------------------- inputs */

static void dash_is_standard_input(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "b", text("abd"));
    struct run r = box_run_with(box, &(struct how){.in = text("abc")}, "mcmp", "-", "b", NULL);
    assert_run(&r, 1, "- b differ: byte 3, line 1\n", "");
}

static void missing_second_file_is_standard_input(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("abc\n"));
    struct run r = box_run_with(box, &(struct how){.in = text("abc\n")}, "mcmp", "a", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "a", NULL);
    assert_run(&r, 1, "", "mcmp: EOF on - which is empty\n");
}

static void standard_input_equals_itself(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in = text("abc")}, "mcmp", "-", "-", NULL);
    assert_run(&r, 0, "", "");
}

static void long_pipe_is_compared_to_its_end(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000000);
    box_fill(box, "b", box_join(box, lines, text("more")));
    struct run r = box_run_with(box, &(struct how){.in = lines}, "mcmp", "-", "b", NULL);
    assert_run(&r, 1, "", "mcmp: EOF on - after byte 3000000, line 187500\n");
}

static void standard_input_twice_is_left_where_it_stands(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("abcdefghijkl\n"));
    struct how how = {.in_file = "a", .in_offset = 1};
    struct run r = box_run_with(box, &how, "mcmp", "--ignore-initial=7", "-", "-", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(r.in_offset, 1);
}

static void standard_input_starts_where_it_stands(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 2 * PAGE + 7);
    box_fill(box, "a", lines);
    off_t offset = (off_t)PAGE + 5;
    box_fill(box, "b",
             (struct bytes){(const char *)lines.data + offset, lines.len - (size_t)offset});
    struct how how = {.in_file = "a", .in_offset = offset};
    struct run r = box_run_with(box, &how, "mcmp", "-", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(r.in_offset, lines.len);
}

static void standard_input_is_left_behind_the_limit(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("abcdef"));
    box_fill(box, "b", text("abcxyz"));
    struct how how = {.in_file = "a"};
    struct run r = box_run_with(box, &how, "mcmp", "-n", "3", "-", "b", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(r.in_offset, 3);
}

static void fifo_is_compared(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 200000));
    box_fifo(box, "fifo");
    struct process *writer = box_start(box, NULL, "/bin/sh", "-c", "cat f >fifo", NULL);
    struct run r = box_run(box, "mcmp", "f", "fifo", NULL);
    assert_run(&r, 0, "", "");
    process_end(writer);
}

static void proc_file_is_compared_by_content(void **state)
{
    struct sandbox *box = *state;
    struct run peer = box_run(box, "/bin/cat", "/proc/version", NULL);
    box_fill(box, "f", (struct bytes){peer.out, peer.out_len});
    struct run r = box_run(box, "mcmp", "/proc/version", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void file_is_compared_with_a_device(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_repeat(box, 0, 10000));
    struct run r = box_run(box, "mcmp", "f", "/dev/zero", NULL);
    assert_run(&r, 1, "", "mcmp: EOF on f after byte 10000, in line 1\n");
}

/* ------------------------------------------------------------------- trouble */

static void missing_file_is_trouble(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct run r = box_run(box, "mcmp", "gone", "a", NULL);
    assert_run(&r, 2, "", "mcmp: gone: No such file or directory\n");
    r = box_run(box, "mcmp", "a", "gone", NULL);
    assert_run(&r, 2, "", "mcmp: gone: No such file or directory\n");
}

static void directory_is_trouble(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    box_directory(box, "d");
    struct run r = box_run(box, "mcmp", "a", "d", NULL);
    assert_run(&r, 2, "", "mcmp: d: Is a directory\n");
    r = box_run(box, "mcmp", "d", "a", NULL);
    assert_run(&r, 2, "", "mcmp: d: Is a directory\n");
    r = box_run(box, "mcmp", "-s", "d", "a", NULL);
    assert_run(&r, 2, "", "mcmp: d: Is a directory\n");
}

static void directory_is_equal_to_itself_from_the_same_byte(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    struct run r = box_run(box, "mcmp", "d", "./d", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcmp", "-i7", "d", "d", "2", "7", NULL);
    assert_run(&r, 0, "", "");
    static const char *const options[] = {"-i2:7", "-si2:7", "-n0"};
    for (int i = 0; i < 3; i++) {
        r = box_run(box, "mcmp", options[i], "d", "d", "0", "7", NULL);
        assert_run(&r, 2, "", "mcmp: d: Is a directory\n");
    }
}

static void unreadable_directory_is_trouble(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("the superuser may read every directory");
    box_directory(box, "d");
    box_mode(box, "d", 0);
    struct run r = box_run(box, "mcmp", "d", "d", NULL);
    box_mode(box, "d", 0700);
    assert_run(&r, 2, "", "mcmp: d: Permission denied\n");
}

static void missing_file_is_found_before_a_directory(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_directory(box, "e");
    struct run r = box_run(box, "mcmp", "d", "gone", NULL);
    assert_run(&r, 2, "", "mcmp: gone: No such file or directory\n");
    r = box_run(box, "mcmp", "gone", "d", NULL);
    assert_run(&r, 2, "", "mcmp: gone: No such file or directory\n");
    r = box_run(box, "mcmp", "-s", "d", "gone", NULL);
    assert_run(&r, 2, "", "");
    r = box_run(box, "mcmp", "d", "e", NULL);
    assert_run(&r, 2, "", "mcmp: d: Is a directory\n");
}

static void unreadable_file_is_trouble(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_fill(box, "a", text("a"));
    box_fill(box, "b", text("a"));
    box_mode(box, "b", 0);
    struct run r = box_run(box, "mcmp", "a", "b", NULL);
    assert_run(&r, 2, "", "mcmp: b: Permission denied\n");
}

static void closed_standard_input_is_trouble(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a"));
    struct run r = box_run_with(box, &(struct how){.in_closed = true}, "mcmp", "a", "-", NULL);
    assert_run(&r, 2, "", "mcmp: -: Bad file descriptor\n");
}

static void full_device_is_trouble(void **state)
{
    struct sandbox *box = *state;
    pair(box, NULL, text("a"), text("b"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mcmp", "a", "b", NULL);
    assert_run(&r, 2, "", "mcmp: standard output: No space left on device\n");
}

static void closed_output_leaves_the_verdict(void **state)
{
    struct sandbox *box = *state;
    pair(box, NULL, text("a"), text("b"));
    struct run r =
        box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mcmp", "-s", "a", "b", NULL);
    assert_run(&r, 1, "", "");
    r = box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mcmp", "a", "a", NULL);
    assert_run(&r, 0, "", "");
}

static void output_to_dev_null_stops_at_the_first_difference(void **state)
{
    struct sandbox *box = *state;
    pair(box, NULL, text("a"), text("b"));
    struct how how = {.out = OUT_FILE, .out_file = "/dev/null"};
    struct run r = box_run_with(box, &how, "mcmp", "-l", "a", "b", NULL);
    assert_run(&r, 1, "", "");
}

static void reader_that_leaves_ends_the_list_by_sigpipe(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", box_repeat(box, 'a', 1 << 20));
    box_fill(box, "b", box_repeat(box, 'b', 1 << 20));
    struct how how = {.out = OUT_GONE, .out_bytes = 16};
    struct run r = box_run_with(box, &how, "mcmp", "-l", "a", "b", NULL);
    assert_run(&r, 128 + 13, "      1 141 142\n", "");
}

static void missing_operand_is_refused(void **state)
{
    struct run r = box_run(*state, "mcmp", NULL);
    assert_run(&r, 2, "", "mcmp: missing operand after 'mcmp'\n" TRY);
}

static void fifth_operand_is_refused(void **state)
{
    struct run r = box_run(*state, "mcmp", "a", "b", "1", "2", "3", NULL);
    assert_run(&r, 2, "", "mcmp: extra operand '3'\n" TRY);
}

static void unknown_options_are_refused(void **state)
{
    struct run r = box_run(*state, "mcmp", "-y", NULL);
    assert_run(&r, 2, "", "mcmp: invalid option -- 'y'\n" TRY);
    r = box_run(*state, "mcmp", "--nonsense", NULL);
    assert_run(&r, 2, "", "mcmp: unrecognized option '--nonsense'\n" TRY);
}

static void abbreviations_of_the_peer_keep_their_meaning(void **state)
{
    struct run r = pair(*state, "--verb", text("a"), text("b"));
    assert_run(&r, 1, "1 141 142\n", "");
    r = pair(*state, "--by=1", text("ab"), text("ac"));
    assert_run(&r, 0, "", "");
}

static void help_goes_to_standard_output(void **state)
{
    const char *begin = "Usage: mcmp [OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]\n";
    struct run r = run_begins(box_run(*state, "mcmp", "--help", NULL), begin);
    assert_run(&r, 0, begin, "");
}

static void version_names_the_tool(void **state)
{
    static const char *const names[] = {"-v", "--version"};
    for (int i = 0; i < 2; i++) {
        struct run r = run_begins(box_run(*state, "mcmp", names[i], NULL), "mcmp (");
        assert_run(&r, 0, "mcmp (", "");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_files_say_nothing),
        TEST(empty_files_are_equal),
        TEST(first_difference_is_named_by_byte_and_line),
        TEST(posix_locale_says_char),
        TEST(difference_in_a_newline_belongs_to_the_line_it_ends),
        TEST(shorter_file_ends_in_a_line),
        TEST(shorter_file_ends_with_a_line),
        TEST(empty_file_is_called_empty),
        TEST(missing_final_newline_is_a_shorter_file),
        TEST(nul_bytes_and_invalid_utf8_are_compared),
        TEST(last_byte_counts_around_a_page),
        TEST(last_byte_counts_around_a_window),
        TEST(difference_in_a_later_window_is_found),
        TEST(earliest_difference_wins_in_a_large_file),
        TEST(hole_equals_zeroes),
        TEST(byte_behind_a_hole_is_found),
        TEST(sparse_files_of_ten_terabytes_end_at_once),
        TEST(hole_on_one_side_only_is_compared),
        TEST(print_bytes_shows_both),
        TEST(verbose_lists_every_difference),
        TEST(verbose_with_bytes_shows_them),
        TEST(verbose_ends_without_a_line_number),
        TEST(silent_says_nothing_of_a_difference),
        TEST(silent_says_nothing_of_an_end),
        TEST(silent_says_nothing_of_a_missing_file),
        TEST(silent_and_verbose_do_not_go_together),
        TEST(ignore_initial_skips_in_both),
        TEST(ignore_initial_takes_two_skips),
        TEST(skips_are_operands_too),
        TEST(larger_skip_of_option_and_operand_wins),
        TEST(skip_behind_the_end_leaves_nothing),
        TEST(skips_take_suffixes),
        TEST(numbers_may_be_octal_and_hexadecimal),
        TEST(skip_counts_on_a_pipe),
        TEST(bytes_limits_the_comparison),
        TEST(bytes_makes_a_shorter_file_equal),
        TEST(zero_bytes_still_need_both_files),
        TEST(invalid_numbers_are_refused),
        TEST(dash_is_standard_input),
        TEST(missing_second_file_is_standard_input),
        TEST(standard_input_equals_itself),
        TEST(long_pipe_is_compared_to_its_end),
        TEST(standard_input_twice_is_left_where_it_stands),
        TEST(standard_input_starts_where_it_stands),
        TEST(standard_input_is_left_behind_the_limit),
        TEST(fifo_is_compared),
        TEST(proc_file_is_compared_by_content),
        TEST(file_is_compared_with_a_device),
        TEST(missing_file_is_trouble),
        TEST(directory_is_trouble),
        TEST(directory_is_equal_to_itself_from_the_same_byte),
        TEST(unreadable_directory_is_trouble),
        TEST(missing_file_is_found_before_a_directory),
        TEST(unreadable_file_is_trouble),
        TEST(closed_standard_input_is_trouble),
        TEST(full_device_is_trouble),
        TEST(closed_output_leaves_the_verdict),
        TEST(output_to_dev_null_stops_at_the_first_difference),
        TEST(reader_that_leaves_ends_the_list_by_sigpipe),
        TEST(missing_operand_is_refused),
        TEST(fifth_operand_is_refused),
        TEST(unknown_options_are_refused),
        TEST(abbreviations_of_the_peer_keep_their_meaning),
        TEST(help_goes_to_standard_output),
        TEST(version_names_the_tool),
    };
    return run_named(argc, argv, tests);
}
