/* SPDX-License-Identifier: MIT */
/* What mgrep takes for text. */
#include <locale.h>
#include <stdlib.h>

#include "mgrep/text.h"

#include "fence.h"

#define LEN_MAX 300

/* Every byte beyond ASCII, at every place of texts of every length. */
static void ascii_ends_at_the_first_byte_beyond_it(void **state)
{
    (void)state;
    struct mm_map *map = fence_new(LEN_MAX);
    for (size_t len = 0; len <= LEN_MAX; len++) {
        for (int at_end = 0; at_end < 2; at_end++) {
            unsigned char *text = fence_text(map, len, at_end);
            memset(text, 0x7f, len);
            assert_int_equal(text_ascii(text, len), len);
            for (size_t at = 0; at < len; at++) {
                text[at] = at % 2 ? 0x80 : 0xff;
                assert_int_equal(text_ascii(text, len), at);
                text[at] = (unsigned char)at % 0x80;
            }
        }
    }
    mm_map_close(map);
}

/* Characters of one to four bytes in a row, and then an error. */
static void valid_text_ends_at_the_first_encoding_error(void **state)
{
    (void)state;
    static const char *const errors[] = {"\x80",         "\xff",         "\xc3",
                                         "\xc0\xaf",     "\xe2\x82",     "\xe0\x80\x80",
                                         "\xed\xa0\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80"};
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip_aloud("there is no C.UTF-8 here");
    struct mm_map *map = fence_new(LEN_MAX);
    srandom(7);
    for (int i = 0; i < 20000; i++) {
        unsigned char room[LEN_MAX];
        size_t len = 0, good = 0;
        for (size_t n = (size_t)random() % 60; n > 0; n--) {
            static const char *const some[] = {"a",  "ordinary ASCII", "é",
                                               "本", "\U0001f600",     "\n"};
            const char *one = some[(size_t)random() % 6];
            if (len + strlen(one) > LEN_MAX - 8)
                break;
            memcpy(room + len, one, strlen(one));
            len += strlen(one);
        }
        good = len;
        if (random() % 3) {
            const char *error = errors[(size_t)random() % (sizeof errors / sizeof *errors)];
            memcpy(room + len, error, strlen(error));
            len += strlen(error);
        }
        unsigned char *text = fence_text(map, len, random() % 2);
        memcpy(text, room, len);
        assert_int_equal(text_valid(text, len), good);
    }
    mm_map_close(map);
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(ascii_ends_at_the_first_byte_beyond_it),
        TEST(valid_text_ends_at_the_first_encoding_error),
    };
    return run_named(argc, argv, tests);
}
