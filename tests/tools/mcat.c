/* SPDX-License-Identifier: MIT */
/* mcat, as a user runs it: what cat(1) promises. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define TRY "Try 'mcat --help' for more information.\n"

/* ------------------------------------------------------------------- inputs */

static void empty_file_gives_nothing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct run r = box_run(box, "mcat", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void missing_final_newline_stays_missing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("one\ntwo"));
    struct run r = box_run(box, "mcat", "f", "f", NULL);
    assert_run(&r, 0, "one\ntwoone\ntwo", "");
}

static void nul_bytes_and_invalid_utf8_pass(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("a\0b\xff\xc3\n\x80"));
    struct run r = box_run(box, "mcat", "f", NULL);
    assert_run_bytes(&r, 0, text("a\0b\xff\xc3\n\x80"), "");
}

static void copies_edges_of(struct sandbox *box, size_t edge)
{
    for (size_t len = edge - 1; len <= edge + 1; len++) {
        struct bytes lines = box_lines(box, len);
        box_fill(box, "f", lines);
        struct run r = box_run(box, "mcat", "f", NULL);
        assert_run_bytes(&r, 0, lines, "");
    }
}

static void files_around_a_page_are_whole(void **state)
{
    copies_edges_of(*state, PAGE);
}

static void files_around_a_window_are_whole(void **state)
{
    copies_edges_of(*state, WINDOW);
}

static void line_across_a_window_is_numbered_once(void **state)
{
    struct sandbox *box = *state;
    struct bytes half = box_repeat(box, 'x', WINDOW - 1);
    struct bytes content = box_join(box, half, text("yz\nlast"));
    box_fill(box, "f", content);
    struct run r = box_run(box, "mcat", "-n", "f", NULL);
    struct bytes numbered = box_join(box, text("     1\t"), half);
    assert_run_bytes(&r, 0, box_join(box, numbered, text("yz\n     2\tlast")), "");
}

static void hole_reads_as_zeroes(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("a"));
    box_truncate(box, "f", 3 * (off_t)PAGE);
    box_append(box, "f", text("z"));
    struct run r = box_run(box, "mcat", "f", NULL);
    struct bytes zeroes = box_repeat(box, 0, 3 * PAGE - 1);
    assert_run_bytes(&r, 0, box_join(box, box_join(box, text("a"), zeroes), text("z")), "");
}

static void standard_input_is_read_without_operands(void **state)
{
    struct sandbox *box = *state;
    struct run r = box_run_with(box, &(struct how){.in = text("from a pipe\n")}, "mcat", NULL);
    assert_run(&r, 0, "from a pipe\n", "");
}

static void long_pipe_is_read_to_its_end(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000001);
    struct run r = box_run_with(box, &(struct how){.in = lines}, "mcat", NULL);
    assert_run_bytes(&r, 0, lines, "");
}

static void pipe_without_bytes_gives_nothing(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in_pipe = true}, "mcat", "-n", NULL);
    assert_run(&r, 0, "", "");
}

static void bytes_of_a_pipe_pass_before_it_ends(void **state)
{
    struct how how = {.in_held = true};
    struct process *p = box_start(*state, &how, "mcat", NULL);
    process_feed(p, text("first\n"));
    process_expect(p, "first\n", "");
    process_feed(p, text("second\n"));
    process_expect(p, "first\nsecond\n", "");
    process_hang_up(p);
    struct run r = process_end(p);
    assert_run(&r, 0, "first\nsecond\n", "");
}

static void standard_input_as_file_is_read_and_left_at_its_end(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("one\ntwo\n"));
    struct run r = box_run_with(box, &(struct how){.in_file = "f"}, "mcat", NULL);
    assert_run(&r, 0, "one\ntwo\n", "");
    assert_int_equal(r.in_offset, 8);
}

