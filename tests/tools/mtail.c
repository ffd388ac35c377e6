/* SPDX-License-Identifier: MIT */
/* mtail, as a user runs it: what tail(1) promises. */
#include <signal.h>

#include "harness.h"

#define TRY    "Try 'mtail --help' for more information.\n"
#define TWELVE "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"

/* of -- what mtail with one option makes of `content`. */
static struct run of(struct sandbox *box, const char *option, struct bytes content)
{
    box_fill(box, "f", content);
    return box_run(box, "mtail", option, "f", NULL);
}

/* end_of -- the last `len` bytes. */
static struct bytes end_of(struct bytes all, size_t len)
{
    return (struct bytes){(const char *)all.data + all.len - len, len};
}

/* ---------------------------------------------------------------- how much */

static void ten_lines_are_the_default(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(TWELVE));
    struct run r = box_run(box, "mtail", "f", NULL);
    assert_run(&r, 0, "3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "");
}

static void empty_file_gives_nothing(void **state)
{
    struct run r = of(*state, "-n5", text(""));
    assert_run(&r, 0, "", "");
}

static void line_without_a_newline_counts(void **state)
{
    struct run r = of(*state, "-n1", text("one\ntwo"));
    assert_run(&r, 0, "two", "");
}

static void last_lines_are_counted_from_the_end(void **state)
{
    struct run r = of(*state, "-n2", text(TWELVE));
    assert_run(&r, 0, "11\n12\n", "");
}

static void minus_before_the_number_changes_nothing(void **state)
{
    struct run r = of(*state, "-n-2", text(TWELVE));
    assert_run(&r, 0, "11\n12\n", "");
}

static void plus_starts_with_that_line(void **state)
{
    struct run r = of(*state, "-n+11", text(TWELVE));
    assert_run(&r, 0, "11\n12\n", "");
    r = of(*state, "-n+0", text("1\n2"));
    assert_run(&r, 0, "1\n2", "");
    r = of(*state, "-n+1", text("1\n2"));
    assert_run(&r, 0, "1\n2", "");
}

static void plus_behind_the_end_gives_nothing(void **state)
{
    struct run r = of(*state, "-n+13", text(TWELVE));
    assert_run(&r, 0, "", "");
}

static void more_lines_than_there_are_give_all(void **state)
{
    struct run r = of(*state, "-n100", text("\n1\n2"));
    assert_run(&r, 0, "\n1\n2", "");
}

static void no_lines_give_nothing(void **state)
{
    struct run r = of(*state, "-n0", text(TWELVE));
    assert_run(&r, 0, "", "");
}

static void last_bytes_are_counted_from_the_end(void **state)
{
    struct run r = of(*state, "-c4", text("abcdef\n"));
    assert_run(&r, 0, "def\n", "");
}

static void plus_starts_with_that_byte(void **state)
{
    struct run r = of(*state, "-c+3", text("abcdef"));
    assert_run(&r, 0, "cdef", "");
    r = of(*state, "-c+0", text("abc"));
    assert_run(&r, 0, "abc", "");
    r = of(*state, "-c+7", text("abcdef"));
    assert_run(&r, 0, "", "");
}

static void numbers_take_suffixes(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 1 << 20);
    static const struct {
        const char *option;
        size_t bytes;
    } rows[] = {{"-c1b", 512},    {"-c1kB", 1000},   {"-c1K", 1024},
                {"-c2KiB", 2048}, {"-c1M", 1 << 20}, {"-n1K", 16 << 10}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = of(box, rows[i].option, lines);
        assert_run_bytes(&r, 0, end_of(lines, rows[i].bytes), "");
    }
}

static void last_option_wins(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text(TWELVE));
    struct run r = box_run(box, "mtail", "-n1", "-c2", "f", NULL);
    assert_run(&r, 0, "2\n", "");
    r = box_run(box, "mtail", "-c2", "-n1", "f", NULL);
    assert_run(&r, 0, "12\n", "");
}

