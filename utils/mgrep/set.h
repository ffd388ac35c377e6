/* SPDX-License-Identifier: MIT */
/* Many strings searched at once, in one pass, however many there are. */
#ifndef MGREP_SET_H
#define MGREP_SET_H

#include <stdbool.h>
#include <stddef.h>

struct plan;
struct set;

/* set_new -- of the strings of `plan`, none of which is empty; its -w and -x are heeded. */
struct set *set_new(const struct plan *plan);

void set_free(struct set *set);

/*
 * set_find -- a string that occurs in text[from, len), where `text` begins a line
 * and `len` ends one.
 *
 * With `any` it is the one that ends first, else the leftmost longest.  False for
 * none.
 */
bool set_find(const struct set *set, const unsigned char *text, size_t len, size_t from, bool any,
              size_t *start, size_t *length);

#endif
