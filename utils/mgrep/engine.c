/* SPDX-License-Identifier: MIT */
/* The matcher: PCRE2 for lines and spans, glibc where it must confirm. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/codes.h"
#include "mgrep/engine.h"
#include "mgrep/filter.h"
#include "mgrep/literal.h"
#include "mgrep/posix.h"
#include "mgrep/set.h"
#include "mgrep/text.h"

#define JIT_STACK_MIN ((size_t)32 << 10)
#define JIT_STACK_MAX ((size_t)64 << 20)
#define PATIENCE      10000 /* so much backtracking from one place is an explosion */
#define EXPLOSIONS    16    /* at most 2 to this many lines go to the linear matcher then */
#define WORKSPACE     1000  /* of the linear matcher, grown when it asks */

struct engine {
    const struct plan *plan;
    struct code *codes;
    size_t count;
    bool any_line; /* PCRE2 cannot propose: each line is a proposal */
    bool confirm_all;
    size_t linear;   /* so many lines go to the linear matcher, */
    int explosions;  /* after so many times that backtracking exploded, of late */
    const struct set *set; /* instead of the codes, where the plan is many strings */
    struct set *own_set;
    struct filter *filter; /* what proposes lines to the codes, or NULL */
    struct posix *posix;
    pcre2_match_context *match;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    int *workspace;
    size_t workspace_len;
    const unsigned char *end; /* of the region */
    const unsigned char *bad; /* the next encoding error in it, NULL: not looked for */
    struct engine_line line;  /* for spans */
    bool confirm_line;        /* they are glibc's to find, */
    const struct literal *string; /* or this, wherever it stands */
    const unsigned char *stretch_begin, *stretch_end; /* of valid text, last found in the line */
    const char *error;
};

/*
 * In a multibyte locale GNU grep -w takes an empty match of an expression only
 * where there is no longer one, which is more than a lookahead can say.
 */
static bool must_judge_empty(const struct plan *plan, const pcre2_code *code)
{
    uint32_t matches_empty = 0;
    pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &matches_empty);
    return matches_empty && plan->words && !plan->lines && !plan->literal &&
           text_charset() == CHARSET_UTF8;
}

