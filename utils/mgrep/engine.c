/* SPDX-License-Identifier: MIT */
/* The matcher: its life, and what it says of itself. */
#include <stdlib.h>

#include "common/message.h"
#include "mgrep/matcher.h"
#include "mgrep/text.h"

#define JIT_STACK_MIN ((size_t)32 << 10)
#define JIT_STACK_MAX ((size_t)64 << 20)
#define PATIENCE      10000 /* so much backtracking from one place is an explosion */

/*
 * Where GNU grep -w leaves lines to glibc, it takes an empty match of an expression
 * only where there is no longer one, which is more than a lookahead can say.
 */
static bool must_judge_empty(const struct plan *plan, const pcre2_code *code)
{
    uint32_t matches_empty = 0;
    pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &matches_empty);
    return matches_empty && plan->words && !plan->lines && !plan->literal && plan->by_glibc;
}

/* Compile patterns [first, first + count), in halves when they are too many for PCRE2. */
static void add_codes(struct engine *engine, size_t first, size_t count)
{
    struct code code = {.plan = engine->plan, .first = first, .count = count};
    int error;
    if (code_lines(&code, &error)) {
        if (must_judge_empty(engine->plan, code.lines))
            engine->confirm_all = engine->errors = true;
        engine->codes = xrealloc(engine->codes, (engine->count + 1) * sizeof *engine->codes);
        engine->codes[engine->count++] = code;
    } else if (count > 1) {
        add_codes(engine, first, count / 2);
        add_codes(engine, first + count / 2, count - count / 2);
    } else {
        engine->any_line = true;
    }
}

/* The one code of a Perl pattern.  Returns NULL, or what is wrong with it. */
static const char *add_perl(struct engine *engine)
{
    static PCRE2_UCHAR words[256];
    engine->codes = xmalloc(sizeof *engine->codes);
    *engine->codes = (struct code){.plan = engine->plan, .count = 1};
    engine->count = 1;
    int error;
    if (code_lines(engine->codes, &error))
        return NULL;
    pcre2_get_error_message(error, words, sizeof words);
    return (const char *)words;
}

/* What every engine needs for itself before PCRE2 matches. */
static void prepare(struct engine *engine)
{
    engine->match = pcre2_match_context_create(NULL);
    engine->data = pcre2_match_data_create(1, NULL);
    engine->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    if (!engine->match || !engine->data)
        xfail(exit_trouble, "memory exhausted");
    pcre2_jit_stack_assign(engine->match, NULL, engine->stack);
    if (!engine->plan->perl)
        pcre2_set_match_limit(engine->match, PATIENCE);
}

/* The codes of POSIX patterns, or the set, made when the first line is not decided without. */
void matcher_compile(struct engine *engine)
{
    if (engine->match)
        return;
    prepare(engine);
    if (engine->plan->strings)
        engine->set = engine->own_set = set_new(engine->plan);
    else if (engine->plan->count > 0 && !engine->any_line)
        add_codes(engine, 0, engine->plan->count);
}

struct engine *engine_new(const struct plan *plan, const char **error)
{
    struct engine *engine = xmalloc(sizeof *engine);
    *engine = (struct engine){
        .plan = plan,
        .confirm_all = plan->confirm == CONFIRM_ALL,
        .errors = plan->errors,
    };
    if (plan->perl) {
        prepare(engine);
        *error = plan->count > 0 ? add_perl(engine) : NULL;
        if (*error) {
            engine_free(engine);
            return NULL;
        }
        return engine;
    }
    for (size_t i = 0; i < plan->count; i++)
        engine->any_line |= !plan->patterns[i].regex;
    if (!engine->any_line)
        engine->filter = filter_new(plan);
    if (!engine->filter || !filter_sure(engine->filter))
        matcher_compile(engine);
    return engine;
}

struct engine *engine_copy(const struct engine *engine)
{
    struct engine *copy = xmalloc(sizeof *copy);
    *copy = (struct engine){
        .plan = engine->plan,
        .count = engine->count,
        .any_line = engine->any_line,
        .confirm_all = engine->confirm_all,
        .errors = engine->errors,
        .set = engine->set,
    };
    if (engine->filter)
        copy->filter = filter_share(engine->filter);
    if (!engine->match)
        return copy;
    prepare(copy);
    copy->codes = xmalloc(copy->count * sizeof *copy->codes);
    for (size_t i = 0; i < copy->count; i++)
        copy->codes[i] = code_share(&engine->codes[i]);
    return copy;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->count; i++)
        code_free(&engine->codes[i]);
    free(engine->codes);
    free(engine->workspace);
    filter_free(engine->filter);
    set_free(engine->own_set);
    posix_free(engine->posix);
    pcre2_jit_stack_free(engine->stack);
    pcre2_match_data_free(engine->data);
    pcre2_match_context_free(engine->match);
    free(engine);
}

const char *engine_error(const struct engine *engine)
{
    return engine->error;
}

int matcher_fail(struct engine *engine, int error)
{
    switch (error) {
    case PCRE2_ERROR_MATCHLIMIT:
        engine->error = "exceeded PCRE's backtracking limit";
        break;
    case PCRE2_ERROR_HEAPLIMIT:
        engine->error = "exceeded PCRE's heap limit";
        break;
    case PCRE2_ERROR_JIT_STACKLIMIT:
        engine->error = "exhausted PCRE JIT stack";
        break;
    case PCRE2_ERROR_NOMEMORY:
        engine->error = "memory exhausted";
        break;
    default:
        pcre2_get_error_message(error, engine->words, sizeof engine->words);
        engine->error = (const char *)engine->words;
    }
    return ENGINE_FAILED;
}

struct posix *matcher_posix(struct engine *engine)
{
    if (!engine->posix)
        engine->posix = posix_new(engine->plan);
    return engine->posix;
}

bool matcher_must_confirm(const struct engine *engine, const struct engine_line *line)
{
    size_t len = (size_t)(line->end - line->begin);
    return engine->confirm_all || engine->any_line ||
           (engine->plan->confirm == CONFIRM_NON_ASCII && text_ascii(line->begin, len) < len);
}

void engine_invest(struct engine *engine, const unsigned char *sample, size_t len)
{
    if (engine->filter)
        filter_invest(engine->filter, sample, len);
}

void engine_region(struct engine *engine, const unsigned char *end)
{
    engine->end = end;
    if (engine->filter)
        filter_region(engine->filter, end);
    engine->bad = NULL;
    for (size_t i = 0; i < engine->count; i++)
        engine->codes[i].hit = NULL;
}

bool engine_every_line(const struct engine *engine)
{
    const struct plan *plan = engine->plan;
    for (size_t i = 0; i < plan->count && !plan->perl && !plan->words && !plan->lines; i++)
        if (plan->patterns[i].len == 0)
            return true;
    return false;
}
