/* SPDX-License-Identifier: MIT */
/* Options and patterns to a plan for the engine. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/utf8.h"
#include "mgrep/lines.h"
#include "mgrep/pattern.h"
#include "mgrep/posix.h"
#include "mgrep/text.h"
#include "mgrep/translate.h"

#define STRINGS 16 /* so many alternatives, and PCRE2 is slower than a set */

struct request_line {
    char *text;
    size_t len;
    const char *file; /* where it was read, NULL: from the command line */
    size_t number;
};

static void add_line(struct request *request, const char *text, size_t len, const char *file,
                     size_t number)
{
    size_t n = request->count;
    if ((n & (n - 1)) == 0)
        request->patterns =
            xrealloc(request->patterns, (n ? 2 * n : 1) * sizeof *request->patterns);
    char *copy = xmalloc(len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    request->patterns[n] = (struct request_line){copy, len, file, number};
    request->count = n + 1;
}

void pattern_add(struct request *request, const char *text, size_t len)
{
    for (;;) {
        const char *newline = memchr(text, '\n', len);
        size_t size = newline ? (size_t)(newline - text) : len;
        add_line(request, text, size, NULL, 0);
        if (!newline)
            return;
        text += size + 1;
        len -= size + 1;
    }
}

struct file {
    struct request *request;
    const char *name;
    size_t number;
};

static void add_file_line(void *context, const char *text, size_t len)
{
    struct file *file = context;
    add_line(file->request, text, len, file->name, ++file->number);
}

int pattern_file(struct request *request, const char *name)
{
    struct file file = {.request = request, .name = name};
    return lines_read(name, add_file_line, &file);
}

bool pattern_all_empty(const struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        if (request->patterns[i].len > 0)
            return false;
    }
    return request->count > 0;
}

static int by_text(const void *a, const void *b)
{
    const struct request_line *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void keep_node(void *node)
{
    (void)node;
}

/* Each pattern once, where it came first. */
static void drop_duplicates(struct request *request)
{
    void *seen = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < request->count; i++) {
        struct request_line *line = &request->patterns[kept];
        *line = request->patterns[i];
        struct request_line **found = tsearch(line, &seen, by_text);
        if (!found)
            xfail(exit_trouble, "memory exhausted");
        if (*found == line)
            kept++;
        else
            free(request->patterns[i].text);
    }
    request->count = kept;
    tdestroy(seen, keep_node);
}

/* -F: the basic expression that means the string. */
static void fixed_to_basic(struct request_line *line)
{
    char *escaped = xmalloc(2 * line->len + 1);
    size_t len = 0;
    for (size_t i = 0; i < line->len; i++) {
        if (line->text[i] && strchr("\\.*[^$", line->text[i]))
            escaped[len++] = '\\';
        escaped[len++] = line->text[i];
    }
    escaped[len] = '\0';
    free(line->text);
    line->text = escaped;
    line->len = len;
}

static void wrong(const struct request_line *line, const char *error)
{
    if (line->file)
        message("%s:%zu: %s", quote_controls(line->file), line->number, error);
    else
        message("%s", error);
}

static bool has_operator(const struct request_line *line)
{
    for (size_t i = 0; i < line->len; i++) {
        if (strchr("\\.*[^$+?{|()", line->text[i]))
            return true;
    }
    return false;
}

/* All patterns are looked at before the first that is wrong ends the program. */
static void check(const struct request *request)
{
    bool right = true;
    for (size_t i = 0; i < request->count; i++) {
        const struct request_line *line = &request->patterns[i];
        const char *error = has_operator(line)
                                ? posix_error(line->text, line->len,
                                              request->syntax == SYNTAX_EXTENDED, request->fold)
                                : NULL;
        if (error)
            wrong(line, error);
        right &= !error;
    }
    if (!right)
        exit(exit_trouble);
}

/* The string that a pattern means which is nothing else. */
static void unescape(struct pattern *pattern)
{
    pattern->string = xmalloc(pattern->len + 1);
    for (size_t i = 0; i < pattern->len; i++) {
        i += pattern->text[i] == '\\';
        pattern->string[pattern->string_len++] = pattern->text[i];
    }
}

static int longer_first(const void *a, const void *b)
{
    const struct pattern *x = a, *y = b;
    return (x->len < y->len) - (x->len > y->len);
}

static void plan_perl(struct request *request, struct plan *plan)
{
    if (request->count > 1)
        xfail(exit_trouble, "the -P option only supports a single pattern");
    if (text_charset() == CHARSET_OTHER)
        xfail(exit_trouble, "-P supports only unibyte and UTF-8 locales");
    plan->utf = text_charset() == CHARSET_UTF8;
    if (request->count)
        *plan->patterns =
            (struct pattern){.text = request->patterns->text, .len = request->patterns->len};
}

