/* SPDX-License-Identifier: MIT */
/* mgrep, as a user runs it: what grep(1) promises. */
#include <signal.h>

#include "harness.h"

#define TRY                                                                                        \
    "Usage: mgrep [OPTION]... PATTERNS [FILE]...\nTry 'mgrep --help' for more information.\n"
#define NUMBERS  "one\ntwo\nthree\n"
#define ALPHABET "a\nb\nc\nd\ne\nf\ng\nh\n"

/* with -- the box, with `content` in the file f. */
static struct sandbox *with(void **state, struct bytes content)
{
    box_fill(*state, "f", content);
    return *state;
}

/* ------------------------------------------------------------------ inputs */

static void empty_file_matches_nothing(void **state)
{
    struct sandbox *box = with(state, text(""));
    struct run r = box_run(box, "mgrep", "", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void matching_line_is_printed(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "two", "f", NULL);
    assert_run(&r, 0, "two\n", "");
}

static void nothing_found_is_status_one(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "four", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void missing_final_newline_is_added(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo"));
    struct run r = box_run(box, "mgrep", "two", "f", NULL);
    assert_run(&r, 0, "two\n", "");
}

static void finds_the_last_line_at_edges_of(struct sandbox *box, size_t edge)
{
    for (size_t len = edge - 1; len <= edge + 1; len++) {
        struct bytes lines = box_lines(box, len - 4);
        box_fill(box, "f", box_join(box, lines, text("\nend")));
        struct run r = box_run(box, "mgrep", "-n", "end", "f", NULL);
        assert_run(&r, 0, box_format(box, "%zu:end\n", (len - 4) / 16 + 2), "");
        r = box_run(box, "mgrep", "-c", "0", "f", NULL);
        assert_run(&r, 0, box_format(box, "%zu\n", (len - 4 + 15) / 16), "");
    }
}

static void last_line_is_found_around_a_page(void **state)
{
    finds_the_last_line_at_edges_of(*state, PAGE);
}

static void last_line_is_found_around_a_window(void **state)
{
    finds_the_last_line_at_edges_of(*state, WINDOW);
}

static void match_across_a_window_is_found(void **state)
{
    struct sandbox *box = *state;
    struct bytes head = box_repeat(box, 'x', WINDOW - 3);
    box_fill(box, "f", box_join(box, head, text("needle\nother\n")));
    struct run r = box_run(box, "mgrep", "-ob", "needle", "f", NULL);
    assert_run(&r, 0, box_format(box, "%zu:needle\n", WINDOW - 3), "");
    r = box_run(box, "mgrep", "-on", "x[n]eedle$", "f", NULL);
    assert_run(&r, 0, "1:xneedle\n", "");
}

static void context_reaches_across_a_window(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, WINDOW);
    box_fill(box, "f", box_join(box, lines, text("needle\nafter\n")));
    struct run r = box_run(box, "mgrep", "-n", "-C1", "needle", "f", NULL);
    size_t last = WINDOW / 16;
    assert_run(
        &r, 0,
        box_format(box, "%zu-%015zu\n%zu:needle\n%zu-after\n", last, last, last + 1, last + 2), "");
}

static void line_in_a_later_window_has_its_number(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3 * WINDOW));
    struct run r = box_run(box, "mgrep", "-n", "5000000$", "f", NULL);
    assert_run(&r, 0, "5000000:000000005000000\n", "");
}

static void all_lines_of_a_large_file_come_in_order(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 2 * WINDOW + 160);
    box_fill(box, "f", lines);
    struct run r = box_run(box, "mgrep", "0", "f", NULL);
    assert_run_bytes(&r, 0, lines, "");
}

static void standard_input_is_searched_without_operands(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in = text(NUMBERS)}, "mgrep", "two", NULL);
    assert_run(&r, 0, "two\n", "");
}

static void long_pipe_is_searched_to_its_end(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.in = box_lines(box, 3000000)};
    struct run r = box_run_with(box, &how, "mgrep", "-n", "187499$", NULL);
    assert_run(&r, 0, "187499:000000000187499\n", "");
}

static void line_of_a_pipe_is_printed_before_it_ends(void **state)
{
    struct how how = {.in_held = true};
    struct process *p = box_start(*state, &how, "mgrep", "--line-buffered", "o", NULL);
    process_feed(p, text("one\n"));
    process_expect(p, "one\n", "");
    process_feed(p, text("nine\ntwo\n"));
    process_expect(p, "one\ntwo\n", "");
    process_hang_up(p);
    struct run r = process_end(p);
    assert_run(&r, 0, "one\ntwo\n", "");
}

static void standard_input_starts_where_it_stands(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct how how = {.in_file = "f", .in_offset = 5};
    struct run r = box_run_with(box, &how, "mgrep", "-n", "", NULL);
    assert_run(&r, 0, "1:wo\n2:three\n", "");
    assert_int_equal(r.in_offset, 14);
}

static void max_count_leaves_standard_input_behind_the_line(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run_with(box, &(struct how){.in_file = "f"}, "mgrep", "-m1", "two", NULL);
    assert_run(&r, 0, "two\n", "");
    assert_int_equal(r.in_offset, 8);
}

static void max_count_passes_over_withheld_lines(void **state)
{
    struct sandbox *box = with(state, text("a\n\0b\nc\0\0d\ne\nf\n"));
    const struct how how = {.in_file = "f"};
    const off_t left[] = {2, 3, 5, 7, 8, 10, 12, 14, 14};
    for (unsigned i = 0; i < sizeof left / sizeof *left; i++) {
        const char *limit = box_format(box, "-m%u", i + 1);
        struct run r = box_run_with(box, &how, "mgrep", "-v", limit, "z", NULL);
        assert_run(&r, 0, "", "mgrep: (standard input): binary file matches\n");
        assert_int_equal(r.in_offset, left[i]);
    }
    /* A line that matches ends the run; with it the rest of the file is not looked at. */
    struct run r = box_run_with(box, &how, "mgrep", "-v", "-m4", "c", NULL);
    assert_run(&r, 0, "", "mgrep: (standard input): binary file matches\n");
    assert_int_equal(r.in_offset, 14);
    r = box_run_with(box, &how, "mgrep", "-v", "-m3", "c", NULL);
    assert_run(&r, 0, "", "mgrep: (standard input): binary file matches\n");
    assert_int_equal(r.in_offset, 5);
}

static void dash_is_standard_input(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct how how = {.in = text("two too\n")};
    struct run r = box_run_with(box, &how, "mgrep", "two", "f", "-", NULL);
    assert_run(&r, 0, "f:two\n(standard input):two too\n", "");
}

static void fifo_is_searched(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_fifo(box, "fifo");
    struct process *writer = box_start(box, NULL, "/bin/sh", "-c", "cat f >fifo", NULL);
    struct run r = box_run(box, "mgrep", "-n", "three", "fifo", NULL);
    assert_run(&r, 0, "3:three\n", "");
    process_end(writer);
}

