/* SPDX-License-Identifier: MIT */
/* What the rooms of the engine share: engine.c, match.c, linear.c and spans.c. */
#ifndef MGREP_MATCHER_H
#define MGREP_MATCHER_H

#include "mgrep/codes.h"
#include "mgrep/engine.h"
#include "mgrep/filter.h"
#include "mgrep/posix.h"
#include "mgrep/set.h"

struct engine {
    const struct plan *plan;
    struct code *codes;
    size_t count;
    bool any_line; /* PCRE2 cannot propose: each line is a proposal */
    bool confirm_all;
    bool errors;           /* a line with an encoding error is a proposal */
    size_t linear;         /* so many lines go to the linear matcher, */
    int explosions;        /* after so many times that backtracking exploded, of late */
    const struct set *set; /* instead of the codes, where the plan is many strings */
    struct set *own_set;
    struct filter *filter; /* what proposes lines to the codes, or NULL */
    struct posix *posix;
    pcre2_match_context *match;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    int *workspace;
    size_t workspace_len;
    const unsigned char *end;     /* of the region */
    const unsigned char *bad;     /* the next encoding error in it, NULL: not looked for */
    struct engine_line line;      /* for spans */
    bool confirm_line;            /* they are glibc's to find, */
    const struct literal *string; /* or this, wherever it stands */
    const unsigned char *stretch_begin, *stretch_end; /* of valid text, last found in the line */
    const char *error;
    PCRE2_UCHAR words[256]; /* of an error */
};

/* matcher_compile -- make the codes of POSIX patterns, or the set, unless they are made. */
void matcher_compile(struct engine *engine);

/* matcher_posix -- glibc's matcher, made when first needed. */
struct posix *matcher_posix(struct engine *engine);

/* matcher_must_confirm -- is glibc to be asked about a line that the codes hold for a match? */
bool matcher_must_confirm(const struct engine *engine, const struct engine_line *line);

/* matcher_fail -- take note of PCRE2's error.  Returns ENGINE_FAILED. */
int matcher_fail(struct engine *engine, int error);

/*
 * matcher_perl -- match Perl's pattern in a line, `from` bytes behind its beginning or later.
 *
 * As in GNU grep the text begins anew, and without what ^ means, behind bytes there that
 * mbrlen(3) refuses in a first place; what it finds is relative to *subject.  Returns what
 * pcre2_match(3) does.
 */
int matcher_perl(struct engine *engine, const struct engine_line *line, size_t from,
                 const unsigned char **subject);

/*
 * matcher_stretch -- find the stretch of valid text in the engine's line that holds `at` or
 * comes after it.  False at the line's end.
 */
bool matcher_stretch(struct engine *engine, const unsigned char *at);

/* matcher_stretch_options -- what PCRE2 must know of the stretch: whether it is all of the line. */
uint32_t matcher_stretch_options(const struct engine *engine);

/* matcher_dfa -- pcre2_dfa_match(3), with as much workspace as it wants. */
int matcher_dfa(struct engine *engine, const pcre2_code *code, const unsigned char *subject,
                size_t len, size_t from, uint32_t options);

/*
 * matcher_decides_linearly -- does the line match?
 *
 * In time that grows with its length alone, but where the DFA gives up and glibc must say it.
 */
bool matcher_decides_linearly(struct engine *engine, const struct engine_line *line);

#endif