static void old_number_option_is_known(void **state)
{
    struct run r = of(*state, "-2", text(TWELVE));
    assert_run(&r, 0, "11\n12\n", "");
    r = of(*state, "-3c", text(TWELVE));
    assert_run(&r, 0, "12\n", "");
}

static void nul_ends_lines_with_z(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("a\n\0b\n\0c\n"));
    struct run r = box_run(box, "mtail", "-z", "-n2", "f", NULL);
    assert_run_bytes(&r, 0, text("b\n\0c\n"), "");
}

static void last_line_across_edges_of(struct sandbox *box, size_t edge)
{
    for (size_t len = edge - 1; len <= edge + 1; len++) {
        struct bytes lines = box_lines(box, len);
        struct run r = of(box, "-n2", lines);
        assert_run_bytes(&r, 0, end_of(lines, 16 + (len % 16 ? len % 16 : 16)), "");
        struct bytes line = box_join(box, text("first\n"), box_repeat(box, 'x', len - 6));
        r = of(box, "-n1", line);
        assert_run_bytes(&r, 0, end_of(line, len - 6), "");
        r = of(box, "-n+2", line);
        assert_run_bytes(&r, 0, end_of(line, len - 6), "");
        r = of(box, "-c5", lines);
        assert_run_bytes(&r, 0, end_of(lines, 5), "");
    }
}

static void last_lines_around_a_page(void **state)
{
    last_line_across_edges_of(*state, PAGE);
}

static void last_lines_around_a_window(void **state)
{
    last_line_across_edges_of(*state, WINDOW);
}

static void last_line_spans_two_windows(void **state)
{
    struct sandbox *box = *state;
    struct bytes head = box_lines(box, 1600), line = box_repeat(box, 'x', 2 * WINDOW + 9);
    struct run r = of(box, "-n1", box_join(box, head, line));
    assert_run_bytes(&r, 0, line, "");
}

static void many_lines_reach_into_an_earlier_window(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_repeat(box, 'x', 2 * WINDOW);
    size_t line = 1 << 20;
    for (size_t end = line; end <= lines.len; end += line)
        ((char *)(uintptr_t)lines.data)[end - 1] = '\n';
    struct run r = of(box, "-n40", lines);
    assert_run_bytes(&r, 0, end_of(lines, 40 * line), "");
}

static void end_of_a_sparse_file_is_found(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("begin\n"));
    box_truncate(box, "f", (off_t)8 << 30);
    box_append(box, "f", text("\nend\n"));
    struct run r = box_run(box, "mtail", "-n1", "f", NULL);
    assert_run(&r, 0, "end\n", "");
}

/* ------------------------------------------------------------------ inputs */

static void pipe_gives_its_last_lines(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 3000000);
    struct run r = box_run_with(box, &(struct how){.in = lines}, "mtail", "-n3", NULL);
    assert_run_bytes(&r, 0, end_of(lines, 48), "");
    r = box_run_with(box, &(struct how){.in = lines}, "mtail", "-c100000", NULL);
    assert_run_bytes(&r, 0, end_of(lines, 100000), "");
    r = box_run_with(box, &(struct how){.in = lines}, "mtail", "-n+100001", NULL);
    assert_run_bytes(&r, 0, end_of(lines, lines.len - 1600000), "");
    r = box_run_with(box, &(struct how){.in = lines}, "mtail", "-c+1000001", NULL);
    assert_run_bytes(&r, 0, end_of(lines, 2000000), "");
}

static void pipe_gives_a_large_part(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_join(box, box_lines(box, 24 << 20), text("unfinished"));
    static const size_t sizes[] = {131072, 4194304, 4194305, 10000000, 24 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *count = box_format(box, "-c%zu", sizes[i]);
        struct run r = box_run_with(box, &(struct how){.in = lines}, "mtail", count, NULL);
        assert_run_bytes(&r, 0, end_of(lines, sizes[i]), "");
        count = box_format(box, "-n%zu", sizes[i] / 16 + 1);
        r = box_run_with(box, &(struct how){.in = lines}, "mtail", count, NULL);
        assert_run_bytes(&r, 0, end_of(lines, sizes[i] / 16 * 16 + 10), "");
    }
}

