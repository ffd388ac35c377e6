/* SPDX-License-Identifier: MIT */
/* mgrep --json, in ripgrep's shape. */
#include "harness.h"

/* with -- the box, with `content` in the file f. */
static struct sandbox *with(void **state, struct bytes content)
{
    box_fill(*state, "f", content);
    return *state;
}

/* timeless -- the output with T for each time, which is {"secs":...}; other builds are skipped. */
static struct run timeless(struct sandbox *box, struct run run)
{
    if (strstr(run.err, "built without"))
        skip_aloud("mgrep was built without jansson");
    char *text = box_keep(box, run.out_len + 1), *to = text;
    for (const char *from = run.out; *from;) {
        if (strncmp(from, "{\"secs\":", 8) == 0) {
            from += strcspn(from, "}") + 1;
            *to++ = 'T';
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    run.out = text;
    run.out_len = (size_t)(to - text);
    return run;
}

#define json_run(box, ...) timeless(box, box_run(box, "mgrep", "--json", __VA_ARGS__, NULL))
#define json_run_with(box, how, ...)                                                               \
    timeless(box, box_run_with(box, how, "mgrep", "--json", __VA_ARGS__, NULL))

/* The records, as ripgrep words them. */
#define BEGIN(path) "{\"type\":\"begin\",\"data\":{\"path\":" path "}}\n"
#define LINE(type, path, lines, number, offset, submatches)                                        \
    "{\"type\":\"" type "\",\"data\":{\"path\":" path ",\"lines\":" lines                          \
    ",\"line_number\":" #number ",\"absolute_offset\":" #offset ",\"submatches\":[" submatches     \
    "]}}\n"
#define MATCH(text, start, end) "{\"match\":" text ",\"start\":" #start ",\"end\":" #end "}"
#define STATS(inputs, selected, searched, printed, lines, matches)                                 \
    "{\"elapsed\":T,\"searches\":" #inputs ",\"searches_with_match\":" #selected                   \
    ",\"bytes_searched\":" #searched ",\"bytes_printed\":" #printed ",\"matched_lines\":" #lines   \
    ",\"matches\":" #matches "}"
#define END(path, nul, stats)                                                                      \
    "{\"type\":\"end\",\"data\":{\"path\":" path ",\"binary_offset\":" #nul ",\"stats\":" stats    \
    "}}\n"
#define SUMMARY(stats) "{\"type\":\"summary\",\"data\":{\"elapsed_total\":T,\"stats\":" stats "}}\n"
#define TEXT(text)     "{\"text\":\"" text "\"}"
#define F              TEXT("f")
#define ONE            TEXT("one")

#define CONTENT "one two one\nthree\nfour one\nfive\nsix"
#define FIRST   LINE("match", F, TEXT("one two one\\n"), 1, 0, MATCH(ONE, 0, 3) "," MATCH(ONE, 8, 11))
#define THIRD   LINE("match", F, TEXT("four one\\n"), 3, 18, MATCH(ONE, 5, 8))

/* What rg 13 prints for `rg --json one f`, but for the order of the summary's members. */
#define PLAIN                                                                                      \
    BEGIN(F)                                                                                       \
    FIRST THIRD END(F, null, STATS(1, 1, 35, 434, 2, 3)) SUMMARY(STATS(1, 1, 35, 434, 2, 3))

static void match_has_its_line_offset_and_parts(void **state)
{
    struct sandbox *box = with(state, text(CONTENT));
    struct run r = json_run(box, "one", "f");
    assert_run(&r, 0, PLAIN, "");
}

static void nothing_found_is_a_summary(void **state)
{
    struct sandbox *box = with(state, text(CONTENT));
    struct run r = json_run(box, "none", "f");
    assert_run(&r, 1, SUMMARY(STATS(1, 0, 35, 0, 0, 0)), "");
    r = json_run(box, "-m0", "one", "f");
    assert_run(&r, 1, SUMMARY(STATS(0, 0, 0, 0, 0, 0)), "");
}

static void context_has_no_parts(void **state)
{
    struct sandbox *box = with(state, text(CONTENT));
    struct run r = json_run(box, "-B1", "-A1", "four", "f");
    assert_run(&r, 0,
               BEGIN(F) LINE("context", F, TEXT("three\\n"), 2, 12, "")
                   LINE("match", F, TEXT("four one\\n"), 3, 18,
                        MATCH(TEXT("four"), 0, 4)) LINE("context", F, TEXT("five\\n"), 4, 27, "")
                       END(F, null, STATS(1, 1, 35, 473, 1, 1)) SUMMARY(STATS(1, 1, 35, 473, 1, 1)),
               "");
}

static void groups_of_lines_have_no_separator(void **state)
{
    struct sandbox *box = with(state, text("one\n2\n3\none\n"));
    struct run r = json_run(box, "-A1", "-m1", "one", "f");
    assert_run(&r, 0,
               BEGIN(F) LINE("match", F, TEXT("one\\n"), 1, 0, MATCH(ONE, 0, 3))
                   LINE("context", F, TEXT("2\\n"), 2, 4, "")
                       END(F, null, STATS(1, 1, 4, 334, 1, 1)) SUMMARY(STATS(1, 1, 4, 334, 1, 1)),
               "");
    r = json_run(box, "-A0", "one", "f");
    assert_null(strstr(r.out, "--"));
}

static void inverted_lines_have_parts_in_their_context(void **state)
{
    struct sandbox *box = with(state, text("one\ntwo"));
    struct run r = json_run(box, "-v", "-C1", "one", "f");
    assert_run(&r, 0,
               BEGIN(F) LINE("context", F, TEXT("one\\n"), 1, 0, MATCH(ONE, 0, 3))
                   LINE("match", F, TEXT("two"), 2, 4, "") END(F, null, STATS(1, 1, 7, 334, 1, 0))
                       SUMMARY(STATS(1, 1, 7, 334, 1, 0)),
               "");
}

static void options_of_the_text_form_have_no_effect(void **state)
{
    struct sandbox *box = with(state, text(CONTENT));
    static const char *const options[] = {"-o",
                                          "-b",
                                          "-h",
                                          "-T",
                                          "-Z",
                                          "-n",
                                          "--stats",
                                          "--color=always",
                                          "-H",
                                          "--line-buff",
                                          "--max-columns=1"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct run r = json_run(box, options[i], "one", "f");
        assert_run(&r, 0, PLAIN, "");
    }
}

static void every_file_has_its_records_and_the_summary_their_sum(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "d");
    box_fill(box, "d/f", text("one\n"));
    box_fill(box, "none", text("\n"));
    struct run r = json_run(box, "-r", "one", "d", "none", "absent", "d/f");
#define DF TEXT("d/f")
#define OF_FILE                                                                                    \
    BEGIN(DF)                                                                                      \
    LINE("match", DF, TEXT("one\\n"), 1, 0, MATCH(ONE, 0, 3))                                      \
    END(DF, null, STATS(1, 1, 4, 215, 1, 1))
    assert_run(&r, 2, OF_FILE OF_FILE SUMMARY(STATS(3, 2, 9, 430, 2, 2)),
               "mgrep: absent: No such file or directory\n");
}

static void what_is_not_utf8_is_base64(void **state)
{
    struct sandbox *box = with(state, text("\xff one\na\xff one\nab\xff one\n\xc3\xa9 one\n"));
    static const char *const locales[] = {"C", "C.UTF-8"};
    for (int i = 0; i < 2; i++) {
        struct how how = {.locale = locales[i]};
        struct run r = json_run_with(box, &how, ".*one", "f");
        assert_int_equal(r.status, 0);
        assert_non_null(strstr(r.out, "\"lines\":{\"bytes\":\"/yBvbmUK\"},\"line_number\":1,"));
        assert_non_null(strstr(r.out, "\"lines\":{\"bytes\":\"Yf8gb25lCg==\"},\"line_number\":2,"));
        assert_non_null(strstr(r.out, "\"lines\":{\"bytes\":\"YWL/IG9uZQo=\"},\"line_number\":3,"));
        assert_non_null(strstr(r.out, "\"lines\":{\"text\":\"é one\\n\"},\"line_number\":4,"));
        assert_string_equal(r.err, "");
    }
}

static void name_that_is_not_utf8_is_base64(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "n\xe9", text("one\n"));
    struct run r = json_run(box, "one", "n\xe9");
    struct run begun = run_begins(r, BEGIN("{\"bytes\":\"buk=\"}"));
    assert_run(&begun, 0, BEGIN("{\"bytes\":\"buk=\"}"), "");
}

