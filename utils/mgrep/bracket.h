/* SPDX-License-Identifier: MIT */
/* Bracket expressions: which characters one takes. */
#ifndef MGREP_BRACKET_H
#define MGREP_BRACKET_H

#include <stdbool.h>

struct bracket {
    bool members[256];     /* bytes that are taken; in a multibyte charset only ASCII is told */
    char others[1024];     /* UTF-8: ranges of the other characters, in PCRE2's syntax */
    bool invert;           /* UTF-8: all others are taken, but for those */
    bool divided;          /* GNU grep's own matcher takes others than glibc */
    bool by_glibc;         /* GNU grep's own matcher leaves it to glibc */
    bool uncertain;        /* UTF-8: only the locale knows which others are taken */
    bool invalid;          /* it holds an encoding error */
    bool looks_like_class; /* [:space:], where [[:space:]] was meant */
};

/*
 * bracket_read -- read the bracket expression that begins with the [ at `text`
 * and is right, as posix_error() says.
 *
 * Returns where it ends, behind its ].
 */
const char *bracket_read(const char *text, const char *end, bool fold, struct bracket *bracket);

#endif