static void large_part_of_a_pipe_waits_in_a_pipe(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 9 << 20), part = end_of(lines, 6 << 20);
    struct how how = {.in = lines, .out = OUT_HELD};
    struct process *p = box_start(box, &how, "mtail", "-v", "-c6M", "-", "gone", NULL);
    process_blocked(p);
    process_release(p);
    struct run r = process_end(p);
    assert_run_bytes(&r, 1, box_join(box, text("==> standard input <==\n"), part),
                     "mtail: cannot open 'gone' for reading: No such file or directory\n");
}

static void pipe_gives_long_lines_whole(void **state)
{
    struct sandbox *box = *state;
    struct bytes line = box_join(box, box_repeat(box, 'x', 5000000), text("\n"));
    struct bytes two = box_join(box, line, line);
    struct bytes four = box_join(box, two, two);
    struct run r = box_run_with(box, &(struct how){.in = four}, "mtail", "-n1", NULL);
    assert_run_bytes(&r, 0, line, "");
    r = box_run_with(box, &(struct how){.in = four}, "mtail", "-n2", NULL);
    assert_run_bytes(&r, 0, two, "");
    /* From many short lines to one long line, and back. */
    struct bytes mixed = box_join(box, box_lines(box, 1600000), line);
    mixed = box_join(box, mixed, box_lines(box, 160));
    r = box_run_with(box, &(struct how){.in = mixed}, "mtail", "-n11", NULL);
    assert_run_bytes(&r, 0, end_of(mixed, 5000001 + 160), "");
    r = box_run_with(box, &(struct how){.in = mixed}, "mtail", "-n10", NULL);
    assert_run_bytes(&r, 0, end_of(mixed, 160), "");
}

static void pipe_shorter_than_asked_gives_all(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in = text("1\n2")}, "mtail", "-n9", NULL);
    assert_run(&r, 0, "1\n2", "");
    r = box_run_with(*state, &(struct how){.in_pipe = true}, "mtail", "-n9", NULL);
    assert_run(&r, 0, "", "");
}

static void standard_input_as_file_is_left_at_its_end(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n2\n3\n"));
    struct run r = box_run_with(box, &(struct how){.in_file = "f"}, "mtail", "-n1", NULL);
    assert_run(&r, 0, "3\n", "");
    assert_int_equal(r.in_offset, 6);
}

static void standard_input_begins_where_it_stands(void **state)
{
    static const struct {
        const char *option, *out;
    } rows[] = {{"-n9", "2\n3\n"}, {"-n1", "3\n"},  {"-c9", "2\n3\n"},
                {"-c1", "\n"},     {"-n+2", "3\n"}, {"-c+2", "\n3\n"}};
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n2\n3\n"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct how how = {.in_file = "f", .in_offset = 2};
        struct run r = box_run_with(box, &how, "mtail", rows[i].option, NULL);
        assert_run(&r, 0, rows[i].out, "");
        assert_int_equal(r.in_offset, 6);
    }
}

static void standard_input_is_not_moved_for_nothing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n2\n3\n"));
    struct how how = {.in_file = "f", .in_offset = 2};
    struct run r = box_run_with(box, &how, "mtail", "-n0", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(r.in_offset, 2);
}

static void standard_input_behind_its_end_gives_nothing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("1\n2\n3\n"));
    struct how how = {.in_file = "f", .in_offset = 9};
    struct run r = box_run_with(box, &how, "mtail", "-n1", NULL);
    assert_run(&r, 0, "", "");
    assert_int_equal(r.in_offset, 9);
}

static void fifo_gives_its_last_lines(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 200000);
    box_fill(box, "f", lines);
    box_fifo(box, "fifo");
    struct process *writer = box_start(box, NULL, "/bin/sh", "-c", "cat f >fifo", NULL);
    struct run r = box_run(box, "mtail", "-n2", "fifo", NULL);
    assert_run_bytes(&r, 0, end_of(lines, 32), "");
    process_end(writer);
}

