/* SPDX-License-Identifier: MIT */
/* mgrep's own part: what grep lacks. */
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
    };
    return run_named(argc, argv, tests);
}
