/* SPDX-License-Identifier: MIT */
/* How often a byte occurs, at the speed of memory. */
#include <stdint.h>
#include <string.h>

#include "common/count.h"

/* GCC's vectors: two AVX2 or SSE2 registers, two of NEON's, or plain words elsewhere. */
typedef uint8_t bytes __attribute__((vector_size(32)));

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
__attribute__((target_clones("avx2", "default")))
#endif
size_t
count_byte(const unsigned char *data, size_t len, unsigned char byte)
{
    const bytes wanted = (bytes){0} + byte;
    size_t count = 0;
    while (len >= 2 * sizeof(bytes)) {
        /* A lane of a sum holds 255 hits; every round adds at most one. */
        size_t rounds = len / (2 * sizeof(bytes));
        if (rounds > 255)
            rounds = 255;
        bytes sum0 = {0}, sum1 = {0};
        for (size_t i = 0; i < rounds; i++, data += 2 * sizeof(bytes)) {
            bytes a, b;
            memcpy(&a, data, sizeof a);
            memcpy(&b, data + sizeof a, sizeof b);
            sum0 -= (bytes)(a == wanted);
            sum1 -= (bytes)(b == wanted);
        }
        len -= rounds * 2 * sizeof(bytes);
        for (size_t i = 0; i < sizeof(bytes); i++)
            count += (size_t)sum0[i] + sum1[i];
    }
    for (; len > 0; len--)
        count += *data++ == byte;
    return count;
}
