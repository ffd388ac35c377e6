/* SPDX-License-Identifier: MIT */
/* The search for a difference: the vectors find and count what a plain loop does. */
#include <stdlib.h>

#include "mcmp/difference.h"

#include "harness.h"

#define CASES 20000
#define MOST  2100

static size_t plainly(const unsigned char *a, const unsigned char *b, size_t len, size_t *newlines)
{
    size_t at = 0;
    for (; at < len && a[at] == b[at]; at++)
        *newlines += a[at] == '\n';
    return at;
}

/* Any length and place in a register, few newlines or nothing else, none to a few differences. */
static void vectors_find_what_a_loop_finds(void **state)
{
    (void)state;
    static unsigned char room_a[MOST + 64], room_b[MOST + 64];
    srandom(7);
    for (int i = 0; i < CASES; i++) {
        size_t len = (size_t)random() % (i % 2 ? MOST : 80);
        unsigned char *a = room_a + random() % 64, *b = room_b + random() % 64;
        unsigned letters = 1 + (unsigned)random() % 4;
        for (size_t k = 0; k < len; k++)
            a[k] = b[k] = (unsigned char)"\n\0a\377"[(unsigned)random() % letters];
        for (int k = (int)(random() % 4); k > 0 && len > 0; k--)
            b[(size_t)random() % len] ^= (unsigned char)(1u << random() % 8);
        size_t expected_lines = 0, lines = 5;
        size_t expected = plainly(a, b, len, &expected_lines);
        assert_int_equal(difference_find(a, b, len), expected);
        assert_int_equal(difference_count(a, b, len, &lines), expected);
        assert_int_equal(lines, 5 + expected_lines);
    }
}

/* More newlines than a lane of a sum holds. */
static void newlines_of_long_runs_are_counted(void **state)
{
    size_t len = (3 << 20) + 17, lines = 0;
    struct bytes all = box_repeat(*state, '\n', len), same = box_repeat(*state, '\n', len);
    assert_int_equal(difference_count(all.data, same.data, len, &lines), len);
    assert_int_equal(lines, len);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(vectors_find_what_a_loop_finds),
        TEST(newlines_of_long_runs_are_counted),
    };
    return run_named(argc, argv, tests);
}
