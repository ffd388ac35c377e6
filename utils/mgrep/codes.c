/* SPDX-License-Identifier: MIT */
/* A plan's patterns in PCRE2's hands. */
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/codes.h"
#include "mgrep/engine.h"
#include "mgrep/translate.h"

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

/* The patterns of `code` as alternatives, with what -x (if `lines`) and -w put around them. */
static struct regex join(const struct code *code, bool lines)
{
    const struct plan *plan = code->plan;
    size_t room = 64;
    for (size_t i = 0; i < code->count; i++)
        room += plan->patterns[code->first + i].regex_len + 1;
    struct regex regex = {xmalloc(room), 0};
    bool words = plan->words && !plan->lines;
    append_string(&regex, lines ? "^(?:" : words ? translate_word_begin : "");
    append_string(&regex, words ? "(?:" : "");
    for (size_t i = 0; i < code->count; i++) {
        const struct pattern *pattern = &plan->patterns[code->first + i];
        if (i > 0)
            append(&regex, "|", 1);
        append(&regex, pattern->regex, pattern->regex_len);
    }
    append_string(&regex, lines ? ")$" : words ? ")" : "");
    append_string(&regex, words ? translate_word_end : "");
    return regex;
}

/* Must a span be the whole line? */
static bool whole_spans(const struct plan *plan)
{
    return plan->lines && !plan->parts;
}

/* The same, said anew for the DFA.  With `anywhere` a match begins where the text does. */
static struct regex join_for_dfa(const struct code *code, bool lines, bool anywhere)
{
    const struct plan *plan = code->plan;
    const struct syntax_options options = {plan->extended, plan->fold, plan->eol, DIALECT_DFA};
    struct plan other = *plan;
    other.patterns = xmalloc(code->count * sizeof *other.patterns);
    for (size_t i = 0; i < code->count; i++) {
        const struct pattern *pattern = &plan->patterns[code->first + i];
        struct translation to;
        translate(pattern->text, pattern->len, &options, &to);
        required_free(&to.required);
        other.patterns[i] = (struct pattern){.regex = to.regex, .regex_len = to.len};
    }
    struct code all = {.plan = &other, .count = code->count};
    struct regex inner = join(&all, lines);
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

/* The Perl pattern, with what -w puts around it; -x is PCRE2's to see to. */
static struct regex wrap_perl(const struct plan *plan)
{
    const struct pattern *pattern = plan->patterns;
    struct regex regex = {xmalloc(pattern->len + 32), 0};
    bool words = plan->words && !plan->lines;
    append_string(&regex, words ? "(?<!\\w)(?:" : "");
    append(&regex, pattern->text, pattern->len);
    append_string(&regex, words ? ")(?!\\w)" : "");
    return regex;
}

/* Compile, and forget the regex.  `options` come on top of what all of the plan's need. */
static pcre2_code *compile(const struct plan *plan, struct regex regex, uint32_t options, bool jit,
                           int *error)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        xfail(exit_trouble, "memory exhausted");
    if (plan->perl) {
        options |= PCRE2_DOLLAR_ENDONLY | (plan->fold ? PCRE2_CASELESS : 0);
        if (plan->lines)
            pcre2_set_compile_extra_options(context, PCRE2_EXTRA_MATCH_LINE);
    } else {
        options |= PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX;
        pcre2_set_newline(context, plan->eol ? PCRE2_NEWLINE_LF : PCRE2_NEWLINE_NUL);
    }
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex.text, regex.len,
                                     options | (plan->utf ? PCRE2_UTF : 0), error, &at, context);
    if (code && jit)
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    pcre2_compile_context_free(context);
    free(regex.text);
    return code;
}

pcre2_code *code_lines(struct code *code, int *error)
{
    const struct plan *plan = code->plan;
    /*
     * Behind an encoding error ".*" begins anew, which PCRE2 does not try unless told.
     * With -P GNU grep does not tell it either.
     */
    uint32_t invalid = PCRE2_MATCH_INVALID_UTF | (plan->perl ? 0 : PCRE2_NO_DOTSTAR_ANCHOR);
    if (!code->lines)
        code->lines = compile(plan, plan->perl ? wrap_perl(plan) : join(code, plan->lines),
                              plan->utf ? invalid : 0, true, error);
    return code->lines;
}

pcre2_code *code_spans(struct code *code, int *error)
{
    if (!code->spans)
        code->spans = compile(code->plan, join(code, whole_spans(code->plan)), 0, true, error);
    return code->spans;
}

pcre2_code *code_longest(struct code *code, int *error)
{
    if (!code->longest)
        code->longest = compile(code->plan, join_for_dfa(code, whole_spans(code->plan), false), 0,
                                false, error);
    return code->longest;
}

pcre2_code *code_linear(struct code *code, int *error)
{
    if (!code->linear)
        code->linear = compile(code->plan, join_for_dfa(code, code->plan->lines, true),
                               PCRE2_ANCHORED, false, error);
    return code->linear;
}

struct code code_share(const struct code *code)
{
    return (struct code){
        .plan = code->plan,
        .first = code->first,
        .count = code->count,
        .lines = code->lines,
        .shared = true,
    };
}

void code_free(struct code *code)
{
    if (!code->shared)
        pcre2_code_free(code->lines);
    pcre2_code_free(code->spans);
    pcre2_code_free(code->longest);
    pcre2_code_free(code->linear);
}
