/* SPDX-License-Identifier: MIT */
/*
 * One byte string among many bytes.  The method is the "generic SIMD" one that
 * W. Mula describes (http://0x80.pl/articles/simd-strfind.html), with the two bytes
 * chosen for being rare, as ripgrep's memmem does.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "common/message.h"
#include "mgrep/literal.h"

/*
 * How common each byte is: its place among all when they are sorted by how often they
 * occur in C headers, package documentation, Python sources, a service's log and, at
 * half the weight, programs.
 */
static const unsigned char rank[256] = {
    247, 178, 156, 149, 158, 155, 122, 131, 169, 171, 240, 100, 121, 134, 137, 184, 159, 123, 116,
    53,  103, 102, 72,  60,  144, 31,  29,  40,  80,  55,  42,  154, 255, 107, 195, 186, 185, 139,
    135, 202, 210, 209, 196, 142, 217, 231, 222, 214, 251, 242, 243, 234, 228, 225, 230, 219, 221,
    223, 233, 175, 173, 239, 176, 188, 172, 206, 179, 204, 194, 227, 205, 191, 213, 220, 138, 168,
    207, 180, 216, 212, 201, 113, 200, 218, 229, 181, 161, 152, 182, 157, 193, 197, 166, 198, 97,
    244, 146, 249, 215, 236, 241, 254, 224, 208, 226, 250, 164, 199, 237, 235, 246, 245, 232, 167,
    248, 252, 253, 238, 192, 187, 190, 211, 160, 150, 153, 151, 112, 59,  140, 96,  49,  170, 165,
    163, 48,  77,  108, 189, 24,  183, 79,  174, 47,  46,  126, 12,  19,  51,  85,  43,  35,  15,
    75,  5,   3,   13,  50,  27,  4,   34,  56,  0,   6,   32,  23,  7,   8,   18,  62,  9,   17,
    26,  36,  14,  10,  25,  81,  2,   11,  38,  61,  21,  115, 69,  120, 78,  118, 54,  90,  73,
    110, 83,  162, 143, 109, 145, 104, 91,  124, 147, 84,  99,  37,  22,  20,  28,  82,  33,  130,
    87,  98,  74,  1,   39,  45,  63,  95,  66,  30,  86,  16,  64,  70,  133, 129, 67,  89,  52,
    44,  41,  76,  93,  177, 148, 68,  132, 94,  88,  101, 119, 128, 58,  65,  92,  57,  71,  127,
    117, 136, 106, 111, 114, 105, 125, 141, 203,
};

unsigned literal_rank(unsigned char byte)
{
    return rank[byte];
}

