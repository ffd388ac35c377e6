/* SPDX-License-Identifier: MIT */
/* The search for many strings finds the line that a plain loop finds. */
#include <stdio.h>
#include <stdlib.h>

#include "mgrep/grams.h"

#include "fence.h"

#define CASES   40000
#define STRINGS 5
#define LEN_MAX 20

struct strings {
    unsigned char bytes[STRINGS][LEN_MAX];
    struct grams_string list[STRINGS];
    size_t count;
    bool fold;
};

static size_t below(size_t limit)
{
    return (size_t)random() % limit;
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool stands_at(const struct strings *strings, const struct grams_string *string,
                      const unsigned char *at)
{
    size_t same = 0;
    while (same < string->len &&
           (strings->fold ? lower(at[same]) : at[same]) == string->bytes[same])
        same++;
    return same == string->len;
}

/* The beginning of the first line that holds one of the strings, or NULL. */
static const unsigned char *plainly(const struct strings *strings, const unsigned char *from,
                                    const unsigned char *end)
{
    const unsigned char *line = from;
    for (const unsigned char *at = from; at < end; at++) {
        for (size_t i = 0; i < strings->count; i++) {
            const struct grams_string *string = &strings->list[i];
            if (string->len <= (size_t)(end - at) && stands_at(strings, string, at))
                return line;
        }
        if (*at == '\n')
            line = at + 1;
    }
    return NULL;
}

static const unsigned char *line_of(const unsigned char *from, const unsigned char *at)
{
    if (!at)
        return NULL;
    const unsigned char *eol = memrchr(from, '\n', (size_t)(at - from));
    return eol ? eol + 1 : from;
}

/* Strings of `letters`, and others of them that differ in case and by the same bit. */
static void make_strings(struct strings *strings, size_t letters)
{
    strings->count = 1 + below(STRINGS);
    strings->fold = below(2);
    size_t least = GRAMS_MIN + below(LEN_MAX - GRAMS_MIN + 1);
    for (size_t i = 0; i < strings->count; i++) {
        size_t len = least + below(LEN_MAX - least + 1);
        for (size_t k = 0; k < len; k++)
            strings->bytes[i][k] = (unsigned char)"ab[{@"[below(letters)];
        strings->list[i] = (struct grams_string){strings->bytes[i], len};
    }
}

/* Text of the same letters, in which each string may stand, anywhere and at both ends. */
static void make_text(const struct strings *strings, unsigned char *text, size_t len,
                      size_t letters)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (unsigned char)"ab[{@AB`"[below(letters + 3)];
    for (size_t i = 0; i < len / 40; i++)
        text[below(len)] = '\n';
    const struct grams_string *string = &strings->list[below(strings->count)];
    if (string->len > len || below(4) == 0)
        return;
    size_t at = below(3) == 0 ? 0 : below(2) ? len - string->len : below(len - string->len + 1);
    memcpy(text + at, string->bytes, string->len);
    if (strings->fold && text[at] >= 'a' && text[at] <= 'z')
        text[at] ^= 0x20;
}

static void first_line_is_that_of_a_plain_search(void **state)
{
    (void)state;
    struct strings strings;
    struct mm_map *map = fence_new(600);
    size_t found = 0;
    srandom(7);
    for (int i = 0; i < CASES; i++) {
        size_t letters = 2 + below(4), len = below(below(2) ? 600 : 60);
        make_strings(&strings, letters);
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
        struct grams_string string = {(const unsigned char *)"abcdefghijklmnopqrst", wanted};
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
    struct grams_string *strings = box_keep(*state, COUNT * sizeof *strings);
    for (size_t i = 0; i < COUNT; i++) {
        char *string = bytes + i * (LEN + 1);
        snprintf(string, LEN + 1, "%s%05zu", i % 2 ? "same" : "line", i);
        strings[i] = (struct grams_string){(const unsigned char *)string, LEN};
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
    struct grams_string strings[] = {{(const unsigned char *)"abcd", 4},
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
