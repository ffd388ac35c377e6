/* SPDX-License-Identifier: MIT */
/* Spans: where in a line the matches are. */
#include "mgrep/literal.h"
#include "mgrep/matcher.h"
#include "mgrep/text.h"

void engine_line(struct engine *engine, const unsigned char *begin, const unsigned char *end)
{
    engine->line = (struct engine_line){begin, end};
    engine->confirm_line = !engine->plan->perl &&
                           (engine->plan->divided || matcher_must_confirm(engine, &engine->line));
    engine->stretch_begin = engine->stretch_end = NULL;
    engine->string = NULL;
    if (engine->filter && !engine->confirm_line)
        engine->string = filter_string(engine->filter, begin, (size_t)(end - begin));
}

/*
 * The span of one code in one stretch.  The backtracking matcher finds where it
 * begins; where that matcher's first match may not be the longest, the DFA says
 * how long it is.
 *
 * Returns 1, 0, or PCRE2's error.
 */
static int span_of_code(struct engine *engine, struct code *code, size_t from, size_t *start,
                        size_t *len)
{
    int error;
    if (!code_spans(code, &error))
        return error > 0 ? -error : error;
    const unsigned char *subject = engine->stretch_begin;
    size_t size = (size_t)(engine->stretch_end - subject);
    uint32_t options = matcher_stretch_options(engine) | PCRE2_NOTEMPTY;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(engine->data);
    int r = pcre2_match(code->spans, subject, size, from, options | PCRE2_NO_UTF_CHECK,
                        engine->data, engine->match);
    bool sure = engine->plan->first_is_longest || ends[1] == size;
    if (r != PCRE2_ERROR_NOMATCH && (r < 0 || !sure)) {
        if (!code_longest(code, &error))
            return error > 0 ? -error : error;
        size_t at = r < 0 ? from : ends[0];
        r = matcher_dfa(engine, code->longest, subject, size, at,
                        options | (r < 0 ? 0 : PCRE2_ANCHORED));
    }
    if (r < 0)
        return r == PCRE2_ERROR_NOMATCH ? 0 : r;
    *start = ends[0];
    *len = ends[1] - ends[0];
    return 1;
}

static int span_of_perl(struct engine *engine, size_t from, size_t *start, size_t *len)
{
    const unsigned char *subject;
    int r = matcher_perl(engine, &engine->line, from, &subject);
    if (r == PCRE2_ERROR_NOMATCH)
        return 0;
    if (r < 0)
        return matcher_fail(engine, r);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(engine->data);
    *start = (size_t)(subject - engine->line.begin) + ends[0];
    *len = ends[1] > ends[0] ? ends[1] - ends[0] : 0;
    return 1;
}

static int span_of_string(struct engine *engine, size_t from, size_t *start, size_t *len)
{
    const struct engine_line *line = &engine->line;
    const unsigned char *at = literal_find(engine->string, line->begin + from, line->end);
    if (!at)
        return 0;
    *start = (size_t)(at - line->begin);
    *len = engine->string->len;
    return 1;
}

int engine_span(struct engine *engine, size_t from, size_t *start, size_t *len)
{
    const struct engine_line *line = &engine->line;
    size_t size = (size_t)(line->end - line->begin);
    if (engine->plan->count == 0)
        return 0;
    if (engine->plan->perl)
        return span_of_perl(engine, from, start, len);
    if (engine->plan->strings) {
        matcher_compile(engine);
        return set_find(engine->set, line->begin, size, from, false, start, len);
    }
    if (engine->confirm_line)
        return posix_span(matcher_posix(engine), line->begin, size, from, start, len);
    if (engine->string)
        return span_of_string(engine, from, start, len);
    matcher_compile(engine);
    int found = 0;
    for (const unsigned char *at = line->begin + from; !found && matcher_stretch(engine, at);
         at = engine->stretch_end + 1) {
        const unsigned char *begin = engine->stretch_begin;
        size_t skip = at > begin ? (size_t)(at - begin) : 0;
        for (size_t i = 0; i < engine->count; i++) {
            size_t at_code, len_code;
            int r = span_of_code(engine, &engine->codes[i], skip, &at_code, &len_code);
            if (r < 0)
                return posix_span(matcher_posix(engine), line->begin, size, from, start, len);
            at_code += (size_t)(begin - line->begin);
            if (r && (!found || at_code < *start || (at_code == *start && len_code > *len))) {
                *start = at_code;
                *len = len_code;
                found = 1;
            }
        }
    }
    return found;
}
