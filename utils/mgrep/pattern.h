/* SPDX-License-Identifier: MIT */
/* Options and patterns to a plan for the engine. */
#ifndef MGREP_PATTERN_H
#define MGREP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "mgrep/engine.h"

enum syntax { SYNTAX_BASIC, SYNTAX_EXTENDED, SYNTAX_FIXED, SYNTAX_PERL };

/* What was asked for; `patterns` is zero at first and filled by the two functions below. */
struct request {
    enum syntax syntax;
    bool fold, words, lines;
    unsigned char eol;
    enum engine_choice choice;
    struct request_line *patterns;
    size_t count;
};

/* pattern_add -- the patterns that `text` holds, one a line. */
void pattern_add(struct request *request, const char *text, size_t len);

/*
 * pattern_file -- the patterns of a file, one a line; "-" is standard input.
 *
 * Returns 0 or -errno.
 */
int pattern_file(struct request *request, const char *name);

/* pattern_all_empty -- is there a pattern, and none that is more than empty? */
bool pattern_all_empty(const struct request *request);

/*
 * pattern_plan -- turn the request into a plan.
 *
 * A pattern that is wrong ends the program, after a message for each of them.
 */
void pattern_plan(struct request *request, struct plan *plan);

/* pattern_free -- forget the plan, and what was requested. */
void pattern_free(struct request *request, struct plan *plan);

#endif
