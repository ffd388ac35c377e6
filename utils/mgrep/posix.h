/* SPDX-License-Identifier: MIT */
/* glibc's regular expressions: the judge of syntax, and of what PCRE2 may only propose. */
#ifndef MGREP_POSIX_H
#define MGREP_POSIX_H

#include <stdbool.h>
#include <stddef.h>

struct plan;
struct posix;

/* posix_error -- what is wrong with a pattern, in words that live on; NULL: nothing. */
const char *posix_error(const char *text, size_t len, bool extended, bool fold);

/*
 * posix_members -- which of the first `count` bytes does a bracket expression take?
 *
 * `text` is the expression, from [ to ], and right.
 */
void posix_members(const char *text, size_t len, bool fold, bool *members, unsigned count);

/* posix_new -- compile the patterns of `plan`, each of which posix_error() found right. */
struct posix *posix_new(const struct plan *plan);

void posix_free(struct posix *posix);

/*
 * posix_span -- the leftmost longest match in `len` bytes that are a line.
 *
 * The match begins at `from` or later.  Returns whether there is one; `start` may
 * be NULL when that is all that is asked.
 */
bool posix_span(struct posix *posix, const unsigned char *line, size_t len, size_t from,
                size_t *start, size_t *length);

#endif
