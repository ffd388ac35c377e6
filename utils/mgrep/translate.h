/* SPDX-License-Identifier: MIT */
/* Basic and extended regular expressions, said in PCRE2's syntax. */
#ifndef MGREP_TRANSLATE_H
#define MGREP_TRANSLATE_H

#include <stdbool.h>
#include <stddef.h>

struct translation {
    char *regex; /* allocated; NULL: it cannot be said, any line may match */
    size_t len;
    bool utf;       /* it speaks of characters, not bytes */
    bool uncertain; /* it takes more than the pattern does, but not where all is ASCII */
    bool errors;    /* the pattern may match at an encoding error, which PCRE2 cannot see */
    bool backref;   /* it takes more than the pattern does, anywhere */
    bool ordered;   /* a backtracking matcher's first match is the longest */
    bool literal;   /* one string and nothing else */
};

struct syntax_options {
    bool extended, fold;
    unsigned char eol;
    bool for_dfa; /* what is repeated is a group always: pcre2_dfa_match() counts single characters,
                     one state for each number, and takes cubic time where such loops are nested */
};

/*
 * translate -- a pattern without newline that glibc found right.
 *
 * No match holds the end of line.  Operators that have nothing to repeat are
 * warned of, as GNU grep does, but not for the DFA's version.
 *
 * Returns NULL, or what is wrong with it for grep alone.
 */
const char *translate(const char *text, size_t len, const struct syntax_options *options,
                      struct translation *translation);

/* The regex for "no word character before", "none after": what -w puts around a pattern. */
extern const char translate_word_begin[], translate_word_end[];

#endif