static void proc_file_is_read_though_its_size_is_zero(void **state)
{
    struct sandbox *box = *state;
    struct run peer = box_run(box, "/usr/bin/tail", "-n2", "/proc/filesystems", NULL);
    struct run r = box_run(box, "mtail", "-n2", "/proc/filesystems", NULL);
    assert_run_bytes(&r, 0, ((struct bytes){peer.out, peer.out_len}), "");
}

/* ----------------------------------------------------------------- headers */

static void several_files_have_headers(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n2\n"));
    box_fill(box, "b", text("3\n4"));
    struct how how = {.in = text("5\n6\n")};
    struct run r = box_run_with(box, &how, "mtail", "-n1", "a", "b", "-", NULL);
    assert_run(&r, 0, "==> a <==\n2\n\n==> b <==\n4\n==> standard input <==\n6\n", "");
}

static void quiet_leaves_headers_out(void **state)
{
    static const char *const names[] = {"-q", "--quiet", "--silent"};
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n2\n"));
    for (int i = 0; i < 3; i++) {
        struct run r = box_run(box, "mtail", names[i], "-n1", "a", "a", NULL);
        assert_run(&r, 0, "2\n2\n", "");
    }
}

static void verbose_gives_one_file_a_header(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n2\n"));
    struct run r = box_run(box, "mtail", "-v", "-n1", "a", NULL);
    assert_run(&r, 0, "==> a <==\n2\n", "");
    r = box_run_with(box, &(struct how){.in_file = "a"}, "mtail", "--verbose", "-n1", NULL);
    assert_run(&r, 0, "==> standard input <==\n2\n", "");
}

static void empty_files_have_headers(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text(""));
    struct run r = box_run(box, "mtail", "a", "a", NULL);
    assert_run(&r, 0, "==> a <==\n\n==> a <==\n", "");
}

/* --------------------------------------------------------------- our own */

static void prefix_puts_the_name_before_each_line(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n2\n\n"));
    box_fill(box, "b", text("3\n4"));
    struct how how = {.in = text("5\n6\n")};
    struct run r = box_run_with(box, &how, "mtail", "--prefix", "-n2", "a", "b", "-", NULL);
    assert_run(&r, 0, "a:2\na:\nb:3\nb:4\nstandard input:5\nstandard input:6\n", "");
    r = box_run(box, "mtail", "--prefix", "-c2", "a", "b", NULL);
    assert_run(&r, 0, "a:\na:\nb:\nb:4\n", "");
    r = box_run(box, "mtail", "--prefix", "a", "b", "-n+2", NULL);
    assert_run(&r, 0, "a:2\na:\nb:4\n", "");
}

static void prefix_stands_where_headers_would(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("1\n"));
    struct run r = box_run(box, "mtail", "--prefix", "a", NULL);
    assert_run(&r, 0, "1\n", "");
    r = box_run(box, "mtail", "--prefix", "-v", "a", NULL);
    assert_run(&r, 0, "a:1\n", "");
    r = box_run(box, "mtail", "--prefix", "-q", "a", "a", NULL);
    assert_run(&r, 0, "1\n1\n", "");
}

static void prefix_takes_the_line_end_of_z(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a",
             text("1\n2\0"
                  "3"));
    struct run r = box_run(box, "mtail", "--prefix", "-vz", "a", NULL);
    assert_run_bytes(&r, 0, text("a:1\n2\0a:3\0"), "");
}

static void prefix_is_put_before_long_lines_once(void **state)
{
    struct sandbox *box = *state;
    struct bytes line = box_join(box, box_repeat(box, 'x', WINDOW + 9), text("\n"));
    struct bytes two = box_join(box, line, line);
    box_fill(box, "f", two);
    struct bytes name = text("f:"), shown = box_join(box, name, line);
    struct run r = box_run(box, "mtail", "--prefix", "-v", "f", NULL);
    assert_run_bytes(&r, 0, box_join(box, shown, shown), "");
    struct how how = {.in = two};
    r = box_run_with(box, &how, "mtail", "--prefix", "-v", NULL);
    shown = box_join(box, text("standard input:"), line);
    assert_run_bytes(&r, 0, box_join(box, shown, shown), "");
}