static void proc_file_is_searched_though_its_size_is_zero(void **state)
{
    struct run r = box_run(*state, "mgrep", "-c", "Linux", "/proc/version", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void hole_makes_a_file_binary(void **state)
{
    struct sandbox *box = with(state, text("two\n"));
    box_truncate(box, "f", 1 << 20);
    struct run r = box_run(box, "mgrep", "two", "f", NULL);
    assert_run(&r, 0, "", "mgrep: f: binary file matches\n");
}

/* ----------------------------------------------------------------- trouble */

static void missing_file_between_two_good_ones(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_fill(box, "g", text("two\n"));
    struct run r = box_run(box, "mgrep", "two", "f", "gone", "g", NULL);
    assert_run(&r, 2, "f:two\ng:two\n", "mgrep: gone: No such file or directory\n");
}

static void no_messages_hides_missing_files_only(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-s", "two", "gone", "f", NULL);
    assert_run(&r, 2, "f:two\n", "");
}

static void directory_is_trouble(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_directory(box, "d");
    struct run r = box_run(box, "mgrep", "two", "d", "f", NULL);
    assert_run(&r, 2, "f:two\n", "mgrep: d: Is a directory\n");
}

static void directory_that_cannot_be_read_is_listed(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    struct run r = box_run(box, "mgrep", "-L", "two", "d", NULL);
    assert_run(&r, 2, "d\n", "mgrep: d: Is a directory\n");
}

static void directories_are_skipped_on_demand(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_directory(box, "d");
    struct run r = box_run(box, "mgrep", "-d", "skip", "two", "d", "f", NULL);
    assert_run(&r, 0, "f:two\n", "");
}

static void devices_are_skipped_on_demand(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_fifo(box, "fifo");
    struct run r = box_run(box, "mgrep", "-D", "skip", "two", "fifo", "f", NULL);
    assert_run(&r, 0, "f:two\n", "");
}

static void unreadable_file_is_trouble(void **state)
{
    struct sandbox *box = with(state, text("secret\n"));
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_mode(box, "f", 0);
    struct run r = box_run(box, "mgrep", "secret", "f", NULL);
    assert_run(&r, 2, "", "mgrep: f: Permission denied\n");
}

static void closed_standard_input_is_trouble(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in_closed = true}, "mgrep", "x", NULL);
    assert_run(&r, 2, "", "mgrep: (standard input): Bad file descriptor\n");
}

static void full_device_is_trouble(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mgrep", "two", "f", NULL);
    assert_run(&r, 2, "", "mgrep: write error: No space left on device\n");
}

static void closed_output_is_trouble_only_when_used(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct how how = {.out = OUT_CLOSED};
    struct run r = box_run_with(box, &how, "mgrep", "two", "f", NULL);
    assert_run(&r, 2, "", "mgrep: write error: Bad file descriptor\n");
    r = box_run_with(box, &how, "mgrep", "four", "f", NULL);
    assert_run(&r, 1, "", "");
    r = box_run_with(box, &how, "mgrep", "-q", "two", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void reader_that_leaves_ends_it_by_sigpipe(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 8 << 20));
    struct how how = {.out = OUT_GONE, .out_bytes = 16};
    struct run r = box_run_with(box, &how, "mgrep", "0", "f", NULL);
    assert_run(&r, 128 + SIGPIPE, "000000000000001\n", "");
}

static void input_that_is_the_output_is_refused(void **state)
{
    struct sandbox *box = with(state, text("two\n"));
    struct how how = {.out = OUT_FILE, .out_file = "f", .out_append = true};
    struct run r = box_run_with(box, &how, "mgrep", "two", "f", NULL);
    assert_run(&r, 2, "", "mgrep: f: input file is also the output\n");
    assert_bytes(box_load(box, "f"), text("two\n"));
}

static void wrong_patterns_are_refused(void **state)
{
    struct run r = box_run(*state, "mgrep", "-E", "(", "f", NULL);
    assert_run(&r, 2, "", "mgrep: Unmatched ( or \\(\n");
    r = box_run(*state, "mgrep", "\\(", "f", NULL);
    assert_run(&r, 2, "", "mgrep: Unmatched ( or \\(\n");
    r = box_run(*state, "mgrep", "-E", "a\\", "f", NULL);
    assert_run(&r, 2, "", "mgrep: Trailing backslash\n");
}

static void wrong_arguments_are_refused(void **state)
{
    static const struct {
        const char *option, *err;
    } rows[] = {{"-Ax", "mgrep: x: invalid context length argument\n"},
                {"--context=-1", "mgrep: -1: invalid context length argument\n"},
                {"-mx", "mgrep: invalid max count\n"},
                {"--binary-files=x", "mgrep: unknown binary-files type\n"},
                {"-fgone", "mgrep: gone: No such file or directory\n"},
                {"-N", "mgrep: invalid option -- 'N'\n" TRY},
                {"--nonsense", "mgrep: unrecognized option '--nonsense'\n" TRY},
                {"-A", "mgrep: option requires an argument -- 'A'\n" TRY}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool last = strcmp(rows[i].option, "-A") == 0;
        struct run r = last ? box_run(*state, "mgrep", "x", "-A", NULL)
                            : box_run(*state, "mgrep", rows[i].option, "x", "f", NULL);
        assert_run(&r, 2, "", rows[i].err);
    }
}

static void two_syntaxes_conflict(void **state)
{
    struct run r = box_run(*state, "mgrep", "-P", "-E", "a", "f", NULL);
    assert_run(&r, 2, "", "mgrep: conflicting matchers specified\n");
}

static void missing_pattern_is_refused(void **state)
{
    struct run r = box_run(*state, "mgrep", NULL);
    assert_run(&r, 2, "", TRY);
}

static void ambiguous_abbreviation_is_refused(void **state)
{
    struct run r = box_run(*state, "mgrep", "--no", "x", NULL);
    assert_run(&r, 2, "",
               "mgrep: option '--no' is ambiguous; possibilities: '--no-ignore-case' "
               "'--no-filename' '--no-group-separator' '--no-messages'\n" TRY);
}

static void abbreviations_of_the_peer_keep_their_meaning(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "--max=1", "o", "f", NULL);
    assert_run(&r, 0, "one\n", "");
}

static void obsolete_offsets_are_warned_of(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    const char *warning = "mgrep: warning: --unix-byte-offsets (-u) is obsolete\n";
    struct run r = box_run(box, "mgrep", "-bu", "two", "f", NULL);
    assert_run(&r, 0, "4:two\n", warning);
    r = box_run(box, "mgrep", "--unix", "two", "f", NULL);
    assert_run(&r, 0, "two\n", warning);
}

static void help_goes_to_standard_output(void **state)
{
    const char *begin = "Usage: mgrep [OPTION]... PATTERNS [FILE]...\n";
    struct run r = run_begins(box_run(*state, "mgrep", "--help", NULL), begin);
    assert_run(&r, 0, begin, "");
}

static void version_names_the_tool(void **state)
{
    static const char *const names[] = {"-V", "--version"};
    for (int i = 0; i < 2; i++) {
        struct run r = run_begins(box_run(*state, "mgrep", names[i], NULL), "mgrep (");
        assert_run(&r, 0, "mgrep (", "");
    }
}