static void standard_input_starts_where_it_stands(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 2 * PAGE + 7);
    off_t offset = (off_t)PAGE + 5;
    box_fill(box, "f", lines);
    struct how how = {.in_file = "f", .in_offset = offset};
    struct run r = box_run_with(box, &how, "mcat", "-", NULL);
    struct bytes rest = {(const char *)lines.data + offset, lines.len - (size_t)offset};
    assert_run_bytes(&r, 0, rest, "");
    assert_int_equal(r.in_offset, lines.len);
}

static void standard_input_behind_its_end_gives_nothing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("short"));
    struct how how = {.in_file = "f", .in_offset = 100};
    struct run r = box_run_with(box, &how, "mcat", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(r.in_offset, 100);
}

static void dash_stands_for_standard_input_among_files(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_fill(box, "b", text("B\n"));
    struct how how = {.in = text("pipe\n")};
    struct run r = box_run_with(box, &how, "mcat", "a", "-", "b", "-", NULL);
    assert_run(&r, 0, "A\npipe\nB\n", "");
}

static void file_on_standard_input_is_given_once(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("once\n"));
    struct run r = box_run_with(box, &(struct how){.in_file = "f"}, "mcat", "-", "-", NULL);
    assert_run(&r, 0, "once\n", "");
}

static void fifo_is_read(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 200000));
    box_fifo(box, "fifo");
    struct process *writer = box_start(box, NULL, "/bin/sh", "-c", "cat f >fifo", NULL);
    struct run r = box_run(box, "mcat", "fifo", NULL);
    assert_run_bytes(&r, 0, box_lines(box, 200000), "");
    process_end(writer);
}

static void proc_file_is_read_though_its_size_is_zero(void **state)
{
    struct sandbox *box = *state;
    struct run peer = box_run(box, "/bin/cat", "/proc/version", NULL);
    struct run r = box_run(box, "mcat", "/proc/version", NULL);
    assert_run_bytes(&r, 0, ((struct bytes){peer.out, peer.out_len}), "");
}

static void character_device_is_a_stream(void **state)
{
    struct run r = box_run(*state, "mcat", "/dev/null", NULL);
    assert_run(&r, 0, "", "");
}

/* ------------------------------------------------------------------ trouble */

static void directory_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    struct run r = box_run(box, "mcat", "d", NULL);
    assert_run(&r, 1, "", "mcat: d: Is a directory\n");
}

static void missing_file_between_two_good_ones(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_fill(box, "b", text("B\n"));
    struct run r = box_run(box, "mcat", "a", "gone", "b", NULL);
    assert_run(&r, 1, "A\nB\n", "mcat: gone: No such file or directory\n");
}

static void empty_name_is_shown_in_quotes(void **state)
{
    struct run r = box_run(*state, "mcat", "", NULL);
    assert_run(&r, 1, "", "mcat: '': No such file or directory\n");
}

static void name_with_a_newline_is_quoted_in_the_message(void **state)
{
    struct run r = box_run(*state, "mcat", "a\nb", NULL);
    assert_run(&r, 1, "", "mcat: 'a'$'\\n''b': No such file or directory\n");
}

static void unreadable_file_is_an_error(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_fill(box, "f", text("secret\n"));
    box_mode(box, "f", 0);
    struct run r = box_run(box, "mcat", "f", NULL);
    assert_run(&r, 1, "", "mcat: f: Permission denied\n");
}

static void closed_standard_input_is_an_error(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in_closed = true}, "mcat", NULL);
    assert_run(&r, 1, "",
               "mcat: -: Bad file descriptor\n"
               "mcat: closing standard input: Bad file descriptor\n");
}

static void closed_standard_input_does_not_matter_unread(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("A\n"));
    struct run r = box_run_with(box, &(struct how){.in_closed = true}, "mcat", "f", NULL);
    assert_run(&r, 0, "A\n", "");
}

static void full_device_is_a_write_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("A\n"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mcat", "f", NULL);
    assert_run(&r, 1, "", "mcat: write error: No space left on device\n");
}

static void full_device_stops_the_numbering(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 1 << 20));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mcat", "-n", "f", NULL);
    assert_run(&r, 1, "", "mcat: write error: No space left on device\n");
}

