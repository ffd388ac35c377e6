/* SPDX-License-Identifier: MIT */
/* The matcher: PCRE2 for lines and spans, glibc where it must confirm. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/posix.h"
#include "mgrep/set.h"
#include "mgrep/text.h"
#include "mgrep/translate.h"

#define JIT_STACK_MIN ((size_t)32 << 10)
#define JIT_STACK_MAX ((size_t)64 << 20)
/* Backtracking from one place before a pattern is held to explode, and goes to the linear matcher.
 */
#define PATIENCE   10000
#define EXPLOSIONS 16
#define WORKSPACE  1000 /* of the linear matcher, grown when it asks */

/* Some of the patterns, as many as PCRE2 takes in one. */
struct code {
    pcre2_code *lines;   /* finds lines in a region */
    pcre2_code *spans;   /* finds where a span begins in valid text */
    pcre2_code *longest; /* for the DFA: finds where the longest one ends */
    pcre2_code
        *linear; /* for the DFA: matches valid text from its beginning to the end of a match */
    size_t first, count;      /* of the plan's patterns */
    const unsigned char *hit; /* the next proposal of the region, NULL: not looked for */
};

struct engine {
    const struct plan *plan;
    struct code *codes;
    size_t count;
    bool any_line; /* PCRE2 cannot propose: each line is a proposal */
    bool confirm_all;
    size_t linear;   /* so many lines go to the linear matcher, */
    int explosions;  /* after so many times that backtracking exploded, of late */
    struct set *set; /* instead of the codes */
    struct posix *posix;
    pcre2_compile_context *compile;
    pcre2_match_context *match;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    int *workspace;
    size_t workspace_len;
    const unsigned char *end; /* of the region */
    const unsigned char *bad; /* the next encoding error in it, NULL: not looked for */
    struct engine_line line;  /* for spans */
    bool line_ascii;
    const unsigned char *stretch_begin, *stretch_end; /* of valid text, last found in the line */
    const char *error;
};

/* ----------------------------------------------------------------- compile */

struct regex {
    char *text;
    size_t len;
};

static void append(struct regex *regex, const char *text, size_t len)
{
    memcpy(regex->text + regex->len, text, len);
    regex->len += len;
}

static void append_string(struct regex *regex, const char *text)
{
    append(regex, text, strlen(text));
}

/* The patterns of `code` as alternatives, with what -x and -w put around them. */
static struct regex join(const struct plan *plan, const struct code *code)
{
    size_t room = 64;
    for (size_t i = 0; i < code->count; i++)
        room += plan->patterns[code->first + i].regex_len + 1;
    struct regex regex = {xmalloc(room), 0};
    bool words = plan->words && !plan->lines;
    append_string(&regex, plan->lines ? "^(?:" : words ? translate_word_begin : "");
    append_string(&regex, words ? "(?:" : "");
    for (size_t i = 0; i < code->count; i++) {
        const struct pattern *pattern = &plan->patterns[code->first + i];
        if (i > 0)
            append(&regex, "|", 1);
        append(&regex, pattern->regex, pattern->regex_len);
    }
    append_string(&regex, plan->lines ? ")$" : words ? ")" : "");
    append_string(&regex, words ? translate_word_end : "");
    return regex;
}

/* The same, said anew for the DFA.  With `anywhere` a match begins where the text does. */
static struct regex join_for_dfa(const struct plan *plan, const struct code *code, bool anywhere)
{
    const struct syntax_options options = {plan->extended, plan->fold, plan->eol, true};
    struct plan other = *plan;
    other.patterns = xmalloc(code->count * sizeof *other.patterns);
    for (size_t i = 0; i < code->count; i++) {
        const struct pattern *pattern = &plan->patterns[code->first + i];
        struct translation to;
        translate(pattern->text, pattern->len, &options, &to);
        other.patterns[i] = (struct pattern){.regex = to.regex, .regex_len = to.len};
    }
    struct code all = {.count = code->count};
    struct regex inner = join(&other, &all);
    for (size_t i = 0; i < code->count; i++)
        free(other.patterns[i].regex);
    free(other.patterns);
    if (!anywhere)
        return inner;
    struct regex regex = {xmalloc(inner.len + 8), 0};
    append_string(&regex, ".*(?:");
    append(&regex, inner.text, inner.len);
    append_string(&regex, ")");
    free(inner.text);
    return regex;
}

static pcre2_code *compile(struct engine *engine, const struct regex *regex, uint32_t flags,
                           bool jit, int *error)
{
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)regex->text, regex->len, flags, error, &at, engine->compile);
    if (code && jit)
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

static uint32_t flags(const struct engine *engine)
{
    return PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX | (engine->plan->utf ? PCRE2_UTF : 0);
}

/*
 * In a multibyte locale GNU grep -w takes an empty match only where there is no
 * longer one, which is more than a lookahead can say.
 */
