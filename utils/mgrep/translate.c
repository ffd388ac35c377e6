/* SPDX-License-Identifier: MIT */
/*
 * Basic and extended regular expressions, said in PCRE2's syntax.
 *
 * Outside of ASCII a class or a word boundary means what the locale's tables
 * say.  The translation takes every other character for both sides of them, and
 * says that it is uncertain.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "mgrep/bracket.h"
#include "mgrep/text.h"
#include "mgrep/translate.h"

#define WORD  "0-9A-Z_a-z"
#define ROOM  64 /* for the regex to begin with */
#define OTHER "\\x80-\\x{10ffff}"

const char translate_word_begin[] = "(?<![" WORD "])", translate_word_end[] = "(?![" WORD "])";

struct translator {
    const char *text, *end, *p;
    bool extended, fold, for_dfa;
    unsigned char eol;
    unsigned limit; /* bytes below it are characters of their own: 128 or 256 */
    struct translation *to;
    size_t cap;
    size_t atom;   /* where the last atom begins in the regex */
    bool simple;   /* and whether a quantifier takes the whole of it as it stands */
    bool anything; /* there is an atom to repeat */
    bool boundary; /* it is one that glibc decides on, and does not repeat */
    bool start;    /* of the pattern, a group or an alternative, anchors aside */
    bool repeated; /* something was quantified */
    unsigned depth;
    const char *error;
};

static void put(struct translator *t, const char *data, size_t len)
{
    struct translation *to = t->to;
    if (to->len + len > t->cap) {
        t->cap = 2 * (to->len + len) + 64;
        to->regex = xrealloc(to->regex, t->cap);
    }
    memcpy(to->regex + to->len, data, len);
    to->len += len;
}

static void puts_regex(struct translator *t, const char *s)
{
    put(t, s, strlen(s));
}

static void put_char(struct translator *t, unsigned c)
{
    char spelled[16];
    if (c < 0x80 && (isalnum((int)c) || c == '_'))
        snprintf(spelled, sizeof spelled, "%c", (int)c);
    else
        snprintf(spelled, sizeof spelled, "\\x{%x}", c);
    puts_regex(t, spelled);
}

/* An atom begins here; what was quantified before it no longer ends the pattern. */
static void begin_atom(struct translator *t, bool simple)
{
    if (t->repeated)
        t->to->ordered = false;
    t->atom = t->to->len;
    t->simple = simple && !t->for_dfa;
    t->boundary = false;
    t->anything = true;
    t->start = false;
}

/* Like any operator but concatenation, it makes a string a pattern. */
static void not_literal(struct translator *t)
{
    t->to->literal = false;
}

static void put_set(struct translator *t, const bool *members)
{
    for (unsigned c = 0; c < t->limit; c++) {
        if (!members[c])
            continue;
        unsigned last = c;
        while (last + 1 < t->limit && members[last + 1])
            last++;
        put_char(t, c);
        if (last > c) {
            puts_regex(t, "-");
            put_char(t, last);
        }
        c = last;
    }
}

/*
 * A class of the `members` below the limit, and of other characters: the ranges
 * in `others` ("" for none), all but those when `invert`, any when `uncertain`.
 */
static void put_class(struct translator *t, bool *members, const char *others, bool invert,
                      bool uncertain)
{
    not_literal(t);
    begin_atom(t, true);
    members[t->eol] = false;
    bool wide = text_charset() == CHARSET_UTF8;
    bool none = true;
    for (unsigned c = 0; c < t->limit; c++)
        none &= !members[c];
    if (wide && (uncertain || invert || *others))
        t->to->utf = true;
    if (wide && uncertain)
        t->to->uncertain = true;

    if (wide && uncertain) {
        puts_regex(t, "[");
        put_set(t, members);
        puts_regex(t, OTHER "]");
    } else if (wide && invert) {
        bool complement[256];
        for (unsigned c = 0; c < t->limit; c++)
            complement[c] = !members[c];
        puts_regex(t, "[^");
        put_set(t, complement);
        puts_regex(t, others);
        puts_regex(t, "]");
    } else if (none && !*others) {
        puts_regex(t, "(?!)");
        t->simple = false;
    } else {
        puts_regex(t, "[");
        put_set(t, members);
        puts_regex(t, others);
        puts_regex(t, "]");
    }
}

static void put_named(struct translator *t, bool (*member)(unsigned char), bool invert)
{
    bool members[256];
    for (unsigned c = 0; c < t->limit; c++)
        members[c] = member((unsigned char)c) != invert;
    put_class(t, members, "", invert, true);
}

static bool is_space(unsigned char c)
{
    return isspace(c);
}

static void put_literal(struct translator *t, unsigned char byte)
{
    size_t len = 1;
    unsigned c = byte;
    bool wide = text_charset() == CHARSET_UTF8;
    if (wide && byte >= 0x80) {
        len = text_utf8((const unsigned char *)t->p - 1, (size_t)(t->end - t->p) + 1, &c);
        if (len == 0) {
            t->to->backref = true; /* glibc must find what is no character */
            len = 1;
        }
        t->p += len - 1;
    }
    begin_atom(t, true);
    if (byte == t->eol) {
        not_literal(t);
        puts_regex(t, "(?!)");
        t->simple = false;
        return;
    }
    unsigned others[TEXT_COUNTERPARTS];
    size_t n = 0;
    if (t->fold && wide)
        n = text_counterparts(c, others);
    else if (t->fold && (toupper(byte) != byte || tolower(byte) != byte))
        others[n++] = (unsigned)(toupper(byte) != byte ? toupper(byte) : tolower(byte));
    if (n == 0) {
        if (c < 0x80 || !wide) {
            put_char(t, c);
        } else {
            put(t, t->p - len, len);
            t->simple = false;
        }
        return;
    }
    not_literal(t);
    puts_regex(t, "[");
    put_char(t, c);
    for (size_t i = 0; i < n; i++) {
        put_char(t, others[i]);
        if (wide && others[i] >= 0x80)
            t->to->utf = true;
    }
    if (wide && c >= 0x80)
        t->to->utf = true;
    puts_regex(t, "]");
}