static void prefix_shortens_no_option_of_the_peer(void **state)
{
    struct run r = of(*state, "--p=1", text("1\n"));
    assert_run(&r, 0, "1\n",
               "mtail: warning: PID ignored; --pid=PID is useful only when following\n");
}

static void terminal_is_shown_nothing_that_it_would_obey(void **state)
{
    struct sandbox *box = *state;
    struct how how = {.out = OUT_TERMINAL};
    box_fill(box, "a\033",
             text("\033[31mred\033[m\ttab\r\n\xc2\x9b"
                  "1m\xff \u00e9\n\x7f"));
    static const char lines[] = "^[[31mred^[[m\ttab^M\n\\302\\2331m\\377 \u00e9\n^?";
    struct run r = box_run_with(box, &how, "mtail", "a\033", NULL);
    assert_run(&r, 0, lines, "");
    r = box_run_with(box, &how, "mtail", "-v", "a\033", NULL);
    assert_run(&r, 0, box_format(box, "==> a^[ <==\n%s", lines), "");
    r = box_run_with(box, &how, "mtail", "-v", "-n1", "--prefix", "a\033", NULL);
    assert_run(&r, 0, "a^[:^?\n", "");
    r = box_run(box, "mtail", "-n1", "a\033", NULL);
    assert_run(&r, 0, "\x7f", "");
}

/* ----------------------------------------------------------------- trouble */

static void missing_file_between_two_good_ones(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_fill(box, "b", text("B\n"));
    struct run r = box_run(box, "mtail", "a", "gone", "b", NULL);
    assert_run(&r, 1, "==> a <==\nA\n\n==> b <==\nB\n",
               "mtail: cannot open 'gone' for reading: No such file or directory\n");
}

static void directory_is_an_error_under_its_header(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("A\n"));
    box_directory(box, "d");
    struct run r = box_run(box, "mtail", "d", "a", NULL);
    assert_run(&r, 1, "==> d <==\n\n==> a <==\nA\n", "mtail: error reading 'd': Is a directory\n");
}

static void unreadable_file_is_an_error(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() == 0)
        skip_aloud("root may read every file");
    box_fill(box, "f", text("secret\n"));
    box_mode(box, "f", 0);
    struct run r = box_run(box, "mtail", "f", NULL);
    assert_run(&r, 1, "", "mtail: cannot open 'f' for reading: Permission denied\n");
}

static void closed_standard_input_is_an_error(void **state)
{
    struct run r = box_run_with(*state, &(struct how){.in_closed = true}, "mtail", NULL);
    assert_run(&r, 1, "",
               "mtail: cannot fstat 'standard input': Bad file descriptor\n"
               "mtail: -: Bad file descriptor\n");
}

static void full_device_is_a_write_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("A\n"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mtail", "f", NULL);
    assert_run(&r, 1, "", "mtail: write error: No space left on device\n");
}

static void full_device_is_harmless_for_nothing(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("A\n"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_FULL}, "mtail", "-n0", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void closed_output_is_a_write_error(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("A\n"));
    struct run r = box_run_with(box, &(struct how){.out = OUT_CLOSED}, "mtail", "f", NULL);
    assert_run(&r, 1, "", "mtail: write error: Bad file descriptor\n");
}

static void reader_that_leaves_ends_it_by_sigpipe(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 8 << 20));
    struct how how = {.out = OUT_GONE, .out_bytes = 16};
    struct run r = box_run_with(box, &how, "mtail", "-n+1", "f", NULL);
    assert_run(&r, 128 + SIGPIPE, "000000000000001\n", "");
}

static void invalid_numbers_are_refused(void **state)
{
    static const struct {
        const char *option, *err;
    } rows[] = {{"-nx", "mtail: invalid number of lines: 'x'\n"},
                {"-c1y", "mtail: invalid number of bytes: '1y'\n"},
                {"-n", "mtail: option requires an argument -- 'n'\n" TRY}};
    struct how how = {.locale = "C"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run r = box_run_with(*state, &how, "mtail", rows[i].option, NULL);
        assert_run(&r, 1, "", rows[i].err);
    }
}

