/* SPDX-License-Identifier: MIT */
/* The search for many strings finds the line that a plain loop finds. */
#include <stdio.h>

#include "mgrep/grams.h"

#include "needles.h"

#define CASES 40000

static void first_line_is_that_of_a_plain_search(void **state)
{
    (void)state;
    struct strings strings;
    struct mm_map *map = fence_new(600);
    size_t found = 0;
    srandom(7);
    for (int i = 0; i < CASES; i++) {
        size_t letters = 2 + below(4), len = below(below(2) ? 600 : 60);
        make_strings(&strings, letters, GRAMS_MIN, 5);
        unsigned char *text = fence_text(map, len, below(4) > 0);
        make_text(&strings, text, len, letters);
        struct grams *grams = grams_new(strings.list, strings.count, strings.fold);
        assert_non_null(grams);
        const unsigned char *expected = plainly(&strings, text, text + len);
        assert_ptr_equal(line_of(text, grams_find(grams, text, text + len)), expected);
        found += expected != NULL;
        grams_free(grams);
    }
    assert_true(found > CASES / 4 && found < CASES - CASES / 20);
    mm_map_close(map);
}

/* One string alone, at every place of texts of every length. */
static void string_is_found_at_every_alignment(void **state)
{
    (void)state;
    struct mm_map *map = fence_new(300);
    for (size_t wanted = GRAMS_MIN; wanted <= LEN_MAX; wanted++) {
        struct needle string = {(const unsigned char *)"abcdefghijklmnopqrst", wanted};
        struct grams *grams = grams_new(&string, 1, false);
        for (size_t len = wanted; len < 200; len += 1 + len / 60) {
            unsigned char *text = fence_text(map, len, true);
            for (size_t at = 0; at + wanted <= len; at++) {
                memset(text, 'z', len);
                memcpy(text + at, string.bytes, wanted);
                const unsigned char *hit = grams_find(grams, text, text + len);
                assert_true(hit >= text + at && hit < text + at + wanted);
                assert_null(grams_find(grams, text, text + at + wanted - 1));
                assert_null(grams_find(grams, text + at + 1, text + len));
            }
        }
        grams_free(grams);
    }
    mm_map_close(map);
}

/* So many that the table of their beginnings is crowded, and many begin alike. */
static void one_of_many_strings_is_found(void **state)
{
    enum { COUNT = 20000, LEN = 9 };
    char *bytes = box_keep(*state, COUNT * (LEN + 1));
    struct needle *strings = box_keep(*state, COUNT * sizeof *strings);
    for (size_t i = 0; i < COUNT; i++) {
        char *string = bytes + i * (LEN + 1);
        snprintf(string, LEN + 1, "%s%05zu", i % 2 ? "same" : "line", i);
        strings[i] = (struct needle){(const unsigned char *)string, LEN};
    }
    struct grams *grams = grams_new(strings, COUNT, false);
    for (unsigned i = 0; i < COUNT; i += 7) {
        char text[64];
        int len = snprintf(text, sizeof text, "x%*s%s%05u same99999 line 1234", (int)(i % 9), "",
                           i % 2 ? "same" : "line", i);
        const unsigned char *from = (const unsigned char *)text;
        assert_ptr_equal(grams_find(grams, from, from + len), from + 1 + i % 9);
        text[1 + i % 9] = 'Z';
        assert_null(grams_find(grams, from, from + len));
    }
    grams_free(grams);
}

static void strings_too_short_are_refused(void **state)
{
    (void)state;
    struct needle strings[] = {{(const unsigned char *)"abcd", 4},
                               {(const unsigned char *)"ab", 2}};
    assert_null(grams_new(strings, 2, false));
    assert_null(grams_new(strings, 0, false));
    grams_free(NULL);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(first_line_is_that_of_a_plain_search),
        TEST(string_is_found_at_every_alignment),
        TEST(one_of_many_strings_is_found),
        TEST(strings_too_short_are_refused),
    };
    return run_named(argc, argv, tests);
}