static void controls_and_quotes_are_escaped(void **state)
{
    struct sandbox *box = with(state, text("\33[m\"one\\\t\r\n"));
    struct run r = json_run(box, "one", "f");
    const char *begin =
        BEGIN(F) LINE("match", F, TEXT("\\u001B[m\\\"one\\\\\\t\\r\\n"), 1, 0, MATCH(ONE, 4, 7));
    struct run begun = run_begins(r, begin);
    assert_run(&begun, 0, begin, "");
}

static void terminal_gets_ascii_only(void **state)
{
    struct sandbox *box = with(state, text("é\302\233 one\n"));
    struct how how = {.out = OUT_TERMINAL};
    struct run r = json_run_with(box, &how, "one", "f");
    const char *begin =
        BEGIN(F) LINE("match", F, TEXT("\\u00E9\\u009B one\\n"), 1, 0, MATCH(ONE, 5, 8));
    struct run begun = run_begins(r, begin);
    assert_run(&begun, 0, begin, "");
}

static void binary_file_has_an_offset_and_no_lines(void **state)
{
    struct sandbox *box = with(state, text("none\nabc\0def one\n"));
    struct run r = json_run(box, "one", "f");
    assert_run(&r, 0,
               BEGIN(F) END(F, 8, STATS(1, 1, 5, 46, 1, 0)) SUMMARY(STATS(1, 1, 5, 46, 1, 0)), "");
    r = json_run(box, "-I", "one", "f");
    assert_run(&r, 1, SUMMARY(STATS(1, 0, 0, 0, 0, 0)), "");
    r = json_run(box, "-a", "def", "f");
    assert_run(&r, 0,
               BEGIN(F)
                   LINE("match", F, TEXT("abc\\u0000def one\\n"), 2, 5, MATCH(TEXT("def"), 4, 7))
                       END(F, null, STATS(1, 1, 17, 224, 1, 1)) SUMMARY(STATS(1, 1, 17, 224, 1, 1)),
               "");
}

