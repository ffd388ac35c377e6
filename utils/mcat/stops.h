/* SPDX-License-Identifier: MIT */
/*
 * Which of 64 bytes are not shown as they are?  Bit i stands for byte i.
 *
 * Portably by a table of all bytes; with vectors by comparisons that say the same.
 */
#ifndef MCAT_STOPS_H
#define MCAT_STOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { STOPS = 64 };

/* A byte is a stop when it is one of `equal`, or is less than `least` and not `but`. */
struct stops {
    signed char least; /* bytes from 128 on count as negative */
    unsigned char but;
    unsigned char equal[3];
    bool table[256]; /* the same for each byte: stops_prepare() */
};

/* stops_prepare -- fill the table, once all else is there. */
static inline void stops_prepare(struct stops *stops)
{
    for (unsigned c = 0; c < 256; c++)
        stops->table[c] = ((signed char)c < stops->least && c != stops->but) ||
                          c == stops->equal[0] || c == stops->equal[1] || c == stops->equal[2];
}

/* Of the first `len` bytes, at most 64. */
static inline uint64_t stops_portable(const struct stops *stops, const unsigned char *at,
                                      size_t len)
{
    uint64_t found = 0;
    for (size_t i = 0; i < len; i++)
        found |= (uint64_t)stops->table[at[i]] << i;
    return found;
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static inline uint32_t stops_of_32(const struct stops *stops,
                                                                   const unsigned char *at)
{
    __m256i x = _mm256_loadu_si256((const void *)at);
    __m256i less = _mm256_cmpgt_epi8(_mm256_set1_epi8(stops->least), x);
    __m256i found =
        _mm256_andnot_si256(_mm256_cmpeq_epi8(x, _mm256_set1_epi8((char)stops->but)), less);
    for (int i = 0; i < 3; i++)
        found =
            _mm256_or_si256(found, _mm256_cmpeq_epi8(x, _mm256_set1_epi8((char)stops->equal[i])));
    return (uint32_t)_mm256_movemask_epi8(found);
}

__attribute__((target("avx2"))) static inline uint64_t stops_avx2(const struct stops *stops,
                                                                  const unsigned char *at)
{
    return stops_of_32(stops, at) | (uint64_t)stops_of_32(stops, at + 32) << 32;
}

#elif defined(__aarch64__)

static inline uint8x16_t stops_of_16(const struct stops *stops, const unsigned char *at)
{
    uint8x16_t x = vld1q_u8(at);
    uint8x16_t less = vcltq_s8(vreinterpretq_s8_u8(x), vdupq_n_s8(stops->least));
    uint8x16_t found = vbicq_u8(less, vceqq_u8(x, vdupq_n_u8(stops->but)));
    for (int i = 0; i < 3; i++)
        found = vorrq_u8(found, vceqq_u8(x, vdupq_n_u8(stops->equal[i])));
    return found;
}

/* Each byte keeps the bit of its place among eight; neighbours are added until one byte has all. */
static inline uint64_t stops_neon(const struct stops *stops, const unsigned char *at)
{
    const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t a = vandq_u8(stops_of_16(stops, at), bits);
    uint8x16_t b = vandq_u8(stops_of_16(stops, at + 16), bits);
    uint8x16_t c = vandq_u8(stops_of_16(stops, at + 32), bits);
    uint8x16_t d = vandq_u8(stops_of_16(stops, at + 48), bits);
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

#endif

#endif
