/* SPDX-License-Identifier: MIT */
/* The search for a few strings finds the line that a plain loop finds, with vectors and without. */
#include "mgrep/few.h"

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
        make_strings(&strings, letters, 1, FEW_MAX);
        unsigned char *text = fence_text(map, len, below(4) > 0), *end = text + len;
        make_text(&strings, text, len, letters);
        struct few *few = few_new(strings.list, strings.count, strings.fold);
        const unsigned char *expected = plainly(&strings, text, end);
        for (int tuned = 0; tuned < 2; tuned++) {
            assert_ptr_equal(line_of(text, few_find(few, text, end)), expected);
            assert_ptr_equal(line_of(text, few_find_portable(few, text, end)), expected);
            few_tune(few, text, len / 2);
        }
        found += expected != NULL;
        few_free(few);
    }
    assert_true(found > CASES / 4 && found < CASES - CASES / 20);
    mm_map_close(map);
}

/* Each of several strings alone, at every place of texts of every length. */
static void string_is_found_at_every_alignment(void **state)
{
    (void)state;
    static const struct needle needles[] = {
        {(const unsigned char *)"x", 1},
        {(const unsigned char *)"pq", 2},
        {(const unsigned char *)"rarest \xe9", 8},
        {(const unsigned char *)"three", 5},
    };
    struct mm_map *map = fence_new(300);
    for (size_t first = 0; first < 4; first++) {
        struct few *few = few_new(needles + first, 4 - first, false);
        for (size_t len = 1; len < 200; len += 1 + len / 60) {
            unsigned char *text = fence_text(map, len, true);
            const struct needle *needle = &needles[first + len % (4 - first)];
            for (size_t at = 0; at + needle->len <= len; at++) {
                memset(text, 'z', len);
                memcpy(text + at, needle->bytes, needle->len);
                const unsigned char *hit = few_find(few, text, text + len);
                assert_true(hit >= text + at && hit < text + at + needle->len);
                assert_null(few_find(few, text, text + at + needle->len - 1));
                assert_null(few_find(few, text + at + 1, text + len));
            }
        }
        few_free(few);
    }
    mm_map_close(map);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(first_line_is_that_of_a_plain_search),
        TEST(string_is_found_at_every_alignment),
    };
    return run_named(argc, argv, tests);
}
