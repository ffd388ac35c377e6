/* SPDX-License-Identifier: MIT */
/* What the locale says about bytes: which of them are characters. */
#ifndef MGREP_TEXT_H
#define MGREP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum charset { CHARSET_BYTES, CHARSET_UTF8, CHARSET_OTHER };

/* text_charset -- of the locale that setlocale(3) set: one byte a character, UTF-8, or another. */
enum charset text_charset(void);

/* text_ascii -- how many of the `len` bytes come before the first that is not ASCII. */
size_t text_ascii(const unsigned char *data, size_t len);

/* text_valid -- how many bytes come before the first encoding error of the locale's charset. */
size_t text_valid(const unsigned char *data, size_t len);

/*
 * text_counterparts -- what else -i takes for `character`: those with the same
 * upper case.  Returns how many, at most TEXT_COUNTERPARTS.
 */
#define TEXT_COUNTERPARTS 8
size_t text_counterparts(unsigned character, unsigned counterparts[TEXT_COUNTERPARTS]);

/* text_word -- is the ASCII character, or the byte of a one-byte charset, part of a word? */
bool text_word(unsigned char byte);

/*
 * text_word_at, text_word_before -- is the character that begins at offset `at` of
 * a text, or the one before it, part of a word?  An encoding error is not.
 */
bool text_word_at(const unsigned char *text, size_t len, size_t at);
bool text_word_before(const unsigned char *text, size_t len, size_t at);

#endif
