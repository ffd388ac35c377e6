/* SPDX-License-Identifier: MIT */
/* What is quick to find the lines that may match. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/filter.h"
#include "mgrep/literal.h"
#include "mgrep/text.h"
#include "mgrep/vectorscan.h"

#define COST     256               /* of a line proposed in vain, as bytes searched, besides its own */
#define PATIENCE ((size_t)64 << 10) /* so much is spent in vain before it is weighed */
#define COMMON   500               /* strings of such a rarity are hardly worth looking for */

struct filter {
    const struct plan *plan;
    /* The way in use: one of the strings, vectorscan, or, beyond, none. */
    size_t way, strings;
    bool whole; /* the first string is all of the pattern */
    bool blind[REQUIRED_RUNS];
    struct literal literals[REQUIRED_RUNS];
    struct vectorscan *vectorscan;
    bool invested;
    bool copy;
    const unsigned char *end;  /* of the region */
    const unsigned char *hit;  /* the next proposal, NULL: not looked for */
    struct engine_line line;   /* where it stands */
    const unsigned char *odd;  /* the next byte that is not ASCII, NULL: not looked for */
    size_t passed, vain, last; /* bytes since the way is in use; in vain; of the last proposal */
};

static void add_strings(struct filter *filter)
{
    const struct plan *plan = filter->plan;
    const struct required *required = &plan->patterns->required;
    if (plan->count != 1)
        return;
    filter->whole = required->whole && !plan->words && !plan->lines;
    for (size_t i = 0; i < required->count; i++) {
        const struct required_run *run = &required->runs[i];
        bool common = run->len < 2 || required_rarity(run->bytes, run->len) > COMMON;
        if (common && !required->whole)
            continue;
        if (plan->fold)
            for (size_t k = 0; k < run->len; k++)
                if (run->bytes[k] >= 'A' && run->bytes[k] <= 'Z')
                    run->bytes[k] |= 0x20;
        filter->blind[filter->strings] = run->blind && text_charset() == CHARSET_UTF8;
        literal_prepare(&filter->literals[filter->strings++], run->bytes, run->len, plan->fold);
    }
}

struct filter *filter_new(const struct plan *plan)
{
    if (plan->choice == ENGINE_PCRE2 || plan->count == 0 || text_charset() == CHARSET_OTHER)
        return NULL;
    struct filter *filter = xmalloc(sizeof *filter);
    *filter = (struct filter){.plan = plan};
    if (plan->choice == ENGINE_VECTORSCAN)
        filter_invest(filter);
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
    free(filter);
}

void filter_invest(struct filter *filter)
{
    if (!filter->invested && !filter->copy && !filter->whole)
        filter->vectorscan = vectorscan_new(filter->plan);
    filter->invested = true;
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
    return filter->way < filter->strings || (filter->way == filter->strings && filter->vectorscan);
}

static bool by_string(const struct filter *filter)
{
    return filter->way < filter->strings;
}

/* May a line that is not all ASCII match though the way in use does not see it? */
static bool is_blind(const struct filter *filter)
{
    return by_string(filter) ? filter->blind[filter->way] : vectorscan_blind(filter->vectorscan);
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
    const unsigned char *none = filter->end + 1;
    if (by_string(filter)) {
        const unsigned char *at = literal_find(&filter->literals[filter->way], from, filter->end);
        if (at)
            line_around(filter, from, at, &filter->line);
        filter->hit = at ? filter->line.begin : none;
    } else {
        bool any = vectorscan_next(filter->vectorscan, from, filter->end, &filter->line);
        filter->hit = any ? filter->line.begin : none;
    }
    return filter->hit < none;
}

static bool is_sure(const struct filter *filter)
{
    const struct engine_line *line = &filter->line;
    if (by_string(filter))
        return filter->whole;
    size_t len = (size_t)(line->end - line->begin);
    return vectorscan_sure(filter->vectorscan) &&
           (text_charset() == CHARSET_BYTES || text_ascii(line->begin, len) == len);
}

bool filter_next(struct filter *filter, const unsigned char *from, struct engine_line *line,
                 bool *sure)
{
    bool seen = see(filter, from);
    *line = filter->line;
    *sure = seen && is_sure(filter);
    if (is_blind(filter)) {
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

void filter_vain(struct filter *filter)
{
    filter->vain += filter->last + COST;
    if (filter->vain < PATIENCE || filter->vain < filter->passed / 2)
        return;
    filter->way++;
    filter->passed = filter->vain = 0;
    filter->hit = filter->odd = NULL;
}
