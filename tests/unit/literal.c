/* SPDX-License-Identifier: MIT */
/* The search for one string: the vectors and their portable twin find what a plain loop finds. */
#include <stdlib.h>

#include "mgrep/literal.h"

#include "fence.h"

#define CASES 300000

static bool equal(unsigned char in_text, unsigned char wanted, bool fold)
{
    if (fold && in_text >= 'A' && in_text <= 'Z')
        in_text |= 0x20;
    return in_text == wanted;
}

static const unsigned char *plainly(const unsigned char *text, size_t len,
                                    const unsigned char *wanted, size_t wanted_len, bool fold)
{
    for (size_t i = 0; i + wanted_len <= len; i++) {
        size_t same = 0;
        while (same < wanted_len && equal(text[i + same], wanted[same], fold))
            same++;
        if (same == wanted_len)
            return text + i;
    }
    return NULL;
}

/*
 * Texts and strings of few letters, so that most places nearly match, at the end or the
 * beginning of what may be touched.  Which two bytes lead makes no difference.
 */
static void every_way_finds_the_same_place(void **state)
{
    (void)state;
    struct mm_map *map = fence_new(300);
    srandom(7);
    for (int i = 0; i < CASES; i++) {
        size_t len = (size_t)random() % 300, wanted_len = 1 + (size_t)random() % 9;
        unsigned letters = 1 + (unsigned)random() % 4;
        bool fold = random() % 2;
        unsigned char *text = fence_text(map, len, random() % 4), wanted[16];
        for (size_t k = 0; k < len; k++)
            text[k] = (unsigned char)"abAB"[(unsigned)random() % letters];
        for (size_t k = 0; k < wanted_len; k++)
            wanted[k] = (unsigned char)"abAB"[(unsigned)random() % (fold ? 2 : letters)];
        if (random() % 8 == 0)
            wanted[(size_t)random() % wanted_len] = '~';
        struct literal literal;
        literal_prepare(&literal, wanted, wanted_len, fold);
        const unsigned char *expected = plainly(text, len, wanted, wanted_len, fold);
        assert_ptr_equal(literal_find(&literal, text, text + len), expected);
        assert_ptr_equal(literal_find_portable(&literal, text, text + len), expected);
        literal_tune(&literal, text, len);
        assert_ptr_equal(literal_find(&literal, text, text + len), expected);
        assert_ptr_equal(literal_find_portable(&literal, text, text + len), expected);
    }
    mm_map_close(map);
}

/* What is no letter has no second case: [ and { differ by the same bit. */
static void only_letters_fold(void **state)
{
    (void)state;
    const unsigned char text[] = "[A[a{A{a", *end = text + 8;
    struct literal literal;
    literal_prepare(&literal, (const unsigned char *)"{a", 2, true);
    assert_ptr_equal(literal_find(&literal, text, end), text + 4);
    assert_ptr_equal(literal_find_portable(&literal, text, end), text + 4);
}

/* The rarest byte leads, wherever it stands. */
static void rare_bytes_are_looked_for(void **state)
{
    (void)state;
    struct literal literal;
    literal_prepare(&literal, (const unsigned char *)"ee~ee", 5, false);
    assert_int_equal(literal.second, 2);
    assert_true(literal.first != 2);
    assert_true(literal_rank('~') < literal_rank('e'));
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(every_way_finds_the_same_place),
        TEST(only_letters_fold),
        TEST(rare_bytes_are_looked_for),
    };
    return run_named(argc, argv, tests);
}