static void unknown_options_are_refused(void **state)
{
    struct run r = box_run(*state, "mtail", "-y", NULL);
    assert_run(&r, 1, "", "mtail: invalid option -- 'y'\n" TRY);
    r = box_run(*state, "mtail", "--nonsense", NULL);
    assert_run(&r, 1, "", "mtail: unrecognized option '--nonsense'\n" TRY);
}

static void abbreviations_of_the_peer_keep_their_meaning(void **state)
{
    struct run r = of(*state, "--li=1", text(TWELVE));
    assert_run(&r, 0, "12\n", "");
    r = of(*state, "--by=2", text(TWELVE));
    assert_run(&r, 0, "2\n", "");
}

static void help_goes_to_standard_output(void **state)
{
    const char *begin = "Usage: mtail [OPTION]... [FILE]...\n";
    struct run r = run_begins(box_run(*state, "mtail", "--help", NULL), begin);
    assert_run(&r, 0, begin, "");
}

static void version_names_the_tool(void **state)
{
    struct run r = run_begins(box_run(*state, "mtail", "--version", NULL), "mtail (");
    assert_run(&r, 0, "mtail (", "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(ten_lines_are_the_default),
        TEST(empty_file_gives_nothing),
        TEST(line_without_a_newline_counts),
        TEST(last_lines_are_counted_from_the_end),
        TEST(minus_before_the_number_changes_nothing),
        TEST(plus_starts_with_that_line),
        TEST(plus_behind_the_end_gives_nothing),
        TEST(more_lines_than_there_are_give_all),
        TEST(no_lines_give_nothing),
        TEST(last_bytes_are_counted_from_the_end),
        TEST(plus_starts_with_that_byte),
        TEST(numbers_take_suffixes),
        TEST(last_option_wins),
        TEST(old_number_option_is_known),
        TEST(nul_ends_lines_with_z),
        TEST(last_lines_around_a_page),
        TEST(last_lines_around_a_window),
        TEST(last_line_spans_two_windows),
        TEST(many_lines_reach_into_an_earlier_window),
        TEST(end_of_a_sparse_file_is_found),
        TEST(pipe_gives_its_last_lines),
        TEST(pipe_gives_a_large_part),
        TEST(large_part_of_a_pipe_waits_in_a_pipe),
        TEST(pipe_gives_long_lines_whole),
        TEST(pipe_shorter_than_asked_gives_all),
        TEST(standard_input_as_file_is_left_at_its_end),
        TEST(standard_input_begins_where_it_stands),
        TEST(standard_input_is_not_moved_for_nothing),
        TEST(standard_input_behind_its_end_gives_nothing),
        TEST(fifo_gives_its_last_lines),
        TEST(proc_file_is_read_though_its_size_is_zero),
        TEST(several_files_have_headers),
        TEST(quiet_leaves_headers_out),
        TEST(verbose_gives_one_file_a_header),
        TEST(empty_files_have_headers),
        TEST(prefix_puts_the_name_before_each_line),
        TEST(prefix_stands_where_headers_would),
        TEST(prefix_takes_the_line_end_of_z),
        TEST(prefix_is_put_before_long_lines_once),
        TEST(prefix_shortens_no_option_of_the_peer),
        TEST(terminal_is_shown_nothing_that_it_would_obey),
        TEST(missing_file_between_two_good_ones),
        TEST(directory_is_an_error_under_its_header),
        TEST(unreadable_file_is_an_error),
        TEST(closed_standard_input_is_an_error),
        TEST(full_device_is_a_write_error),
        TEST(full_device_is_harmless_for_nothing),
        TEST(closed_output_is_a_write_error),
        TEST(reader_that_leaves_ends_it_by_sigpipe),
        TEST(invalid_numbers_are_refused),
        TEST(unknown_options_are_refused),
        TEST(abbreviations_of_the_peer_keep_their_meaning),
        TEST(help_goes_to_standard_output),
        TEST(version_names_the_tool),
    };
    return run_named(argc, argv, tests);
}
