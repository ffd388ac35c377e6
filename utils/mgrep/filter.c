/* SPDX-License-Identifier: MIT */
/* What is quick to find the lines that may match. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/filter.h"
#include "mgrep/grams.h"
#include "mgrep/literal.h"
#include "mgrep/text.h"
#include "mgrep/vectorscan.h"

#define COST     256               /* of a line proposed in vain, as bytes searched, besides its own */
#define PATIENCE ((size_t)64 << 10) /* so much is spent in vain before it is weighed */
#define COMMON   500               /* strings of such a rarity are hardly worth looking for */

enum way { BY_STRING, BY_STRINGS, BY_VECTORSCAN };

#define WAYS (REQUIRED_RUNS + 2)

struct filter {
    const struct plan *plan;
    /* The ways, the best first, of which `way` is in use; where it is behind them, none is. */
    struct {
        enum way way;
        bool blind; /* a line that is not all ASCII may match though it is not seen */
        bool sure;  /* a line that is seen matches */
        struct literal literal;
    } ways[WAYS];
    size_t way, count;
    struct grams *grams;
    struct vectorscan *vectorscan;
    bool invested;
    bool copy;                 /* what is prepared is another's, but for vectorscan's */
    const unsigned char *end;  /* of the region */
    const unsigned char *hit;  /* the next proposal, NULL: not looked for */
    struct engine_line line;   /* where it stands */
    const unsigned char *odd;  /* the next byte that is not ASCII, NULL: not looked for */
    size_t passed, vain, last; /* bytes since the way is in use; in vain; of the last proposal */
};

static void to_lower(struct required_run *run)
{
    for (size_t i = 0; i < run->len; i++)
        if (run->bytes[i] >= 'A' && run->bytes[i] <= 'Z')
            run->bytes[i] |= 0x20;
}

/* One pattern: each of its strings is a way, the rarest first. */
static void add_string(struct filter *filter)
{
    const struct plan *plan = filter->plan;
    struct required *required = &plan->patterns->required;
    bool sure = required->whole && !plan->words && !plan->lines;
    for (size_t i = 0; i < required->count; i++) {
        struct required_run *run = &required->runs[i];
        bool common = run->len < 2 || required_rarity(run->bytes, run->len) > COMMON;
        if (common && !required->whole)
            continue;
        if (plan->fold)
            to_lower(run);
        size_t n = filter->count++;
        filter->ways[n].way = BY_STRING;
        filter->ways[n].blind = run->blind && text_charset() == CHARSET_UTF8;
        filter->ways[n].sure = sure;
        literal_prepare(&filter->ways[n].literal, run->bytes, run->len, plan->fold);
    }
}

/* Several patterns: the rarest string of each. */
static void add_strings(struct filter *filter)
{
    const struct plan *plan = filter->plan;
    bool blind = false, sure = !plan->words && !plan->lines;
    struct grams_string *strings = xmalloc(plan->count * sizeof *strings);
    size_t count = 0;
    for (; count < plan->count && plan->patterns[count].required.count > 0; count++) {
        struct required *required = &plan->patterns[count].required;
        struct required_run *run = required->runs;
        for (size_t i = 1; i < required->count && run->len < GRAMS_MIN; i++)
            run = &required->runs[i];
        if (plan->fold)
            to_lower(run);
        blind |= run->blind && text_charset() == CHARSET_UTF8;
        sure &= required->whole;
        strings[count] = (struct grams_string){run->bytes, run->len};
    }
    if (count == plan->count)
        filter->grams = grams_new(strings, count, plan->fold);
    free(strings);
    if (!filter->grams)
        return;
    size_t n = filter->count++;
    filter->ways[n].way = BY_STRINGS;
    filter->ways[n].blind = blind;
    filter->ways[n].sure = sure;
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
        add_string(filter);
    else
        add_strings(filter);
    return filter;
}

struct filter *filter_share(const struct filter *filter)
{
    struct filter *copy = xmalloc(sizeof *copy);
    *copy = *filter;
    copy->copy = true;
    if (filter->vectorscan)
        copy->vectorscan = vectorscan_share(filter->vectorscan);
    filter_region(copy, NULL);
    return copy;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    vectorscan_free(filter->vectorscan);
    if (!filter->copy)
        grams_free(filter->grams);
    free(filter);
}

void filter_invest(struct filter *filter, const unsigned char *sample, size_t len)
{
    bool sure = filter->count > 0 && filter->ways[0].sure;
    if (filter->invested || filter->copy)
        return;
    filter->invested = true;
    for (size_t i = 0; i < filter->count; i++)
        if (filter->ways[i].way == BY_STRING)
            literal_tune(&filter->ways[i].literal, sample, len);
    if (sure)
        return;
    filter->vectorscan = vectorscan_new(filter->plan);
    if (!filter->vectorscan)
        return;
    size_t n = filter->count++;
    filter->ways[n].way = BY_VECTORSCAN;
    filter->ways[n].blind = vectorscan_blind(filter->vectorscan);
    filter->ways[n].sure = vectorscan_sure(filter->vectorscan);
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
    case BY_STRINGS:
        at = grams_find(filter->grams, from, filter->end);
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
    filter->way++;
    filter->passed = filter->vain = 0;
    filter->hit = filter->odd = NULL;
}
