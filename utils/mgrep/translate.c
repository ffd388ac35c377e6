/* SPDX-License-Identifier: MIT */
/* Basic and extended regular expressions, read and said in another syntax. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/spell.h"
#include "mgrep/text.h"
#include "mgrep/translate.h"

#define ROOM 64 /* for the regex to begin with */

const char translate_word_begin[] = "(?<![" TRANSLATE_WORD "])";
const char translate_word_end[] = "(?![" TRANSLATE_WORD "])";

/*
 * An interval, from behind its brace.  Returns false for what is none, and then
 * the brace is a character.
 */
static bool interval(struct translator *t)
{
    const char *p = t->p;
    long low = -1, high;
    for (; p < t->end && isdigit((unsigned char)*p); p++)
        low = (low < 0 ? 0 : low) * 10 + (*p - '0');
    high = low;
    if (p < t->end && *p == ',') {
        high = -1;
        if (low < 0)
            low = 0;
        for (p++; p < t->end && isdigit((unsigned char)*p); p++)
            high = (high < 0 ? 0 : high) * 10 + (*p - '0');
    }
    if (!t->extended && p < t->end && *p == '\\')
        p++;
    else if (!t->extended)
        return false;
    if (p >= t->end || *p != '}' || low < 0)
        return false;
    if (t->start && t->dialect == DIALECT_PCRE2)
        message("warning: {...} at start of expression");
    if (t->boundary)
        return true;
    t->p = p + 1;

    char quantifier[64];
    if (high == low)
        snprintf(quantifier, sizeof quantifier, "{%ld}", low);
    else if (high < 0)
        snprintf(quantifier, sizeof quantifier, "{%ld,}", low);
    else
        snprintf(quantifier, sizeof quantifier, "{%ld,%ld}", low, high);
    spell_quantifier(t, quantifier, low);
    t->start = false;
    return true;
}

static bool is_space(unsigned char c)
{
    return isspace(c);
}

static void alternatives(struct translator *t);

static void alternative(struct translator *t)
{
    spell_no_string(t);
    requirer_alternative(t->requirer);
    t->to->ordered = false;
    spell(t, "|");
    t->anything = t->boundary = t->anchor = false;
    t->start = true;
}

static void group(struct translator *t)
{
    spell_no_string(t);
    requirer_open(t->requirer);
    t->to->ordered = false;
    size_t begin = t->to->len;
    unsigned anchors = t->anchors;
    spell(t, "(?:");
    t->depth++;
    t->anything = t->boundary = t->anchor = false;
    t->start = true;
    alternatives(t);
    requirer_close(t->requirer);
    t->depth--;
    spell(t, ")");
    t->boundary = false;
    t->anchor = t->anchors > anchors;
    t->atom = begin;
    t->simple = true;
    t->anything = true;
    t->start = false;
}

/* May ^ (or $) be an anchor here?  In a basic expression only at either end. */
static bool caret_anchors(const struct translator *t)
{
    const char *before = t->p - 1;
    return t->extended || before == t->text ||
           (before - t->text >= 2 && before[-2] == '\\' &&
            (before[-1] == '(' || before[-1] == '|') && t->start);
}

static bool dollar_anchors(const struct translator *t)
{
    return t->extended || t->p == t->end ||
           (t->end - t->p >= 2 && t->p[0] == '\\' && (t->p[1] == ')' || t->p[1] == '|'));
}

/* An operator of both syntaxes, behind its backslash where it has one.  False: a character. */
static bool operate(struct translator *t, char c)
{
    bool repeats = c && strchr("*+?{", c);
    if (repeats && !t->extended && (t->start || t->boundary))
        return false;
    if (repeats && t->start && c != '{' && t->dialect == DIALECT_PCRE2)
        message("warning: %c at start of expression", c);
    /* glibc passes over the operator, or over the brace alone; copies of a group lose anchors. */
    if (repeats && (t->anchor || (t->start && c == '{')))
        t->to->divided = true;
    if (repeats && t->anchor && t->simple)
        t->loses = true;
    if (repeats && t->boundary && c != '{')
        return true; /* glibc passes over it */
    switch (c) {
    case '*':
    case '+':
    case '?':
        spell_quantifier(t, (char[]){c, '\0'}, c == '+');
        return true;
    case '{':
        return interval(t);
    case '|':
        alternative(t);
        return true;
    case '(':
        group(t);
        return true;
    default:
        return false;
    }
}

static void escaped(struct translator *t)
{
    char c = *t->p++;
    if (!t->extended && c && strchr("+?{|(", c) && operate(t, c))
        return;
    switch (c) {
    case '1' ... '9':
        spell_backref(t);
        break;
    case '`':
    case '\'':
        spell_anchor(t, c == '`' ? "^" : "$");
        break;
    case '<':
    case '>':
    case 'b':
    case 'B':
        spell_boundary(t, c);
        break;
    case 'w':
    case 'W':
        spell_named(t, text_word, c == 'W');
        break;
    case 's':
    case 'S':
        spell_named(t, is_space, c == 'S');
        break;
    default:
        /* glibc does not fold it, but folds what it is compared with. */
        if (t->fold && islower((unsigned char)c))
            t->to->divided = true;
        spell_literal(t, (unsigned char)c);
    }
}

static void alternatives(struct translator *t)
{
    while (t->p < t->end) {
        char c = *t->p++;
        if (c == '\\') {
            if (!t->extended && *t->p == ')' && t->depth > 0) {
                t->p++;
                return;
            }
            escaped(t);
        } else if (c == ')' && t->extended && t->depth > 0) {
            return;
        } else if (c == '[') {
            spell_bracket(t);
        } else if (c == '.') {
            spell_any(t);
        } else if (c == '^' && caret_anchors(t)) {
            spell_anchor(t, "^");
        } else if (c == '$' && dollar_anchors(t)) {
            spell_anchor(t, "$");
        } else if (!(t->extended ? operate(t, c) : c == '*' && operate(t, c))) {
            spell_literal(t, (unsigned char)c);
        }
    }
}

const char *translate(const char *text, size_t len, const struct syntax_options *options,
                      struct translation *translation)
{
    *translation = (struct translation){
        .regex = xmalloc(ROOM),
        .ordered = true,
        .literal = true,
    };
    struct translator t = {
        .text = text,
        .p = text,
        .end = text + len,
        .extended = options->extended,
        .fold = options->fold,
        .dialect = options->dialect,
        .eol = options->eol,
        .limit = text_charset() == CHARSET_BYTES ? 256 : 128,
        .to = translation,
        .requirer = requirer_new(),
        .cap = ROOM,
        .start = true,
    };
    alternatives(&t);
    requirer_end(t.requirer, &translation->required);
    if (text_charset() == CHARSET_OTHER)
        translation->backref = true;
    if (t.loses && translation->by_glibc) {
        free(translation->regex);
        translation->regex = NULL;
    }
    return t.error;
}