/* ---------------------------------------------------------------- patterns */

static void basic_syntax_is_the_default(void **state)
{
    struct sandbox *box = with(state, text("a+b\naab\na(b\n"));
    struct run r = box_run(box, "mgrep", "a+b", "f", NULL);
    assert_run(&r, 0, "a+b\n", "");
    r = box_run(box, "mgrep", "-G", "a(b", "f", NULL);
    assert_run(&r, 0, "a(b\n", "");
    r = box_run(box, "mgrep", "a\\+b\\|(", "f", NULL);
    assert_run(&r, 0, "aab\na(b\n", "");
}

static void extended_syntax_has_bare_operators(void **state)
{
    struct sandbox *box = with(state, text("color\ncolour\ncolouur\ncold\n"));
    struct run r = box_run(box, "mgrep", "-E", "^colou?r$|d$", "f", NULL);
    assert_run(&r, 0, "color\ncolour\ncold\n", "");
    r = box_run(box, "mgrep", "-E", "(u){2}", "f", NULL);
    assert_run(&r, 0, "colouur\n", "");
}

static void fixed_strings_have_no_operators(void **state)
{
    struct sandbox *box = with(state, text("a.b\naxb\na*b\n"));
    struct run r = box_run(box, "mgrep", "-F", "a.b", "f", NULL);
    assert_run(&r, 0, "a.b\n", "");
    r = box_run(box, "mgrep", "-F", "*", "f", NULL);
    assert_run(&r, 0, "a*b\n", "");
}

