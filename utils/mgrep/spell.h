/* SPDX-License-Identifier: MIT */
/* How the parts of a regular expression are spelled for an engine. */
#ifndef MGREP_SPELL_H
#define MGREP_SPELL_H

#include "mgrep/translate.h"

/* A translation in the making.  An atom is what a quantifier repeats. */
struct translator {
    const char *text, *end, *p;
    bool extended, fold;
    enum dialect dialect;
    unsigned char eol;
    unsigned limit; /* bytes below it are characters of their own: 128 or 256 */
    struct translation *to;
    struct requirer *requirer;
    size_t cap;
    size_t atom;      /* where the last atom begins in the regex */
    bool simple;      /* and whether a quantifier takes the whole of it as it stands */
    bool anything;    /* there is an atom to repeat */
    bool boundary;    /* it is one that glibc decides on, and does not repeat */
    bool anchor;      /* it is an anchor or a boundary, or holds one */
    bool start;       /* of the pattern, a group or an alternative, anchors aside */
    bool repeated;    /* something was quantified */
    bool loses;       /* to glibc it may mean more than can be said */
    unsigned anchors; /* so many there were so far */
    unsigned depth;
    const char *error;
};

/* spell -- append to the regex as it is. */
void spell(struct translator *t, const char *s);

/* spell_no_string -- the pattern is no string, as there is an operator in it. */
void spell_no_string(struct translator *t);

/* spell_any, spell_literal, spell_bracket, spell_named -- an atom that takes one character. */
void spell_any(struct translator *t);
void spell_literal(struct translator *t, unsigned char byte);
void spell_bracket(struct translator *t); /* from behind its [ to behind its ] */
void spell_named(struct translator *t, bool (*member)(unsigned char), bool invert);

/* spell_boundary -- \b, \B, \< or \>; spell_anchor -- ^ or $. */
void spell_boundary(struct translator *t, char which);
void spell_anchor(struct translator *t, const char *anchor);

/* spell_backref -- anything, for what only glibc finds. */
void spell_backref(struct translator *t);

/* spell_quantifier -- repeat the last atom, at least `least` times. */
void spell_quantifier(struct translator *t, const char *quantifier, long least);

#endif
