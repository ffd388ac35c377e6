/* SPDX-License-Identifier: MIT */
/* A plan's patterns in PCRE2's hands. */
#ifndef MGREP_CODES_H
#define MGREP_CODES_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

struct plan;

/* Some of the plan's patterns, as many as PCRE2 takes in one. */
struct code {
    const struct plan *plan;
    size_t first, count;      /* of the plan's patterns */
    pcre2_code *lines;        /* finds lines in a region */
    pcre2_code *spans;        /* finds where a span begins in valid text */
    pcre2_code *longest;      /* for the DFA: finds where the longest one ends */
    pcre2_code *linear;       /* for the DFA: says whether text from its beginning on matches */
    bool shared;              /* `lines` is another's */
    const unsigned char *hit; /* the engine's: the next proposal, NULL: not looked for */
};

/*
 * code_lines, code_spans, code_longest, code_linear -- the code, compiled when it
 * is first asked for.
 *
 * NULL when PCRE2 cannot take it; *error is PCRE2's then.
 */
pcre2_code *code_lines(struct code *code, int *error);
pcre2_code *code_spans(struct code *code, int *error);
pcre2_code *code_longest(struct code *code, int *error);
pcre2_code *code_linear(struct code *code, int *error);

/* code_share -- the same patterns for another thread; what finds lines is lent, the rest its own.
 */
struct code code_share(const struct code *code);

void code_free(struct code *code);

#endif