/* Compile patterns [first, first + count), in halves when they are too many for PCRE2. */
static void add_codes(struct engine *engine, size_t first, size_t count)
{
    struct code code = {.plan = engine->plan, .first = first, .count = count};
    int error;
    if (code_lines(&code, &error)) {
        engine->confirm_all |= must_judge_empty(engine->plan, code.lines);
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
static void compile(struct engine *engine)
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
    *engine = (struct engine){.plan = plan, .confirm_all = plan->confirm == CONFIRM_ALL};
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
        compile(engine);
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

/* -------------------------------------------------------------------- glibc */

static struct posix *posix(struct engine *engine)
{
    if (!engine->posix)
        engine->posix = posix_new(engine->plan);
    return engine->posix;
}

static bool must_confirm(const struct engine *engine, const struct engine_line *line)
{
    size_t len = (size_t)(line->end - line->begin);
    return engine->confirm_all || engine->any_line ||
           (engine->plan->confirm == CONFIRM_NON_ASCII && text_ascii(line->begin, len) < len);
}

/* ------------------------------------------------------------ linear matcher */

/* pcre2_dfa_match(3), with as much workspace as it wants. */
static int run_dfa(struct engine *engine, const pcre2_code *code, const unsigned char *subject,
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

/* The stretch of valid text that holds `at` or comes after it.  False at the line's end. */
static bool find_stretch(struct engine *engine, const unsigned char *at)
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

static uint32_t stretch_options(const struct engine *engine)
{
    return (engine->stretch_begin > engine->line.begin ? PCRE2_NOTBOL : 0) |
           (engine->stretch_end < engine->line.end ? PCRE2_NOTEOL : 0);
}

static int fail(struct engine *engine, int error)
{
    static PCRE2_UCHAR words[256];
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
        pcre2_get_error_message(error, words, sizeof words);
        engine->error = (const char *)words;
    }
    return ENGINE_FAILED;
}

/*
 * Does the line match?  In time that grows with its length alone, but where the
 * DFA gives up and glibc must say it.
 */
static bool decide_linearly(struct engine *engine, const struct engine_line *line)
{
    size_t size = (size_t)(line->end - line->begin);
    if (engine->plan->errors && text_valid(line->begin, size) < size)
        return true;
    engine_line(engine, line->begin, line->end);
    for (size_t i = 0; i < engine->count; i++) {
        struct code *code = &engine->codes[i];
        int error, r = PCRE2_ERROR_NOMATCH;
        pcre2_code *linear = code_linear(code, &error);
        for (const unsigned char *at = line->begin; linear && find_stretch(engine, at);
             at = engine->stretch_end + 1) {
            r = run_dfa(engine, linear, engine->stretch_begin,
                        (size_t)(engine->stretch_end - engine->stretch_begin), 0,
                        PCRE2_DFA_SHORTEST | stretch_options(engine));
            if (r != PCRE2_ERROR_NOMATCH)
                break;
        }
        if (!linear || (r < 0 && r != PCRE2_ERROR_NOMATCH))
            return posix_span(posix(engine), line->begin, size, 0, NULL, NULL);
        if (r >= 0)
            return true;
    }
    return false;
}

/* -------------------------------------------------------------------- lines */

static void line_around(const struct engine *engine, const unsigned char *from,
                        const unsigned char *hit, struct engine_line *line)
{
    unsigned char eol = engine->plan->eol;
    const unsigned char *before = memrchr(from, eol, (size_t)(hit - from));
    const unsigned char *after = memchr(hit, eol, (size_t)(engine->end - hit));
    line->begin = before ? before + 1 : from;
    line->end = after ? after : engine->end;
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
    if (engine->plan->errors) {
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
    compile(engine);
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
        bool matches = decide_linearly(engine, line);
        if (matches || line->end >= engine->end)
            return matches;
    }
}

/*
 * Perl's pattern in a line, `from` bytes behind its beginning or later.  As in GNU
 * grep the text begins anew, and without what ^ means, behind bytes there that
 * mbrlen(3) refuses in a first place; what it finds is relative to *subject.
 *
 * Returns what pcre2_match(3) does.
 */
static int match_perl(struct engine *engine, const struct engine_line *line, size_t from,
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

/* Perl's patterns see one line at a time: they may look at, and match, its end. */
static int next_perl(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    const unsigned char *subject;
    for (; from <= engine->end; from = line->end + 1) {
        line_around(engine, from, from, line);
        int r = match_perl(engine, line, 0, &subject);
        if (r != PCRE2_ERROR_NOMATCH)
            return r >= 0 ? 1 : fail(engine, r);
    }
    return 0;
}

/* Does the line match, so far as the codes, or the set, can tell? */
static bool decide(struct engine *engine, const struct engine_line *line)
{
    size_t size = (size_t)(line->end - line->begin), start, len;
    compile(engine);
    if (engine->set)
        return set_find(engine->set, line->begin, size, 0, true, &start, &len);
    if (engine->any_line || (engine->plan->errors && text_valid(line->begin, size) < size))
        return true;
    for (size_t i = 0; i < engine->count; i++) {
        int r = pcre2_match(engine->codes[i].lines, line->begin, size, 0, 0, engine->data,
                            engine->match);
        if (r >= 0)
            return true;
        if (r != PCRE2_ERROR_NOMATCH)
            return decide_linearly(engine, line);
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
    compile(engine);
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
        if (engine->plan->strings || !must_confirm(engine, line) ||
            posix_span(posix(engine), line->begin, (size_t)(line->end - line->begin), 0, NULL,
                       NULL))
            return 1;
    }
    return 0;
}

bool engine_every_line(const struct engine *engine)
{
    const struct plan *plan = engine->plan;
    for (size_t i = 0; i < plan->count && !plan->perl && !plan->words && !plan->lines; i++)
        if (plan->patterns[i].len == 0)
            return true;
    return false;
}

/* -------------------------------------------------------------------- spans */

void engine_line(struct engine *engine, const unsigned char *begin, const unsigned char *end)
{
    engine->line = (struct engine_line){begin, end};
    engine->confirm_line =
        !engine->plan->perl && (engine->plan->divided || must_confirm(engine, &engine->line));
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
    uint32_t options = stretch_options(engine) | PCRE2_NOTEMPTY;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(engine->data);
    int r = pcre2_match(code->spans, subject, size, from, options | PCRE2_NO_UTF_CHECK,
                        engine->data, engine->match);
    bool sure = engine->plan->first_is_longest || ends[1] == size;
    if (r != PCRE2_ERROR_NOMATCH && (r < 0 || !sure)) {
        if (!code_longest(code, &error))
            return error > 0 ? -error : error;
        size_t at = r < 0 ? from : ends[0];
        r = run_dfa(engine, code->longest, subject, size, at,
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
    int r = match_perl(engine, &engine->line, from, &subject);
    if (r == PCRE2_ERROR_NOMATCH)
        return 0;
    if (r < 0)
        return fail(engine, r);
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
        compile(engine);
        return set_find(engine->set, line->begin, size, from, false, start, len);
    }
    if (engine->confirm_line)
        return posix_span(posix(engine), line->begin, size, from, start, len);
    if (engine->string)
        return span_of_string(engine, from, start, len);
    compile(engine);
    int found = 0;
    for (const unsigned char *at = line->begin + from; !found && find_stretch(engine, at);
         at = engine->stretch_end + 1) {
        const unsigned char *begin = engine->stretch_begin;
        size_t skip = at > begin ? (size_t)(at - begin) : 0;
        for (size_t i = 0; i < engine->count; i++) {
            size_t at_code, len_code;
            int r = span_of_code(engine, &engine->codes[i], skip, &at_code, &len_code);
            if (r < 0)
                return posix_span(posix(engine), line->begin, size, from, start, len);
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
