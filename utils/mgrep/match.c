/* SPDX-License-Identifier: MIT */
/* Lines that match: proposed, and decided. */
#include <string.h>

#include "mgrep/matcher.h"
#include "mgrep/text.h"

#define EXPLOSIONS 16 /* at most 2 to this many lines go to the linear matcher */

int matcher_perl(struct engine *engine, const struct engine_line *line, size_t from,
                 const unsigned char **subject)
{
    const unsigned char *begin = line->begin, *at = begin + from;
    uint32_t options = from > 0 ? PCRE2_NOTBOL : 0;
    while (engine->plan->utf && at < line->end && *at >= 0x80 && (*at < 0xc2 || *at > 0xfd)) {
        begin = ++at;
        options = PCRE2_NOTBOL;
    }
    *subject = begin;
    return pcre2_match(engine->codes->lines, begin, (size_t)(line->end - begin),
                       (size_t)(at - begin), options, engine->data, engine->match);
}

static void line_around(const struct engine *engine, const unsigned char *from,
                        const unsigned char *hit, struct engine_line *line)
{
    unsigned char eol = engine->plan->eol;
    const unsigned char *before = memrchr(from, eol, (size_t)(hit - from));
    const unsigned char *after = memchr(hit, eol, (size_t)(engine->end - hit));
    line->begin = before ? before + 1 : from;
    line->end = after ? after : engine->end;
}

/*
 * The first place at or after `from` where a match begins, or may begin.
 *
 * Returns 1, 0, or PCRE2's error.
 */
static int propose(struct engine *engine, const unsigned char *from, const unsigned char **hit)
{
    const unsigned char *none = engine->end + 1, *first = none;
    for (size_t i = 0; i < engine->count; i++) {
        struct code *code = &engine->codes[i];
        if (!code->hit || code->hit < from) {
            int r = pcre2_match(code->lines, from, (size_t)(engine->end - from), 0, 0, engine->data,
                                engine->match);
            if (r < 0 && r != PCRE2_ERROR_NOMATCH)
                return r;
            code->hit = r < 0 ? none : from + pcre2_get_ovector_pointer(engine->data)[0];
        }
        if (code->hit < first)
            first = code->hit;
    }
    if (engine->errors) {
        if (!engine->bad || engine->bad < from)
            engine->bad = from + text_valid(from, (size_t)(engine->end - from));
        if (engine->bad < first && engine->bad < engine->end)
            first = engine->bad;
    }
    *hit = first;
    return first < none;
}

/*
 * The first line at or after `from` that the codes hold for a match.
 *
 * Where backtracking explodes, somewhere in the region, lines go to the linear
 * matcher: one, and twice as many each time that it happens again.
 */
static int next_proposed(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    const unsigned char *hit = from;
    matcher_compile(engine);
    for (;; from = line->end + 1) {
        if (engine->linear == 0) {
            int r = engine->any_line ? 1 : propose(engine, from, &hit);
            if (r > 0)
                line_around(engine, from, hit, line);
            if (r >= 0) {
                engine->explosions /= 2;
                return r;
            }
            engine->linear = (size_t)1 << engine->explosions;
            engine->explosions += engine->explosions < EXPLOSIONS;
        }
        engine->linear--;
        line_around(engine, from, from, line);
        bool matches = matcher_decides_linearly(engine, line);
        if (matches || line->end >= engine->end)
            return matches;
    }
}

/* Perl's patterns see one line at a time: they may look at, and match, its end. */
static int next_perl(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    const unsigned char *subject;
    for (; from <= engine->end; from = line->end + 1) {
        line_around(engine, from, from, line);
        int r = matcher_perl(engine, line, 0, &subject);
        if (r != PCRE2_ERROR_NOMATCH)
            return r >= 0 ? 1 : matcher_fail(engine, r);
    }
    return 0;
}

/* Does the line match, so far as the codes, or the set, can tell? */
static bool decide(struct engine *engine, const struct engine_line *line)
{
    size_t size = (size_t)(line->end - line->begin), start, len;
    matcher_compile(engine);
    if (engine->set)
        return set_find(engine->set, line->begin, size, 0, true, &start, &len);
    if (engine->any_line || (engine->errors && text_valid(line->begin, size) < size))
        return true;
    for (size_t i = 0; i < engine->count; i++) {
        int r = pcre2_match(engine->codes[i].lines, line->begin, size, 0, 0, engine->data,
                            engine->match);
        if (r >= 0)
            return true;
        if (r != PCRE2_ERROR_NOMATCH)
            return matcher_decides_linearly(engine, line);
    }
    return false;
}

/*
 * The first line at or after `from` that the filter proposes and the codes hold for a match.
 *
 * Returns 1, 0, or -1 for a filter that gave up: `line->begin` is where to go on without.
 */
static int next_filtered(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    bool sure;
    while (filter_works(engine->filter)) {
        if (from > engine->end || !filter_next(engine->filter, from, line, &sure))
            return 0;
        if (sure || decide(engine, line))
            return 1;
        filter_vain(engine->filter);
        from = line->end + 1;
    }
    line->begin = from;
    return -1;
}

static int next_string(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    size_t start, len;
    matcher_compile(engine);
    if (!set_find(engine->set, from, (size_t)(engine->end - from), 0, true, &start, &len))
        return 0;
    line_around(engine, from, from + start, line);
    return 1;
}

int engine_next(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    if (engine->plan->count == 0)
        return 0;
    if (engine->plan->perl)
        return next_perl(engine, from, line);
    for (; from <= engine->end; from = line->end + 1) {
        int r = -1;
        line->begin = from;
        if (engine->filter)
            r = next_filtered(engine, from, line);
        if (r < 0 && line->begin <= engine->end)
            r = engine->plan->strings ? next_string(engine, line->begin, line)
                                      : next_proposed(engine, line->begin, line);
        if (r <= 0)
            return 0;
        if (engine->plan->strings || !matcher_must_confirm(engine, line) ||
            posix_span(matcher_posix(engine), line->begin, (size_t)(line->end - line->begin), 0,
                       NULL, NULL))
            return 1;
    }
    return 0;
}
