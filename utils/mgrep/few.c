/* SPDX-License-Identifier: MIT */
/*
 * A few strings, found by vector shuffles.  The method is Teddy, of the Hyperscan library
 * (X. Wang et al., "Hyperscan: A Fast Multi-pattern Regex Matcher", NSDI 2019), but that the
 * three bytes may stand anywhere in a string, where they are rare.
 */
#include <stdint.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include "common/message.h"
#include "mgrep/few.h"
#include "mgrep/literal.h"

#define PRINT_MAX 3  /* bytes that stand for a string: its print */
#define BUCKETS   8  /* bits of a byte */
#define PLACES    16 /* of a string's beginning where its print is sought */
#define SAMPLE    ((size_t)4 << 10)

struct few {
    size_t count;
    bool fold;
    size_t print; /* bytes: PRINT_MAX, or the length of the shortest string */
    struct entry {
        struct needle needle;
        size_t place;                 /* where the print stands in it */
    } entries[FEW_MAX];               /* sorted by print, */
    unsigned char first[BUCKETS + 1]; /* and so are the buckets that they are in */
    /* For each byte of a print, by its lower and upper half: the buckets with such a print. */
    unsigned char low[PRINT_MAX][16], high[PRINT_MAX][16];
};

static bool is_letter(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static int by_print(const void *a, const void *b, void *few)
{
    const struct entry *x = a, *y = b;
    return memcmp(x->needle.bytes + x->place, y->needle.bytes + y->place,
                  ((const struct few *)few)->print);
}

static void allow(struct few *f, size_t at, unsigned char byte, unsigned char bucket)
{
    f->low[at][byte & 15] |= bucket;
    f->high[at][byte >> 4] |= bucket;
}

/* Strings with similar prints share a bucket: their halves, mixed, give few prints more. */
static void fill_buckets(struct few *f)
{
    qsort_r(f->entries, f->count, sizeof *f->entries, by_print, f);
    /* The bytes that a shorter print lacks are any. */
    memset(f->low, 0, sizeof f->low);
    memset(f->high, 0, sizeof f->high);
    memset(f->low[f->print], 0xff, (PRINT_MAX - f->print) * sizeof *f->low);
    memset(f->high[f->print], 0xff, (PRINT_MAX - f->print) * sizeof *f->high);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        f->first[bucket] = (unsigned char)(bucket * f->count / BUCKETS);
        f->first[bucket + 1] = (unsigned char)((bucket + 1) * f->count / BUCKETS);
        for (size_t i = f->first[bucket]; i < f->first[bucket + 1]; i++) {
            const unsigned char *print = f->entries[i].needle.bytes + f->entries[i].place;
            for (size_t at = 0; at < f->print; at++) {
                allow(f, at, print[at], (unsigned char)(1u << bucket));
                if (f->fold && is_letter(print[at]))
                    allow(f, at, print[at] ^ 0x20, (unsigned char)(1u << bucket));
            }
        }
    }
}

/* How often the print stands in the sample. */
static size_t count_print(const struct few *f, const unsigned char *print,
                          const unsigned char *sample, size_t len)
{
    unsigned char bits[PRINT_MAX];
    for (size_t at = 0; at < f->print; at++)
        bits[at] = f->fold && is_letter(print[at]) ? 0x20 : 0;
    size_t count = 0;
    for (size_t i = 0; i + f->print <= len; i++) {
        bool same = true;
        for (size_t at = 0; at < f->print; at++)
            same &= (sample[i + at] | bits[at]) == print[at];
        count += same;
    }
    return count;
}

void few_tune(struct few *f, const unsigned char *sample, size_t len)
{
    len = len < SAMPLE ? len : SAMPLE;
    for (size_t i = 0; i < f->count; i++) {
        struct entry *entry = &f->entries[i];
        size_t least = SIZE_MAX, last = entry->needle.len - f->print;
        for (size_t place = 0; place <= last && place < PLACES; place++) {
            const unsigned char *print = entry->needle.bytes + place;
            /* Of prints that are as rare there the one of the bytes that are rarer elsewhere. */
            size_t count = 1024 * count_print(f, print, sample, len);
            for (size_t at = 0; at < f->print; at++)
                count += literal_rank(print[at]);
            if (count < least) {
                least = count;
                entry->place = place;
            }
        }
    }
    fill_buckets(f);
}

