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
    /* The sets in order of their bytes, strings between |, ~ behind one that is blind; "": none. */
    const char *strings;
    bool whole;
};

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *strings_of(struct sandbox *box, const struct required *required)
{
    const char *texts[REQUIRED_SETS], *all = "";
    for (size_t i = 0; i < required->count; i++) {
        const struct required_set *set = &required->sets[i];
        texts[i] = "";
        for (size_t k = 0; k < set->count; k++)
            texts[i] = box_format(box, "%s%s%.*s", texts[i], k ? "|" : "", (int)set->strings[k].len,
                                  (const char *)set->strings[k].bytes);
        texts[i] = box_format(box, "%s%s", texts[i], set->blind ? "~" : "");
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
        {BASIC, "\\(ab\\)cd\\1ef", "abcd ef", false},
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
        {BASIC, "\\(*a\\)b", "*ab", true},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void groups_go_on_with_the_string_before(void **state)
{
    static const struct row rows[] = {
        {EXTENDED, "a(bc)d", "abcd", true},       {EXTENDED, "a(bc)*d", "a d", false},
        {EXTENDED, "a(bc)+d", "abc d", false},    {EXTENDED, "(ab){2}", "ab", false},
        {EXTENDED, "(ab){0}", "", false},         {EXTENDED, "a()b", "ab", true},
        {EXTENDED, "a(b*)c", "a c", false},       {EXTENDED, "a(b.c)d", "a b c d", false},
        {EXTENDED, "a(b.c)?d", "a d", false},     {EXTENDED, "a(^bc)d", "a bc d", false},
        {EXTENDED, "((a)((b)c))d", "abcd", true},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void one_of_the_alternatives_is_required(void **state)
{
    static const struct row rows[] = {
        {EXTENDED, "ab|cd", "ab|cd", true},
        {BASIC, "ab\\|cd", "ab|cd", true},
        {BASIC, "\\(ab\\|cd\\)ef", "abef|cdef", true},
        {EXTENDED, "a(b(c|x)|y)d", "abcd|abxd|ayd", true},
        {EXTENDED, "(ab|cd)ef|gh", "abef|cdef|gh", true},
        {EXTENDED, "(a|b)(c|d)", "ac|ad|bc|bd", true},
        {EXTENDED, "x(ab|cd)+y", "xab|xcd y", false},
        {EXTENDED, "x(ab|cd)?y", "x y", false},
        {EXTENDED, "(ab.|c.d)ef", "ab|c ef", false},
        {EXTENDED, "x(ab.|c.d)*ef", "ef x", false},
        {EXTENDED, "ab.cqx|^fg$", "cqx|fg", false},
        {EXTENDED, "a(b|)c", "abc|ac", true},
        {EXTENDED, "ab|", "", false},
        {EXTENDED, "abc(d)|", "", false},
        {EXTENDED, "ab|c*|de", "", false},
        {EXTENDED, "x(ab|c*|de)y", "x y", false},
        {EXTENDED, "x(ab||de*)y", "x y", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

static void more_alternatives_than_can_be_kept_are_not_required(void **state)
{
    static const struct row rows[] = {
        {EXTENDED, "(a|b|c|d)(e|f|g|h)x",
         "aex|afx|agx|ahx|bex|bfx|bgx|bhx|cex|cfx|cgx|chx|dex|dfx|dgx|dhx", true},
        {EXTENDED, "(a|b|c|d)(e|f|g|h|i)x", "a|b|c|d ex|fx|gx|hx|ix", false},
        {EXTENDED, "z(a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q)x", "x z", false},
    };
    CHECK(state, "C.UTF-8", rows);
}

/* An s has a third form in Unicode, and an i; a letter that is not ASCII ends a string. */
static void with_ignored_case_strings_are_ascii(void **state)
{
    static const struct row rows[] = {
        {FOLD, "abc", "abc", true},          {FOLD, "AbC1_", "AbC1_", true},
        {FOLD, "tab", "tab", true},          {FOLD, "task", "task~", true},
        {FOLD, "bit", "bit~", true},         {FOLD, "ab.K.s", "K ab s~", false},
        {FOLD, "aéb", "a b", false},         {FOLD, "12é34", "12 34", false},
        {FOLD, "a本b", "a本b", true},        {FOLD, "12", "12", true},
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
        TEST(groups_go_on_with_the_string_before),
        TEST(one_of_the_alternatives_is_required),
        TEST(more_alternatives_than_can_be_kept_are_not_required),
        TEST(with_ignored_case_strings_are_ascii),
    };
    return run_named(argc, argv, tests);
}
