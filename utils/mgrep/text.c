/* SPDX-License-Identifier: MIT */
/* What the locale says about bytes. */
#include <ctype.h>
#include <langinfo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "common/utf8.h"
#include "mgrep/text.h"

enum charset text_charset(void)
{
    static int known = -1;
    if (known < 0)
        known = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? CHARSET_UTF8
                : MB_CUR_MAX > 1                           ? CHARSET_OTHER
                                                           : CHARSET_BYTES;
    return (enum charset)known;
}

/* GCC's vectors, as in common/count.c. */
typedef uint8_t bytes __attribute__((vector_size(32)));
typedef uint64_t words __attribute__((vector_size(32)));

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
__attribute__((target_clones("avx2", "default")))
#endif
size_t
text_ascii(const unsigned char *data, size_t len)
{
    size_t i = 0;
    for (; len - i >= 4 * sizeof(bytes); i += 4 * sizeof(bytes)) {
        bytes a, b, c, d;
        memcpy(&a, data + i, sizeof a);
        memcpy(&b, data + i + sizeof a, sizeof b);
        memcpy(&c, data + i + 2 * sizeof a, sizeof c);
        memcpy(&d, data + i + 3 * sizeof a, sizeof d);
        words any = (words)((a | b) | (c | d));
        if ((any[0] | any[1] | any[2] | any[3]) & 0x8080808080808080u)
            break;
    }
    for (uint64_t eight; i + sizeof eight <= len; i += sizeof eight) {
        memcpy(&eight, data + i, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    while (i < len && data[i] < 0x80)
        i++;
    return i;
}

static size_t valid_other(const unsigned char *data, size_t len)
{
    mbstate_t state = {0};
    size_t i = 0;
    while (i < len) {
        size_t size = mbrlen((const char *)data + i, len - i, &state);
        if (size == (size_t)-1 || size == (size_t)-2)
            break;
        i += size ? size : 1;
    }
    return i;
}

size_t text_valid(const unsigned char *data, size_t len)
{
    if (text_charset() == CHARSET_BYTES)
        return len;
    size_t i = text_ascii(data, len);
    if (text_charset() == CHARSET_OTHER)
        return i + valid_other(data + i, len - i);
    while (i < len) {
        unsigned character;
        size_t size = utf8_character(data + i, len - i, &character);
        if (size == 0)
            break;
        i += size;
        if (size == 1)
            i += text_ascii(data + i, len - i);
    }
    return i;
}

/* Small letters that are not the small letter of their own capital. */
static const unsigned short odd_small[] = {
    0x00b5, 0x0131, 0x017f, 0x01c5, 0x01c8, 0x01cb, 0x01f2, 0x0345, 0x03c2,
    0x03d0, 0x03d1, 0x03d5, 0x03d6, 0x03f0, 0x03f1, 0x03f5, 0x1e9b, 0x1fbe,
};

static size_t add_counterpart(unsigned character, unsigned *list, size_t n, unsigned other)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == other)
            return n;
    }
    if (other == character || n == TEXT_COUNTERPARTS)
        return n;
    list[n] = other;
    return n + 1;
}

size_t text_counterparts(unsigned character, unsigned counterparts[TEXT_COUNTERPARTS])
{
    wint_t upper = towupper(character), lower = towlower(upper);
    size_t n = add_counterpart(character, counterparts, 0, upper);
    if (towupper(lower) == upper)
        n = add_counterpart(character, counterparts, n, lower);
    for (size_t i = 0; i < sizeof odd_small / sizeof *odd_small; i++) {
        if (towupper(odd_small[i]) == upper)
            n = add_counterpart(character, counterparts, n, odd_small[i]);
    }
    return n;
}

bool text_word(unsigned char byte)
{
    return byte == '_' || isalnum(byte);
}

bool text_word_at(const unsigned char *line, size_t len, size_t at)
{
    unsigned character;
    if (at >= len)
        return false;
    if (line[at] < 0x80 || text_charset() != CHARSET_UTF8)
        return text_word(line[at]);
    return utf8_character(line + at, len - at, &character) && iswalnum(character);
}

bool text_word_before(const unsigned char *line, size_t len, size_t at)
{
    if (at == 0)
        return false;
    size_t back = 1;
    if (text_charset() == CHARSET_UTF8) {
        while (back < 4 && back < at && (line[at - back] & 0xc0) == 0x80)
            back++;
        unsigned character;
        if (utf8_character(line + at - back, len - (at - back), &character) < back)
            return false;
    }
    return text_word_at(line, len, at - back);
}