static void nothing_fits_on_a_full_device(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(""));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mcat", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void closed_output_is_an_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("A\n"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mcat", "f", NULL);
    assert_run(&r, 1, "", "mcat: standard output: Bad file descriptor\n");
}

static void reader_that_leaves_ends_it_by_sigpipe(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 8 << 20));
    struct how how = {.out = OUT_GONE, .out_bytes = 16};
    struct run r = box_run_with(box, &how, "mcat", "f", NULL);
    assert_run(&r, 128 + 13, "000000000000001\n", "");
}

static void reader_that_leaves_is_a_write_error_without_sigpipe(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 8 << 20));
    struct how how = {.out = OUT_GONE, .out_bytes = 16, .pipe_ignored = true};
    struct run r = box_run_with(box, &how, "mcat", "f", NULL);
    assert_run(&r, 1, "000000000000001\n", "mcat: write error: Broken pipe\n");
}

static void output_file_is_written_from_where_it_stands(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 100000);
    box_fill(box, "f", lines);
    box_fill(box, "log", text("before\n"));
    struct how how = {.out = OUT_FILE, .out_file = "log", .out_append = true};
    struct run r = box_run_with(box, &how, "mcat", "f", NULL);
    assert_run(&r, 0, "", "");
    assert_bytes(box_load(box, "log"), box_join(box, text("before\n"), lines));
}

static void input_that_is_the_output_is_refused(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_fill(box, "f", text("grows\n"));
    struct how how = {.out = OUT_FILE, .out_file = "f", .out_append = true};
    struct run r = box_run_with(box, &how, "mcat", "f", "a", NULL);
    assert_run(&r, 1, "", "mcat: f: input file is output file\n");
    assert_bytes(box_load(box, "f"), text("grows\nA\n"));
}

static void empty_input_that_is_the_output_is_harmless(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.out = OUT_FILE, .out_file = "f"};
    box_fill(box, "f", text(""));
    struct run r = box_run_with(box, &how, "mcat", "f", NULL);
    assert_run(&r, 0, "", "");
}

/* ------------------------------------------------------------------ options */

/* of -- what mcat with one option makes of `content`. */
static struct run of(struct sandbox *box, const char *option, struct bytes content)
{
    box_fill(box, "f", content);
    return box_run(box, "mcat", option, "f", NULL);
}

static void number_counts_all_lines(void **state)
{
    struct run r = of(*state, "-n", text("a\n\nb"));
    assert_run(&r, 0, "     1\ta\n     2\t\n     3\tb", "");
}

static void number_nonblank_skips_empty_lines(void **state)
{
    struct run r = of(*state, "-b", text("a\n\n b\n\n\nc"));
    assert_run(&r, 0, "     1\ta\n\n     2\t b\n\n\n     3\tc", "");
}

static void number_nonblank_overrides_number(void **state)
{
    const char *const both[] = {"-nb", "-bn"};
    for (int i = 0; i < 2; i++) {
        struct run r = of(*state, both[i], text("\na\n"));
        assert_run(&r, 0, "\n     1\ta\n", "");
    }
}

static void numbers_go_on_in_the_next_file(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n2\n"));
    box_fill(box, "b", text("3\n"));
    struct run r = box_run(box, "mcat", "-n", "a", "b", NULL);
    assert_run(&r, 0, "     1\t1\n     2\t2\n     3\t3\n", "");
}

static void line_split_between_files_has_one_number(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("be"));
    box_fill(box, "b", text("gun\nnext"));
    struct run r = box_run(box, "mcat", "-nE", "a", "b", NULL);
    assert_run(&r, 0, "     1\tbegun$\n     2\tnext", "");
}

static void numbers_outgrow_six_columns(void **state)
{
    struct sandbox *box = *state;
    struct bytes newlines = box_repeat(box, '\n', 1000001);
    struct run r = of(box, "-n", newlines);
    assert_int_equal(r.out_len, 8 * 999999 + 2 * 9);
    struct run end = r;
    end.out += r.out_len - 26;
    end.out_len = 26;
    assert_run(&end, 0, "999999\t\n1000000\t\n1000001\t\n", "");
}

