/* SPDX-License-Identifier: MIT */
/*
 * Files large enough for all that mgrep has for them: pieces of 384 KiB searched by several
 * threads in steps of 24 KiB, filters that give way, vectorscan.  The answer is GNU grep's, or
 * where that depends on its buffers, mgrep's own on one processor.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define MIB ((size_t)1 << 20)

/* ------------------------------------------------------------------- texts */

struct text {
    char *data;
    size_t len, room;
};

static struct text text_new(struct sandbox *box, size_t room)
{
    srandom(7);
    return (struct text){.data = box_keep(box, room), .room = room};
}

static void put(struct text *text, const char *word)
{
    size_t len = strlen(word);
    assert_true(len <= text->room - text->len);
    memcpy(text->data + text->len, word, len);
    text->len += len;
}

static void put_many(struct text *text, char byte, size_t count)
{
    assert_true(count <= text->room - text->len);
    memset(text->data + text->len, byte, count);
    text->len += count;
}

/* Lines of up to 14 of the words, one in `rare` with a needle, until `len` bytes are there. */
static void put_lines(struct text *text, const char *const *words, size_t count, unsigned rare,
                      size_t len)
{
    while (text->len + 512 < len) {
        for (unsigned n = (unsigned)random() % 15; n > 0; n--) {
            put(text, words[(size_t)random() % count]);
            put(text, random() % 5 ? " " : "");
        }
        if (random() % rare == 0)
            put(text, random() % 2 ? "needle" : "Needles");
        put(text, "\n");
    }
}

static const char *const english[] = {"the",    "search", "of",   "a",   "large", "file", "in",
                                      "pieces", "xyz",    "sack", "one", "1234",  "(b)",  "k"};
static const char *const greek[] = {"λόγος",   "και", "η",    "Σοφία", "των",
                                    "ἀρχαίων", "a",   "sack", "ΛΌΓΟΣ", "1234"};
#define COUNT(words) (sizeof(words) / sizeof *(words))

static void fill(struct sandbox *box, struct text text)
{
    box_fill(box, "f", (struct bytes){text.data, text.len});
}

/* -------------------------------------------------------------------- runs */

static const char *const locales[] = {"C", "C.UTF-8"};

/* The words of a command line; no argument here holds a space. */
struct words {
    char *list[10];
};

static struct words split(struct sandbox *box, const char *line)
{
    struct words words = {0};
    char *rest = box_format(box, "%s", line);
    for (size_t i = 0; rest; i++) {
        words.list[i] = strsep(&rest, " ");
        assert_true(i < COUNT(words.list) - 1);
    }
    return words;
}

static struct run run(struct sandbox *box, const struct how *how, const char *tool,
                      const char *line)
{
    struct words w = split(box, line);
    return box_run_with(box, how, tool, w.list[0], w.list[1], w.list[2], w.list[3], w.list[4],
                        w.list[5], w.list[6], w.list[7], w.list[8], w.list[9], NULL);
}

static void assert_same(const struct run *ours, const struct run *other, const char *err)
{
    assert_run_bytes(ours, other->status, ((struct bytes){other->out, other->out_len}), err);
    assert_int_equal(ours->in_offset, other->in_offset);
}

static const char *peer(void)
{
    return access("/usr/bin/grep", X_OK) == 0 ? "/usr/bin/grep" : "/bin/grep";
}

static void skip_without_peer(struct sandbox *box)
{
    struct run r = box_run(box, peer(), "--version", NULL);
    if (strncmp(r.out, "grep (GNU grep) 3.8\n", 20) != 0)
        skip_aloud("the peer is not GNU grep 3.8");
}

/* Each command line, in each locale: the same from GNU grep. */
static void as_grep_how(struct sandbox *box, struct how how, const char *const *lines)
{
    skip_without_peer(box);
    for (; *lines; lines++) {
        for (size_t i = 0; i < COUNT(locales); i++) {
            how.locale = locales[i];
            struct run theirs = run(box, &how, peer(), *lines),
                       ours = run(box, &how, "mgrep", *lines);
            const char *err = theirs.err_len ? strstr(theirs.err, "grep: ") : NULL;
            assert_same(&ours, &theirs, err ? box_format(box, "m%s", err) : "");
        }
    }
}

static void as_grep(struct sandbox *box, const char *const *lines)
{
    as_grep_how(box, (struct how){0}, lines);
}

