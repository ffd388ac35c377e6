/* SPDX-License-Identifier: MIT */
/* The strings that every match of a pattern holds. */
#include <locale.h>
#include <stdlib.h>

#include "mgrep/required.h"
#include "mgrep/translate.h"

#include "harness.h"

enum { BASIC, EXTENDED, FOLD, FOLD_EXTENDED };

struct row {
    int how;
    const char *pattern;
    const char *strings; /* in order of their bytes, with ~ behind one that is blind; "" for none */
    bool whole;
};

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *strings_of(struct sandbox *box, const struct required *required)
{
    const char *texts[REQUIRED_RUNS], *all = "";
    for (size_t i = 0; i < required->count; i++) {
        const struct required_run *run = &required->runs[i];
        texts[i] = box_format(box, "%.*s%s", (int)run->len, (const char *)run->bytes,
                              run->blind ? "~" : "");
    }
    qsort(texts, required->count, sizeof *texts, by_bytes);
    for (size_t i = 0; i < required->count; i++)
        all = box_format(box, "%s%s%s", all, i ? " " : "", texts[i]);
    return all;
}

static void check(struct sandbox *box, const char *locale, const struct row *rows, size_t count)
{
    if (!setlocale(LC_ALL, locale))
        skip_aloud("the locale is not there");
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        struct syntax_options options = {.extended = row->how & EXTENDED,
                                         .fold = row->how & FOLD,
                                         .eol = '\n',
                                         .dialect = DIALECT_DFA};
        struct translation to;
        assert_null(translate(row->pattern, strlen(row->pattern), &options, &to));
        const char *strings = strings_of(box, &to.required);
        if (strcmp(strings, row->strings) != 0 || to.required.whole != row->whole)
            fail_msg("%s: \"%s\", whole %d, expected \"%s\", %d", row->pattern, strings,
                     to.required.whole, row->strings, row->whole);
        required_free(&to.required);
        free(to.regex);
    }
}

#define CHECK(state, locale, rows) check(*(state), locale, rows, sizeof(rows) / sizeof(rows)[0])

static void strings_are_whole_or_between_operators(void **state)
{
    static const struct row rows[] = {
        {BASIC, "abc", "abc", true},
        {BASIC, "", "", false},
        {BASIC, "a\\.b", "a.b", true},
        {BASIC, "a.b", "a b", false},
        {BASIC, "ab[cd]ef", "ab ef", false},
        {BASIC, "^ab$", "ab", false},
        {BASIC, "a^b$c", "a^b$c", true},
        {EXTENDED, "a^b", "a b", false},
        {BASIC, "\\<ab\\>", "ab", false},
        {BASIC, "ab\\bcd\\Bef", "ab cd ef", false},
        {BASIC, "ab\\wcd\\Sef", "ab cd ef", false},
        {BASIC, "\\(ab\\)cd\\1ef", "cd ef", false},
        {BASIC, "aéb本", "aéb本", true},
        {BASIC, "one.two.three.four.five", "five four three two", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void what_may_be_absent_is_not_required(void **state)
{
    static const struct row rows[] = {
        {BASIC, "ab*c", "a c", false},      {BASIC, "ab\\?c", "a c", false},
        {BASIC, "x\\{0,2\\}y", "y", false}, {BASIC, "x\\{,2\\}y", "y", false},
        {EXTENDED, "wx{0}y", "w y", false}, {EXTENDED, "a+*b", "b", false},
        {EXTENDED, "ca+?b", "b c", false},  {EXTENDED, "a**", "", false},
        {EXTENDED, "a?b?c?", "", false},    {BASIC, "aé*b", "a b", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void what_is_repeated_is_required_once(void **state)
{
    static const struct row rows[] = {
        {BASIC, "ab\\+c", "ab c", false},     {EXTENDED, "ab+c", "ab c", false},
        {EXTENDED, "ab{2}c", "ab c", false},  {EXTENDED, "ab{1,3}+c", "ab c", false},
        {EXTENDED, "a+b+c+", "a b c", false}, {EXTENDED, "aé+b", "aé b", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void operators_that_are_characters_are_required(void **state)
{
    static const struct row rows[] = {
        {BASIC, "a+b?c{2}", "a+b?c{2}", true}, {BASIC, "*a", "*a", true},
        {EXTENDED, "a{x", "a{x", true},        {EXTENDED, "a\\+b", "a+b", true},
        {BASIC, "\\(*a\\)b", "b", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void groups_and_alternatives_require_nothing_of_their_own(void **state)
{
    static const struct row rows[] = {
        {EXTENDED, "a(bc)d", "a d", false},
        {EXTENDED, "a(bc)*d", "a d", false},
        {EXTENDED, "a(b(c|x)|y)d", "a d", false},
        {EXTENDED, "ab|cd", "", false},
        {EXTENDED, "abc(d)|", "", false},
        {EXTENDED, "(ab|cd)ef|gh", "", false},
        {BASIC, "ab\\|cd", "", false},
        {BASIC, "\\(ab\\|cd\\)ef", "ef", false},
        {EXTENDED, "(ab){2}", "", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

/* An s has a third form in Unicode, and an i; a letter that is not ASCII ends a string. */
static void with_ignored_case_strings_are_ascii(void **state)
{
    static const struct row rows[] = {
        {FOLD, "abc", "abc", true},
        {FOLD, "AbC1_", "AbC1_", true},
        {FOLD, "tab", "tab", true},
        {FOLD, "task", "task~", true},
        {FOLD, "bit", "bit~", true},
        {FOLD, "ab.K.s", "K ab s~", false},
        {FOLD, "aéb", "a b", false},
        {FOLD, "12é34", "12 34", false},
        {FOLD, "a本b", "a本b", true},
        {FOLD, "12", "12", true},
        {FOLD_EXTENDED, "k?b+", "b", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(strings_are_whole_or_between_operators),
        TEST(what_may_be_absent_is_not_required),
        TEST(what_is_repeated_is_required_once),
        TEST(operators_that_are_characters_are_required),
        TEST(groups_and_alternatives_require_nothing_of_their_own),
        TEST(with_ignored_case_strings_are_ascii),
    };
    return run_named(argc, argv, tests);
}