/* Does GNU grep search for strings?  It does with -F, and for several patterns that are strings. */
static bool as_strings(const struct request *request)
{
    const char *operators = request->syntax == SYNTAX_EXTENDED ? "\\.*[^$+?{|(" : "\\.*[^$";
    unsigned character, others[TEXT_COUNTERPARTS];
    for (size_t i = 0; i < request->count; i++) {
        const struct request_line *line = &request->patterns[i];
        const char *special = line->text + strcspn(line->text, operators);
        bool final = i + 1 == request->count && special == line->text + line->len - 1;
        if (request->syntax != SYNTAX_FIXED && *special && !(*special == '\\' && final))
            return false;
        const unsigned char *p = (const unsigned char *)line->text, *end = p + line->len;
        for (size_t size; request->fold && text_charset() == CHARSET_UTF8 && p < end; p += size) {
            size = utf8_character(p, (size_t)(end - p), &character);
            for (size_t n = size ? text_counterparts(character, others) : 0; n > 0; n--)
                if (character >= 0x80 || others[n - 1] >= 0x80)
                    return false;
            size += size == 0;
        }
    }
    return request->syntax == SYNTAX_FIXED || request->count > 1;
}

static void plan_posix(struct request *request, struct plan *plan)
{
    const struct syntax_options options = {plan->extended, plan->fold, plan->eol, DIALECT_PCRE2};
    bool literal = true, ordered = true, empty = false;
    for (size_t i = 0; i < request->count; i++) {
        struct request_line *line = &request->patterns[i];
        struct translation to;
        const char *error = translate(line->text, line->len, &options, &to);
        if (error)
            xfail(exit_trouble, "%s", error);
        plan->patterns[i] = (struct pattern){
            .text = line->text,
            .len = line->len,
            .regex = to.regex,
            .regex_len = to.len,
            .backref = to.backref,
            .required = to.required,
        };
        if (to.literal)
            unescape(&plan->patterns[i]);
        empty |= line->len == 0;
        plan->utf |= to.utf;
        plan->errors |= to.errors;
        plan->divided |= to.divided;
        plan->by_glibc |= to.by_glibc;
        literal &= to.literal;
        ordered &= to.ordered;
        if (to.backref)
            plan->confirm = CONFIRM_ALL;
        else if (to.uncertain && plan->confirm == CONFIRM_NONE)
            plan->confirm = CONFIRM_NON_ASCII;
    }
    if (text_charset() == CHARSET_UTF8 && plan->words && plan->confirm == CONFIRM_NONE)
        plan->confirm = CONFIRM_NON_ASCII;
    plan->by_glibc |= text_charset() == CHARSET_UTF8 && plan->words;
    if (plan->divided && plan->by_glibc)
        plan->confirm = CONFIRM_ALL;
    if (literal)
        qsort(plan->patterns, plan->count, sizeof *plan->patterns, longer_first);
    plan->literal = literal;
    plan->strings = plan->choice == ENGINE_AUTO && literal && !empty && plan->count >= STRINGS &&
                    plan->confirm != CONFIRM_ALL;
    plan->first_is_longest = literal || (ordered && plan->count == 1);
}

void pattern_plan(struct request *request, struct plan *plan)
{
    drop_duplicates(request);
    *plan = (struct plan){
        .perl = request->syntax == SYNTAX_PERL,
        .extended = request->syntax == SYNTAX_EXTENDED,
        .fold = request->fold,
        .words = request->words,
        .lines = request->lines,
        .eol = request->eol,
        .choice = request->choice,
        .patterns = xmalloc((request->count + 1) * sizeof *plan->patterns),
        .count = request->count,
    };
    if (plan->perl) {
        plan_perl(request, plan);
        return;
    }
    plan->fixed = as_strings(request);
    plan->parts = !plan->words && !plan->fixed;
    if (plan->fixed || request->syntax == SYNTAX_FIXED) {
        plan->extended = false;
        for (size_t i = 0; i < request->count; i++)
            fixed_to_basic(&request->patterns[i]);
    } else {
        check(request);
    }
    plan_posix(request, plan);
}

void pattern_free(struct request *request, struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->perl)
            free(plan->patterns[i].regex);
        if (!plan->perl)
            free(plan->patterns[i].string);
        if (!plan->perl)
            required_free(&plan->patterns[i].required);
        free(request->patterns[i].text);
    }
    free(plan->patterns);
    free(request->patterns);
}