static void late_nul_leaves_the_lines_before_it(void **state)
{
    struct sandbox *box = *state;
    struct bytes lines = box_lines(box, 160000);
    box_fill(box, "f", box_join(box, box_join(box, text("one\n"), lines), text("\0one\n")));
    struct run r = json_run(box, "one", "f");
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "\"lines\":{\"text\":\"one\\n\"},\"line_number\":1,"));
    assert_non_null(strstr(r.out, "\"binary_offset\":160004,"));
    assert_string_equal(r.err, "");
}

static void record_of_null_data_ends_in_its_nul(void **state)
{
    struct sandbox *box = with(state, text("two\none\0three\0"));
    struct run r = json_run(box, "-z", "one", "f");
    const char *begin = BEGIN(F) LINE("match", F, TEXT("two\\none\\u0000"), 1, 0, MATCH(ONE, 4, 7));
    struct run begun = run_begins(r, begin);
    assert_run(&begun, 0, begin, "");
}

static void line_of_a_pipe_is_told_before_it_ends(void **state)
{
    struct sandbox *box = *state;
    struct run first = json_run(box, "none", "/dev/null"); /* skips where there is no JSON */
    assert_int_equal(first.status, 1);
    struct how how = {.in_held = true};
    struct process *process = box_start(box, &how, "mgrep", "--json", "--label=in", "one", NULL);
    process_feed(process, text("one\n"));
#define IN TEXT("in")
    process_expect(process, BEGIN(IN) LINE("match", IN, TEXT("one\\n"), 1, 0, MATCH(ONE, 0, 3)),
                   "");
    process_hang_up(process);
    struct run r = timeless(box, process_end(process));
    assert_run(&r, 0,
               BEGIN(IN) LINE("match", IN, TEXT("one\\n"), 1, 0, MATCH(ONE, 0, 3))
                   END(IN, null, STATS(1, 1, 4, 213, 1, 1)) SUMMARY(STATS(1, 1, 4, 213, 1, 1)),
               "");
}

static void quiet_is_stronger(void **state)
{
    struct sandbox *box = with(state, text(CONTENT));
    struct run r = box_run(box, "mgrep", "--json", "-q", "one", "f", NULL);
    assert_run(&r, 0, "", "");
}

static void counts_and_lists_are_refused(void **state)
{
    static const char *const options[][2] = {
        {"-c", "count"}, {"-l", "files-with-matches"}, {"-L", "files-without-match"}};
    for (int i = 0; i < 3; i++) {
        struct run r = box_run(*state, "mgrep", "--json", options[i][0], "one", "f", NULL);
        assert_run(&r, 2, "",
                   box_format(*state, "mgrep: --json cannot be used with --%s\n", options[i][1]));
    }
}

static void absent_library_is_trouble(void **state)
{
    struct sandbox *box = with(state, text(CONTENT));
    json_run(box, "one", "f"); /* skips where none is wanted */
    box_fill(box, "libjansson.so.4", text("no library"));
    const char *const environment[] = {"LD_LIBRARY_PATH=.", NULL};
    struct how how = {.environment = environment};
    struct run r = box_run_with(box, &how, "mgrep", "--json", "one", "f", NULL);
    assert_run(&r, 2, "",
               "mgrep: --json: the jansson library (libjansson.so.4) cannot be loaded\n");
    r = box_run_with(box, &how, "mgrep", "four", "f", NULL);
    assert_run(&r, 0, "four one\n", "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(match_has_its_line_offset_and_parts),
        TEST(nothing_found_is_a_summary),
        TEST(context_has_no_parts),
        TEST(groups_of_lines_have_no_separator),
        TEST(inverted_lines_have_parts_in_their_context),
        TEST(options_of_the_text_form_have_no_effect),
        TEST(every_file_has_its_records_and_the_summary_their_sum),
        TEST(what_is_not_utf8_is_base64),
        TEST(name_that_is_not_utf8_is_base64),
        TEST(controls_and_quotes_are_escaped),
        TEST(terminal_gets_ascii_only),
        TEST(binary_file_has_an_offset_and_no_lines),
        TEST(late_nul_leaves_the_lines_before_it),
        TEST(record_of_null_data_ends_in_its_nul),
        TEST(line_of_a_pipe_is_told_before_it_ends),
        TEST(quiet_is_stronger),
        TEST(counts_and_lists_are_refused),
        TEST(absent_library_is_trouble),
    };
    return run_named(argc, argv, tests);
}
