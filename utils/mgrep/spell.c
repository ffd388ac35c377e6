/* SPDX-License-Identifier: MIT */
/*
 * How the parts of a regular expression are spelled: for PCRE2, its DFA or vectorscan.
 *
 * Outside of ASCII a class or a word boundary means what the locale's tables
 * say.  For PCRE2 the regex takes every other character for both sides of them, and
 * is said to be uncertain.  Vectorscan sees bytes: its regex says nothing of such
 * characters but where they repeat without an end, and is said to be blind.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"
#include "common/utf8.h"
#include "mgrep/bracket.h"
#include "mgrep/spell.h"
#include "mgrep/text.h"

#define OTHER      "\\x80-\\x{10ffff}"
#define OTHER_BYTE "\\x80-\\xff"

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

void spell(struct translator *t, const char *s)
{
    put(t, s, strlen(s));
}

static void put_char(struct translator *t, unsigned c)
{
    bool bytes = t->dialect == DIALECT_BYTES;
    char spelled[16];
    if (c < 0x80 && (isalnum((int)c) || c == '_'))
        snprintf(spelled, sizeof spelled, "%c", (int)c);
    else
        snprintf(spelled, sizeof spelled, bytes ? "\\x%02x" : "\\x{%x}", c);
    spell(t, spelled);
}

/* An atom begins here; what was quantified before it no longer ends the pattern. */
static void begin_atom(struct translator *t, bool simple)
{
    if (t->repeated)
        t->to->ordered = false;
    t->atom = t->to->len;
    t->simple = simple && t->dialect != DIALECT_DFA;
    t->boundary = t->anchor = false;
    t->anything = true;
    t->start = false;
}

/* Like any operator but concatenation, it makes a string a pattern. */
void spell_no_string(struct translator *t)
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
            spell(t, "-");
            put_char(t, last);
        }
        c = last;
    }
}

/* What comes next: a quantifier without an end? */
static bool repeats_endlessly(const struct translator *t)
{
    const char *p = t->p;
    if (p < t->end && *p == '*')
        return true;
    if (!t->extended && t->end - p >= 2 && *p == '\\')
        p++;
    else if (!t->extended)
        return false;
    return p < t->end && *p == '+';
}

/* The byte dialect's class of the ASCII `members` and other characters, whatever these are. */
static void put_byte_class(struct translator *t, const bool *members, bool none)
{
    bool endless = repeats_endlessly(t);
    t->to->blind |= !endless;
    spell(t, "[");
    put_set(t, members);
    spell(t, endless || none ? OTHER_BYTE "]" : "]");
}

/*
 * A class of the `members` below the limit, and of other characters: the ranges
 * in `others` ("" for none), all but those when `invert`, any when `uncertain`.
 */
static void put_class(struct translator *t, bool *members, const char *others, bool invert,
                      bool uncertain)
{
    spell_no_string(t);
    requirer_break(t->requirer);
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

    if (t->dialect == DIALECT_BYTES && wide && (uncertain || invert || *others)) {
        put_byte_class(t, members, none);
    } else if (wide && uncertain) {
        spell(t, "[");
        put_set(t, members);
        spell(t, OTHER "]");
    } else if (wide && invert) {
        bool complement[256];
        for (unsigned c = 0; c < t->limit; c++)
            complement[c] = !members[c];
        spell(t, "[^");
        put_set(t, complement);
        spell(t, others);
        spell(t, "]");
    } else if (none && !*others) {
        spell(t, "(?!)");
        t->simple = false;
    } else {
        spell(t, "[");
        put_set(t, members);
        spell(t, others);
        spell(t, "]");
    }
}

void spell_any(struct translator *t)
{
    spell_no_string(t);
    requirer_break(t->requirer);
    begin_atom(t, true);
    t->to->utf |= text_charset() == CHARSET_UTF8;
    if (t->dialect != DIALECT_BYTES) {
        spell(t, ".");
    } else if (text_charset() != CHARSET_UTF8 || repeats_endlessly(t)) {
        spell(t, "[^\\n]");
    } else {
        spell(t, "[^\\n" OTHER_BYTE "]");
        t->to->blind = true;
    }
}

void spell_named(struct translator *t, bool (*member)(unsigned char), bool invert)
{
    bool members[256];
    for (unsigned c = 0; c < t->limit; c++)
        members[c] = member((unsigned char)c) != invert;
    t->to->by_glibc |= text_charset() != CHARSET_BYTES;
    put_class(t, members, "", invert, true);
}

/* What else than `c` itself, a byte's or a character's number, -i takes. */
static size_t counterparts(const struct translator *t, unsigned c,
                           unsigned others[TEXT_COUNTERPARTS])
{
    if (!t->fold)
        return 0;
    if (text_charset() == CHARSET_UTF8)
        return text_counterparts(c, others);
    *others = (unsigned)(toupper((int)c) != (int)c ? toupper((int)c) : tolower((int)c));
    return *others != c;
}

/*
 * The string goes on with this character, but where -i takes something else for it than
 * the search for a string does: the other case of a letter, and what is not ASCII only where
 * that is said.
 */