/* The same from mgrep with one processor, which has no use for threads. */
static void as_alone(struct sandbox *box, const char *const *lines)
{
    cpu_set_t all, one;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    for (; *lines; lines++) {
        for (size_t i = 0; i < COUNT(locales); i++) {
            struct how how = {.locale = locales[i]};
            assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
            struct run alone = run(box, &how, "mgrep", *lines);
            assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
            struct run ours = run(box, &how, "mgrep", *lines);
            assert_same(&ours, &alone, alone.err);
        }
    }
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ------------------------------------------------------------------- tests */

/* The last line has no newline, and a needle. */
static void english_text(struct sandbox *box)
{
    struct text text = text_new(box, 6 * MIB);
    put_lines(&text, english, COUNT(english), 40, text.room);
    put(&text, "the last needle");
    fill(box, text);
}

static void lines_cross_pieces(void **state)
{
    english_text(*state);
    as_grep(*state, LINES("-n needle f", "-b needle f", "-c needle f", "-c e f", "-vc e f",
                          "-c -x -E [a-z]+ f", "-c -w needle f", "-n -w needle f", "-ci NEEDLE f",
                          "-o -b -i needles f", "-n -E [^a-z]+needle f", "-c -E (ck|le).?1 f",
                          "-n \\([0-9]\\)\\1 f", "-c [[:upper:]].*s$ f",
                          "-n -F -e needle -e 1234sack -e xyzxyz f"));
}

static void limits_are_reached_late(void **state)
{
    english_text(*state);
    as_grep(*state, LINES("-m1900 -n needle f", "-m1900 -c needle f", "-m70000 -c e f",
                          "-m20000 -vc s f", "-m1 -n -E last.needle f", "-m1900 -A3 needle f",
                          "-l -E last.needle f", "-L -E last.needle f", "-q -E last.needle f",
                          "-l nowhere f", "-L nowhere f", "-q nowhere f"));
}

static void context_crosses_pieces(void **state)
{
    english_text(*state);
    as_grep(*state, LINES("-A2 -n needle f", "-B3 needle f", "-C1 -b needle f", "-v -C1 -n e f",
                          "-B12000 -n last.needle f", "-A12000 -m1 -n needle f", "-v -A0 k f"));
}

static void inverted_lines_are_printed_in_runs(void **state)
{
    english_text(*state);
    as_grep(*state, LINES("-v needle f", "-vn needle f", "-v nowhere f", "-vb nowhere f", "-v e f",
                          "-vH needle f"));
}

static void every_line_matches_the_empty_pattern(void **state)
{
    english_text(*state);
    as_grep(*state,
            LINES("-c -e  f", "-e  f", "-n -e  f", "-vc -e  f", "-m80000 -b -e  f", "-A1 -e  f"));
}

/* Of one and of two bytes: more in a piece than it remembers. */
static void pieces_are_full_of_matching_lines(void **state)
{
    struct sandbox *box = *state;
    struct text text = text_new(box, 5 * MIB);
    while (text.len < 4 * MIB)
        put(&text, random() % 1000 ? "a\n" : "\n");
    put_many(&text, '\n', MIB - 100);
    put(&text, "b\n");
    fill(box, text);
    as_grep(box, LINES("-c a f", "-vc a f", "-c ^$ f", "-n -m200000 a f", "-nv -E a|^$ f",
                       "-n -B2 b f", "-m1500000 -c -x a f", "-x -c -E a?b? f"));
}

static void lines_are_longer_than_pieces(void **state)
{
    struct sandbox *box = *state;
    struct text text = text_new(box, 11 * MIB);
    put_lines(&text, english, COUNT(english), 40, 2 * MIB);
    for (int i = 0; i < 3; i++) {
        put(&text, "begin ");
        put_many(&text, 'z', MIB);
        put(&text, i == 1 ? "xneedlex" : " needle ");
        put_many(&text, 'z', MIB + 4321);
        put(&text, " end\nshort needle\n");
    }
    put_lines(&text, english, COUNT(english), 40, text.room);
    fill(box, text);
    as_grep(box, LINES("-c needle f", "-b -o -w needle f", "-c -v needle f", "-n -o begin f",
                       "-b -o -E z.end f", "-n -A1 -E ^short f", "-c -x -E begin.* f",
                       "-m2 -o -E z.needle f", "-l -E ^end f"));
}

/* One line of a GiB: to look at what is known to hold no end of line again takes minutes. */
static void time_grows_with_the_length_of_a_line(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", text("begin"));
    box_truncate(box, "f", (off_t)1 << 30);
    box_append(box, "f", text(" needle\nend\n"));
    struct run r = box_run(box, "mgrep", "-a", "-c", "n", "f", NULL);
    assert_run(&r, 0, "2\n", "");
}

static void text_is_mostly_not_ascii(void **state)
{
    struct sandbox *box = *state;
    struct text text = text_new(box, 7 * MIB);
    put_lines(&text, greek, COUNT(greek), 40, text.room);
    fill(box, text);
    as_grep(box, LINES("-c λόγος f", "-n needle f", "-c -i sack f", "-c -w και f",
                       "-o -b -E 1234(λ|Σ) f", "-c -E .need f", "-vc a f", "-n -x -E η+ f"));
    struct run r = box_run(box, "mgrep", "-ci", "λόγος", "f", NULL);
    struct run lower = box_run(box, "mgrep", "-c", "-e", "λόγος", "-e", "ΛΌΓΟΣ", "f", NULL);
    assert_run(&r, 0, lower.out, "");
}

static void encoding_errors_come_late(void **state)
{
    struct sandbox *box = *state;
    struct text text = text_new(box, 8 * MIB);
    put_lines(&text, english, COUNT(english), 40, 3 * MIB);
    put(&text, "an \xff error\n");
    put_lines(&text, english, COUNT(english), 40, 7 * MIB);
    put(&text, "\xc3 needle \xe2\x82\n");
    put_lines(&text, english, COUNT(english), 40, text.room);
    fill(box, text);
    as_grep(box, LINES("-c needle f", "-n needle f", "-c error f", "error f", "-c -w needle f",
                       "-a -n -E (error|^.).needle f", "-c -v e f", "-o -b needle f"));
}

static void records_end_in_nul(void **state)
{
    struct sandbox *box = *state;
    struct text text = text_new(box, 7 * MIB);
    put_lines(&text, english, COUNT(english), 40, text.room);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n' && random() % 8)
            text.data[i] = '\0';
    fill(box, text);
    as_grep(box, LINES("-zc needle f", "-z needle f", "-zn -w needle f", "-zvc e f",
                       "-z -A1 -n Needles f", "-zci NEEDLE f", "-z -o -b needle f"));
}

/* A NUL makes of what follows another file: in the fourth MiB, and in the eighth. */
static void nul_comes_late(void **state)
{
    struct sandbox *box = *state;
    for (size_t at = 3 * MIB; at < 8 * MIB; at += 4 * MIB) {
        struct text text = text_new(box, 9 * MIB);
        put_lines(&text, english, COUNT(english), 40, at);
        put(&text, "a ");
        put_many(&text, '\0', 3);
        put(&text, "needle behind it\n");
        put_lines(&text, english, COUNT(english), 40, text.room);
        fill(box, text);
        as_alone(box, LINES("needle f", "-n needle f", "-c needle f", "-vc e f", "-v -n e f",
                            "-C1 needle f", "-l behind f", "-L behind f", "-m4000 -b needle f",
                            "-I -c needle f", "-c -E [0-9].?needle f", "-o needle f"));
        as_grep(box, LINES("-a -n needle f", "-a -c e f", "-a -v -c needle f"));
    }
}

static void standard_input_stands_somewhere(void **state)
{
    english_text(*state);
    struct how how = {.in_file = "f", .in_offset = MIB + 4321};
    as_grep_how(*state, how,
                LINES("-b needle", "-c needle -", "-m2000 -n needle", "-m2000 -c needle",
                      "-q -E last.needle", "-c nowhere"));
}

static void pattern_lists_are_long(void **state)
{
    struct sandbox *box = *state;
    english_text(box);
    struct text list = text_new(box, MIB);
    for (unsigned i = 0; i < 1000; i++)
        put(&list, box_format(box, "%s%u\n", i % 2 ? "need" : "pieces1234k", i));
    put(&list, "needles\n1234sack(b)\n");
    box_fill(box, "list", (struct bytes){list.data, list.len});
    box_fill(box, "some", text("needle\nxyzxyz\nsack.one\n\\(b\\)[0-9]\n"));
    as_grep(box, LINES("-c -F -f list f", "-n -F -i -f list f", "-o -b -F -f list f",
                       "-w -c -F -f list f", "-c -f some f", "-n -i -f some f", "-vc -f some f"));
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(lines_cross_pieces),
        TEST(limits_are_reached_late),
        TEST(context_crosses_pieces),
        TEST(inverted_lines_are_printed_in_runs),
        TEST(every_line_matches_the_empty_pattern),
        TEST(pieces_are_full_of_matching_lines),
        TEST(lines_are_longer_than_pieces),
        TEST(time_grows_with_the_length_of_a_line),
        TEST(text_is_mostly_not_ascii),
        TEST(encoding_errors_come_late),
        TEST(records_end_in_nul),
        TEST(nul_comes_late),
        TEST(standard_input_stands_somewhere),
        TEST(pattern_lists_are_long),
    };
    return run_named(argc, argv, tests);
}
