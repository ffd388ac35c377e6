/* SPDX-License-Identifier: MIT */
/* mgrep's own part: what grep lacks. */
#include <stdio.h>

#include "harness.h"

static const struct how on_terminal = {.out = OUT_TERMINAL};

/* with -- the box, with `content` in the file f. */
static struct sandbox *with(void **state, struct bytes content)
{
    box_fill(*state, "f", content);
    return *state;
}

/* ---------------------------------------------------------------- terminals */

static void terminal_is_shown_controls_and_does_not_obey_them(void **state)
{
    struct sandbox *box = with(state, text("a\33[31mb\a\b\v\177 one\ttwo\n"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "one", "f", NULL);
    assert_run(&r, 0, "a^[[31mb^G^H^K^? one\ttwo\n", "");
}

static void pipe_gets_controls_as_they_are(void **state)
{
    struct sandbox *box = with(state, text("a\33[31mb\a \302\233 one\n"));
    struct run r = box_run(box, "mgrep", "one", "f", NULL);
    assert_run(&r, 0, "a\33[31mb\a \302\233 one\n", "");
}

static void terminal_gets_utf8_but_none_of_its_controls(void **state)
{
    struct sandbox *box = with(state, text("é本\U0001f600 \302\205\302\233\302\240 one\n"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "one", "f", NULL);
    assert_run(&r, 0, "é本\U0001f600 \\302\\205\\302\\233\302\240 one\n", "");
    struct how how = {.out = OUT_TERMINAL, .locale = "C"};
    r = box_run_with(box, &how, "mgrep", "one", "f", NULL);
    assert_run(&r, 0, "é本\U0001f600 \\302\\205\\302\\233\302\240 one\n", "");
}

static void terminal_is_shown_bytes_that_are_no_character(void **state)
{
    struct sandbox *box = with(state, text("\233\377 \303 one \0 \355\240\200\n"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "-a", "one", "f", NULL);
    assert_run(&r, 0, "\\233\\377 \\303 one ^@ \\355\\240\\200\n", "");
}

static void terminal_gets_our_colours_around_harmless_text(void **state)
{
    struct sandbox *box = with(state, text("\33a\33b\33\n"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "--color=always", "a.b", "f", NULL);
    assert_run(&r, 0, "^[\33[01;31m\33[Ka^[b\33[m\33[K^[\n", "");
    r = box_run_with(box, &on_terminal, "mgrep", "-o", "a.b", "f", NULL);
    assert_run(&r, 0, "a^[b\n", "");
}

static void terminal_gets_colours_on_demand_of_auto(void **state)
{
    struct sandbox *box = with(state, text("one\n"));
    const char *const environment[] = {"TERM=xterm", NULL};
    struct how how = {.out = OUT_TERMINAL, .environment = environment};
    struct run r = box_run_with(box, &how, "mgrep", "--color", "n", "f", NULL);
    assert_run(&r, 0, "o\33[01;31m\33[Kn\33[m\33[Ke\n", "");
}

static void terminal_is_shown_controls_in_names(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a\33[2J\nb\302\233", text("one\n"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "-rH", "one", NULL);
    assert_run(&r, 0, "a^[[2J^Jb\\302\\233:one\n", "");
    r = box_run_with(box, &on_terminal, "mgrep", "-rl", "one", NULL);
    assert_run(&r, 0, "a^[[2J^Jb\\302\\233\n", "");
    r = box_run_with(box, &on_terminal, "mgrep", "-rcH", "one", NULL);
    assert_run(&r, 0, "a^[[2J^Jb\\302\\233:1\n", "");
    r = box_run(box, "mgrep", "-rl", "one", NULL);
    assert_run(&r, 0, "a\33[2J\nb\302\233\n", "");
}

static void carriage_return_stays_only_at_the_end_of_a_line(void **state)
{
    struct sandbox *box = with(state, text("safe one\revil\r\r\n"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "one", "f", NULL);
    assert_run(&r, 0, "safe one^Mevil^M\r\n", "");
}

static void records_of_null_data_keep_their_newlines_on_a_terminal(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo\r\0three\0"));
    struct run r = box_run_with(box, &on_terminal, "mgrep", "-z", "two", "f", NULL);
    assert_run_bytes(&r, 0, text("one\ntwo^M\0"), "");
}

/* ----------------------------------------------------------------- columns */

#define LONG "1234567890 one\nshort one\n1234567890\nend\n"

static void long_line_is_only_mentioned(void **state)
{
    struct sandbox *box = with(state, text(LONG));
    struct run r = box_run(box, "mgrep", "--max-columns=10", "-nb", "one", "f", NULL);
    assert_run(&r, 0, "1:0:[Omitted long matching line]\n2:15:short one\n", "");
    r = box_run(box, "mgrep", "--max-columns=10", "-c", "one", "f", NULL);
    assert_run(&r, 0, "2\n", "");
}

static void line_as_long_as_the_limit_is_printed(void **state)
{
    struct sandbox *box = with(state, text(LONG));
    struct run r = box_run(box, "mgrep", "--max-columns=14", "1", "f", NULL);
    assert_run(&r, 0, "1234567890 one\n1234567890\n", "");
    r = box_run(box, "mgrep", "--max-columns=13", "1", "f", NULL);
    assert_run(&r, 0, "[Omitted long matching line]\n1234567890\n", "");
}

static void long_context_is_called_so(void **state)
{
    struct sandbox *box = with(state, text(LONG));
    struct run r = box_run(box, "mgrep", "--max-columns=9", "-C1", "short", "f", NULL);
    assert_run(&r, 0, "[Omitted long context line]\nshort one\n[Omitted long context line]\n", "");
    r = box_run(box, "mgrep", "--max-columns=9", "-v", "one", "f", NULL);
    assert_run(&r, 0, "[Omitted long matching line]\nend\n", "");
}

static void colour_counts_the_matches_of_a_long_line(void **state)
{
    struct sandbox *box = with(state, text("one two one\n"));
    struct run r =
        box_run(box, "mgrep", "--max-columns=9", "--color=always", "one\\|x*", "f", NULL);
    assert_run(&r, 0, "[Omitted long line with 2 matches]\n", "");
    r = box_run(box, "mgrep", "--max-columns=9", "--color=always", "-v", "x", "f", NULL);
    assert_run(&r, 0, "[Omitted long matching line]\n", "");
}

static void only_long_parts_are_omitted(void **state)
{
    struct sandbox *box = with(state, text("abc abcdef ab\n"));
    struct run r = box_run(box, "mgrep", "--max-columns=3", "-o", "[a-f]*", "f", NULL);
    assert_run(&r, 0, "abc\n[Omitted long matching line]\nab\n", "");
}

static void zero_columns_are_no_limit(void **state)
{
    struct sandbox *box = with(state, text("short one\n"));
    struct run r = box_run(box, "mgrep", "--max-columns=0", "one", "f", NULL);
    assert_run(&r, 0, "short one\n", "");
    r = box_run(box, "mgrep", "--max-columns=99999999999999999999", "one", "f", NULL);
    assert_run(&r, 0, "short one\n", "");
}

static void columns_must_be_a_number(void **state)
{
    struct run r = box_run(*state, "mgrep", "--max-columns=x", "one", NULL);
    assert_run(&r, 2, "", "mgrep: x: invalid number of columns\n");
}

static void own_options_may_be_abbreviated(void **state)
{
    struct sandbox *box = with(state, text("one\none\n"));
    struct run r = box_run(box, "mgrep", "--max-col=1", "one", "f", NULL);
    assert_run(&r, 0, "[Omitted long matching line]\n[Omitted long matching line]\n", "");
    r = box_run(box, "mgrep", "--max-co=1", "one", "f", NULL);
    assert_run(&r, 0, "one\n", "");
}

/* ------------------------------------------------------------------- stats */

/* assert_stats -- the run printed `out`, an empty line, these figures, and times. */
static void assert_stats(struct sandbox *box, const struct run *run, int status, const char *out,
                         const char *figures)
{
    const char *text = box_format(box, "%s\n%s", out, figures);
    struct run counted = run_begins(*run, text);
    assert_run(&counted, status, text, "");
    double searching, total;
    int end = 0;
    sscanf(run->out + strlen(text), "%lf seconds spent searching\n%lf seconds\n%n", &searching,
           &total, &end);
    assert_true(end > 0 && run->out[strlen(text) + (size_t)end] == '\0');
    assert_true(searching >= 0 && searching <= total && total < 20);
}

static void stats_come_after_the_lines(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo\nand one\nfour"));
    struct run r = box_run(box, "mgrep", "--stats", "one", "f", NULL);
    assert_stats(box, &r, 0, "one\nand one\n",
                 "2 matched lines\n1 files contained matches\n1 files searched\n"
                 "12 bytes printed\n20 bytes searched\n");
}

static void stats_sum_the_files_up(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo\n"));
    box_fill(box, "g", text("none\n"));
    box_fill(box, "h", text("x\n"));
    struct run r = box_run(box, "mgrep", "--stats", "-c", "one", "f", "g", "h", NULL);
    assert_stats(box, &r, 0, "f:1\ng:1\nh:0\n",
                 "2 matched lines\n2 files contained matches\n3 files searched\n"
                 "12 bytes printed\n15 bytes searched\n");
}

static void stats_leave_out_what_was_not_searched(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo\none\ntwo\n"));
    struct run r = box_run(box, "mgrep", "--stats", "-m1", "two", "f", NULL);
    assert_stats(box, &r, 0, "two\n",
                 "1 matched lines\n1 files contained matches\n1 files searched\n"
                 "4 bytes printed\n8 bytes searched\n");
    r = box_run(box, "mgrep", "--stats", "-q", "two", "f", "f", NULL);
    assert_stats(box, &r, 0, "",
                 "1 matched lines\n1 files contained matches\n1 files searched\n"
                 "0 bytes printed\n8 bytes searched\n");
    r = box_run(box, "mgrep", "--stats", "-m0", "two", "f", NULL);
    assert_stats(box, &r, 1, "",
                 "0 matched lines\n0 files contained matches\n0 files searched\n"
                 "0 bytes printed\n0 bytes searched\n");
    r = box_run(box, "mgrep", "--stats", "-s", "two", "absent", "f", NULL);
    assert_stats(box, &r, 2, "f:two\nf:two\n",
                 "2 matched lines\n1 files contained matches\n1 files searched\n"
                 "12 bytes printed\n16 bytes searched\n");
}

static void stats_count_a_pipe_to_its_end(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 1600000);
    struct how how = {.in = lines};
    struct run r = box_run_with(box, &how, "mgrep", "--stats", "-B2", "none", NULL);
    assert_stats(box, &r, 1, "",
                 "0 matched lines\n0 files contained matches\n1 files searched\n"
                 "0 bytes printed\n1600000 bytes searched\n");
    r = box_run_with(box, &how, "mgrep", "--stats", "-c", "", NULL);
    assert_stats(box, &r, 0, "100000\n",
                 "100000 matched lines\n1 files contained matches\n1 files searched\n"
                 "7 bytes printed\n1600000 bytes searched\n");
    r = box_run_with(box, &how, "mgrep", "--stats", "", NULL);
    assert_stats(box, &r, 0, (const char *)lines.data,
                 "100000 matched lines\n1 files contained matches\n1 files searched\n"
                 "1600000 bytes printed\n1600000 bytes searched\n");
}

/* ---------------------------------------------------------------- progress */

/* after_a_while -- a run that is fed a line, and half a second later another. */
static struct run after_a_while(struct sandbox *box, struct how *how, struct bytes lines)
{
    how->in_held = true;
    struct process *process = box_start(box, how, "mgrep", "--progress", "one", NULL);
    process_feed(process, lines);
    process_blocked(process);
    usleep(600000);
    process_feed(process, lines);
    process_blocked(process);
    process_hang_up(process);
    return process_end(process);
}

static void progress_is_shown_on_a_terminal_and_erased(void **state)
{
    struct run r = after_a_while(*state, &(struct how){.err_terminal = true}, text("one\ntwo\n"));
    assert_run_bytes(&r, 0, text("one\none\n"), r.err);
    const char *begin = "\rmgrep: 16 B, ";
    assert_memory_equal(r.err, begin, strlen(begin));
    size_t shown = strcspn(r.err + 1, "\r");
    const char *end = box_format(*state, "\r%*s\r", (int)shown, "");
    assert_string_equal(r.err + 1 + shown, end);
}

static void progress_tells_the_share_of_all_files(void **state)
{
    struct sandbox *box = with(state, box_lines(*state, 4 << 20));
    struct how how = {.err_terminal = true, .out = OUT_HELD};
    struct process *process = box_start(box, &how, "mgrep", "--progress", "", "f", "f", NULL);
    process_blocked(process);
    usleep(600000);
    process_release(process);
    struct run r = process_end(process);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.err, "iB of 8.0 MiB, "));
}

static void progress_needs_a_terminal(void **state)
{
    struct run r = after_a_while(*state, &(struct how){0}, text("one\ntwo\n"));
    assert_run(&r, 0, "one\none\n", "");
}

static void short_search_shows_no_progress(void **state)
{
    struct sandbox *box = with(state, text("one\n"));
    struct how how = {.err_terminal = true};
    struct run r = box_run_with(box, &how, "mgrep", "--progress", "one", "f", "f", NULL);
    assert_run(&r, 0, "f:one\nf:one\n", "");
}

/* -------------------------------------------------------------------- parts */

static void parts_are_those_of_split(void **state)
{
    struct sandbox *box = with(state, text("one 1\n2\nthree, which is long\n4\nfive"));
    for (int n = 1; n <= 12; n++) {
        for (int k = 1; k <= n; k++) {
            char ours[64], theirs[64];
            snprintf(ours, sizeof ours, "--part=%d/%d", k, n);
            snprintf(theirs, sizeof theirs, "split -n l/%d/%d f | grep -v 4", k, n);
            struct run want = box_run(box, "/bin/sh", "-c", theirs, NULL);
            struct run r = box_run(box, "mgrep", ours, "-v", "4", "f", NULL);
            assert_run(&r, want.status, want.out, "");
        }
    }
}

static void parts_number_lines_and_bytes_as_the_whole(void **state)
{
    struct sandbox *box = with(state, box_lines(*state, 9 << 20));
    struct run r = box_run(box, "/bin/sh", "-c",
                           "grep -nb 7 f >whole; for k in 1 2 3 4 5; do " MMUTILS_BUILT
                           "/mgrep -nb --part=$k/5 7 f; done | cmp - whole",
                           NULL);
    assert_run(&r, 0, "", "");
}

static void context_and_limits_are_those_of_the_part(void **state)
{
    struct sandbox *box = with(state, text("a1\nb\na2\nb\na3\nb\n"));
    struct run r = box_run(box, "mgrep", "--part=2/2", "-n", "-C1", "a", "f", NULL);
    assert_run(&r, 0, "4-b\n5:a3\n6-b\n", "");
    r = box_run(box, "mgrep", "--part=1/2", "-nA1", "-m1", "b", "f", NULL);
    assert_run(&r, 0, "2:b\n3-a2\n", "");
    r = box_run(box, "mgrep", "--part=2/2", "-l", "a1", "f", NULL);
    assert_run(&r, 1, "", "");
}

static void stream_has_no_parts(void **state)
{
    struct how how = {.in = text("a\n")};
    struct run r = box_run_with(*state, &how, "mgrep", "--part=1/2", "a", NULL);
    assert_run(&r, 2, "", "mgrep: (standard input): only a file has parts\n");
}

static void part_must_be_one_of_them(void **state)
{
    static const char *const wrong[] = {"--part=0/2", "--part=3/2", "--part=1", "--part=1/x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct run r = box_run(*state, "mgrep", wrong[i], "a", "f", NULL);
        assert_int_equal(r.status, 2);
        assert_non_null(strstr(r.err, "invalid part"));
    }
}

/* ------------------------------------------------------------------ engines */

/* The engines that are there; the last may not be. */
static const char *const engines[] = {"--engine=pcre2", "--engine=auto", "--engine=vectorscan"};

static size_t count_engines(struct sandbox *box)
{
    struct run r = box_run(box, "mgrep", engines[2], "x", "/dev/null", NULL);
    return r.status == 2 ? 2 : 3;
}

static void engines_give_the_same_lines(void **state)
{
    struct sandbox *box = with(state, text("one\n\ntwo 2\néin \377\nTwo\n2 two\n\n"));
    static const struct {
        const char *option, *pattern, *out;
    } rows[] = {{"-n", "two", "3:two 2\n6:2 two\n"},
                {"-nx", "[a-z]*", "1:one\n2:\n7:\n"},
                {"-n", "^$", "2:\n7:\n"},
                {"-niE", "t.o|^o", "1:one\n3:two 2\n5:Two\n6:2 two\n"},
                {"-nw", "[0-9]", "3:two 2\n6:2 two\n"},
                {"-c", "\\(.\\).*\\1", "0\n"},
                {"-naP", "n (?=\\x{ff}|)", "4:éin \377\n"},
                {"-no", "t[a-z]\\|ne", "1:ne\n3:tw\n6:tw\n"}};
    size_t count = count_engines(box);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t k = 0; k < count; k++) {
            struct run r =
                box_run(box, "mgrep", engines[k], rows[i].option, rows[i].pattern, "f", NULL);
            assert_run(&r, strcmp(rows[i].out, "0\n") == 0, rows[i].out, "");
        }
    }
}

/* More lines match than were expected at once, some with their end alone. */
static void engines_find_every_line_of_many(void **state)
{
    struct sandbox *box = *state;
    char *lines = box_keep(box, 200001);
    for (size_t i = 0; i < 50000; i++)
        memcpy(lines + 4 * i, i % 3 ? "ab1\n" : "a b\n", 5);
    box_fill(box, "f", (struct bytes){lines, 200000});
    size_t count = count_engines(box);
    for (size_t k = 0; k < count; k++) {
        struct run r = box_run(box, "mgrep", engines[k], "-c", "-E", "(a|b) ?[b-d]$|1$", "f", NULL);
        assert_run(&r, 0, "50000\n", "");
    }
}

static void engine_may_be_abbreviated(void **state)
{
    struct sandbox *box = with(state, text("one\n"));
    struct run r = box_run(box, "mgrep", "--eng=p", "one", "f", NULL);
    assert_run(&r, 0, "one\n", "");
}

static void unknown_engine_is_refused(void **state)
{
    static const char rest[] = "Valid arguments are:\n  - 'auto'\n  - 'pcre2'\n  - 'vectorscan'\n"
                               "Usage: mgrep [OPTION]... PATTERNS [FILE]...\n"
                               "Try 'mgrep --help' for more information.\n";
    struct run r = box_run(*state, "mgrep", "--engine=re2", "x", NULL);
    assert_run(&r, 2, "",
               box_format(*state, "mgrep: invalid argument 're2' for '--engine'\n%s", rest));
    r = box_run(*state, "mgrep", "--engine=", "x", NULL);
    assert_run(&r, 2, "",
               box_format(*state, "mgrep: ambiguous argument '' for '--engine'\n%s", rest));
}

/* One that is absent, or that misses matches, is trouble only where it was asked for. */
static void absent_engine_is_trouble(void **state)
{
    struct sandbox *box = with(state, text("one\n"));
    box_fill(box, "libhs.so.5", text("no library\n"));
    const char *const environment[] = {box_format(box, "LD_LIBRARY_PATH=%s", box_path(box, ".")),
                                       NULL};
    struct how how = {.environment = environment};
    struct run r = box_run_with(box, &how, "mgrep", "--engine=vectorscan", "one", "f", NULL);
    if (strstr(r.err, "built without"))
        assert_run(&r, 2, "",
                   "mgrep: --engine=vectorscan: this mgrep was built without the vectorscan "
                   "library\n");
    else
        assert_run(&r, 2, "", "mgrep: --engine=vectorscan: libhs.so.5 cannot be loaded\n");
    r = box_run_with(box, &how, "mgrep", "--engine=auto", "one", "f", NULL);
    assert_run(&r, 0, "one\n", "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(terminal_is_shown_controls_and_does_not_obey_them),
        TEST(pipe_gets_controls_as_they_are),
        TEST(terminal_gets_utf8_but_none_of_its_controls),
        TEST(terminal_is_shown_bytes_that_are_no_character),
        TEST(terminal_gets_our_colours_around_harmless_text),
        TEST(terminal_gets_colours_on_demand_of_auto),
        TEST(terminal_is_shown_controls_in_names),
        TEST(carriage_return_stays_only_at_the_end_of_a_line),
        TEST(records_of_null_data_keep_their_newlines_on_a_terminal),
        TEST(long_line_is_only_mentioned),
        TEST(line_as_long_as_the_limit_is_printed),
        TEST(long_context_is_called_so),
        TEST(colour_counts_the_matches_of_a_long_line),
        TEST(only_long_parts_are_omitted),
        TEST(zero_columns_are_no_limit),
        TEST(columns_must_be_a_number),
        TEST(own_options_may_be_abbreviated),
        TEST(stats_come_after_the_lines),
        TEST(stats_sum_the_files_up),
        TEST(stats_leave_out_what_was_not_searched),
        TEST(stats_count_a_pipe_to_its_end),
        TEST(progress_is_shown_on_a_terminal_and_erased),
        TEST(progress_tells_the_share_of_all_files),
        TEST(progress_needs_a_terminal),
        TEST(short_search_shows_no_progress),
        TEST(parts_are_those_of_split),
        TEST(parts_number_lines_and_bytes_as_the_whole),
        TEST(context_and_limits_are_those_of_the_part),
        TEST(stream_has_no_parts),
        TEST(part_must_be_one_of_them),
        TEST(engines_give_the_same_lines),
        TEST(engines_find_every_line_of_many),
        TEST(engine_may_be_abbreviated),
        TEST(unknown_engine_is_refused),
        TEST(absent_engine_is_trouble),
    };
    return run_named(argc, argv, tests);
}