static bool is_letter(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

/* What a byte of the text is or-ed with before it is compared: the bit that makes letters small. */
static unsigned char case_bit(const struct literal *l, unsigned char c)
{
    return l->fold && is_letter(c) ? 0x20 : 0;
}

static unsigned rank_of(const struct literal *l, size_t at)
{
    unsigned char c = l->bytes[at];
    return rank[c] + (case_bit(l, c) ? rank[c ^ 0x20] / 2u : 0);
}

void literal_prepare(struct literal *l, const unsigned char *bytes, size_t len, bool fold)
{
    *l = (struct literal){.bytes = bytes, .len = len, .fold = fold};
    /* The rarest, and the rarest of the others that is another byte. */
    for (size_t i = 1; i < len; i++)
        if (rank_of(l, i) < rank_of(l, l->second))
            l->second = i;
    l->first = l->second == 0 ? len - 1 : 0;
    for (size_t i = 0; i < len; i++)
        if (i != l->second && bytes[i] != bytes[l->second] &&
            (bytes[l->first] == bytes[l->second] || rank_of(l, i) < rank_of(l, l->first)))
            l->first = i;
}

/* Mark where in the sample the byte at `at` of the string stands, if the string began there. */
static void mark(const struct literal *l, size_t at, const unsigned char *sample, size_t starts,
                 unsigned char *marks)
{
    unsigned char bit = case_bit(l, l->bytes[at]);
    for (size_t i = 0; i < starts; i++)
        marks[i] = (sample[at + i] | bit) == l->bytes[at];
}

static size_t count_both(const unsigned char *a, const unsigned char *b, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += a[i] & b[i];
    return count;
}

void literal_tune(struct literal *l, const unsigned char *sample, size_t len)
{
    enum { PLACES = 16, SAMPLE = 4 << 10 };
    size_t places = l->len < PLACES ? l->len : PLACES;
    if (places < 2 || len < l->len)
        return;
    unsigned char(*marks)[SAMPLE] = xmalloc(places * sizeof *marks);
    size_t starts = len - l->len + 1 < SAMPLE ? len - l->len + 1 : SAMPLE;
    size_t least = SIZE_MAX, first = l->first, second = l->second;
    for (size_t i = 0; i < places; i++) {
        mark(l, i, sample, starts, marks[i]);
        for (size_t k = 0; k < i; k++) {
            /* Of pairs that are as rare the one of the bytes that are rarer elsewhere. */
            size_t count = 512 * count_both(marks[i], marks[k], starts);
            count += rank_of(l, i) + rank_of(l, k);
            if (count < least) {
                least = count;
                first = k;
                second = i;
            }
        }
    }
    free(marks);
    l->first = first;
    l->second = second;
}

static bool matches(const struct literal *l, const unsigned char *at)
{
    if (!l->fold)
        return memcmp(at, l->bytes, l->len) == 0;
    for (size_t i = 0; i < l->len; i++) {
        unsigned char c = at[i];
        if (c != l->bytes[i] && !(is_letter(l->bytes[i]) && (c | 0x20) == l->bytes[i]))
            return false;
    }
    return true;
}

const unsigned char *literal_find_portable(const struct literal *l, const unsigned char *from,
                                           const unsigned char *end)
{
    unsigned char rare = l->bytes[l->second], bit = case_bit(l, rare);
    if ((size_t)(end - from) < l->len)
        return NULL;
    const unsigned char *last = end - l->len;
    while (from <= last) {
        const unsigned char *start = from + l->second;
        size_t len = (size_t)(last - from) + 1;
        const unsigned char *hit = memchr(start, rare, len);
        if (bit) {
            const unsigned char *other =
                memchr(start, rare ^ bit, hit ? (size_t)(hit - start) : len);
            hit = other ? other : hit;
        }
        if (!hit)
            return NULL;
        if (matches(l, hit - l->second))
            return hit - l->second;
        from = hit - l->second + 1;
    }
    return NULL;
}

#if defined(__x86_64__)

/* What is searched next is fetched meanwhile: see pieces.c for how far that is. */
enum { WIDTH = 32, ROUND = 4 * WIDTH, PREFETCH = 24 << 10 };

/* The two bytes, and the bits that make letters small, in every lane. */
struct lanes {
    __m256i a, a_bit, b, b_bit;
};

__attribute__((target("avx2"))) static inline struct lanes lanes_of(const struct literal *l)
{
    return (struct lanes){
        .a = _mm256_set1_epi8((char)l->bytes[l->first]),
        .a_bit = _mm256_set1_epi8((char)case_bit(l, l->bytes[l->first])),
        .b = _mm256_set1_epi8((char)l->bytes[l->second]),
        .b_bit = _mm256_set1_epi8((char)case_bit(l, l->bytes[l->second])),
    };
}

/* Which of 32 starts have both bytes in their places? */
__attribute__((target("avx2"))) static inline __m256i pair(const unsigned char *at, size_t first,
                                                           size_t second, const struct lanes *lanes)
{
    __m256i x = _mm256_loadu_si256((const void *)(at + first));
    __m256i y = _mm256_loadu_si256((const void *)(at + second));
    return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(x, lanes->a_bit), lanes->a),
                            _mm256_cmpeq_epi8(_mm256_or_si256(y, lanes->b_bit), lanes->b));
}

/*
 * The first round from `from` on in which some start has both bytes, or where no round
 * is left.  Nothing is called in it, so that the lanes stay in registers.
 */