struct few *few_new(const struct needle *needles, size_t count, bool fold)
{
    struct few *f = xmalloc(sizeof *f);
    *f = (struct few){.count = count, .fold = fold, .print = PRINT_MAX};
    for (size_t i = 0; i < count; i++) {
        f->entries[i].needle = needles[i];
        if (needles[i].len < f->print)
            f->print = needles[i].len;
    }
    few_tune(f, NULL, 0);
    return f;
}

void few_free(struct few *few)
{
    free(few);
}

/* Does a string of one of the buckets have its print at `at`? */
static bool stands_at(const struct few *f, unsigned buckets, const unsigned char *from,
                      const unsigned char *at, const unsigned char *end)
{
    for (; buckets; buckets &= buckets - 1) {
        unsigned bucket = (unsigned)__builtin_ctz(buckets);
        for (unsigned i = f->first[bucket]; i < f->first[bucket + 1]; i++) {
            const struct entry *e = &f->entries[i];
            if ((size_t)(at - from) >= e->place && (size_t)(end - at) + e->place >= e->needle.len &&
                needle_at(&e->needle, f->fold, at - e->place))
                return true;
        }
    }
    return false;
}

const unsigned char *few_find_portable(const struct few *f, const unsigned char *from,
                                       const unsigned char *end)
{
    for (const unsigned char *at = from; end - at >= (ptrdiff_t)f->print; at++) {
        unsigned buckets = 0xff;
        for (size_t i = 0; i < f->print; i++)
            buckets &= f->low[i][at[i] & 15] & f->high[i][at[i] >> 4];
        if (buckets && stands_at(f, buckets, from, at, end))
            return at;
    }
    return NULL;
}

#if defined(__x86_64__)

/* What is searched next is fetched meanwhile: see pieces.c for how far that is. */
enum { WIDTH = 32, ROUND = 2 * WIDTH, PREFETCH = 24 << 10 };

/* The tables, in both halves of a vector. */
struct lanes {
    __m256i low[PRINT_MAX], high[PRINT_MAX];
};

__attribute__((target("avx2"))) static inline __m256i twice(const unsigned char *table)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)table));
}

__attribute__((target("avx2"))) static inline struct lanes lanes_of(const struct few *f)
{
    return (struct lanes){
        .low = {twice(f->low[0]), twice(f->low[1]), twice(f->low[2])},
        .high = {twice(f->high[0]), twice(f->high[1]), twice(f->high[2])},
    };
}

/* The buckets with such a byte at this place of their prints, for each of 32 bytes. */
__attribute__((target("avx2"))) static inline __m256i look_up(const unsigned char *at, __m256i low,
                                                              __m256i high)
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i bytes = _mm256_loadu_si256((const void *)at);
    __m256i lower = _mm256_and_si256(bytes, half);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    return _mm256_and_si256(_mm256_shuffle_epi8(low, lower), _mm256_shuffle_epi8(high, upper));
}

/* The buckets with a print at each of 32 places. */
__attribute__((target("avx2"))) static inline __m256i prints(const unsigned char *at,
                                                             const struct lanes *lanes)
{
    __m256i first = look_up(at, lanes->low[0], lanes->high[0]);
    __m256i second = look_up(at + 1, lanes->low[1], lanes->high[1]);
    __m256i third = look_up(at + 2, lanes->low[2], lanes->high[2]);
    return _mm256_and_si256(_mm256_and_si256(first, second), third);
}

/*
 * The first round from `from` on in which there is a print, or where no round is left.
 * Nothing is called in it, so that the tables stay in registers.
 */
