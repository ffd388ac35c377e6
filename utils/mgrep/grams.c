/* SPDX-License-Identifier: MIT */
/* Many strings, found by samples of the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/grams.h"

#define GRAM       4 /* bytes of a sample, at most */
#define STRIDE_MAX 8
#define PREFIX     8  /* bytes that strings are looked up by, at most */
#define SPARE      64 /* bits of the bitmap for each sample in it */
#define BITS_MIN   15
#define BITS_MAX   23 /* 1 MiB: it shall stay in a core's cache */
#define ROUND      8  /* samples looked at together */

/* The strings that begin with the same bytes: so many from `first` on; count 0: a free slot. */
struct bucket {
    uint64_t prefix;
    uint32_t first, count;
};

struct grams {
    struct needle *strings; /* sorted by their prefix */
    bool fold;
    unsigned gram, stride, prefix; /* bytes */
    unsigned bits;                 /* of a sample's hash */
    unsigned char *bitmap;
    struct bucket *buckets; /* open addressing */
    unsigned slots;         /* bits of their number */
};

/* The first `len` bytes at `at`, of `room` that may be read, as a number; letters in lower case. */
static uint64_t load(const struct grams *g, const unsigned char *at, size_t room, unsigned len)
{
    uint64_t value = 0;
    if (room >= sizeof value)
        memcpy(&value, at, sizeof value);
    else
        memcpy(&value, at, room);
    if (g->fold)
        value |= 0x2020202020202020u;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return len < sizeof value ? value & (((uint64_t)1 << 8 * len) - 1) : value;
}

static uint32_t hash_gram(const struct grams *g, uint32_t gram)
{
    return gram * 0x9e3779b1u >> (32 - g->bits);
}

static size_t hash_prefix(const struct grams *g, uint64_t prefix)
{
    return (size_t)(prefix * 0x9e3779b97f4a7c15u >> (64 - g->slots));
}

static const struct bucket *find_bucket(const struct grams *g, uint64_t prefix)
{
    size_t mask = ((size_t)1 << g->slots) - 1;
    size_t at = hash_prefix(g, prefix);
    while (g->buckets[at].count > 0 && g->buckets[at].prefix != prefix)
        at = (at + 1) & mask;
    return &g->buckets[at];
}

static int by_bytes(const void *a, const void *b, void *grams)
{
    const struct needle *x = a, *y = b;
    const struct grams *g = grams;
    uint64_t p = load(g, x->bytes, x->len, g->prefix), q = load(g, y->bytes, y->len, g->prefix);
    return (p > q) - (p < q);
}

static void add_samples(struct grams *g, size_t count)
{
    size_t bits = BITS_MIN;
    while (bits < BITS_MAX && ((size_t)1 << bits) < count * g->stride * SPARE)
        bits++;
    g->bits = (unsigned)bits;
    g->bitmap = xmalloc(((size_t)1 << bits) / 8);
    memset(g->bitmap, 0, ((size_t)1 << bits) / 8);
    for (size_t i = 0; i < count; i++) {
        const struct needle *s = &g->strings[i];
        for (unsigned at = 0; at < g->stride; at++) {
            uint32_t hash = hash_gram(g, (uint32_t)load(g, s->bytes + at, s->len - at, g->gram));
            g->bitmap[hash / 8] |= (unsigned char)(1u << hash % 8);
        }
    }
}

static void add_buckets(struct grams *g, size_t count)
{
    while (((size_t)1 << g->slots) < 2 * count)
        g->slots++;
    size_t size = ((size_t)1 << g->slots) * sizeof *g->buckets;
    g->buckets = xmalloc(size);
    memset(g->buckets, 0, size);
    for (size_t i = 0; i < count; i++) {
        uint64_t prefix = load(g, g->strings[i].bytes, g->strings[i].len, g->prefix);
        struct bucket *bucket = (struct bucket *)find_bucket(g, prefix);
        if (bucket->count == 0)
            *bucket = (struct bucket){prefix, (uint32_t)i, 0};
        bucket->count++;
    }
}

struct grams *grams_new(const struct needle *strings, size_t count, bool fold)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        if (strings[i].len < least)
            least = strings[i].len;
    if (count == 0 || count > UINT32_MAX / 2 || least < GRAMS_MIN)
        return NULL;
    struct grams *g = xmalloc(sizeof *g);
    unsigned gram = least < GRAM ? (unsigned)least : GRAM;
    size_t stride = least - gram + 1;
    *g = (struct grams){
        .strings = xmalloc(count * sizeof *strings),
        .fold = fold,
        .gram = gram,
        .stride = stride < STRIDE_MAX ? (unsigned)stride : STRIDE_MAX,
        .prefix = least < PREFIX ? (unsigned)least : PREFIX,
        .slots = 1,
    };
    memcpy(g->strings, strings, count * sizeof *strings);
    qsort_r(g->strings, count, sizeof *g->strings, by_bytes, g);
    add_samples(g, count);
    add_buckets(g, count);
    return g;
}

void grams_free(struct grams *grams)
{
    if (!grams)
        return;
    free(grams->strings);
    free(grams->bitmap);
    free(grams->buckets);
    free(grams);
}

/* Does one of the strings begin at `at`? */
static bool begins(const struct grams *g, const unsigned char *at, const unsigned char *end)
{
    size_t room = (size_t)(end - at);
    if (room < g->prefix)
        return false;
    const struct bucket *bucket = find_bucket(g, load(g, at, room, g->prefix));
    for (uint32_t i = 0; i < bucket->count; i++) {
        const struct needle *s = &g->strings[bucket->first + i];
        if (s->len <= room && needle_at(s, g->fold, at))
            return true;
    }
    return false;
}

/* The string that covers the sample at `at`, if one does: it begins less than a stride before. */
static const unsigned char *covers(const struct grams *g, const unsigned char *from,
                                   const unsigned char *at, const unsigned char *end)
{
    size_t before = (size_t)(at - from) < g->stride - 1 ? (size_t)(at - from) : g->stride - 1;
    for (const unsigned char *start = at - before; start <= at; start++)
        if (begins(g, start, end))
            return start;
    return NULL;
}

static bool is_sample(const struct grams *g, uint32_t gram)
{
    uint32_t hash = hash_gram(g, gram);
    return g->bitmap[hash / 8] >> hash % 8 & 1;
}

const unsigned char *grams_find(const struct grams *g, const unsigned char *from,
                                const unsigned char *end)
{
    const unsigned char *hit, *at = from + g->stride - 1;
    size_t round = ROUND * (size_t)g->stride;
    uint32_t low = g->fold ? 0x20202020u : 0;
    uint32_t mask = g->gram < GRAM ? 0xffffffu : 0xffffffffu;
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
        for (; end - at >= (ptrdiff_t)(round + GRAM); at += round) {
            unsigned some = 0;
            for (unsigned i = 0; i < ROUND; i++) {
                uint32_t gram;
                memcpy(&gram, at + i * g->stride, sizeof gram);
                some |= (unsigned)is_sample(g, (gram | low) & mask) << i;
            }
            for (; some; some &= some - 1) {
                unsigned i = (unsigned)__builtin_ctz(some);
                if ((hit = covers(g, from, at + i * g->stride, end)))
                    return hit;
            }
        }
    }
    for (; end - at >= (ptrdiff_t)g->gram; at += g->stride)
        if (is_sample(g, (uint32_t)load(g, at, (size_t)(end - at), g->gram)) &&
            (hit = covers(g, from, at, end)))
            return hit;
    return NULL;
}