static void require(struct translator *t, const char *text, size_t len, unsigned c,
                    const unsigned *others, size_t n)
{
    bool letter = t->fold && (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    bool other_case = false, beyond = false, plain = n == 0 || c < 0x80;
    for (size_t i = 0; i < n; i++) {
        other_case |= others[i] == (c ^ 0x20);
        beyond |= others[i] >= t->limit;
        plain &= others[i] == (c ^ 0x20) || others[i] >= t->limit;
    }
    if (!plain || letter != other_case)
        requirer_break(t->requirer);
    else
        requirer_add(t->requirer, text, len, beyond);
}

void spell_literal(struct translator *t, unsigned char byte)
{
    size_t len = 1;
    unsigned c = byte;
    bool wide = text_charset() == CHARSET_UTF8, bytes = t->dialect == DIALECT_BYTES;
    bool character = true;
    if (wide && byte >= 0x80) {
        len = utf8_character((const unsigned char *)t->p - 1, (size_t)(t->end - t->p) + 1, &c);
        if (len == 0) {
            t->to->backref = true; /* glibc must find what is no character */
            character = false;
            len = 1;
        }
        t->p += len - 1;
    }
    const char *text = t->p - len;
    begin_atom(t, true);
    if (byte == t->eol) {
        spell_no_string(t);
        requirer_break(t->requirer);
        spell(t, "(?!)");
        t->simple = false;
        return;
    }
    unsigned others[TEXT_COUNTERPARTS];
    size_t n = character ? counterparts(t, c, others) : 0;
    require(t, text, len, c, others, n);
    if (n == 0) {
        if (c < 0x80 || !wide) {
            put_char(t, c);
        } else {
            for (size_t i = 0; i < len && bytes; i++)
                put_char(t, (unsigned char)text[i]);
            put(t, text, bytes ? 0 : len);
            t->simple = false;
        }
        return;
    }
    spell_no_string(t);
    bool beyond = c >= 0x80;
    for (size_t i = 0; i < n; i++)
        beyond |= others[i] >= 0x80;
    if (wide && beyond)
        t->to->utf = t->to->blind = true;
    bool skip = bytes && wide; /* the blind regex need not know of what is not ASCII */
    spell(t, "[");
    put_char(t, skip && c >= 0x80 ? 0xff : c);
    for (size_t i = 0; i < n; i++)
        if (!skip || others[i] < 0x80)
            put_char(t, others[i]);
    spell(t, "]");
}

/* Word boundaries as Perl has them, but that any character beyond ASCII may be on either side. */
void spell_boundary(struct translator *t, char which)
{
    bool wide = text_charset() == CHARSET_UTF8;
    const char *in = wide ? "[" TRANSLATE_WORD OTHER "]" : "[" TRANSLATE_WORD "]";
    char begins[64], ends[64], inside[64], outside[64], both[192];
    snprintf(begins, sizeof begins, "%s(?=%s)", translate_word_begin, in);
    snprintf(ends, sizeof ends, "(?<=%s)%s", in, translate_word_end);
    snprintf(inside, sizeof inside, "(?<=%s)(?=%s)", in, in);
    snprintf(outside, sizeof outside, "%s%s", translate_word_begin, translate_word_end);
    spell_no_string(t);
    requirer_break(t->requirer);
    bool start = t->start;
    begin_atom(t, false);
    t->start = start;
    t->boundary = wide;
    t->anchor = true;
    t->anchors++;
    if (wide) {
        t->to->utf = t->to->uncertain = t->to->by_glibc = true;
        t->to->errors = t->to->blind = true;
    }
    if (t->dialect == DIALECT_BYTES) { /* which has no other words for it */
        t->to->loose |= which == '<' || which == '>';
        spell(t, which == 'B' ? "\\B" : "\\b");
        return;
    }
    snprintf(both, sizeof both, "(?:%s|%s)", which == 'b' ? begins : inside,
             which == 'b' ? ends : outside);
    spell(t, which == '<' ? begins : which == '>' ? ends : both);
}

void spell_anchor(struct translator *t, const char *anchor)
{
    spell_no_string(t);
    requirer_break(t->requirer);
    bool start = t->start;
    begin_atom(t, false);
    t->start = start;
    t->anchor = true;
    t->anchors++;
    spell(t, anchor);
}

void spell_backref(struct translator *t)
{
    t->to->backref = true;
    spell_no_string(t);
    requirer_break(t->requirer);
    begin_atom(t, false);
    spell(t, t->dialect == DIALECT_BYTES ? "[^\\n]*" : ".*");
}

/* A bracket expression, from behind its [ to behind its ]. */
void spell_bracket(struct translator *t)
{
    struct bracket bracket;
    t->p = bracket_read(t->p - 1, t->end, t->fold, &bracket);
    if (bracket.looks_like_class)
        t->error = "character class syntax is [[:space:]], not [:space:]";
    t->to->backref |= bracket.invalid; /* glibc must find what is no character */
    t->to->by_glibc |= bracket.by_glibc;
    t->to->divided |= bracket.divided;
    put_class(t, bracket.members, bracket.others, bracket.invert, bracket.uncertain);
}

/* What is repeated must be one thing for PCRE2, and a quantifier not follow another. */
void spell_quantifier(struct translator *t, const char *quantifier, long least)
{
    spell_no_string(t);
    requirer_repeat(t->requirer, least);
    if (!t->anything) {
        bool start = t->start;
        begin_atom(t, false);
        t->start = start;
        spell(t, "(?:)");
    }
    if (!t->simple) {
        put(t, "(?:)", 4);
        char *atom = t->to->regex + t->atom;
        memmove(atom + 3, atom, t->to->len - 4 - t->atom);
        memcpy(atom, "(?:", 3);
        t->to->regex[t->to->len - 1] = ')';
        t->to->ordered = false;
    }
    spell(t, quantifier);
    t->simple = false;
    t->repeated = true;
}
