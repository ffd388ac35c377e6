/* SPDX-License-Identifier: MIT */
/* What is quick to find the lines that may match. */
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/few.h"
#include "mgrep/filter.h"
#include "mgrep/grams.h"
#include "mgrep/literal.h"
#include "mgrep/text.h"
#include "mgrep/vectorscan.h"

#define COST     256 /* of a line proposed in vain, as bytes searched, besides its own */
#define PATIENCE ((size_t)64 << 10) /* so much is spent in vain before it is weighed */
#define COMMON   500                /* strings of such a rarity are hardly worth looking for */

enum way { BY_STRING, BY_FEW, BY_GRAMS, BY_VECTORSCAN };

#define WAYS (REQUIRED_SETS + 2)

/* What takes milliseconds to load and to compile, made when one of the threads first needs it. */
struct later {
    pthread_mutex_t lock;
    bool asked;
    struct vectorscan *vectorscan; /* only ever shared: see vectorscan_share() */
};

struct filter {
    const struct plan *plan;
    /* The ways, the best first, of which `way` is in use; where it is behind them, none is. */
    struct {
        enum way way;
        bool blind; /* a line that is not all ASCII may match though it is not seen */
        bool sure;  /* a line that is seen matches */
        struct literal literal;
        struct few *few;
        struct grams *grams;
    } ways[WAYS];
    size_t way, count;
    bool invested;
    struct later *later; /* NULL: not among the ways */
    struct vectorscan *vectorscan;
    bool copy;                 /* what is prepared is another's, but for the last */
    const unsigned char *end;  /* of the region */
    const unsigned char *hit;  /* the next proposal, NULL: not looked for */
    struct engine_line line;   /* where it stands */
    const unsigned char *odd;  /* the next byte that is not ASCII, NULL: not looked for */
    size_t passed, vain, last; /* bytes since the way is in use; in vain; of the last proposal */
};

static void to_lower(struct required_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < set->strings[i].len; k++)
            if (set->strings[i].bytes[k] >= 'A' && set->strings[i].bytes[k] <= 'Z')
                set->strings[i].bytes[k] |= 0x20;
}

/* Look for any of these strings, unless that cannot be done. */
static void add_strings(struct filter *filter, const struct needle *needles, size_t count,
                        bool blind, bool sure)
{
    const struct plan *plan = filter->plan;
    struct few *few = count <= FEW_MAX ? few_new(needles, count, plan->fold) : NULL;
    struct grams *grams = few ? NULL : grams_new(needles, count, plan->fold);
    if (!few && !grams)
        return;
    size_t n = filter->count++;
    filter->ways[n].way = few ? BY_FEW : BY_GRAMS;
    filter->ways[n].few = few;
    filter->ways[n].grams = grams;
    filter->ways[n].blind = blind && text_charset() == CHARSET_UTF8;
    filter->ways[n].sure = sure;
}

static void add_string(struct filter *filter, const struct required_set *set, bool sure)
{
    size_t n = filter->count++;
    filter->ways[n].way = BY_STRING;
    filter->ways[n].blind = set->blind && text_charset() == CHARSET_UTF8;
    filter->ways[n].sure = sure;
    literal_prepare(&filter->ways[n].literal, set->strings->bytes, set->strings->len,
                    filter->plan->fold);
}

static bool too_common(const struct required_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->strings[i].len < 2)
            return true;
    return required_rarity(set) > COMMON;
}

/* One pattern: each set of its strings is a way, the rarest first. */
static void add_pattern(struct filter *filter)
{
    const struct plan *plan = filter->plan;
    struct required *required = &plan->patterns->required;
    bool sure = required->whole && !plan->words && !plan->lines;
    for (size_t i = 0; i < required->count; i++) {
        struct required_set *set = &required->sets[i];
        if (too_common(set) && !required->whole)
            continue;
        if (plan->fold)
            to_lower(set);
        struct needle needles[REQUIRED_STRINGS];
        for (size_t k = 0; k < set->count; k++)
            needles[k] = (struct needle){set->strings[k].bytes, set->strings[k].len};
        if (set->count == 1)
            add_string(filter, set, sure);
        else
            add_strings(filter, needles, set->count, set->blind, sure);
    }
}