__attribute__((target("avx2"), noinline)) static const unsigned char *
skip_rounds(const struct few *f, const unsigned char *from, const unsigned char *stop)
{
    const struct lanes lanes = lanes_of(f);
    for (; stop - from >= ROUND; from += ROUND) {
        __m256i some = _mm256_or_si256(prints(from, &lanes), prints(from + WIDTH, &lanes));
        __builtin_prefetch(from + PREFETCH);
        if (!_mm256_testz_si256(some, some))
            break;
    }
    return from;
}

/* The first of 32 places where a string has its print. */
__attribute__((target("avx2"))) static const unsigned char *first_match(const struct few *f,
                                                                        const unsigned char *from,
                                                                        const unsigned char *at,
                                                                        const unsigned char *end)
{
    const struct lanes lanes = lanes_of(f);
    unsigned char buckets[WIDTH];
    __m256i some = prints(at, &lanes);
    uint32_t places =
        ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(some, _mm256_setzero_si256()));
    _mm256_storeu_si256((void *)buckets, some);
    for (; places; places &= places - 1) {
        unsigned i = (unsigned)__builtin_ctz(places);
        if (stands_at(f, buckets[i], from, at + i, end))
            return at + i;
    }
    return NULL;
}

static const unsigned char *find_avx2(const struct few *f, const unsigned char *from,
                                      const unsigned char *end)
{
    if (end - from < WIDTH + PRINT_MAX)
        return few_find_portable(f, from, end);
    const unsigned char *stop = end - PRINT_MAX + 1; /* no vector reads beyond `end` before it */
    const unsigned char *at = from, *hit;
    for (;;) {
        at = skip_rounds(f, at, stop);
        const unsigned char *round = stop - at >= ROUND ? at + ROUND : stop;
        for (; round - at >= WIDTH; at += WIDTH)
            if ((hit = first_match(f, from, at, end)))
                return hit;
        if (stop - at < WIDTH)
            break;
    }
    /* The last places once more, with those before them that are known to have none. */
    if ((hit = first_match(f, from, stop - WIDTH, end)))
        return hit;
    for (at = stop; end - at >= (ptrdiff_t)f->print; at++) /* of a print shorter than others */
        if (stands_at(f, 0xff, from, at, end))
            return at;
    return NULL;
}

const unsigned char *few_find(const struct few *f, const unsigned char *from,
                              const unsigned char *end)
{
    return __builtin_cpu_supports("avx2") ? find_avx2(f, from, end)
                                          : few_find_portable(f, from, end);
}

#elif defined(__aarch64__)

enum { WIDTH = 16 };

static inline uint8x16_t look_up(const unsigned char *at, const unsigned char *low,
                                 const unsigned char *high)
{
    uint8x16_t bytes = vld1q_u8(at);
    return vandq_u8(vqtbl1q_u8(vld1q_u8(low), vandq_u8(bytes, vdupq_n_u8(15))),
                    vqtbl1q_u8(vld1q_u8(high), vshrq_n_u8(bytes, 4)));
}

const unsigned char *few_find(const struct few *f, const unsigned char *from,
                              const unsigned char *end)
{
    const unsigned char *at = from;
    for (; end - at >= WIDTH + PRINT_MAX - 1; at += WIDTH) {
        uint8x16_t some = vandq_u8(look_up(at, f->low[0], f->high[0]),
                                   vandq_u8(look_up(at + 1, f->low[1], f->high[1]),
                                            look_up(at + 2, f->low[2], f->high[2])));
        if (vmaxvq_u8(some) == 0)
            continue;
        unsigned char buckets[WIDTH];
        vst1q_u8(buckets, some);
        for (unsigned i = 0; i < WIDTH; i++)
            if (buckets[i] && stands_at(f, buckets[i], from, at + i, end))
                return at + i;
    }
    for (; end - at >= (ptrdiff_t)f->print; at++)
        if (stands_at(f, 0xff, from, at, end))
            return at;
    return NULL;
}

#else

const unsigned char *few_find(const struct few *f, const unsigned char *from,
                              const unsigned char *end)
{
    return few_find_portable(f, from, end);
}

#endif
