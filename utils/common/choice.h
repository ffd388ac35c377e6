/* SPDX-License-Identifier: MIT */
/* An option's argument that is one of some words, or abbreviates one. */
#ifndef COMMON_CHOICE_H
#define COMMON_CHOICE_H

#include <stddef.h>

/* Words of the same value stand one behind the other: they are shown in one line. */
struct choice {
    const char *word; /* NULL behind the last */
    int value;
};

/*
 * choice -- the value of the word that the first `len` bytes of `text` are or abbreviate.
 *
 * Where it is none, or several, a message that names `option`, the words, the hint at --help,
 * and the end with `status`.
 */
int choice(const struct choice *choices, const char *text, size_t len, const char *option,
           int status);

#endif