static void squeeze_keeps_one_empty_line(void **state)
{
    struct run r = of(*state, "-s", text("\n\n\na\n\n\n\nb\n \n\n\n"));
    assert_run(&r, 0, "\na\n\nb\n \n\n", "");
}

static void squeeze_reaches_across_files(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("a\n\n"));
    box_fill(box, "b", text("\n\nb\n"));
    struct run r = box_run(box, "mcat", "-s", "a", "b", NULL);
    assert_run(&r, 0, "a\n\nb\n", "");
}

static void squeeze_comes_before_numbers(void **state)
{
    struct run r = of(*state, "-sn", text("a\n\n\nb\n"));
    assert_run(&r, 0, "     1\ta\n     2\t\n     3\tb\n", "");
}

static void show_ends_marks_each_newline(void **state)
{
    struct run r = of(*state, "-E", text("a\n\nb\t"));
    assert_run(&r, 0, "a$\n$\nb\t", "");
}

static void show_ends_shows_a_carriage_return_before_a_newline(void **state)
{
    struct run r = of(*state, "-E", text("a\r\nb\rc\n"));
    assert_run(&r, 0, "a^M$\nb\rc$\n", "");
}

static void show_tabs_marks_tabs_only(void **state)
{
    struct run r = of(*state, "-T", text("\ta\x01\n"));
    assert_run(&r, 0, "^Ia\x01\n", "");
}

/* visible -- the notation that the manual gives for -v: ^ and M-, but for LFD and TAB. */
static struct bytes visible(struct sandbox *box, int from, int to)
{
    char *shown = box_keep(box, 4 * 256 + 1), *end = shown;
    for (int c = from; c < to; c++) {
        int low = c & 0x7f;
        if (c == '\n' || c == '\t')
            *end++ = (char)c;
        else
            end += sprintf(end,
                           low < 32     ? "%s^%c"
                           : low == 127 ? "%s^?"
                                        : "%s%c",
                           c > 127 ? "M-" : "", low < 32 ? low + 64 : low);
    }
    return (struct bytes){shown, (size_t)(end - shown)};
}

static void show_nonprinting_shows_every_byte(void **state)
{
    struct sandbox *box = *state;
    unsigned char every[256];
    for (int c = 0; c < 256; c++)
        every[c] = (unsigned char)c;
    struct run r = of(box, "-v", (struct bytes){every, 256});
    assert_run_bytes(&r, 0, visible(box, 0, 256), "");
}

static void show_nonprinting_does_not_know_utf8(void **state)
{
    struct run r = of(*state, "-v", text("\xc3\xa9\n"));
    assert_run(&r, 0, "M-CM-)\n", "");
}

static void show_all_is_v_e_and_t(void **state)
{
    struct run r = of(*state, "-A", text("\ta\x7f\n\xff"));
    assert_run(&r, 0, "^Ia^?$\nM-^?", "");
}

static void small_e_is_v_and_ends(void **state)
{
    struct run r = of(*state, "-e", text("\t\x01\n"));
    assert_run(&r, 0, "\t^A$\n", "");
}

static void small_t_is_v_and_tabs(void **state)
{
    struct run r = of(*state, "-t", text("\t\x01\n"));
    assert_run(&r, 0, "^I^A\n", "");
}

static void small_u_changes_nothing(void **state)
{
    struct run r = of(*state, "-u", text("a\n\tb"));
    assert_run(&r, 0, "a\n\tb", "");
}

static void all_options_work_together(void **state)
{
    struct run r = of(*state, "-bsA", text("a\tb\n\n\n\n\x02\n"));
    assert_run(&r, 0, "     1\ta^Ib$\n$\n     2\t^B$\n", "");
}

static void long_names_mean_the_letters(void **state)
{
    static const char *const names[][2] = {{"-A", "--show-all"},        {"-b", "--number-nonblank"},
                                           {"-E", "--show-ends"},       {"-n", "--number"},
                                           {"-s", "--squeeze-blank"},   {"-T", "--show-tabs"},
                                           {"-v", "--show-nonprinting"}};
    struct sandbox *box = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bytes content = text("a\t\x01\n\n\nb\xe9\n");
        struct run letter = of(box, names[i][0], content), name = of(box, names[i][1], content);
        assert_run_bytes(&name, 0, ((struct bytes){letter.out, letter.out_len}), "");
    }
}

