/* SPDX-License-Identifier: MIT */
/*
 * The matcher.  It sees bytes and knows no files.
 *
 * PCRE2 finds lines and spans, and quicker ways propose lines to it (filter.h).  Where GNU grep's
 * answer depends on the locale's tables, or on a back-reference, PCRE2 may only propose, and
 * glibc's own matcher (posix.h), which GNU grep uses too, confirms.
 */
#ifndef MGREP_ENGINE_H
#define MGREP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "mgrep/required.h"

/* Which of the proposed lines glibc must confirm. */
enum confirm { CONFIRM_NONE, CONFIRM_NON_ASCII, CONFIRM_ALL };

/* What finds lines; the answer is the same. */
enum engine_choice { ENGINE_AUTO, ENGINE_PCRE2, ENGINE_VECTORSCAN };

struct pattern {
    char *text; /* one pattern in the syntax of the plan, -F as a basic expression */
    size_t len;
    char *regex; /* the same for PCRE2, or more than it; NULL: any line may match */
    size_t regex_len;
    bool backref;
    char *string; /* allocated: what the pattern means where it is nothing but a string, or NULL */
    size_t string_len;
    struct required required;
};

/* What is to be matched; see pattern.h for who makes it. */
struct plan {
    bool perl;     /* the text of the one pattern is PCRE2's own syntax */
    bool extended; /* else basic */
    bool fold;     /* -i */
    bool words;    /* -w */
    bool lines;    /* -x, stronger than -w */
    bool parts;    /* -x asks for the whole line when lines are selected, spans may be less */
    bool divided;  /* spans are glibc's to find */
    bool by_glibc; /* GNU grep leaves all lines to glibc */
    bool fixed;    /* strings that GNU grep searches for itself: an empty one yields to none */
    bool errors;   /* lines with an encoding error may match, whatever PCRE2 says */
    bool utf;      /* PCRE2 must know characters, not only bytes */
    bool literal;  /* all patterns are strings */
    bool strings;  /* so many, and none empty, that a set of them is faster */
    bool first_is_longest; /* a backtracking matcher's first match is the longest */
    enum confirm confirm;
    enum engine_choice choice;
    unsigned char eol;
    struct pattern *patterns;
    size_t count;
};

struct engine;

/* Both without the end of line; `end` points at it, or behind the last byte. */
struct engine_line {
    const unsigned char *begin;
    const unsigned char *end;
};

/* Returned for what the matcher cannot do; engine_error() has the words. */
#define ENGINE_FAILED (-1)

/*
 * engine_new -- compile `plan`, which must live as long as the engine.
 *
 * Returns NULL for a Perl pattern that is wrong, and sets *error to the words.
 */
struct engine *engine_new(const struct plan *plan, const char **error);

/*
 * engine_copy -- one for another thread, which may be used at the same time.
 *
 * It lives no longer than `engine`, whose compiled patterns it shares.
 */
struct engine *engine_copy(const struct engine *engine);

void engine_free(struct engine *engine);

/*
 * engine_invest -- there is much to search, such as this: what takes a millisecond to
 * prepare may be prepared.
 */
void engine_invest(struct engine *engine, const unsigned char *sample, size_t len);

/*
 * engine_region -- what engine_next() searches from now on: lines up to `end`,
 * the last without its end of line.  There is at least one, which may be empty.
 */
void engine_region(struct engine *engine, const unsigned char *end);

/*
 * engine_next -- the first matching line of the region at or after `from`,
 * which is the beginning of a line.
 *
 * Returns 1, 0 for none, or ENGINE_FAILED.
 */
int engine_next(struct engine *engine, const unsigned char *from, struct engine_line *line);

/* engine_every_line -- does every line match, whatever is in it? */
bool engine_every_line(const struct engine *engine);

/* engine_line -- the line that engine_span() looks at from now on. */
void engine_line(struct engine *engine, const unsigned char *begin, const unsigned char *end);

/*
 * engine_span -- the leftmost longest match in the line that begins `from` bytes
 * behind its beginning or later.  It may be empty.
 *
 * Returns 1, 0 for none, or ENGINE_FAILED.
 */
int engine_span(struct engine *engine, size_t from, size_t *start, size_t *len);

/* engine_error -- why the last call failed. */
const char *engine_error(const struct engine *engine);

#endif
