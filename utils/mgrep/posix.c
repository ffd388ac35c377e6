/* SPDX-License-Identifier: MIT */
/* glibc's regular expressions. */
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/engine.h"
#include "mgrep/posix.h"
#include "mgrep/text.h"

struct expression {
    struct re_pattern_buffer buffer;
    struct re_registers registers; /* the buffer knows that they are allocated */
};

struct posix {
    const struct plan *plan;
    struct expression *expressions;
    size_t count;
};

static reg_syntax_t syntax(bool extended, bool fold)
{
    return (extended ? RE_SYNTAX_EGREP : RE_SYNTAX_GREP) | (fold ? RE_ICASE : 0);
}

static const char *compile(const char *text, size_t len, reg_syntax_t bits,
                           struct re_pattern_buffer *buffer)
{
    *buffer = (struct re_pattern_buffer){0};
    /* glibc's fastmap forgets characters under RE_ICASE (its bug 20381). */
    if (!(bits & RE_ICASE))
        buffer->fastmap = xmalloc(UCHAR_MAX + 1);
    re_set_syntax(bits);
    return re_compile_pattern(text, len, buffer);
}

const char *posix_error(const char *text, size_t len, bool extended, bool fold)
{
    struct re_pattern_buffer buffer;
    const char *error = compile(text, len, syntax(extended, fold) | RE_NO_SUB, &buffer);
    regfree(&buffer);
    return error;
}

void posix_members(const char *text, size_t len, bool fold, bool *members, unsigned count)
{
    struct re_pattern_buffer buffer;
    memset(members, 0, count * sizeof *members);
    if (!compile(text, len, syntax(true, fold) | RE_NO_SUB, &buffer)) {
        for (unsigned byte = 0; byte < count; byte++) {
            char one = (char)byte;
            members[byte] = re_match(&buffer, &one, 1, 0, NULL) == 1;
        }
    }
    regfree(&buffer);
}

/* One more expression, to be compiled. */
static struct re_pattern_buffer *add(struct posix *posix)
{
    struct expression *expression = &posix->expressions[posix->count++];
    *expression = (struct expression){0};
    return &expression->buffer;
}

struct posix *posix_new(const struct plan *plan)
{
    struct posix *posix = xmalloc(sizeof *posix);
    *posix = (struct posix){.plan = plan};
    posix->expressions = xmalloc((plan->count + 1) * sizeof *posix->expressions);
    reg_syntax_t bits = syntax(plan->extended, plan->fold);

    /* Back-references count groups from the beginning of their own pattern. */
    size_t joined = 0, total = 0;
    for (size_t i = 0; i < plan->count; i++)
        total += plan->patterns[i].len + 1;
    char *join = xmalloc(total + 1);
    for (size_t i = 0; i < plan->count; i++) {
        const struct pattern *pattern = &plan->patterns[i];
        if (pattern->backref)
            continue;
        memcpy(join + joined, pattern->text, pattern->len);
        joined += pattern->len;
        join[joined++] = '\n';
    }
    bool right = !joined || !compile(join, joined - 1, bits, add(posix));
    free(join);
    /* They may take long, so they come last: a line that the others match need not wait. */
    for (size_t i = 0; i < plan->count; i++) {
        const struct pattern *pattern = &plan->patterns[i];
        if (pattern->backref)
            right &= !compile(pattern->text, pattern->len, bits, add(posix));
    }
    if (!right)
        xfail(exit_trouble, "memory exhausted");
    for (size_t i = 0; i < posix->count; i++)
        posix->expressions[i].buffer.newline_anchor = plan->eol == '\n';
    return posix;
}

void posix_free(struct posix *posix)
{
    if (!posix)
        return;
    for (size_t i = 0; i < posix->count; i++) {
        regfree(&posix->expressions[i].buffer);
        free(posix->expressions[i].registers.start);
        free(posix->expressions[i].registers.end);
    }
    free(posix->expressions);
    free(posix);
}

static long search(struct expression *expression, const unsigned char *line, size_t len,
                   size_t from, size_t *length)
{
    long start = re_search(&expression->buffer, (const char *)line, (int)len, (int)from,
                           (int)(len - from), &expression->registers);
    if (start == -2)
        xfail(exit_trouble, "memory exhausted");
    if (start >= 0)
        *length = (size_t)(expression->registers.end[0] - start);
    return start;
}

/* A match between non-word characters: a shorter one at the same place, or one further on. */
static long search_word(struct expression *expression, bool fixed, const unsigned char *line,
                        size_t len, size_t from, size_t *length)
{
    long start = search(expression, line, len, from, length);
    while (start >= 0) {
        if (!text_word_before(line, len, (size_t)start) &&
            !text_word_at(line, len, (size_t)start + *length))
            return start;
        long shorter = -1;
        if (*length > 0) {
            expression->buffer.not_eol = 1;
            shorter =
                re_match(&expression->buffer, (const char *)line,
                         (int)((size_t)start + *length - 1), (int)start, &expression->registers);
            expression->buffer.not_eol = 0;
            if (shorter == -2)
                xfail(exit_trouble, "memory exhausted");
        }
        if (shorter > 0 || (shorter == 0 && fixed))
            *length = (size_t)shorter;
        else if ((size_t)start == len)
            return -1;
        else
            start = search(expression, line, len, (size_t)start + 1, length);
    }
    return -1;
}

bool posix_span(struct posix *posix, const unsigned char *line, size_t len, size_t from,
                size_t *start, size_t *length)
{
    const struct plan *plan = posix->plan;
    bool found = false;
    if (len > INT_MAX)
        xfail(exit_trouble, "memory exhausted");
    for (size_t i = 0; i < posix->count; i++) {
        size_t size;
        long at = plan->words && !plan->lines
                      ? search_word(&posix->expressions[i], plan->fixed, line, len, from, &size)
                      : search(&posix->expressions[i], line, len, from, &size);
        if (at < 0 || (plan->lines && size != len && !(start && plan->parts)))
            continue;
        if (!start)
            return true;
        if (!found || (size_t)at < *start || ((size_t)at == *start && size > *length)) {
            *start = (size_t)at;
            *length = size;
        }
        found = true;
    }
    return found;
}