static void abbreviations_of_the_peer_keep_their_meaning(void **state)
{
    struct run r = of(*state, "--sq", text("\n\n"));
    assert_run(&r, 0, "\n", "");
}

static void options_may_follow_operands(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("a\n"));
    struct run r = box_run(box, "mcat", "f", "-E", NULL);
    assert_run(&r, 0, "a$\n", "");
}

static void double_dash_ends_the_options(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "-n", text("named -n\n"));
    struct run r = box_run(box, "mcat", "--", "-n", NULL);
    assert_run(&r, 0, "named -n\n", "");
}

static void unknown_letter_is_refused(void **state)
{
    struct run r = box_run(*state, "mcat", "-y", NULL);
    assert_run(&r, 1, "", "mcat: invalid option -- 'y'\n" TRY);
}

static void unknown_name_is_refused(void **state)
{
    struct run r = box_run(*state, "mcat", "--nonsense", NULL);
    assert_run(&r, 1, "", "mcat: unrecognized option '--nonsense'\n" TRY);
}

static void ambiguous_abbreviation_is_refused(void **state)
{
    struct run r = box_run(*state, "mcat", "--show", NULL);
    assert_run(&r, 1, "",
               "mcat: option '--show' is ambiguous; possibilities: "
               "'--show-nonprinting' '--show-ends' '--show-tabs' '--show-all'\n" TRY);
}

static void help_goes_to_standard_output(void **state)
{
    const char *begin = "Usage: mcat [OPTION]... [FILE]...\n";
    struct run r = run_begins(box_run(*state, "mcat", "--help", NULL), begin);
    assert_run(&r, 0, begin, "");
}

static void version_names_the_tool(void **state)
{
    struct run r = run_begins(box_run(*state, "mcat", "--version", NULL), "mcat (");
    assert_run(&r, 0, "mcat (", "");
}

static void help_to_a_full_device_is_an_error(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.out = OUT_FULL}, "mcat", "--help", NULL);
    assert_run(&r, 1, "", "mcat: write error: No space left on device\n");
}

static void without_splicing_the_bytes_are_the_same(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3 << 20);
    struct run r = of(box, "--no-splice", lines);
    assert_run_bytes(&r, 0, lines, "");
}

/* From plain text to nothing but bytes to be changed, each of them at every place of a vector. */
static void show_all_shows_rare_and_frequent_changes(void **state)
{
    struct sandbox *box = *state;
    srandom(7);
    size_t len = 200000;
    char *content = box_keep(box, len), *shown = box_keep(box, 4 * len), *to = shown;
    for (size_t i = 0; i < len; i++) {
        unsigned share = (unsigned)(i / 500 % 101);
        content[i] = (char)((unsigned)random() % 100 < share ? random() % 256 : 'x');
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)content[i], low = c & 0x7f;
        if (c == '\n')
            *to++ = '$';
        if (c > 127)
            to += sprintf(to, "M-");
        if (c != '\n' && (low < 32 || low == 127)) {
            *to++ = '^';
            low ^= 64;
        }
        *to++ = (char)low;
    }
    struct run r = of(box, "-A", (struct bytes){content, len});
    assert_run_bytes(&r, 0, ((struct bytes){shown, (size_t)(to - shown)}), "");
}