/* Word boundaries as Perl has them, but that any character beyond ASCII may be on either side. */
static void put_boundary(struct translator *t, char which)
{
    bool wide = text_charset() == CHARSET_UTF8;
    const char *in = wide ? "[" WORD OTHER "]" : "[" WORD "]";
    char begins[64], ends[64], inside[64], outside[64], both[192];
    snprintf(begins, sizeof begins, "%s(?=%s)", translate_word_begin, in);
    snprintf(ends, sizeof ends, "(?<=%s)%s", in, translate_word_end);
    snprintf(inside, sizeof inside, "(?<=%s)(?=%s)", in, in);
    snprintf(outside, sizeof outside, "%s%s", translate_word_begin, translate_word_end);
    not_literal(t);
    bool start = t->start;
    begin_atom(t, false);
    t->start = start;
    t->boundary = wide;
    if (wide)
        t->to->utf = t->to->uncertain = t->to->errors = true;
    snprintf(both, sizeof both, "(?:%s|%s)", which == 'b' ? begins : inside,
             which == 'b' ? ends : outside);
    puts_regex(t, which == '<' ? begins : which == '>' ? ends : both);
}

static void put_anchor(struct translator *t, const char *anchor)
{
    not_literal(t);
    bool start = t->start;
    begin_atom(t, false);
    t->start = start;
    puts_regex(t, anchor);
}

/* A bracket expression, from behind its [ to behind its ]. */
static void put_bracket(struct translator *t)
{
    struct bracket bracket;
    t->p = bracket_read(t->p - 1, t->end, t->fold, &bracket);
    if (bracket.looks_like_class)
        t->error = "character class syntax is [[:space:]], not [:space:]";
    t->to->backref |= bracket.invalid; /* glibc must find what is no character */
    put_class(t, bracket.members, bracket.others, bracket.invert, bracket.uncertain);
}

/* What is repeated must be one thing for PCRE2, and a quantifier not follow another. */
static void quantify(struct translator *t, const char *quantifier)
{
    not_literal(t);
    if (!t->anything) {
        bool start = t->start;
        begin_atom(t, false);
        t->start = start;
        puts_regex(t, "(?:)");
    }
    if (!t->simple) {
        put(t, "(?:)", 4);
        char *atom = t->to->regex + t->atom;
        memmove(atom + 3, atom, t->to->len - 4 - t->atom);
        memcpy(atom, "(?:", 3);
        t->to->regex[t->to->len - 1] = ')';
        t->to->ordered = false;
    }
    puts_regex(t, quantifier);
    t->simple = false;
    t->repeated = true;
}

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
    if (t->start && !t->for_dfa)
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
    quantify(t, quantifier);
    t->start = false;
    return true;
}

static void alternatives(struct translator *t);

static void alternative(struct translator *t)
{
    not_literal(t);
    t->to->ordered = false;
    puts_regex(t, "|");
    t->anything = t->boundary = false;
    t->start = true;
}

static void group(struct translator *t)
{
    not_literal(t);
    t->to->ordered = false;
    size_t begin = t->to->len;
    puts_regex(t, "(?:");
    t->depth++;
    t->anything = t->boundary = false;
    t->start = true;
    alternatives(t);
    t->depth--;
    puts_regex(t, ")");
    t->boundary = false;
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
    bool repeats = strchr("*+?{", c) != NULL;
    if (repeats && !t->extended && (t->start || t->boundary))
        return false;
    if (repeats && t->start && c != '{' && !t->for_dfa)
        message("warning: %c at start of expression", c);
    if (repeats && t->boundary && c != '{')
        return true; /* glibc passes over it */
    switch (c) {
    case '*':
    case '+':
    case '?':
        quantify(t, (char[]){c, '\0'});
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
    if (!t->extended && strchr("+?{|(", c) && operate(t, c))
        return;
    switch (c) {
    case '1' ... '9':
        t->to->backref = true;
        not_literal(t);
        begin_atom(t, false);
        puts_regex(t, ".*");
        break;
    case '`':
    case '\'':
        put_anchor(t, c == '`' ? "^" : "$");
        break;
    case '<':
    case '>':
    case 'b':
    case 'B':
        put_boundary(t, c);
        break;
    case 'w':
    case 'W':
        put_named(t, text_word, c == 'W');
        break;
    case 's':
    case 'S':
        put_named(t, is_space, c == 'S');
        break;
    default:
        put_literal(t, (unsigned char)c);
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
            put_bracket(t);
        } else if (c == '.') {
            not_literal(t);
            begin_atom(t, true);
            puts_regex(t, ".");
            t->to->utf |= text_charset() == CHARSET_UTF8;
        } else if (c == '^' && caret_anchors(t)) {
            put_anchor(t, "^");
        } else if (c == '$' && dollar_anchors(t)) {
            put_anchor(t, "$");
        } else if (!(t->extended ? operate(t, c) : c == '*' && operate(t, c))) {
            put_literal(t, (unsigned char)c);
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
        .for_dfa = options->for_dfa,
        .eol = options->eol,
        .limit = text_charset() == CHARSET_BYTES ? 256 : 128,
        .to = translation,
        .cap = ROOM,
        .start = true,
    };
    alternatives(&t);
    if (text_charset() == CHARSET_OTHER)
        translation->backref = true;
    return t.error;
}
