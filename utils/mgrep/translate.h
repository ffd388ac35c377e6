/* SPDX-License-Identifier: MIT */
/* Basic and extended regular expressions, said in PCRE2's syntax. */
#ifndef MGREP_TRANSLATE_H
#define MGREP_TRANSLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "mgrep/required.h"

/* What the regex is for. */
enum dialect {
    DIALECT_PCRE2,
    /*
     * PCRE2's DFA: what is repeated is a group always.  pcre2_dfa_match() counts single
     * characters, one state for each number, and takes cubic time where such loops are nested.
     */
    DIALECT_DFA,
    DIALECT_BYTES, /* vectorscan, which neither looks around nor knows characters */
};

struct translation {
    char *regex; /* allocated; NULL: it cannot be said, any line may match */
    size_t len;
    bool utf;       /* it speaks of characters, not bytes */
    bool uncertain; /* it takes more than the pattern does, but not where all is ASCII */
    bool errors;    /* the pattern may match at an encoding error, which PCRE2 cannot see */
    bool backref;   /* it takes more than the pattern does, anywhere */
    bool ordered;   /* a backtracking matcher's first match is the longest */
    bool literal;   /* one string and nothing else */
    bool blind;     /* in bytes: it may miss a match in text that is not all ASCII */
    bool loose;     /* in bytes: it may take more than the pattern does, anywhere */
    struct required required;
    bool divided;  /* GNU grep's own matcher and glibc take it differently, */
    bool by_glibc; /* and this part is left to glibc, whatever the line */
};

struct syntax_options {
    bool extended, fold;
    unsigned char eol;
    enum dialect dialect;
};

/*
 * translate -- a pattern without newline that glibc found right.
 *
 * No match holds the end of line.  Operators that have nothing to repeat are
 * warned of, as GNU grep does, but only when it is for PCRE2's first matcher.
 *
 * Returns NULL, or what is wrong with it for grep alone.
 */
const char *translate(const char *text, size_t len, const struct syntax_options *options,
                      struct translation *translation);

/* The regex for "no word character before", "none after": what -w puts around a pattern. */
#define TRANSLATE_WORD "0-9A-Z_a-z"
extern const char translate_word_begin[], translate_word_end[];

#endif