static void perl_syntax_looks_around(void **state)
{
    struct sandbox *box = with(state, text("foobar\nfoobaz\nx1\n"));
    struct run r = box_run(box, "mgrep", "-P", "foo(?!bar)", "f", NULL);
    assert_run(&r, 0, "foobaz\n", "");
    r = box_run(box, "mgrep", "-oP", "(?<=x)\\d", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void perl_pattern_stands_alone_with_x(void **state)
{
    struct sandbox *box = with(state, text("ab\nb\n"));
    struct run r = box_run(box, "mgrep", "-xP", "(*ANY)ab|a#", "f", NULL);
    assert_run(&r, 0, "ab\n", "");
    r = box_run(box, "mgrep", "-xP", "(?x)b#", "f", NULL);
    assert_run(&r, 0, "b\n", "");
    r = box_run(box, "mgrep", "-xP", "a|ab", "f", NULL);
    assert_run(&r, 0, "ab\n", "");
    r = box_run(box, "mgrep", "-xP", "a)|(b", "f", NULL);
    assert_run(&r, 2, "", "mgrep: unmatched closing parenthesis\n");
}

static void back_references_match_the_same_text(void **state)
{
    struct sandbox *box = with(state, text("abab\nabba\nxx\n"));
    struct run r = box_run(box, "mgrep", "\\(ab\\)\\1", "f", NULL);
    assert_run(&r, 0, "abab\n", "");
    r = box_run(box, "mgrep", "-E", "^(.)\\1$", "f", NULL);
    assert_run(&r, 0, "xx\n", "");
}

static void anchors_hold_at_line_ends(void **state)
{
    struct sandbox *box = with(state, text("ab\nb\n\nba\n"));
    struct run r = box_run(box, "mgrep", "-n", "^b$", "f", NULL);
    assert_run(&r, 0, "2:b\n", "");
    r = box_run(box, "mgrep", "-n", "^$", "f", NULL);
    assert_run(&r, 0, "3:\n", "");
}

static void classes_and_word_escapes_are_known(void **state)
{
    struct sandbox *box = with(state, text("a1\n-_\n  \nfoo bar\n"));
    struct run r = box_run(box, "mgrep", "[[:digit:]]", "f", NULL);
    assert_run(&r, 0, "a1\n", "");
    r = box_run(box, "mgrep", "\\<bar\\>", "f", NULL);
    assert_run(&r, 0, "foo bar\n", "");
    r = box_run(box, "mgrep", "-c", "\\w", "f", NULL);
    assert_run(&r, 0, "3\n", "");
    r = box_run(box, "mgrep", "^\\s*$", "f", NULL);
    assert_run(&r, 0, "  \n", "");
    r = box_run(box, "mgrep", "\\bfoo\\b", "f", NULL);
    assert_run(&r, 0, "foo bar\n", "");
}

static void longest_match_is_taken(void **state)
{
    struct sandbox *box = with(state, text("abcd\n"));
    struct run r = box_run(box, "mgrep", "-oE", "ab|abcd|abc", "f", NULL);
    assert_run(&r, 0, "abcd\n", "");
}

/* GNU grep has lines found by a matcher of its own, and spans by glibc's, which differ here. */
static void operators_with_nothing_to_repeat_are_taken_twice(void **state)
{
    const char *warning = "mgrep: warning: * at start of expression\n";
    struct sandbox *box = with(state, text("ab\nx ab\n1}b\n"));
    struct run r = box_run(box, "mgrep", "-E", "^*ab", "f", NULL);
    assert_run(&r, 0, "ab\nx ab\n", warning);
    r = box_run(box, "mgrep", "-oE", "^*ab", "f", NULL);
    assert_run(&r, 0, "ab\n", warning);
    /* What the first leaves to the second is left as a whole. */
    r = box_run(box, "mgrep", "-cE", "^*ab|[^x]y", "f", NULL);
    assert_run(&r, 0, "1\n", warning);
    r = box_run_with(box, &(struct how){.locale = "C"}, "mgrep", "-cE", "^*ab|[^x]y", "f", NULL);
    assert_run(&r, 0, "2\n", warning);
    r = box_run(box, "mgrep", "-oE", "{1}b", "f", NULL);
    assert_run(&r, 0, "1}b\n", "mgrep: warning: {...} at start of expression\n");
}

static void escaped_letters_are_no_spans_with_i(void **state)
{
    struct sandbox *box = with(state, text("ab\n"));
    struct run r = box_run(box, "mgrep", "-i", "\\ab", "f", NULL);
    assert_run(&r, 0, "ab\n", "");
    r = box_run(box, "mgrep", "-oi", "\\ab", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void repeated_groups_with_a_boundary_are_repeated_as_by_the_peer(void **state)
{
    struct sandbox *box = with(state, text("(x) y\n(x) \n"));
    struct run r = box_run(box, "mgrep", "-oE", "(.\\<.)+", "f", NULL);
    assert_run(&r, 0, "(x) \n(x) \n", "");
    r = box_run(box, "mgrep", "-xE", "(.\\<.)+", "f", NULL);
    assert_run(&r, 0, "(x) \n", "");
    r = box_run_with(box, &(struct how){.locale = "C"}, "mgrep", "-xE", "(.\\<.)+", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void last_backslash_of_several_strings_stands_for_itself(void **state)
{
    struct sandbox *box = with(state, text("a\\\na\n"));
    struct run r = box_run(box, "mgrep", "-E", "-e", "zzz", "-e", "a\\", "f", NULL);
    assert_run(&r, 0, "a\\\n", "");
    r = box_run(box, "mgrep", "-E", "-e", "a\\", "-e", "zzz", "f", NULL);
    assert_run(&r, 2, "", "mgrep: Trailing backslash\n");
    r = box_run(box, "mgrep", "-E", "-e", "z+", "-e", "a\\", "f", NULL);
    assert_run(&r, 2, "", "mgrep: Trailing backslash\n");
    r = box_run(box, "mgrep", "-E", "a\\", "f", NULL);
    assert_run(&r, 2, "", "mgrep: Trailing backslash\n");
}

static void several_patterns_match_either(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-e", "one", "-e", "three", "f", NULL);
    assert_run(&r, 0, "one\nthree\n", "");
    r = box_run(box, "mgrep", "one\nthree", "f", NULL);
    assert_run(&r, 0, "one\nthree\n", "");
}

static void patterns_come_from_a_file(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_fill(box, "p", text("one\nthree"));
    struct run r = box_run(box, "mgrep", "-f", "p", "f", NULL);
    assert_run(&r, 0, "one\nthree\n", "");
    r = box_run_with(box, &(struct how){.in = text("two\n")}, "mgrep", "-f", "-", "f", NULL);
    assert_run(&r, 0, "two\n", "");
}

static void empty_pattern_file_matches_nothing(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-f", "/dev/null", "f", NULL);
    assert_run(&r, 1, "", "");
    r = box_run(box, "mgrep", "-vf", "/dev/null", "f", NULL);
    assert_run(&r, 0, NUMBERS, "");
}

static void lines_without_a_pattern_are_selected_one_by_one(void **state)
{
    struct sandbox *box = with(state, text("a\n\xff"
                                           "b\nc\n"));
    box_fill(box, "p", text(""));
    struct run r = box_run(box, "mgrep", "-v", "-A1", "-f", "p", "f", NULL);
    assert_run(&r, 0, "a\n--\nc\n", "mgrep: f: binary file matches\n");
    r = box_run(box, "mgrep", "-v", "-A1", "z", "f", NULL);
    assert_run(&r, 0, "a\nc\n", "mgrep: f: binary file matches\n");
    r = box_run(box, "mgrep", "-cvxw", "-f", "p", "f", NULL);
    assert_run(&r, 0, "3\n", "");
}

static void empty_pattern_matches_every_line(void **state)
{
    struct sandbox *box = with(state, text("a\n\nb"));
    struct run r = box_run(box, "mgrep", "-c", "", "f", NULL);
    assert_run(&r, 0, "3\n", "");
}

static void case_is_ignored_on_demand(void **state)
{
    struct sandbox *box = with(state, text("ABC\nabc\nxyz\n"));
    struct run r = box_run(box, "mgrep", "-i", "aBc", "f", NULL);
    assert_run(&r, 0, "ABC\nabc\n", "");
    r = box_run(box, "mgrep", "-Fi", "aBc", "f", NULL);
    assert_run(&r, 0, "ABC\nabc\n", "");
    r = box_run(box, "mgrep", "-i", "--no-ignore-case", "abc", "f", NULL);
    assert_run(&r, 0, "abc\n", "");
}

static void range_with_i_is_taken_as_it_stands_for_lines(void **state)
{
    struct sandbox *box = with(state, text("]\n] x\n~\n"));
    const struct how how = {.locale = "C"};
    struct run r = box_run_with(box, &how, "mgrep", "-i", "[a-~]", "f", NULL);
    assert_run(&r, 0, "] x\n~\n", "");
    r = box_run_with(box, &how, "mgrep", "-io", "[a-~]", "f", NULL);
    assert_run(&r, 0, "]\nx\n~\n", "");
}

static void case_is_ignored_in_utf8(void **state)
{
    struct sandbox *box = with(state, text("É\né\ne\n"));
    struct run r = box_run(box, "mgrep", "-i", "é", "f", NULL);
    assert_run(&r, 0, "É\né\n", "");
    r = box_run_with(box, &(struct how){.locale = "C"}, "mgrep", "-ai", "é", "f", NULL);
    assert_run(&r, 0, "é\n", "");
}

static void dot_is_a_character_of_the_locale(void **state)
{
    struct sandbox *box = with(state, text("é\n"));
    struct run r = box_run(box, "mgrep", "-c", "^.$", "f", NULL);
    assert_run(&r, 0, "1\n", "");
    r = box_run_with(box, &(struct how){.locale = "C"}, "mgrep", "-c", "^..$", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void word_regexp_wants_no_letter_beside(void **state)
{
    struct sandbox *box = with(state, text("tw\ntwo\na tw.\ntw_\n"));
    struct run r = box_run(box, "mgrep", "-w", "tw", "f", NULL);
    assert_run(&r, 0, "tw\na tw.\n", "");
    r = box_run(box, "mgrep", "-Fw", "tw", "f", NULL);
    assert_run(&r, 0, "tw\na tw.\n", "");
}

static void line_regexp_wants_the_whole_line(void **state)
{
    struct sandbox *box = with(state, text("two\ntwo \nxtwo\n"));
    struct run r = box_run(box, "mgrep", "-x", "two", "f", NULL);
    assert_run(&r, 0, "two\n", "");
    r = box_run(box, "mgrep", "-xE", "two|xt", "f", NULL);
    assert_run(&r, 0, "two\n", "");
}

static void invert_match_selects_the_others(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-v", "two", "f", NULL);
    assert_run(&r, 0, "one\nthree\n", "");
    r = box_run(box, "mgrep", "-v", "", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void nul_ends_lines_with_z(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo\0three\0two"));
    struct run r = box_run(box, "mgrep", "-z", "two", "f", NULL);
    assert_run_bytes(&r, 0, text("one\ntwo\0two\0"), "");
    r = box_run(box, "mgrep", "-zc", "^two", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

/* ------------------------------------------------------------------ output */

static void count_counts_lines(void **state)
{
    struct sandbox *box = with(state, text("a a\na\nb\n"));
    struct run r = box_run(box, "mgrep", "-c", "a", "f", NULL);
    assert_run(&r, 0, "2\n", "");
    r = box_run(box, "mgrep", "-c", "z", "f", "f", NULL);
    assert_run(&r, 1, "f:0\nf:0\n", "");
    r = box_run(box, "mgrep", "-vc", "a", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void names_of_matching_files(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_fill(box, "g", text("none\n"));
    struct run r = box_run(box, "mgrep", "-l", "two", "f", "g", NULL);
    assert_run(&r, 0, "f\n", "");
    r = box_run(box, "mgrep", "-lZ", "two", "f", "g", NULL);
    assert_run_bytes(&r, 0, text("f\0"), "");
}

static void names_of_files_without_a_match(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    box_fill(box, "g", text("none\n"));
    struct run r = box_run(box, "mgrep", "-L", "two", "f", "g", NULL);
    assert_run(&r, 0, "g\n", "");
    r = box_run(box, "mgrep", "-L", "two", "f", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mgrep", "-L", "nothing", "f", NULL);
    assert_run(&r, 1, "f\n", "");
}

static void quiet_only_tells_the_status(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-q", "two", "f", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mgrep", "-q", "four", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void quiet_forgives_trouble_after_a_match(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-q", "two", "gone", "f", NULL);
    assert_run(&r, 0, "", "mgrep: gone: No such file or directory\n");
    r = box_run(box, "mgrep", "-q", "four", "gone", "f", NULL);
    assert_run(&r, 2, "", "mgrep: gone: No such file or directory\n");
}

static void line_numbers_count_from_one(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-n", "t", "f", NULL);
    assert_run(&r, 0, "2:two\n3:three\n", "");
}

static void byte_offsets_are_of_the_line(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-b", "t", "f", NULL);
    assert_run(&r, 0, "4:two\n8:three\n", "");
}

static void byte_offsets_are_of_the_match_with_o(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-nob", "o", "f", NULL);
    assert_run(&r, 0, "1:0:o\n2:6:o\n", "");
}

static void only_matching_prints_each_part(void **state)
{
    struct sandbox *box = with(state, text("abcabc\nxyz\nb\n"));
    struct run r = box_run(box, "mgrep", "-o", "b[c]*", "f", NULL);
    assert_run(&r, 0, "bc\nbc\nb\n", "");
}

static void only_matching_prints_no_empty_parts(void **state)
{
    struct sandbox *box = with(state, text("abc\nxb\n"));
    struct run r = box_run(box, "mgrep", "-o", "b*", "f", NULL);
    assert_run(&r, 0, "b\nb\n", "");
    r = box_run(box, "mgrep", "-vo", "abc", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void names_come_with_two_files_or_on_demand(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "-H", "two", "f", NULL);
    assert_run(&r, 0, "f:two\n", "");
    r = box_run(box, "mgrep", "-h", "two", "f", "f", NULL);
    assert_run(&r, 0, "two\ntwo\n", "");
    r = box_run(box, "mgrep", "-ZH", "two", "f", NULL);
    assert_run_bytes(&r, 0, text("f\0two\n"), "");
}

static void label_names_standard_input(void **state)
{
    struct how how = {.in = text("two\n")};
    struct run r = box_run_with(*state, &how, "mgrep", "-H", "--label=pipe", "two", NULL);
    assert_run(&r, 0, "pipe:two\n", "");
    r = box_run_with(*state, &how, "mgrep", "-c", "-H", "two", NULL);
    assert_run(&r, 0, "(standard input):1\n", "");
}

static void initial_tab_aligns_lines(void **state)
{
    struct sandbox *box = with(state, text("x\n"));
    struct run r = box_run(box, "mgrep", "-T", "-n", "x", "f", NULL);
    assert_run(&r, 0, "1:\tx\n", "");
    r = box_run(box, "mgrep", "-TH", "x", "f", NULL);
    assert_run(&r, 0, "f:\tx\n", "");
}

static void max_count_stops_after_lines(void **state)
{
    struct sandbox *box = with(state, text("a a\nb\na\na\n"));
    struct run r = box_run(box, "mgrep", "-m2", "a", "f", NULL);
    assert_run(&r, 0, "a a\na\n", "");
    r = box_run(box, "mgrep", "-om1", "a", "f", NULL);
    assert_run(&r, 0, "a\na\n", "");
    r = box_run(box, "mgrep", "-cm1", "a", "f", NULL);
    assert_run(&r, 0, "1\n", "");
    r = box_run(box, "mgrep", "-m0", "a", "f", NULL);
    assert_run(&r, 1, "", "");
    r = box_run(box, "mgrep", "-vm1", "a", "f", NULL);
    assert_run(&r, 0, "b\n", "");
}

static void max_count_lets_trailing_context_pass(void **state)
{
    struct sandbox *box = with(state, text(ALPHABET));
    struct run r = box_run(box, "mgrep", "-m1", "-A2", "[bf]", "f", NULL);
    assert_run(&r, 0, "b\nc\nd\n", "");
}

static void matches_in_context_behind_max_count_are_parts_of_lines(void **state)
{
    struct sandbox *box = with(state, text("zz\nab cab\n"));
    struct run r = box_run(box, "mgrep", "-vxo", "-m1", "-A1", "ab", "f", NULL);
    assert_run(&r, 0, "ab\nab\n", "");
    r = box_run(box, "mgrep", "-vxo", "-m1", "-A1", "-e", "[ac]b", "-e", "\\(b\\)\\1*", "f", NULL);
    assert_run(&r, 0, "ab\nab\n", "");
    /* -F, as which several strings are searched, and -w find only whole lines there. */
    r = box_run(box, "mgrep", "-Fvxo", "-m1", "-A1", "ab", "f", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mgrep", "-vxo", "-m1", "-A1", "-e", "ab", "-e", "c", "f", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mgrep", "-vxwo", "-m1", "-A1", "ab", "f", NULL);
    assert_run(&r, 0, "", "");
    box_fill(box, "f", text("zz\n\xc3\xa9 \xc3\x89\n"));
    r = box_run(box, "mgrep", "-Fivxo", "-m1", "-A1", "\xc3\xa9", "f", NULL);
    assert_run(&r, 0, "\xc3\xa9\n\xc3\x89\n", "");
}

static void after_context_follows(void **state)
{
    struct sandbox *box = with(state, text(ALPHABET));
    struct run r = box_run(box, "mgrep", "-n", "-A1", "-e", "b", "-e", "f", "f", NULL);
    assert_run(&r, 0, "2:b\n3-c\n--\n6:f\n7-g\n", "");
}

static void before_context_leads(void **state)
{
    struct sandbox *box = with(state, text(ALPHABET));
    struct run r = box_run(box, "mgrep", "-n", "-B2", "-e", "b", "-e", "g", "f", NULL);
    assert_run(&r, 0, "1-a\n2:b\n--\n5-e\n6-f\n7:g\n", "");
}

static void touching_contexts_are_joined(void **state)
{
    struct sandbox *box = with(state, text(ALPHABET));
    struct run r = box_run(box, "mgrep", "-C1", "-e", "b", "-e", "e", "f", NULL);
    assert_run(&r, 0, "a\nb\nc\nd\ne\nf\n", "");
}

static void number_option_is_context(void **state)
{
    struct sandbox *box = with(state, text(ALPHABET));
    struct run r = box_run(box, "mgrep", "-1", "e", "f", NULL);
    assert_run(&r, 0, "d\ne\nf\n", "");
}

static void group_separator_can_be_chosen(void **state)
{
    struct sandbox *box = with(state, text(ALPHABET));
    struct run r = box_run(box, "mgrep", "-A0", "[bf]", "f", NULL);
    assert_run(&r, 0, "b\n--\nf\n", "");
    r = box_run(box, "mgrep", "-A0", "--group-separator=##", "[bf]", "f", NULL);
    assert_run(&r, 0, "b\n##\nf\n", "");
    r = box_run(box, "mgrep", "-A0", "--no-group-separator", "[bf]", "f", NULL);
    assert_run(&r, 0, "b\nf\n", "");
}

static void context_of_two_files_is_apart(void **state)
{
    struct sandbox *box = with(state, text("a\nb\n"));
    box_fill(box, "g", text("b\nc\n"));
    struct run r = box_run(box, "mgrep", "-C1", "b", "f", "g", NULL);
    assert_run(&r, 0, "f-a\nf:b\n--\ng:b\ng-c\n", "");
}

/* ------------------------------------------------------------------ binary */

static void binary_file_is_only_announced(void **state)
{
    struct sandbox *box = with(state, text("one\0\ntwo\n"));
    struct run r = box_run(box, "mgrep", "two", "f", NULL);
    assert_run(&r, 0, "", "mgrep: f: binary file matches\n");
    r = box_run(box, "mgrep", "-c", "two", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void text_option_prints_binary_lines(void **state)
{
    struct sandbox *box = with(state, text("x\0two\n"));
    struct run r = box_run(box, "mgrep", "-a", "two", "f", NULL);
    assert_run_bytes(&r, 0, text("x\0two\n"), "");
    r = box_run(box, "mgrep", "--binary-files=text", "two", "f", NULL);
    assert_run_bytes(&r, 0, text("x\0two\n"), "");
}

static void binary_files_can_be_left_out(void **state)
{
    struct sandbox *box = with(state, text("x\0two\n"));
    struct run r = box_run(box, "mgrep", "-I", "two", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void any_string_begins_anew_behind_invalid_utf8(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("\xe6\x97\xa5\x94 b\nb \xff a\nab\n\xff c\n"));
    struct run r = box_run(box, "mgrep", "-a", ".*[ab]$", "f", NULL);
    assert_run(&r, 0, "\xe6\x97\xa5\x94 b\nb \xff a\nab\n", "");
}

static void perl_line_begins_behind_stray_bytes(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("\xff\x80 b\n\xc3 b\nb\xff b\n"));
    struct run r = box_run(box, "mgrep", "-aobP", ".*b", "f", NULL);
    assert_run(&r, 0, "2: b\n9:b\n11: b\n", "");
    r = box_run(box, "mgrep", "-acP", "^", "f", NULL);
    assert_run(&r, 0, "2\n", "");
    box_fill(box, "f", text("\xff\n"));
    r = box_run(box, "mgrep", "-acP", "$", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void perl_line_begins_only_once(void **state)
{
    struct sandbox *box = with(state, text("ab\n"));
    struct run r = box_run(box, "mgrep", "-oP", "(?<=^a)b|a", "f", NULL);
    assert_run(&r, 0, "a\n", "");
}

static void context_of_a_withheld_line_begins_where_the_peer_reads(void **state)
{
    struct sandbox *box = with(state, text("K\na \xff\nb\n"));
    struct run r = box_run(box, "mgrep", "-n", "-A1", " ", "f", NULL);
    assert_run(&r, 0, "1-K\n", "mgrep: f: binary file matches\n");
    /* A last line without its newline is read for itself. */
    box_fill(box, "f", text("K\na \xff"));
    r = box_run(box, "mgrep", "-n", "-A1", " ", "f", NULL);
    assert_run(&r, 0, "", "mgrep: f: binary file matches\n");
    r = box_run(box, "mgrep", "-n", "-A2", "-B1", " ", "f", NULL);
    assert_run(&r, 0, "1-K\n", "mgrep: f: binary file matches\n");
}

static void encoding_error_is_found_with_ignored_case(void **state)
{
    struct sandbox *box = with(state, text("a\xff\nA\xc3\n\xc3\xa3\n\xc3\xbf\n"));
    struct run r = box_run(box, "mgrep", "-ac", "a\xff", "f", NULL);
    assert_run(&r, 0, "1\n", "");
    r = box_run(box, "mgrep", "-aci", "a\xff", "f", NULL);
    assert_run(&r, 0, "1\n", "");
    r = box_run(box, "mgrep", "-aoi", "a\xc3", "f", NULL);
    assert_run(&r, 0, "A\xc3\n", "");
}

static void empty_string_is_a_word_where_a_longer_one_is_not(void **state)
{
    struct sandbox *box = with(state, text("](x)\xe6\x97\xa5\n"));
    struct run r = box_run(box, "mgrep", "-Fwc", "-e", "(x)", "-e", "", "f", NULL);
    assert_run(&r, 0, "1\n", "");
    r = box_run(box, "mgrep", "-Gwc", "-e", "(x)", "-e", "", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void empty_words_are_found_beside_invalid_utf8(void **state)
{
    struct sandbox *box = with(state, text("a.\x80"
                                           "b\n"));
    struct run r = box_run(box, "mgrep", "-acw", "-e", "x.", "-e", " *", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void empty_words_yield_to_longer_ones_where_glibc_decides(void **state)
{
    struct sandbox *box = with(state, text("abc  x1\nab x\n"));
    const struct how how = {.locale = "C"};
    struct run r = box_run_with(box, &how, "mgrep", "-wc", "-e", "[[=s=]]s", "-e", " *", "f", NULL);
    assert_run(&r, 1, "0\n", "");
    r = box_run_with(box, &how, "mgrep", "-wc", "-e", "[s]s", "-e", " *", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void nul_in_a_pattern_is_no_operator(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "p", text("\0b\n"));
    box_fill(box, "f", text("a\0b\n"));
    struct run r = box_run(box, "mgrep", "-acE", "-f", "p", "f", NULL);
    assert_run(&r, 0, "1\n", "");
}

static void numbers_may_have_a_sign(void **state)
{
    struct sandbox *box = with(state, text("a\nb\na\n"));
    struct run r = box_run(box, "mgrep", "-A", "-0", "a", "f", NULL);
    assert_run(&r, 0, "a\n--\na\n", "");
    r = box_run(box, "mgrep", "-m", " -1", "a", "f", NULL);
    assert_run(&r, 0, "a\na\n", "");
    r = box_run(box, "mgrep", "-A-1", "a", "f", NULL);
    assert_run(&r, 2, "", "mgrep: -1: invalid context length argument\n");
    r = box_run(box, "mgrep", "-m-+1", "a", "f", NULL);
    assert_run(&r, 2, "", "mgrep: invalid max count\n");
}

static void invalid_utf8_makes_a_line_binary(void **state)
{
    struct sandbox *box = with(state, text("a two\n\xfftwo\nb two\n"));
    struct run r = box_run(box, "mgrep", "a two", "f", NULL);
    assert_run(&r, 0, "a two\n", "");
    r = box_run(box, "mgrep", "two", "f", NULL);
    assert_run(&r, 0, "a two\nb two\n", "mgrep: f: binary file matches\n");
    r = box_run_with(box, &(struct how){.locale = "C"}, "mgrep", "^.two", "f", NULL);
    assert_run(&r, 0,
               "\xff"
               "two\n",
               "");
    r = box_run(box, "mgrep", "-a", "two", "f", NULL);
    assert_run(&r, 0, "a two\n\xfftwo\nb two\n", "");
}

/* --------------------------------------------------------------- recursion */

static struct sandbox *tree(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "r");
    box_directory(box, "r/sub");
    box_fill(box, "r/a.c", text("two\n"));
    box_fill(box, "out", text("two outside\n"));
    box_link(box, "../../out", "r/sub/link");
    return box;
}

static void recursion_searches_below_a_directory(void **state)
{
    struct sandbox *box = tree(state);
    struct run r = box_run(box, "mgrep", "-r", "two", "r", NULL);
    assert_run(&r, 0, "r/a.c:two\n", "");
}

static void recursion_without_operands_begins_here(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "r");
    box_fill(box, "r/a", text("two\n"));
    struct run r = box_run(box, "mgrep", "-r", "two", NULL);
    assert_run(&r, 0, "r/a:two\n", "");
}

static void recursion_follows_links_with_capital_r(void **state)
{
    struct sandbox *box = tree(state);
    struct run r = box_run(box, "mgrep", "-R", "outside", "r", NULL);
    assert_run(&r, 0, "r/sub/link:two outside\n", "");
}

static void recursion_goes_on_following_links_after_small_r(void **state)
{
    struct sandbox *box = tree(state);
    struct run r = box_run(box, "mgrep", "-hRr", "outside", "r", NULL);
    assert_run(&r, 0, "two outside\n", "");
}

static void recursion_follows_links_that_are_operands(void **state)
{
    struct sandbox *box = tree(state);
    struct run r = box_run(box, "mgrep", "-rH", "two", "r/sub/link", NULL);
    assert_run(&r, 0, "r/sub/link:two outside\n", "");
}

static void include_and_exclude_choose_files(void **state)
{
    struct sandbox *box = tree(state);
    box_fill(box, "r/b.h", text("two\n"));
    box_fill(box, "r/sub/d.c", text("two\n"));
    struct run r = box_run(box, "mgrep", "-r", "--include=*.h", "two", "r", NULL);
    assert_run(&r, 0, "r/b.h:two\n", "");
    r = box_run(box, "mgrep", "-r", "--exclude=*.h", "--exclude-dir=sub", "two", "r", NULL);
    assert_run(&r, 0, "r/a.c:two\n", "");
}

/* ------------------------------------------------------------------ colour */

#define FN  "\33[35m\33[Kf\33[m\33[K"
#define SEP "\33[36m\33[K:\33[m\33[K"
#define TWO "\33[01;31m\33[Ktwo\33[m\33[K"

static void colour_marks_matches_names_and_numbers(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "--color=always", "-Hn", "two", "f", NULL);
    assert_run(&r, 0, FN SEP "\33[32m\33[K2\33[m\33[K" SEP TWO "\n", "");
}

static void colour_is_off_without_a_terminal(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    static const char *const options[] = {"--color=auto", "--color=never", "--colour"};
    for (int i = 0; i < 3; i++) {
        struct run r = box_run(box, "mgrep", options[i], "two", "f", NULL);
        assert_run(&r, 0, "two\n", "");
    }
}

static void colours_come_from_the_environment(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    const char *const environment[] = {"GREP_COLORS=mt=01;34:ne", NULL};
    struct how how = {.environment = environment};
    struct run r = box_run_with(box, &how, "mgrep", "--color=always", "two", "f", NULL);
    assert_run(&r, 0, "\33[01;34mtwo\33[m\n", "");
}

static void colour_switches_need_no_value_and_may_have_one(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    const char *environment[] = {"GREP_COLORS=ne=:ms=1:mt:=2:ms=3", NULL};
    struct how how = {.environment = environment};
    /* mt without a value gives context what selected lines have; an item without a name is the
     * last. */
    struct run r = box_run_with(box, &how, "mgrep", "--color=always", "-vA1", "t", "f", NULL);
    assert_run(&r, 0, "one\n\33[1mt\33[mwo\n", "");
    environment[0] = "GREP_COLORS=rv=1:sl=4:cx=5:ne";
    r = box_run_with(box, &how, "mgrep", "--color=always", "-v", "t", "f", NULL);
    assert_run(&r, 0, "\33[5mone\33[m\n", "");
}

static void obsolete_colour_is_warned_of_where_it_is_used(void **state)
{
    struct sandbox *box = with(state, text("x\n"));
    const char *environment[] = {"GREP_COLOR=7", "GREP_COLORS=ne", NULL};
    struct how how = {.environment = environment};
    const char *warning = "mgrep: warning: GREP_COLOR='7' is deprecated; use GREP_COLORS='mt=7'\n";
    struct run r = box_run_with(box, &how, "mgrep", "--color=always", "x", "f", NULL);
    assert_run(&r, 0, "\33[7mx\33[m\n", warning);
    r = box_run_with(box, &how, "mgrep", "--color=always", "(", "-E", NULL);
    assert_run(&r, 2, "", box_format(box, "%smgrep: Unmatched ( or \\(\n", warning));
    environment[1] = "GREP_COLORS=ne:mt=8";
    r = box_run_with(box, &how, "mgrep", "--color=always", "x", "f", NULL);
    assert_run(&r, 0, "\33[8mx\33[m\n", "");
    environment[0] = "GREP_COLOR=x";
    environment[1] = NULL;
    r = box_run_with(box, &how, "mgrep", "--color=always", "x", "f", NULL);
    assert_run(&r, 0, "\33[01;31m\33[Kx\33[m\33[K\n", "");
}

static void no_context_still_means_gaps(void **state)
{
    static const char *const options[] = {"-A0", "-B0", "-C0"};
    struct sandbox *box = with(state, text("one\nx\ntwo\nthree\nx\n\n"));
    for (size_t i = 0; i < 3; i++) {
        struct run r = box_run(box, "mgrep", "-v", options[i], "x", "f", NULL);
        assert_run(&r, 0, "one\n--\ntwo\nthree\n--\n\n", "");
    }
}

/* A run of inverted lines has no gap inside, lines that match have one. */
static void gap_stands_where_a_line_was_withheld(void **state)
{
    struct sandbox *box = with(state, text("one\n\377\ntwo\nthree\n"));
    struct run r = box_run(box, "mgrep", "-A0", "", "f", NULL);
    assert_run(&r, 0, "one\n--\ntwo\nthree\n", "mgrep: f: binary file matches\n");
    r = box_run(box, "mgrep", "-v", "-A0", "x", "f", NULL);
    assert_run(&r, 0, "one\ntwo\nthree\n", "mgrep: f: binary file matches\n");
}

static void byte_that_is_no_character_has_no_case(void **state)
{
    struct sandbox *box = with(state, text("one\n\377\né\nÿ\nŸ\n"));
    struct run r = box_run(box, "mgrep", "-ani", "\377", "f", NULL);
    assert_run(&r, 0, "2:\377\n", "");
    r = box_run(box, "mgrep", "-ani", "ÿ", "f", NULL);
    assert_run(&r, 0, "4:ÿ\n5:Ÿ\n", "");
}

/* In Turkish the small letter of I has no dot, and the capital of i has one. */
static void case_is_that_of_the_locale(void **state)
{
    struct sandbox *box = with(state, text("i\nI\nİ\nı\nbix\nBIX\n"));
    struct run r =
        box_run(box, "/usr/bin/localedef", "-i", "tr_TR", "-f", "UTF-8", "./tr_TR.UTF-8", NULL);
    if (r.status != 0 || !box_exists(box, "tr_TR.UTF-8"))
        skip_aloud("there is nothing to make a Turkish locale from");
    const char *const environment[] = {box_format(box, "LOCPATH=%s", box_path(box, ".")), NULL};
    struct how how = {.locale = "tr_TR.UTF-8", .environment = environment};
    r = box_run_with(box, &how, "mgrep", "-n", "-i", "i", "f", NULL);
    assert_run(&r, 0, "1:i\n3:İ\n5:bix\n", "");
    r = box_run_with(box, &how, "mgrep", "-n", "-i", "BIX", "f", NULL);
    assert_run(&r, 0, "6:BIX\n", "");
}

static void colour_of_inverted_lines_is_plain(void **state)
{
    struct sandbox *box = with(state, text(NUMBERS));
    struct run r = box_run(box, "mgrep", "--color=always", "-v", "two", "f", NULL);
    assert_run(&r, 0, "one\nthree\n", "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_file_matches_nothing),
        TEST(matching_line_is_printed),
        TEST(nothing_found_is_status_one),
        TEST(missing_final_newline_is_added),
        TEST(last_line_is_found_around_a_page),
        TEST(last_line_is_found_around_a_window),
        TEST(match_across_a_window_is_found),
        TEST(context_reaches_across_a_window),
        TEST(line_in_a_later_window_has_its_number),
        TEST(all_lines_of_a_large_file_come_in_order),
        TEST(standard_input_is_searched_without_operands),
        TEST(long_pipe_is_searched_to_its_end),
        TEST(line_of_a_pipe_is_printed_before_it_ends),
        TEST(standard_input_starts_where_it_stands),
        TEST(max_count_leaves_standard_input_behind_the_line),
        TEST(max_count_passes_over_withheld_lines),
        TEST(dash_is_standard_input),
        TEST(fifo_is_searched),
        TEST(proc_file_is_searched_though_its_size_is_zero),
        TEST(hole_makes_a_file_binary),
        TEST(missing_file_between_two_good_ones),
        TEST(no_messages_hides_missing_files_only),
        TEST(directory_is_trouble),
        TEST(directory_that_cannot_be_read_is_listed),
        TEST(directories_are_skipped_on_demand),
        TEST(devices_are_skipped_on_demand),
        TEST(unreadable_file_is_trouble),
        TEST(closed_standard_input_is_trouble),
        TEST(full_device_is_trouble),
        TEST(closed_output_is_trouble_only_when_used),
        TEST(reader_that_leaves_ends_it_by_sigpipe),
        TEST(input_that_is_the_output_is_refused),
        TEST(wrong_patterns_are_refused),
        TEST(wrong_arguments_are_refused),
        TEST(two_syntaxes_conflict),
        TEST(missing_pattern_is_refused),
        TEST(ambiguous_abbreviation_is_refused),
        TEST(abbreviations_of_the_peer_keep_their_meaning),
        TEST(obsolete_offsets_are_warned_of),
        TEST(help_goes_to_standard_output),
        TEST(version_names_the_tool),
        TEST(basic_syntax_is_the_default),
        TEST(extended_syntax_has_bare_operators),
        TEST(fixed_strings_have_no_operators),
        TEST(perl_syntax_looks_around),
        TEST(perl_pattern_stands_alone_with_x),
        TEST(back_references_match_the_same_text),
        TEST(anchors_hold_at_line_ends),
        TEST(classes_and_word_escapes_are_known),
        TEST(longest_match_is_taken),
        TEST(operators_with_nothing_to_repeat_are_taken_twice),
        TEST(escaped_letters_are_no_spans_with_i),
        TEST(repeated_groups_with_a_boundary_are_repeated_as_by_the_peer),
        TEST(last_backslash_of_several_strings_stands_for_itself),
        TEST(several_patterns_match_either),
        TEST(patterns_come_from_a_file),
        TEST(empty_pattern_file_matches_nothing),
        TEST(lines_without_a_pattern_are_selected_one_by_one),
        TEST(empty_pattern_matches_every_line),
        TEST(case_is_ignored_on_demand),
        TEST(range_with_i_is_taken_as_it_stands_for_lines),
        TEST(case_is_ignored_in_utf8),
        TEST(dot_is_a_character_of_the_locale),
        TEST(word_regexp_wants_no_letter_beside),
        TEST(line_regexp_wants_the_whole_line),
        TEST(invert_match_selects_the_others),
        TEST(nul_ends_lines_with_z),
        TEST(count_counts_lines),
        TEST(names_of_matching_files),
        TEST(names_of_files_without_a_match),
        TEST(quiet_only_tells_the_status),
        TEST(quiet_forgives_trouble_after_a_match),
        TEST(line_numbers_count_from_one),
        TEST(byte_offsets_are_of_the_line),
        TEST(byte_offsets_are_of_the_match_with_o),
        TEST(only_matching_prints_each_part),
        TEST(only_matching_prints_no_empty_parts),
        TEST(names_come_with_two_files_or_on_demand),
        TEST(label_names_standard_input),
        TEST(initial_tab_aligns_lines),
        TEST(max_count_stops_after_lines),
        TEST(max_count_lets_trailing_context_pass),
        TEST(matches_in_context_behind_max_count_are_parts_of_lines),
        TEST(after_context_follows),
        TEST(before_context_leads),
        TEST(touching_contexts_are_joined),
        TEST(number_option_is_context),
        TEST(group_separator_can_be_chosen),
        TEST(context_of_two_files_is_apart),
        TEST(binary_file_is_only_announced),
        TEST(text_option_prints_binary_lines),
        TEST(binary_files_can_be_left_out),
        TEST(any_string_begins_anew_behind_invalid_utf8),
        TEST(perl_line_begins_behind_stray_bytes),
        TEST(perl_line_begins_only_once),
        TEST(context_of_a_withheld_line_begins_where_the_peer_reads),
        TEST(encoding_error_is_found_with_ignored_case),
        TEST(empty_string_is_a_word_where_a_longer_one_is_not),
        TEST(empty_words_are_found_beside_invalid_utf8),
        TEST(empty_words_yield_to_longer_ones_where_glibc_decides),
        TEST(nul_in_a_pattern_is_no_operator),
        TEST(numbers_may_have_a_sign),
        TEST(invalid_utf8_makes_a_line_binary),
        TEST(recursion_searches_below_a_directory),
        TEST(recursion_without_operands_begins_here),
        TEST(recursion_follows_links_with_capital_r),
        TEST(recursion_goes_on_following_links_after_small_r),
        TEST(recursion_follows_links_that_are_operands),
        TEST(include_and_exclude_choose_files),
        TEST(colour_marks_matches_names_and_numbers),
        TEST(colour_is_off_without_a_terminal),
        TEST(colours_come_from_the_environment),
        TEST(colour_switches_need_no_value_and_may_have_one),
        TEST(obsolete_colour_is_warned_of_where_it_is_used),
        TEST(no_context_still_means_gaps),
        TEST(gap_stands_where_a_line_was_withheld),
        TEST(byte_that_is_no_character_has_no_case),
        TEST(case_is_that_of_the_locale),
        TEST(colour_of_inverted_lines_is_plain),
    };
    return run_named(argc, argv, tests);
}