static size_t shortest(const struct required_set *set)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < set->count; i++)
        least = set->strings[i].len < least ? set->strings[i].len : least;
    return least;
}

/* Several patterns: the rarest set of each. */
static void add_patterns(struct filter *filter)
{
    const struct plan *plan = filter->plan;
    bool blind = false, sure = !plan->words && !plan->lines;
    size_t room = plan->count, strings = 0, count = 0;
    struct needle *needles = xmalloc(room * sizeof *needles);
    for (; count < plan->count && plan->patterns[count].required.count > 0; count++) {
        struct required *required = &plan->patterns[count].required;
        struct required_set *set = required->sets;
        for (size_t i = 1; i < required->count && shortest(set) < GRAMS_MIN; i++)
            set = &required->sets[i];
        if (plan->fold)
            to_lower(set);
        blind |= set->blind;
        sure &= required->whole;
        if (strings + set->count > room)
            needles = xrealloc(needles, (room = 2 * room + set->count) * sizeof *needles);
        for (size_t i = 0; i < set->count; i++)
            needles[strings++] = (struct needle){set->strings[i].bytes, set->strings[i].len};
    }
    if (count == plan->count)
        add_strings(filter, needles, strings, blind, sure);
    free(needles);
}

/* The last way, where nothing better is sure to work. */
static void add_vectorscan(struct filter *filter)
{
    filter->later = xmalloc(sizeof *filter->later);
    *filter->later = (struct later){.lock = PTHREAD_MUTEX_INITIALIZER};
    filter->ways[filter->count++].way = BY_VECTORSCAN;
}

/* Make vectorscan ready when its turn has come; where it cannot be had, no way is left. */
static void turn_to_vectorscan(struct filter *filter)
{
    struct later *later = filter->later;
    pthread_mutex_lock(&later->lock);
    if (!later->asked)
        later->vectorscan = vectorscan_new(filter->plan);
    later->asked = true;
    if (later->vectorscan)
        filter->vectorscan = vectorscan_share(later->vectorscan);
    pthread_mutex_unlock(&later->lock);
    if (!filter->vectorscan) {
        filter->way++;
        return;
    }
    filter->ways[filter->way].blind = vectorscan_blind(filter->vectorscan);
    filter->ways[filter->way].sure = vectorscan_sure(filter->vectorscan);
}

static void choose_way(struct filter *filter, size_t way)
{
    filter->way = way;
    if (way < filter->count && filter->ways[way].way == BY_VECTORSCAN && !filter->vectorscan)
        turn_to_vectorscan(filter);
}

struct filter *filter_new(const struct plan *plan)
{
    if (plan->choice == ENGINE_PCRE2 || plan->count == 0 || text_charset() == CHARSET_OTHER)
        return NULL;
    struct filter *filter = xmalloc(sizeof *filter);
    *filter = (struct filter){.plan = plan};
    if (plan->choice == ENGINE_VECTORSCAN)
        filter_invest(filter, NULL, 0);
    else if (plan->count == 1)
        add_pattern(filter);
    else
        add_patterns(filter);
    return filter;
}

struct filter *filter_share(const struct filter *filter)
{
    struct filter *copy = xmalloc(sizeof *copy);
    *copy = *filter;
    copy->copy = true;
    copy->vectorscan = NULL;
    filter_region(copy, NULL);
    choose_way(copy, filter->way);
    return copy;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    vectorscan_free(filter->vectorscan);
    if (filter->later && !filter->copy) {
        vectorscan_free(filter->later->vectorscan);
        free(filter->later);
    }
    for (size_t i = 0; i < filter->count && !filter->copy; i++) {
        few_free(filter->ways[i].few);
        grams_free(filter->ways[i].grams);
    }
    free(filter);
}

