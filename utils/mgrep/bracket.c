/* SPDX-License-Identifier: MIT */
/* Bracket expressions: which characters one takes. */
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "mgrep/bracket.h"
#include "mgrep/posix.h"
#include "mgrep/text.h"

/* Do the locale's ranges go by the characters' numbers? */
static bool ranges_by_number(void)
{
    const char *locale = setlocale(LC_COLLATE, NULL);
    return strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0 ||
           strncmp(locale, "C.", 2) == 0;
}

/*
 * One end of a range: a character, or one in [. .], at *p, which moves behind it.
 *
 * Returns 0 for an element that is no character.
 */
static unsigned read_char(const char **p, const char *end, struct bracket *bracket)
{
    const char *begin = *p;
    bool named = end - begin > 3 && begin[0] == '[' && begin[1] == '.';
    if (named)
        begin += 2;
    unsigned c = (unsigned char)*begin;
    size_t len = 1;
    if (text_charset() == CHARSET_UTF8) {
        len = utf8_character((const unsigned char *)begin, (size_t)(end - begin), &c);
        if (len == 0) {
            bracket->invalid = true;
            len = 1;
        }
    }
    *p = begin + len;
    if (named) {
        bracket->by_glibc = true;
        const char *close = memmem(*p, (size_t)(end - *p), ".]", 2);
        if (close != *p)
            c = 0;
        *p = close + 2;
    }
    return c;
}

/* The characters beyond ASCII that the elements from `p` on take.  Returns the final ]. */
static const char *read_elements(const char *p, const char *end, bool fold, struct bracket *bracket)
{
    const char *first = p;
    size_t used = 0;
    bool plain = true, bytes = text_charset() == CHARSET_BYTES;
    while (p == first || *p != ']') {
        if (*p == '[' && (p[1] == ':' || p[1] == '=')) {
            const char close[2] = {p[1], ']'};
            p = (const char *)memmem(p + 2, (size_t)(end - p - 2), close, 2) + 2;
            bracket->uncertain = true;
            bracket->by_glibc |= close[0] == '=' || !bytes;
            plain = false;
            continue;
        }
        unsigned low = read_char(&p, end, bracket), high = low;
        if (end - p > 1 && p[0] == '-' && p[1] != ']') {
            p++;
            high = read_char(&p, end, bracket);
            plain = false;
            bracket->by_glibc |= !bytes && !(low >= '0' && high <= '9');
            if (!ranges_by_number() && !(low >= '0' && high <= '9'))
                bracket->uncertain = true;
        }
        if (low == 0 || (fold && (high >= 0x80 || high != low || isalpha((int)low))))
            bracket->uncertain = true;
        if (high < 0x80)
            continue;
        if (used + 32 > sizeof bracket->others) {
            bracket->uncertain = true;
            continue;
        }
        used += (size_t)snprintf(bracket->others + used, sizeof bracket->others - used,
                                 "\\x{%x}-\\x{%x}", low < 0x80 ? 0x80 : low, high);
    }
    bracket->looks_like_class = plain && p - first > 2 && first[0] == ':' && p[-1] == ':';
    return p;
}

/*
 * With -i GNU grep's own matcher takes a range as it stands, and the other case of
 * its letters; to glibc the range is one from capital to capital.
 */
static void fold_members(const char *text, size_t len, struct bracket *bracket)
{
    bool own[256], *members = bracket->members;
    if (posix_error(text, len, true, false))
        return;
    posix_members(text, len, false, own, 256);
    for (int c = 0; c < 256; c++)
        own[c] ^= bracket->invert;
    for (int c = 0; c < 256; c++)
        if (own[c])
            own[toupper(c)] = own[tolower(c)] = true;
    for (int c = 0; c < 256; c++) {
        own[c] = c != '\n' && own[c] != bracket->invert;
        bracket->divided |= own[c] != members[c];
    }
    memcpy(members, own, sizeof own);
}

const char *bracket_read(const char *text, const char *end, bool fold, struct bracket *bracket)
{
    *bracket = (struct bracket){.invert = text[1] == '^'};
    const char *close = read_elements(text + 1 + bracket->invert, end, fold, bracket);
    bool bytes = text_charset() == CHARSET_BYTES;
    bracket->by_glibc |= bracket->invert && !bytes;
    if (bytes)
        bracket->others[0] = '\0';
    posix_members(text, (size_t)(close + 1 - text), fold, bracket->members, bytes ? 256 : 128);
    if (bytes && fold && !bracket->by_glibc)
        fold_members(text, (size_t)(close + 1 - text), bracket);
    return close + 1;
}