/* Much text goes into a pipe by buffers that are given away: what waits there stays as it is. */
static void long_numbered_text_waits_in_a_pipe(void **state)
{
    struct sandbox *box = *state;
    const size_t lines = 1500000;
    char *numbered = box_keep(box, 24 * lines), *to = numbered;
    for (size_t i = 0; i < lines; i++)
        to += sprintf(to, "%6zu\t%015zu\n", i + 1, i + 1);
    box_fill(box, "f", box_lines(box, 16 * lines));
    struct bytes expected = {numbered, (size_t)(to - numbered)};
    static const char *const options[] = {"-n", "-nu"};
    for (int i = 0; i < 2; i++) {
        struct how how = {.out = OUT_HELD};
        struct process *p = box_start(box, &how, "mcat", options[i], "f", NULL);
        process_blocked(p);
        process_release(p);
        struct run r = process_end(p);
        assert_run_bytes(&r, 0, expected, "");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_file_gives_nothing),
        TEST(missing_final_newline_stays_missing),
        TEST(nul_bytes_and_invalid_utf8_pass),
        TEST(files_around_a_page_are_whole),
        TEST(files_around_a_window_are_whole),
        TEST(line_across_a_window_is_numbered_once),
        TEST(hole_reads_as_zeroes),
        TEST(standard_input_is_read_without_operands),
        TEST(long_pipe_is_read_to_its_end),
        TEST(pipe_without_bytes_gives_nothing),
        TEST(bytes_of_a_pipe_pass_before_it_ends),
        TEST(standard_input_as_file_is_read_and_left_at_its_end),
        TEST(standard_input_starts_where_it_stands),
        TEST(standard_input_behind_its_end_gives_nothing),
        TEST(dash_stands_for_standard_input_among_files),
        TEST(file_on_standard_input_is_given_once),
        TEST(fifo_is_read),
        TEST(proc_file_is_read_though_its_size_is_zero),
        TEST(character_device_is_a_stream),
        TEST(directory_is_an_error),
        TEST(missing_file_between_two_good_ones),
        TEST(empty_name_is_shown_in_quotes),
        TEST(name_with_a_newline_is_quoted_in_the_message),
        TEST(unreadable_file_is_an_error),
        TEST(closed_standard_input_is_an_error),
        TEST(closed_standard_input_does_not_matter_unread),
        TEST(full_device_is_a_write_error),
        TEST(full_device_stops_the_numbering),
        TEST(nothing_fits_on_a_full_device),
        TEST(closed_output_is_an_error),
        TEST(reader_that_leaves_ends_it_by_sigpipe),
        TEST(reader_that_leaves_is_a_write_error_without_sigpipe),
        TEST(output_file_is_written_from_where_it_stands),
        TEST(input_that_is_the_output_is_refused),
        TEST(empty_input_that_is_the_output_is_harmless),
        TEST(number_counts_all_lines),
        TEST(number_nonblank_skips_empty_lines),
        TEST(number_nonblank_overrides_number),
        TEST(numbers_go_on_in_the_next_file),
        TEST(line_split_between_files_has_one_number),
        TEST(numbers_outgrow_six_columns),
        TEST(squeeze_keeps_one_empty_line),
        TEST(squeeze_reaches_across_files),
        TEST(squeeze_comes_before_numbers),
        TEST(show_ends_marks_each_newline),
        TEST(show_ends_shows_a_carriage_return_before_a_newline),
        TEST(show_tabs_marks_tabs_only),
        TEST(show_nonprinting_shows_every_byte),
        TEST(show_all_shows_rare_and_frequent_changes),
        TEST(long_numbered_text_waits_in_a_pipe),
        TEST(show_nonprinting_does_not_know_utf8),
        TEST(show_all_is_v_e_and_t),
        TEST(small_e_is_v_and_ends),
        TEST(small_t_is_v_and_tabs),
        TEST(small_u_changes_nothing),
        TEST(all_options_work_together),
        TEST(long_names_mean_the_letters),
        TEST(abbreviations_of_the_peer_keep_their_meaning),
        TEST(options_may_follow_operands),
        TEST(double_dash_ends_the_options),
        TEST(unknown_letter_is_refused),
        TEST(unknown_name_is_refused),
        TEST(ambiguous_abbreviation_is_refused),
        TEST(help_goes_to_standard_output),
        TEST(version_names_the_tool),
        TEST(help_to_a_full_device_is_an_error),
        TEST(without_splicing_the_bytes_are_the_same),
    };
    return run_named(argc, argv, tests);
}