__attribute__((target("avx2"), noinline)) static const unsigned char *
skip_rounds(const struct literal *l, const unsigned char *from, const unsigned char *stop)
{
    const struct lanes lanes = lanes_of(l);
    size_t first = l->first, second = l->second;
    for (; stop - from >= ROUND; from += ROUND) {
        __m256i some = pair(from, first, second, &lanes);
        some = _mm256_or_si256(some, pair(from + WIDTH, first, second, &lanes));
        some = _mm256_or_si256(some, pair(from + 2 * WIDTH, first, second, &lanes));
        some = _mm256_or_si256(some, pair(from + 3 * WIDTH, first, second, &lanes));
        __builtin_prefetch(from + first + PREFETCH);
        __builtin_prefetch(from + first + PREFETCH + ROUND / 2);
        if (!_mm256_testz_si256(some, some))
            break;
    }
    return from;
}

/* The first match that begins at one of 32 places. */
__attribute__((target("avx2"))) static const unsigned char *first_match(const struct literal *l,
                                                                        const unsigned char *at)
{
    const struct lanes lanes = lanes_of(l);
    uint32_t starts = (uint32_t)_mm256_movemask_epi8(pair(at, l->first, l->second, &lanes));
    for (; starts; starts &= starts - 1) {
        const unsigned char *hit = at + __builtin_ctz(starts);
        if (matches(l, hit))
            return hit;
    }
    return NULL;
}

static const unsigned char *find_avx2(const struct literal *l, const unsigned char *from,
                                      const unsigned char *end)
{
    if ((size_t)(end - from) < l->len + WIDTH)
        return literal_find_portable(l, from, end);
    const unsigned char *stop = end - l->len + 1; /* behind the last start */
    const unsigned char *hit;
    for (;;) {
        from = skip_rounds(l, from, stop);
        const unsigned char *round = stop - from >= ROUND ? from + ROUND : stop;
        for (; round - from >= WIDTH; from += WIDTH)
            if ((hit = first_match(l, from)))
                return hit;
        if (stop - from < WIDTH)
            break;
    }
    /* The last starts once more, with those before them that are known not to match. */
    return from < stop ? first_match(l, stop - WIDTH) : NULL;
}

const unsigned char *literal_find(const struct literal *l, const unsigned char *from,
                                  const unsigned char *end)
{
    return __builtin_cpu_supports("avx2") ? find_avx2(l, from, end)
                                          : literal_find_portable(l, from, end);
}

#elif defined(__aarch64__)

/* Four bits for each of 16 starts: set where both bytes are in their places. */
static uint64_t pair(const unsigned char *at, const struct literal *l, uint8x16_t a,
                     uint8x16_t a_bit, uint8x16_t b, uint8x16_t b_bit)
{
    uint8x16_t x = vceqq_u8(vorrq_u8(vld1q_u8(at + l->first), a_bit), a);
    uint8x16_t y = vceqq_u8(vorrq_u8(vld1q_u8(at + l->second), b_bit), b);
    uint8x8_t nibbles = vshrn_n_u16(vreinterpretq_u16_u8(vandq_u8(x, y)), 4);
    return vget_lane_u64(vreinterpret_u64_u8(nibbles), 0);
}

const unsigned char *literal_find(const struct literal *l, const unsigned char *from,
                                  const unsigned char *end)
{
    enum { WIDTH = 16 };
    if ((size_t)(end - from) < l->len + WIDTH)
        return literal_find_portable(l, from, end);
    const unsigned char *stop = end - l->len + 1;
    const uint8x16_t a = vdupq_n_u8(l->bytes[l->first]), b = vdupq_n_u8(l->bytes[l->second]);
    const uint8x16_t a_bit = vdupq_n_u8(case_bit(l, l->bytes[l->first]));
    const uint8x16_t b_bit = vdupq_n_u8(case_bit(l, l->bytes[l->second]));
    while (from < stop) {
        /* The last round may look again at starts that are known not to match. */
        if (stop - from < WIDTH)
            from = stop - WIDTH;
        for (uint64_t starts = pair(from, l, a, a_bit, b, b_bit); starts;) {
            unsigned at = (unsigned)__builtin_ctzll(starts) / 4;
            if (matches(l, from + at))
                return from + at;
            starts &= ~((uint64_t)15 << (4 * at));
        }
        from += WIDTH;
    }
    return NULL;
}

#else

const unsigned char *literal_find(const struct literal *l, const unsigned char *from,
                                  const unsigned char *end)
{
    return literal_find_portable(l, from, end);
}

#endif
