/* SPDX-License-Identifier: MIT */
/* Random strings, texts that may hold them, and a plain search for them. */
#ifndef UNIT_NEEDLES_H
#define UNIT_NEEDLES_H

#include <stdlib.h>

#include "mgrep/needle.h"

#include "fence.h"

#define STRINGS 16 /* at most */
#define LEN_MAX 20

struct strings {
    unsigned char bytes[STRINGS][LEN_MAX];
    struct needle list[STRINGS];
    size_t count;
    bool fold;
};

static inline size_t below(size_t limit)
{
    return (size_t)random() % limit;
}

static inline unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static inline bool stands_at(const struct strings *strings, const struct needle *string,
                             const unsigned char *at)
{
    size_t same = 0;
    while (same < string->len &&
           (strings->fold ? lower(at[same]) : at[same]) == string->bytes[same])
        same++;
    return same == string->len;
}

/* The beginning of the first line that holds one of the strings, or NULL. */
static inline const unsigned char *plainly(const struct strings *strings, const unsigned char *from,
                                           const unsigned char *end)
{
    const unsigned char *line = from;
    for (const unsigned char *at = from; at < end; at++) {
        for (size_t i = 0; i < strings->count; i++) {
            const struct needle *string = &strings->list[i];
            if (string->len <= (size_t)(end - at) && stands_at(strings, string, at))
                return line;
        }
        if (*at == '\n')
            line = at + 1;
    }
    return NULL;
}

static inline const unsigned char *line_of(const unsigned char *from, const unsigned char *at)
{
    if (!at)
        return NULL;
    const unsigned char *eol = memrchr(from, '\n', (size_t)(at - from));
    return eol ? eol + 1 : from;
}

/* Up to `most` strings of `letters`, at least `min` bytes long, and others of them that differ in
 * case and by the same bit. */
static inline void make_strings(struct strings *strings, size_t letters, size_t min, size_t most)
{
    strings->count = 1 + below(most);
    strings->fold = below(2);
    size_t least = min + below(LEN_MAX - min + 1);
    for (size_t i = 0; i < strings->count; i++) {
        size_t len = least + below(LEN_MAX - least + 1);
        for (size_t k = 0; k < len; k++)
            strings->bytes[i][k] = (unsigned char)"ab[{@"[below(letters)];
        strings->list[i] = (struct needle){strings->bytes[i], len};
    }
}

/* Text of the same letters, in which each string may stand, anywhere and at both ends. */
static inline void make_text(const struct strings *strings, unsigned char *text, size_t len,
                             size_t letters)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (unsigned char)"ab[{@AB`"[below(letters + 3)];
    for (size_t i = 0; i < len / 40; i++)
        text[below(len)] = '\n';
    const struct needle *string = &strings->list[below(strings->count)];
    if (string->len > len || below(4) == 0)
        return;
    size_t at = below(3) == 0 ? 0 : below(2) ? len - string->len : below(len - string->len + 1);
    memcpy(text + at, string->bytes, string->len);
    if (strings->fold && text[at] >= 'a' && text[at] <= 'z')
        text[at] ^= 0x20;
}

#endif
