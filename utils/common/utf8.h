/* SPDX-License-Identifier: MIT */
/* UTF-8, whatever the locale's charset is. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>

/*
 * utf8_character -- the character that `data`, of at least one byte, begins with.
 *
 * Returns how many bytes it has, 0 for an encoding error; then *character is untouched.
 */
size_t utf8_character(const unsigned char *data, size_t len, unsigned *character);

#endif