void filter_invest(struct filter *filter, const unsigned char *sample, size_t len)
{
    bool sure = filter->count > 0 && filter->ways[0].sure;
    if (filter->invested || filter->copy)
        return;
    filter->invested = true;
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->ways[i].way == BY_STRING)
            literal_tune(&filter->ways[i].literal, sample, len);
        else if (filter->ways[i].way == BY_FEW)
            few_tune(filter->ways[i].few, sample, len);
    }
    if (sure)
        return;
    add_vectorscan(filter);
    choose_way(filter, filter->way);
}

void filter_region(struct filter *filter, const unsigned char *end)
{
    filter->end = end;
    filter->hit = filter->odd = NULL;
    if (filter->vectorscan)
        vectorscan_region(filter->vectorscan);
}

bool filter_works(const struct filter *filter)
{
    return filter->way < filter->count;
}

bool filter_sure(const struct filter *filter)
{
    return filter_works(filter) && filter->ways[filter->way].sure;
}

static void line_around(const struct filter *filter, const unsigned char *from,
                        const unsigned char *at, struct engine_line *line)
{
    unsigned char eol = filter->plan->eol;
    const unsigned char *before = memrchr(from, eol, (size_t)(at - from));
    const unsigned char *after = memchr(at, eol, (size_t)(filter->end - at));
    line->begin = before ? before + 1 : from;
    line->end = after ? after : filter->end;
}

/* The next line that the way in use sees; its place is kept, as another may come first. */
static bool see(struct filter *filter, const unsigned char *from)
{
    if (filter->hit && filter->hit >= from)
        return filter->hit <= filter->end;
    const unsigned char *at = NULL, *none = filter->end + 1;
    struct engine_line *line = &filter->line;
    bool seen = false;
    switch (filter->ways[filter->way].way) {
    case BY_STRING:
        at = literal_find(&filter->ways[filter->way].literal, from, filter->end);
        break;
    case BY_FEW:
        at = few_find(filter->ways[filter->way].few, from, filter->end);
        break;
    case BY_GRAMS:
        at = grams_find(filter->ways[filter->way].grams, from, filter->end);
        break;
    case BY_VECTORSCAN:
        seen = vectorscan_next(filter->vectorscan, from, filter->end, line);
    }
    if (at)
        line_around(filter, from, at, line);
    filter->hit = at || seen ? line->begin : none;
    return filter->hit < none;
}

static bool is_sure(const struct filter *filter)
{
    const struct engine_line *line = &filter->line;
    size_t len = (size_t)(line->end - line->begin);
    return filter->ways[filter->way].sure &&
           (filter->ways[filter->way].way != BY_VECTORSCAN ||
            (len > 0 && len <= UINT_MAX &&
             (text_charset() == CHARSET_BYTES || text_ascii(line->begin, len) == len)));
}

bool filter_next(struct filter *filter, const unsigned char *from, struct engine_line *line,
                 bool *sure)
{
    bool seen = see(filter, from);
    *line = filter->line;
    *sure = seen && is_sure(filter);
    if (filter->ways[filter->way].blind) {
        const unsigned char *stop = seen ? filter->hit : filter->end;
        if (!filter->odd || filter->odd < from)
            filter->odd = from + text_ascii(from, (size_t)(stop - from));
        if (filter->odd < stop) {
            line_around(filter, from, filter->odd, line);
            seen = true;
            *sure = false;
        } else {
            filter->odd = NULL;
        }
    }
    filter->passed += (size_t)((seen ? line->end : filter->end) - from);
    filter->last = seen ? (size_t)(line->end - line->begin) : 0;
    return seen;
}

const struct literal *filter_string(const struct filter *filter, const unsigned char *line,
                                    size_t len)
{
    bool one = filter->count > 0 && filter->ways[0].way == BY_STRING && filter->ways[0].sure;
    bool blind = one && filter->ways[0].blind && text_ascii(line, len) < len;
    return one && !blind ? &filter->ways[0].literal : NULL;
}

void filter_vain(struct filter *filter)
{
    filter->vain += filter->last + COST;
    if (filter->vain < PATIENCE || filter->vain < filter->passed / 2)
        return;
    filter->passed = filter->vain = 0;
    filter->hit = filter->odd = NULL;
    choose_way(filter, filter->way + 1);
}
