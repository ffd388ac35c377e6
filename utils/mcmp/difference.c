/* SPDX-License-Identifier: MIT */
/* Where two runs of bytes first differ, at the speed of memory. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/count.h"
#include "mcmp/difference.h"

/* GCC's vectors: an AVX2 register, two of SSE2 or NEON, or plain words elsewhere. */
typedef uint8_t bytes __attribute__((vector_size(32)));
typedef uint16_t pairs __attribute__((vector_size(32)));
typedef uint64_t words __attribute__((vector_size(32)));

#define NEAR ((size_t)32)  /* looked at in words first: differences come in groups */
#define STEP ((size_t)512) /* bytes for one question whether they are the same */
/* A lane of a sum holds 65,535 hits; a step adds at most 32. */
#define ROUND (1024 * STEP)

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define EVERY_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define EVERY_PROCESSOR
#endif

/* The first difference from `at` on, before `end`; in words, then in bytes. */
static size_t find_in_words(const unsigned char *a, const unsigned char *b, size_t at, size_t end)
{
    for (; at + sizeof(uint64_t) <= end; at += sizeof(uint64_t)) {
        uint64_t x, y;
        memcpy(&x, a + at, sizeof x);
        memcpy(&y, b + at, sizeof y);
        if (x != y)
            break;
    }
    while (at < end && a[at] == b[at])
        at++;
    return at;
}

/* How many bytes from `at` on, in whole steps, are the same; at most a round. */
static inline __attribute__((always_inline)) size_t
same_steps(const unsigned char *a, const unsigned char *b, size_t len, bool count, size_t *newlines)
{
    const bytes newline = (bytes){0} + '\n';
    pairs sums = {0};
    size_t at = 0;
    if (len > ROUND)
        len = ROUND;
    for (; at + STEP <= len; at += STEP) {
        bytes differ = {0}, sum = {0};
        for (size_t i = at; i < at + STEP; i += sizeof(bytes)) {
            bytes x, y;
            memcpy(&x, a + i, sizeof x);
            memcpy(&y, b + i, sizeof y);
            differ |= x ^ y;
            if (count)
                sum -= (bytes)(x == newline);
        }
        words any = (words)differ;
        if (any[0] | any[1] | any[2] | any[3])
            break;
        sums += ((pairs)sum & 0xff) + ((pairs)sum >> 8);
    }
    for (size_t i = 0; count && i < sizeof sums / sizeof sums[0]; i++)
        *newlines += sums[i];
    return at;
}

EVERY_PROCESSOR
size_t difference_find(const unsigned char *a, const unsigned char *b, size_t len)
{
    size_t near = len < NEAR ? len : NEAR, at = find_in_words(a, b, 0, near), same;
    if (at < near)
        return at;
    while ((same = same_steps(a + at, b + at, len - at, false, NULL)) > 0)
        at += same;
    return find_in_words(a, b, at, len);
}

EVERY_PROCESSOR
size_t difference_count(const unsigned char *a, const unsigned char *b, size_t len,
                        size_t *newlines)
{
    size_t at = 0, same;
    while ((same = same_steps(a + at, b + at, len - at, true, newlines)) > 0)
        at += same;
    size_t end = find_in_words(a, b, at, len);
    *newlines += count_byte(a + at, end - at, '\n');
    return end;
}
