/* SPDX-License-Identifier: MIT */
/* Matching in time that grows with the length of the text alone. */
#include "common/message.h"
#include "mgrep/matcher.h"
#include "mgrep/text.h"

#define WORKSPACE 1000 /* of the DFA, grown when it asks */

int matcher_dfa(struct engine *engine, const pcre2_code *code, const unsigned char *subject,
                size_t len, size_t from, uint32_t options)
{
    for (;;) {
        if (engine->workspace_len == 0) {
            engine->workspace_len = WORKSPACE;
            engine->workspace = xmalloc(WORKSPACE * sizeof *engine->workspace);
        }
        int r = pcre2_dfa_match(code, subject, len, from, options | PCRE2_NO_UTF_CHECK,
                                engine->data, NULL, engine->workspace, engine->workspace_len);
        if (r != PCRE2_ERROR_DFA_WSSIZE)
            return r;
        engine->workspace_len *= 4;
        engine->workspace =
            xrealloc(engine->workspace, engine->workspace_len * sizeof *engine->workspace);
    }
}

bool matcher_stretch(struct engine *engine, const unsigned char *at)
{
    const unsigned char *end = engine->line.end;
    if (at >= engine->stretch_begin && at <= engine->stretch_end)
        return true;
    if (!engine->plan->utf) {
        engine->stretch_begin = engine->line.begin;
        engine->stretch_end = end;
        return at <= end;
    }
    const unsigned char *begin = engine->stretch_end;
    if (at < begin || begin < engine->line.begin)
        begin = engine->line.begin;
    for (;;) {
        const unsigned char *stop = begin + text_valid(begin, (size_t)(end - begin));
        if (at <= stop) {
            engine->stretch_begin = begin;
            engine->stretch_end = stop;
            return true;
        }
        if (stop >= end)
            return false;
        begin = stop + 1;
    }
}

uint32_t matcher_stretch_options(const struct engine *engine)
{
    return (engine->stretch_begin > engine->line.begin ? PCRE2_NOTBOL : 0) |
           (engine->stretch_end < engine->line.end ? PCRE2_NOTEOL : 0);
}

bool matcher_decides_linearly(struct engine *engine, const struct engine_line *line)
{
    size_t size = (size_t)(line->end - line->begin);
    if (engine->errors && text_valid(line->begin, size) < size)
        return true;
    engine_line(engine, line->begin, line->end);
    for (size_t i = 0; i < engine->count; i++) {
        struct code *code = &engine->codes[i];
        int error, r = PCRE2_ERROR_NOMATCH;
        pcre2_code *linear = code_linear(code, &error);
        for (const unsigned char *at = line->begin; linear && matcher_stretch(engine, at);
             at = engine->stretch_end + 1) {
            r = matcher_dfa(engine, linear, engine->stretch_begin,
                            (size_t)(engine->stretch_end - engine->stretch_begin), 0,
                            PCRE2_DFA_SHORTEST | matcher_stretch_options(engine));
            if (r != PCRE2_ERROR_NOMATCH)
                break;
        }
        if (!linear || (r < 0 && r != PCRE2_ERROR_NOMATCH))
            return posix_span(matcher_posix(engine), line->begin, size, 0, NULL, NULL);
        if (r >= 0)
            return true;
    }
    return false;
}