static bool must_judge_empty(const struct plan *plan, const pcre2_code *code)
{
    uint32_t matches_empty = 0;
    pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &matches_empty);
    return plan->words && !plan->lines && matches_empty && text_charset() == CHARSET_UTF8;
}

/* Compile patterns [first, first + count), in halves when they are too many for PCRE2. */
static void add_codes(struct engine *engine, size_t first, size_t count)
{
    struct code code = {.first = first, .count = count};
    struct regex regex = join(engine->plan, &code);
    uint32_t invalid = engine->plan->utf ? PCRE2_MATCH_INVALID_UTF : 0;
    int error;
    code.lines = compile(engine, &regex, flags(engine) | invalid, true, &error);
    free(regex.text);
    if (code.lines) {
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

/* One code for a Perl pattern, which -x and -w wrap as GNU grep does. */
static const char *add_perl(struct engine *engine)
{
    const struct plan *plan = engine->plan;
    const struct pattern *pattern = plan->patterns;
    struct regex regex = {xmalloc(pattern->len + 32), 0};
    bool words = plan->words && !plan->lines;
    append_string(&regex, plan->lines ? "^(?:" : words ? "(?<!\\w)(?:" : "");
    append(&regex, pattern->text, pattern->len);
    append_string(&regex, plan->lines ? ")$" : words ? ")(?!\\w)" : "");
    uint32_t options = PCRE2_DOLLAR_ENDONLY | (plan->fold ? PCRE2_CASELESS : 0) |
                       (plan->utf ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0);
    int error;
    struct code code = {.count = 1};
    code.lines = compile(engine, &regex, options, true, &error);
    free(regex.text);
    if (!code.lines) {
        static PCRE2_UCHAR words_of_pcre2[256];
        pcre2_get_error_message(error, words_of_pcre2, sizeof words_of_pcre2);
        return (const char *)words_of_pcre2;
    }
    engine->codes = xmalloc(sizeof *engine->codes);
    *engine->codes = code;
    engine->count = 1;
    return NULL;
}

struct engine *engine_new(const struct plan *plan, const char **error)
{
    struct engine *engine = xmalloc(sizeof *engine);
    *engine = (struct engine){.plan = plan, .confirm_all = plan->confirm == CONFIRM_ALL};
    engine->compile = pcre2_compile_context_create(NULL);
    engine->match = pcre2_match_context_create(NULL);
    engine->data = pcre2_match_data_create(1, NULL);
    if (!engine->compile || !engine->match || !engine->data)
        xfail(exit_trouble, "memory exhausted");
    if (plan->perl && plan->count > 0) {
        *error = add_perl(engine);
        if (*error) {
            engine_free(engine);
            return NULL;
        }
    } else {
        pcre2_set_newline(engine->compile, plan->eol ? PCRE2_NEWLINE_LF : PCRE2_NEWLINE_NUL);
        pcre2_set_match_limit(engine->match, PATIENCE);
        for (size_t i = 0; i < plan->count; i++)
            engine->any_line |= !plan->patterns[i].regex;
        if (plan->strings)
            engine->set = set_new(plan);
        else if (plan->count > 0 && !engine->any_line)
            add_codes(engine, 0, plan->count);
    }
    engine->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    pcre2_jit_stack_assign(engine->match, NULL, engine->stack);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->count; i++) {
        pcre2_code_free(engine->codes[i].lines);
        pcre2_code_free(engine->codes[i].spans);
        pcre2_code_free(engine->codes[i].longest);
        pcre2_code_free(engine->codes[i].linear);
    }
    free(engine->codes);
    free(engine->workspace);
    set_free(engine->set);
    posix_free(engine->posix);
    pcre2_jit_stack_free(engine->stack);
    pcre2_match_data_free(engine->data);
    pcre2_match_context_free(engine->match);
    pcre2_compile_context_free(engine->compile);
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
        int r =
            pcre2_dfa_match(code, subject, len, from, options | PCRE2_NO_UTF_CHECK, engine->data,
                            engine->match, engine->workspace, engine->workspace_len);
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

/* Does the line match?  In time that grows with its length alone. */
static int decide_linearly(struct engine *engine, const struct engine_line *line)
{
    size_t size = (size_t)(line->end - line->begin);
    if (engine->plan->errors && text_valid(line->begin, size) < size)
        return 1;
    engine_line(engine, line->begin, line->end);
    for (size_t i = 0; i < engine->count; i++) {
        struct code *code = &engine->codes[i];
        if (!code->linear) {
            struct regex regex = join_for_dfa(engine->plan, code, true);
            int error;
            code->linear = compile(engine, &regex, flags(engine) | PCRE2_ANCHORED, false, &error);
            free(regex.text);
            if (!code->linear)
                return fail(engine, error);
        }
        for (const unsigned char *at = line->begin; find_stretch(engine, at);
             at = engine->stretch_end + 1) {
            int r = run_dfa(engine, code->linear, engine->stretch_begin,
                            (size_t)(engine->stretch_end - engine->stretch_begin), 0,
                            PCRE2_DFA_SHORTEST | stretch_options(engine));
            if (r != PCRE2_ERROR_NOMATCH)
                return r >= 0 ? 1 : fail(engine, r);
        }
    }
    return 0;
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

void engine_region(struct engine *engine, const unsigned char *end)
{
    engine->end = end;
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
        int r = decide_linearly(engine, line);
        if (r || line->end >= engine->end)
            return r;
    }
}

/* Perl's patterns see one line at a time: they may look at, and match, its end. */
static int next_perl(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    for (; from <= engine->end; from = line->end + 1) {
        line_around(engine, from, from, line);
        int r = pcre2_match(engine->codes->lines, from, (size_t)(line->end - from), 0, 0,
                            engine->data, engine->match);
        if (r != PCRE2_ERROR_NOMATCH)
            return r >= 0 ? 1 : fail(engine, r);
    }
    return 0;
}

static int next_string(struct engine *engine, const unsigned char *from, struct engine_line *line)
{
    size_t start, len;
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
    if (engine->set)
        return next_string(engine, from, line);
    for (; from <= engine->end; from = line->end + 1) {
        int r = next_proposed(engine, from, line);
        if (r <= 0)
            return r;
        if (!must_confirm(engine, line) ||
            posix_span(posix(engine), line->begin, (size_t)(line->end - line->begin), 0, NULL,
                       NULL))
            return 1;
    }
    return 0;
}

/* -------------------------------------------------------------------- spans */

void engine_line(struct engine *engine, const unsigned char *begin, const unsigned char *end)
{
    engine->line = (struct engine_line){begin, end};
    engine->stretch_begin = engine->stretch_end = NULL;
}

/*
 * The span of one code in one stretch.  The backtracking matcher finds where it
 * begins; where that matcher's first match may not be the longest, the other one
 * says how long it is.
 *
 * Returns 1, 0, or ENGINE_FAILED.
 */
static int span_of_code(struct engine *engine, struct code *code, size_t from, size_t *start,
                        size_t *len)
{
    int error;
    if (!code->spans) {
        struct regex regex = join(engine->plan, code);
        code->spans = compile(engine, &regex, flags(engine), true, &error);
        free(regex.text);
        if (!code->spans)
            return fail(engine, error);
    }
    if (!code->longest) {
        struct regex regex = join_for_dfa(engine->plan, code, false);
        code->longest = compile(engine, &regex, flags(engine), false, &error);
        free(regex.text);
        if (!code->longest)
            return fail(engine, error);
    }
    const unsigned char *subject = engine->stretch_begin;
    size_t size = (size_t)(engine->stretch_end - subject);
    uint32_t options = stretch_options(engine) | PCRE2_NOTEMPTY;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(engine->data);
    int r = pcre2_match(code->spans, subject, size, from, options | PCRE2_NO_UTF_CHECK,
                        engine->data, engine->match);
    if (r >= 0 && !engine->plan->first_is_longest && ends[1] < size)
        r = run_dfa(engine, code->longest, subject, size, ends[0], options | PCRE2_ANCHORED);
    else if (r < 0 && r != PCRE2_ERROR_NOMATCH)
        r = run_dfa(engine, code->longest, subject, size, from, options);
    if (r == PCRE2_ERROR_NOMATCH)
        return 0;
    if (r < 0)
        return fail(engine, r);
    *start = ends[0];
    *len = ends[1] - ends[0];
    return 1;
}

static int span_of_perl(struct engine *engine, size_t from, size_t *start, size_t *len)
{
    size_t size = (size_t)(engine->line.end - engine->line.begin);
    int r = pcre2_match(engine->codes->lines, engine->line.begin, size, from, 0, engine->data,
                        engine->match);
    if (r == PCRE2_ERROR_NOMATCH)
        return 0;
    if (r < 0)
        return fail(engine, r);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(engine->data);
    *start = ends[0];
    *len = ends[1] > ends[0] ? ends[1] - ends[0] : 0;
    return 1;
}

int engine_span(struct engine *engine, size_t from, size_t *start, size_t *len)
{
    const struct engine_line *line = &engine->line;
    if (engine->plan->count == 0)
        return 0;
    if (engine->plan->perl)
        return span_of_perl(engine, from, start, len);
    if (engine->set)
        return set_find(engine->set, line->begin, (size_t)(line->end - line->begin), from, false,
                        start, len);
    if (must_confirm(engine, line))
        return posix_span(posix(engine), line->begin, (size_t)(line->end - line->begin), from,
                          start, len);
    int found = 0;
    for (const unsigned char *at = line->begin + from; !found && find_stretch(engine, at);
         at = engine->stretch_end + 1) {
        const unsigned char *begin = engine->stretch_begin;
        size_t skip = at > begin ? (size_t)(at - begin) : 0;
        for (size_t i = 0; i < engine->count; i++) {
            size_t at_code, len_code;
            int r = span_of_code(engine, &engine->codes[i], skip, &at_code, &len_code);
            if (r < 0)
                return r;
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
